import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import {
  CreateAliasCommand,
  DecryptCommand,
  EncryptCommand,
  type EncryptionAlgorithmSpec,
  GetPublicKeyCommand,
  type KMSClient,
  ReEncryptCommand,
  type ReEncryptCommandInput,
  type ReEncryptCommandOutput,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import type { KeyState } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AGREE,
  type AwsGateway,
  bytes,
  HMAC,
  type MadeKey,
  makeKey,
  members,
  OTHER_ACCOUNT,
  type Refusal,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import { STATE_ANSWERS } from '../support/stateTable.js';

let aws: AwsGateway;
let kms: KMSClient;
let source: MadeKey;
let destination: MadeKey;
let rsa: MadeKey;
let otherRsa: MadeKey;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  source = await makeKey(kms);
  destination = await makeKey(kms);
  rsa = await makeKey(kms, RSA);
  otherRsa = await makeKey(kms, { ...RSA, KeySpec: 'RSA_3072' });
});

afterAll(() => aws.close());

const SECRET = Buffer.from('a secret, hello');
const OAEP_1 = 'RSAES_OAEP_SHA_1';
const OAEP_256 = 'RSAES_OAEP_SHA_256';
const SYMMETRIC = 'SYMMETRIC_DEFAULT';
const INVALID = refused('InvalidCiphertextException');
const INCORRECT = refused(
  'IncorrectKeyException',
  'The key ID in the request does not identify a CMK that can perform this operation.',
);
const MATERIAL_ID = expect.stringMatching(/^[0-9a-f]{64}$/);

async function seal(
  KeyId: string,
  EncryptionAlgorithm: EncryptionAlgorithmSpec = SYMMETRIC,
  EncryptionContext?: Record<string, string>,
  Plaintext: Uint8Array = SECRET,
): Promise<Buffer> {
  const answer = await kms.send(
    new EncryptCommand({ KeyId, EncryptionAlgorithm, EncryptionContext, Plaintext }),
  );
  return bytes(answer.CiphertextBlob);
}

async function open(
  KeyId: string,
  CiphertextBlob: Uint8Array | undefined,
  EncryptionAlgorithm: EncryptionAlgorithmSpec = SYMMETRIC,
  EncryptionContext?: Record<string, string>,
): Promise<Buffer> {
  const answer = await kms.send(
    new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm, EncryptionContext }),
  );
  return bytes(answer.Plaintext);
}

function move(input: ReEncryptCommandInput, client = kms): Promise<ReEncryptCommandOutput> {
  return client.send(new ReEncryptCommand(input));
}

async function materialOf(key: MadeKey): Promise<string | undefined> {
  const { record } = await aws.loaded(key.id);
  return record.versions.find(({ id }) => id === record.primaryVersion)?.wireId;
}

describe('ReEncrypt', () => {
  test('from a symmetric key to a symmetric key', async () => {
    const CiphertextBlob = await seal(source.id);
    const answer = await move({ CiphertextBlob, DestinationKeyId: destination.id });
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: SYMMETRIC,
      DestinationEncryptionAlgorithm: SYMMETRIC,
      SourceKeyMaterialId: await materialOf(source),
      DestinationKeyMaterialId: await materialOf(destination),
    });
    expect(answer.SourceKeyMaterialId).not.toBe(answer.DestinationKeyMaterialId);
    expect(bytes(answer.CiphertextBlob).toString('base64')).toMatch(/^AQICAH/);
    expect(answer.CiphertextBlob).toHaveLength(CiphertextBlob.length);
    expect(await open(destination.id, answer.CiphertextBlob)).toEqual(SECRET);
  });

  test('from a symmetric key to an RSA key', async () => {
    const answer = await move({
      CiphertextBlob: await seal(source.id),
      SourceKeyId: source.id,
      DestinationKeyId: rsa.id,
      DestinationEncryptionAlgorithm: OAEP_256,
    });
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      SourceKeyId: source.arn,
      KeyId: rsa.arn,
      SourceEncryptionAlgorithm: SYMMETRIC,
      DestinationEncryptionAlgorithm: OAEP_256,
      SourceKeyMaterialId: MATERIAL_ID,
    });
    expect(answer.CiphertextBlob).toHaveLength(256);
    expect(await open(rsa.id, answer.CiphertextBlob, OAEP_256)).toEqual(SECRET);
  });

  test('from an RSA key to a symmetric key', async () => {
    const answer = await move({
      CiphertextBlob: await seal(rsa.id, OAEP_1),
      SourceKeyId: rsa.id,
      SourceEncryptionAlgorithm: OAEP_1,
      DestinationKeyId: destination.id,
    });
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      SourceKeyId: rsa.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: OAEP_1,
      DestinationEncryptionAlgorithm: SYMMETRIC,
      DestinationKeyMaterialId: MATERIAL_ID,
    });
    expect(await open(destination.id, answer.CiphertextBlob)).toEqual(SECRET);
  });

  test('from an RSA key to an RSA key', async () => {
    const answer = await move({
      CiphertextBlob: await seal(rsa.id, OAEP_256),
      SourceKeyId: rsa.arn,
      SourceEncryptionAlgorithm: OAEP_256,
      DestinationKeyId: otherRsa.arn,
      DestinationEncryptionAlgorithm: OAEP_1,
    });
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      SourceKeyId: rsa.arn,
      KeyId: otherRsa.arn,
      SourceEncryptionAlgorithm: OAEP_256,
      DestinationEncryptionAlgorithm: OAEP_1,
    });
    expect(answer.CiphertextBlob).toHaveLength(384);
    expect(await open(otherRsa.id, answer.CiphertextBlob, OAEP_1)).toEqual(SECRET);
  });

  test('takes what OpenSSL sealed with the public key', async () => {
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa.id }));
    const key = createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const { CiphertextBlob } = await move({
      CiphertextBlob: publicEncrypt({ key, padding, oaepHash: 'sha256' }, SECRET),
      SourceKeyId: rsa.id,
      SourceEncryptionAlgorithm: OAEP_256,
      DestinationKeyId: destination.id,
    });
    expect(await open(destination.id, CiphertextBlob)).toEqual(SECRET);
  });

  test('within one key changes the context', async () => {
    const answer = await move({
      CiphertextBlob: await seal(source.id, SYMMETRIC, { a: '1' }),
      SourceEncryptionContext: { a: '1' },
      DestinationKeyId: source.id,
      DestinationEncryptionContext: { a: '2' },
    });
    expect([answer.SourceKeyId, answer.KeyId]).toEqual([source.arn, source.arn]);
    expect(await open(source.id, answer.CiphertextBlob, SYMMETRIC, { a: '2' })).toEqual(SECRET);
    const old = open(source.id, answer.CiphertextBlob, SYMMETRIC, { a: '1' });
    expect(await refusal(old)).toEqual(INVALID);
  });

  test('within one RSA key changes the algorithm', async () => {
    const answer = await move({
      CiphertextBlob: await seal(rsa.id, OAEP_1),
      SourceKeyId: rsa.id,
      SourceEncryptionAlgorithm: OAEP_1,
      DestinationKeyId: rsa.id,
      DestinationEncryptionAlgorithm: OAEP_256,
    });
    expect(await open(rsa.id, answer.CiphertextBlob, OAEP_256)).toEqual(SECRET);
  });

  test('never gives the same blob twice', async () => {
    const CiphertextBlob = await seal(source.id);
    const input = { CiphertextBlob, DestinationKeyId: source.id };
    const made = [await move(input), await move(input)];
    const texts = made.map((one) => bytes(one.CiphertextBlob).toString('hex'));
    expect(new Set([...texts, CiphertextBlob.toString('hex')]).size).toBe(3);
  });

  test('moves the longest plaintext', async () => {
    const plaintext = Buffer.alloc(4096, 9);
    const CiphertextBlob = await seal(source.id, SYMMETRIC, undefined, plaintext);
    const answer = await move({ CiphertextBlob, DestinationKeyId: destination.id });
    expect((await open(destination.id, answer.CiphertextBlob)).equals(plaintext)).toBe(true);
  });

  test('takes all four forms of identifier at both ends', async () => {
    const CiphertextBlob = await seal(source.id);
    const forms = async (key: MadeKey, name: string): Promise<string[]> => {
      await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: key.id }));
      const region = key.arn.slice(0, key.arn.indexOf(':key/'));
      return [key.id, key.arn, `alias/${name}`, `${region}:alias/${name}`];
    };
    const froms = await forms(source, 'from');
    for (const [n, DestinationKeyId] of (await forms(destination, 'to')).entries()) {
      const answer = await move({ CiphertextBlob, SourceKeyId: froms[n], DestinationKeyId });
      expect([answer.SourceKeyId, answer.KeyId]).toEqual([source.arn, destination.arn]);
    }
  });

  test('tells the materials of both ends after a rotation', async () => {
    const key = await makeKey(kms);
    const CiphertextBlob = await seal(key.id);
    const old = await materialOf(key);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    const current = await materialOf(key);
    const answer = await move({ CiphertextBlob, DestinationKeyId: key.id });
    expect([answer.SourceKeyMaterialId, answer.DestinationKeyMaterialId]).toEqual([old, current]);
    expect(old).not.toBe(current);
    expect(bytes(answer.CiphertextBlob).toString('hex', 5, 37)).toBe(current);
    expect(await open(key.id, answer.CiphertextBlob)).toEqual(SECRET);
  });

  test('works across accounts, by ARN', async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    const theirs = await makeKey(other);
    const CiphertextBlob = await seal(source.id);
    const toThem = await move({ CiphertextBlob, DestinationKeyId: theirs.arn });
    expect([toThem.SourceKeyId, toThem.KeyId]).toEqual([source.arn, theirs.arn]);
    const stranger = aws.client({ account: '222233334444' });
    for (const SourceKeyId of [undefined, theirs.arn]) {
      const input = {
        CiphertextBlob: toThem.CiphertextBlob,
        SourceKeyId,
        DestinationKeyId: source.arn,
      };
      const back = await move(input, stranger);
      expect([back.SourceKeyId, back.KeyId]).toEqual([theirs.arn, source.arn]);
      expect(await open(source.id, back.CiphertextBlob)).toEqual(SECRET);
    }
  });
});

describe('contexts of ReEncrypt', () => {
  const CONTEXTS: readonly [string, Record<string, string> | undefined][] = [
    ['none', undefined],
    ['one pair', { Department: 'Finance' }],
    ['an empty map', {}],
    ['names of object members', { constructor: 'a', toString: 'b' }],
    ['texts beyond ASCII', { ключ: '☃', '': '\u0000' }],
  ];
  const pairs = CONTEXTS.flatMap(([from, a]) => CONTEXTS.map(([to, b]) => ({ from, to, a, b })));

  test.each(pairs)('go from $from to $to', async ({ a, b }) => {
    const CiphertextBlob = await seal(source.id, SYMMETRIC, a);
    const answer = await move({
      CiphertextBlob,
      SourceEncryptionContext: a,
      DestinationKeyId: destination.id,
      DestinationEncryptionContext: b,
    });
    expect(await open(destination.id, answer.CiphertextBlob, SYMMETRIC, b)).toEqual(SECRET);
    const wrong = open(destination.id, answer.CiphertextBlob, SYMMETRIC, { ...b, more: '1' });
    expect(await refusal(wrong)).toEqual(INVALID);
  });

  test('of the source must be those of the ciphertext', async () => {
    const CiphertextBlob = await seal(source.id, SYMMETRIC, { a: '1', b: '2' });
    for (const SourceEncryptionContext of [
      undefined,
      {},
      { a: '1' },
      { a: '1', b: '3' },
      { a: '1', b: '2', c: '3' },
      { A: '1', b: '2' },
    ]) {
      const input = { CiphertextBlob, SourceEncryptionContext, DestinationKeyId: destination.id };
      expect(await refusal(move(input))).toEqual(INVALID);
    }
    const right = { b: '2', a: '1' };
    await move({
      CiphertextBlob,
      SourceEncryptionContext: right,
      DestinationKeyId: destination.id,
    });
  });

  test('of the destination do not open the source', async () => {
    const CiphertextBlob = await seal(source.id, SYMMETRIC, { a: '1' });
    const input = {
      CiphertextBlob,
      DestinationKeyId: source.id,
      DestinationEncryptionContext: { a: '1' },
    };
    expect(await refusal(move(input))).toEqual(INVALID);
  });

  test('take __proto__ for an ordinary name at both ends', async () => {
    const hostile = '{"__proto__":"x","constructor":"y"}';
    const sealed = await aws.call(
      'Encrypt',
      `{"KeyId":"${source.id}","Plaintext":"${SECRET.toString('base64')}","EncryptionContext":${hostile}}`,
    );
    const rest = `"CiphertextBlob":"${sealed.body['CiphertextBlob']}","DestinationKeyId":"${destination.id}"`;
    const without = '{"constructor":"y"}';
    const lost = await aws.call('ReEncrypt', `{${rest},"SourceEncryptionContext":${without}}`);
    expect(lost.body).toEqual({ __type: 'InvalidCiphertextException' });
    const moved = await aws.call(
      'ReEncrypt',
      `{${rest},"SourceEncryptionContext":${hostile},"DestinationEncryptionContext":{"__proto__":"z"}}`,
    );
    const blob = moved.body['CiphertextBlob'];
    const opened = async (context: string): Promise<unknown> => {
      const body = `{"CiphertextBlob":"${blob}","EncryptionContext":${context}}`;
      return (await aws.call('Decrypt', body)).body['Plaintext'];
    };
    expect(await opened('{"__proto__":"z"}')).toBe(SECRET.toString('base64'));
    expect(await opened('{"__proto__":"x"}')).toBeUndefined();
    expect(await opened('{}')).toBeUndefined();
  });

  test('do not go with RSA keys at either end', async () => {
    const expected = refused(
      'ValidationException',
      'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
    );
    const context = { a: '1' };
    const toRsa = move({
      CiphertextBlob: await seal(source.id),
      DestinationKeyId: rsa.id,
      DestinationEncryptionAlgorithm: OAEP_256,
      DestinationEncryptionContext: context,
    });
    expect(await refusal(toRsa)).toEqual(expected);
    const fromRsa = move({
      CiphertextBlob: await seal(rsa.id, OAEP_256),
      SourceKeyId: rsa.id,
      SourceEncryptionAlgorithm: OAEP_256,
      SourceEncryptionContext: context,
      DestinationKeyId: destination.id,
    });
    expect(await refusal(fromRsa)).toEqual(expected);
  });
});

describe('ReEncrypt refuses', () => {
  test('a source key that did not make the ciphertext', async () => {
    const CiphertextBlob = await seal(source.id);
    for (const input of [{}, RSA, SIGN, HMAC]) {
      const { id: SourceKeyId } = await makeKey(kms, input);
      const answer = move({ CiphertextBlob, SourceKeyId, DestinationKeyId: destination.id });
      expect(await refusal(answer)).toEqual(INCORRECT);
    }
  });

  test('an RSA source without its key or its algorithm', async () => {
    const CiphertextBlob = await seal(rsa.id, OAEP_256);
    const to = { DestinationKeyId: destination.id };
    const unnamed = move({ ...to, CiphertextBlob, SourceEncryptionAlgorithm: OAEP_256 });
    expect(await refusal(unnamed)).toEqual(
      refused('ValidationException', 'SourceKeyId must not be null'),
    );
    for (const SourceKeyId of [undefined, rsa.id]) {
      expect(await refusal(move({ ...to, CiphertextBlob, SourceKeyId }))).toEqual(INVALID);
    }
  });

  test('an RSA source under another algorithm or key', async () => {
    const CiphertextBlob = await seal(rsa.id, OAEP_256);
    const to = { CiphertextBlob, DestinationKeyId: destination.id };
    for (const input of [
      { SourceKeyId: rsa.id, SourceEncryptionAlgorithm: OAEP_1 },
      { SourceKeyId: otherRsa.id, SourceEncryptionAlgorithm: OAEP_256 },
    ] as const) {
      expect(await refusal(move({ ...to, ...input }))).toEqual(INVALID);
    }
  });

  test('a damaged ciphertext', async () => {
    const CiphertextBlob = await seal(source.id);
    for (const at of [0, 40, 60, CiphertextBlob.length - 1]) {
      const damaged = Buffer.from(CiphertextBlob);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      const input = { CiphertextBlob: damaged, DestinationKeyId: destination.id };
      expect(await refusal(move(input))).toEqual(INVALID);
    }
  });

  test('the ciphertext of a key that is not in this region', async () => {
    const there = aws.client({ region: 'eu-west-1' });
    const { id: DestinationKeyId } = await makeKey(there);
    const CiphertextBlob = await seal(source.id);
    expect(await refusal(move({ CiphertextBlob, DestinationKeyId }, there))).toEqual(
      refused(
        'AccessDeniedException',
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
      ),
    );
  });

  test.each([
    ['SIGN_VERIFY', SIGN],
    ['GENERATE_VERIFY_MAC', HMAC],
    ['KEY_AGREEMENT', AGREE],
  ])('a destination key for %s', async (usage, input) => {
    const { id, arn } = await makeKey(kms, input);
    const answer = move({ CiphertextBlob: await seal(source.id), DestinationKeyId: id });
    expect(await refusal(answer)).toEqual(
      refused(
        'InvalidKeyUsageException',
        `${arn} key usage is ${usage} which is not valid for ReEncrypt.`,
      ),
    );
  });

  const incompatible = (algorithm: string, spec: string): Refusal =>
    refused(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
    );

  test('algorithms that do not go with their key', async () => {
    const CiphertextBlob = await seal(source.id);
    const cases: readonly [Partial<ReEncryptCommandInput>, Refusal][] = [
      [{ DestinationKeyId: rsa.id }, incompatible(SYMMETRIC, 'RSA_2048')],
      [
        { DestinationKeyId: destination.id, DestinationEncryptionAlgorithm: OAEP_1 },
        incompatible(OAEP_1, SYMMETRIC),
      ],
      [
        { DestinationKeyId: rsa.id, DestinationEncryptionAlgorithm: 'SM2PKE' },
        incompatible('SM2PKE', 'RSA_2048'),
      ],
      [
        {
          SourceKeyId: source.id,
          SourceEncryptionAlgorithm: OAEP_1,
          DestinationKeyId: destination.id,
        },
        incompatible(OAEP_1, SYMMETRIC),
      ],
    ];
    for (const [input, expected] of cases) {
      const whole = { CiphertextBlob, DestinationKeyId: destination.id, ...input };
      expect(await refusal(move(whole))).toEqual(expected);
    }
  });

  test.each([
    ['RSA_2048', OAEP_1, 214],
    ['RSA_2048', OAEP_256, 190],
    ['RSA_3072', OAEP_1, 342],
    ['RSA_3072', OAEP_256, 318],
  ] as const)('more than fits into %s with %s', async (spec, algorithm, limit) => {
    const to = spec === 'RSA_2048' ? rsa : otherRsa;
    const into = {
      DestinationKeyId: to.id,
      DestinationEncryptionAlgorithm: algorithm,
    } as const;
    const fits = await seal(source.id, SYMMETRIC, undefined, Buffer.alloc(limit, 1));
    await move({ CiphertextBlob: fits, ...into });
    const tooMuch = await seal(source.id, SYMMETRIC, undefined, Buffer.alloc(limit + 1, 1));
    expect(await refusal(move({ CiphertextBlob: tooMuch, ...into }))).toEqual(
      refused(
        'ValidationException',
        `Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${limit} bytes.`,
      ),
    );
  });

  test('a grant token that nobody can have issued', async () => {
    const CiphertextBlob = await seal(source.id);
    const input = { CiphertextBlob, DestinationKeyId: destination.id, GrantTokens: ['no token'] };
    expect(await refusal(move(input))).toEqual(refused('InvalidGrantTokenException'));
  });
});

describe('states of both ends of ReEncrypt', () => {
  const WRONG: readonly [KeyState, keyof typeof STATE_ANSWERS][] = [
    ['disabled', 1],
    ['pending-deletion', 3],
    ['pending-import', 5],
    ['unavailable', 11],
    ['creating', 14],
  ];
  const answerFor = (key: MadeKey, number: keyof typeof STATE_ANSWERS): Refusal => {
    const [code, text] = STATE_ANSWERS[number];
    return refused(code, `${key.arn} ${text}`);
  };

  test.each(WRONG)(
    '%s: the text names the end that is wrong, the source first',
    async (state, n) => {
      const [from, to] = [await makeKey(kms), await makeKey(kms)];
      const CiphertextBlob = await seal(from.id);
      const tried = (): Promise<unknown> => move({ CiphertextBlob, DestinationKeyId: to.id });
      await aws.force(to.id, state);
      expect(await refusal(tried())).toEqual(answerFor(to, n));
      await aws.force(from.id, state);
      expect(await refusal(tried())).toEqual(answerFor(from, n));
      await aws.force(to.id, 'enabled');
      expect(await refusal(tried())).toEqual(answerFor(from, n));
    },
  );

  test.each(WRONG)('%s: the same with RSA keys', async (state, n) => {
    const CiphertextBlob = await seal(rsa.id, OAEP_256);
    const tried = (): Promise<unknown> =>
      move({
        CiphertextBlob,
        SourceKeyId: rsa.id,
        SourceEncryptionAlgorithm: OAEP_256,
        DestinationKeyId: otherRsa.id,
        DestinationEncryptionAlgorithm: OAEP_256,
      });
    await aws.force(otherRsa.id, state);
    expect(await refusal(tried())).toEqual(answerFor(otherRsa, n));
    await aws.force(rsa.id, state);
    expect(await refusal(tried())).toEqual(answerFor(rsa, n));
    await aws.force(otherRsa.id, 'enabled');
    await aws.force(rsa.id, 'enabled');
  });
});

describe('checks of ReEncrypt, with two things wrong', () => {
  const unknown = '1234abcd-12ab-34cd-56ef-1234567890ab';

  test('tell all members first', async () => {
    const answer = await aws.call('ReEncrypt', {
      SourceKeyId: '',
      DestinationEncryptionAlgorithm: 'X',
    });
    expect(answer.body['message']).toMatch(/^4 validation errors detected: /);
    expect(answer.body['message']).toContain("Value null at 'destinationKeyId'");
  });

  test('tell a missing ciphertext before an unknown key', async () => {
    const answer = move({ CiphertextBlob: undefined, DestinationKeyId: 'alias/missing' });
    expect(await refusal(answer)).toEqual(
      refused(
        'ValidationException',
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
      ),
    );
  });

  test('tell an unknown destination before the usage, state and content of the source', async () => {
    const expected = refused(
      'NotFoundException',
      `Key 'arn:aws:kms:us-east-1:000000000000:key/${unknown}' does not exist`,
    );
    const signer = await makeKey(kms, SIGN);
    const disabled = await makeKey(kms);
    const blob = await seal(disabled.id);
    await aws.force(disabled.id, 'disabled');
    for (const input of [
      { CiphertextBlob: blob, SourceKeyId: signer.id },
      { CiphertextBlob: blob },
      { CiphertextBlob: blob, SourceEncryptionContext: { wrong: 'context' } },
      { CiphertextBlob: Buffer.from('broken'), SourceKeyId: source.id },
    ]) {
      expect(await refusal(move({ ...input, DestinationKeyId: unknown }))).toEqual(expected);
    }
  });

  test('tell an unknown source before an unknown destination', async () => {
    const answer = move({
      CiphertextBlob: await seal(source.id),
      SourceKeyId: 'alias/missing',
      DestinationKeyId: unknown,
    });
    expect(await refusal(answer)).toEqual(
      refused(
        'NotFoundException',
        'Alias arn:aws:kms:us-east-1:000000000000:alias/missing is not found.',
      ),
    );
  });

  test('tell a wrong source before the usage of the destination', async () => {
    const signer = await makeKey(kms, SIGN);
    const input = {
      CiphertextBlob: await seal(source.id),
      SourceKeyId: destination.id,
      DestinationKeyId: signer.id,
    };
    expect(await refusal(move(input))).toEqual(INCORRECT);
  });

  test('tell the usage of the destination before its state, and its state before its algorithm', async () => {
    const CiphertextBlob = await seal(source.id);
    const signer = await makeKey(kms, SIGN);
    await aws.force(signer.id, 'disabled');
    const usage = move({ CiphertextBlob, DestinationKeyId: signer.id });
    expect(await refusal(usage)).toMatchObject({ code: 'InvalidKeyUsageException' });
    const disabled = await makeKey(kms);
    await aws.force(disabled.id, 'disabled');
    const state = move({
      CiphertextBlob,
      DestinationKeyId: disabled.id,
      DestinationEncryptionAlgorithm: OAEP_1,
    });
    expect(await refusal(state)).toEqual(
      refused('DisabledException', `${disabled.arn} is disabled.`),
    );
  });

  test('tell the state of the destination before a damaged ciphertext', async () => {
    const disabled = await makeKey(kms);
    await aws.force(disabled.id, 'disabled');
    const damaged = await seal(source.id);
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
    const answer = move({ CiphertextBlob: damaged, DestinationKeyId: disabled.id });
    expect(await refusal(answer)).toEqual(
      refused('DisabledException', `${disabled.arn} is disabled.`),
    );
  });
});
