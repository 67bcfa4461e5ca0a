import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import {
  DecryptCommand,
  EncryptCommand,
  type EncryptionAlgorithmSpec,
  GetPublicKeyCommand,
  type KeySpec,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  HMAC,
  type MadeKey,
  makeKey,
  members,
  OTHER_ACCOUNT,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;
let rsa: MadeKey;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms);
  rsa = await makeKey(kms, RSA);
});

afterAll(() => aws.close());

const HELLO = Buffer.from('hello, world');
const OAEP_1 = 'RSAES_OAEP_SHA_1';
const OAEP_256 = 'RSAES_OAEP_SHA_256';
const INVALID = refused('InvalidCiphertextException');

async function seal(
  Plaintext: Uint8Array,
  EncryptionContext?: Record<string, string>,
): Promise<Buffer> {
  const answer = await kms.send(
    new EncryptCommand({ KeyId: key.id, Plaintext, EncryptionContext }),
  );
  return bytes(answer.CiphertextBlob);
}

async function sealRsa(EncryptionAlgorithm: EncryptionAlgorithmSpec): Promise<Buffer> {
  const answer = await kms.send(
    new EncryptCommand({ KeyId: rsa.id, Plaintext: HELLO, EncryptionAlgorithm }),
  );
  return bytes(answer.CiphertextBlob);
}

describe('Encrypt with a symmetric key', () => {
  test('answers with blob, ARN and algorithm, and no material id', async () => {
    const answer = await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: HELLO }));
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
  });

  test.each([
    [1, 153],
    [32, 184],
    [4096, 4258],
  ])('turns %i bytes into a blob of %i with the look of AWS', async (size, length) => {
    const blob = await seal(Buffer.alloc(size, 1));
    expect(blob.toString('base64')).toMatch(/^AQICAH/);
    expect(blob).toHaveLength(length);
    // PKCS#7 EncryptedData, and AES-256-GCM inside of it.
    expect(blob.includes(Buffer.from('06092a864886f70d010706', 'hex'))).toBe(true);
    expect(blob.includes(Buffer.from('060960864801650304012e', 'hex'))).toBe(true);
  });

  test('never gives the same blob twice', async () => {
    const made = [await seal(HELLO), await seal(HELLO), await seal(HELLO)];
    expect(new Set(made.map((blob) => blob.toString('hex'))).size).toBe(3);
  });

  test('names the key material in the blob', async () => {
    const blob = await seal(HELLO);
    const { record } = await aws.loaded(key.id);
    expect(blob.toString('hex', 5, 37)).toBe(record.versions[0]?.wireId);
  });

  test.each([
    [0, 'greater than or equal to 1'],
    [4097, 'less than or equal to 4096'],
  ])('refuses %i bytes without showing them', async (size, rule) => {
    const answer = kms.send(
      new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.alloc(size, 65) }),
    );
    expect(await refusal(answer)).toEqual(
      violation(
        `Value at 'plaintext' failed to satisfy constraint: Member must have length ${rule}`,
      ),
    );
  });

  test('wants a plaintext without showing that it is null', async () => {
    const answer = kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: undefined }));
    expect(await refusal(answer)).toEqual(
      violation("Value at 'plaintext' failed to satisfy constraint: Member must not be null"),
    );
  });

  test('refuses an algorithm of another kind of key', async () => {
    const answer = kms.send(
      new EncryptCommand({ KeyId: key.id, Plaintext: HELLO, EncryptionAlgorithm: OAEP_256 }),
    );
    expect(await refusal(answer)).toEqual(
      refused(
        'InvalidKeyUsageException',
        'Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.',
      ),
    );
  });

  test('refuses an unknown algorithm with the names in their recorded order', async () => {
    const answer = await aws.call('Encrypt', {
      KeyId: key.id,
      Plaintext: 'AA==',
      EncryptionAlgorithm: 'ROT13',
    });
    expect(answer.body).toEqual({
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]",
    });
  });

  test.each([
    ['SIGN_VERIFY', SIGN],
    ['GENERATE_VERIFY_MAC', HMAC],
  ])('refuses a key for %s', async (usage, input) => {
    const { id, arn } = await makeKey(kms, input);
    const answer = kms.send(new EncryptCommand({ KeyId: id, Plaintext: HELLO }));
    expect(await refusal(answer)).toEqual(
      refused(
        'InvalidKeyUsageException',
        `${arn} key usage is ${usage} which is not valid for Encrypt.`,
      ),
    );
  });

  test('refuses a grant token that nobody can have issued', async () => {
    const answer = kms.send(
      new EncryptCommand({ KeyId: key.id, Plaintext: HELLO, GrantTokens: ['token'] }),
    );
    expect(await refusal(answer)).toEqual(refused('InvalidGrantTokenException'));
  });
});

describe('Decrypt with a symmetric key', () => {
  test('answers with plaintext, ARN, algorithm and material id', async () => {
    const { record } = await aws.loaded(key.id);
    const CiphertextBlob = await seal(HELLO);
    for (const KeyId of [undefined, key.id, key.arn]) {
      const answer = await kms.send(new DecryptCommand({ CiphertextBlob, KeyId }));
      expect(members(answer)).toEqual({
        KeyId: key.arn,
        Plaintext: expect.any(Uint8Array),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        KeyMaterialId: record.versions[0]?.wireId,
      });
      expect(bytes(answer.Plaintext)).toEqual(HELLO);
    }
  });

  test('gives back every byte of the longest plaintext', async () => {
    const plaintext = Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 7) % 256));
    const answer = await kms.send(new DecryptCommand({ CiphertextBlob: await seal(plaintext) }));
    expect(bytes(answer.Plaintext).equals(plaintext)).toBe(true);
  });

  test('opens the blob of another account by what the blob says, or by ARN', async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    const CiphertextBlob = await seal(HELLO);
    for (const KeyId of [undefined, key.arn]) {
      const answer = await other.send(new DecryptCommand({ CiphertextBlob, KeyId }));
      expect([answer.KeyId, bytes(answer.Plaintext)]).toEqual([key.arn, HELLO]);
    }
  });

  const CONTEXTS: readonly [string, Record<string, string>][] = [
    ['one pair', { purpose: 'test' }],
    ['many pairs', Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`n${n}`, `${n}`]))],
    ['empty texts', { '': '' }],
    ['names of object members', { constructor: 'a', toString: 'b', hasOwnProperty: 'c' }],
    ['names that look like numbers', { 10: 'a', 9: 'b' }],
    ['texts beyond ASCII', { ключ: 'значение', '☃': '🔑', 'a\u0000b': '\n' }],
    ['texts that could run into each other', { ab: 'c', a: 'bc' }],
  ];

  test.each(CONTEXTS)('wants exactly the same context: %s', async (_what, context) => {
    const CiphertextBlob = await seal(HELLO, context);
    const open = (EncryptionContext?: Record<string, string>): Promise<unknown> =>
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    const reversed = Object.fromEntries(Object.entries(context).reverse());
    await open(context);
    await open(reversed);
    const [name = '', value = ''] = Object.entries(context)[0] ?? [];
    const { [name]: _, ...fewer } = context;
    const wrong = [
      undefined,
      {},
      fewer,
      { ...context, more: '1' },
      { ...context, [name]: `${value}x` },
      { ...fewer, [`${name}x`]: value },
    ];
    for (const other of wrong) expect(await refusal(open(other))).toEqual(INVALID);
  });

  test('tells capitals, blanks and equal-looking texts apart', async () => {
    const CiphertextBlob = await seal(HELLO, { Name: 'é' });
    for (const wrong of [{ name: 'é' }, { Name: 'e\u0301' }, { Name: 'é ' }, { 'Name ': 'é' }]) {
      const answer = kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: wrong }));
      expect(await refusal(answer)).toEqual(INVALID);
    }
  });

  test('takes an empty context for none', async () => {
    const [without, empty] = [await seal(HELLO), await seal(HELLO, {})];
    await kms.send(new DecryptCommand({ CiphertextBlob: without, EncryptionContext: {} }));
    await kms.send(new DecryptCommand({ CiphertextBlob: empty }));
  });

  test('takes __proto__ and half a surrogate pair for ordinary texts', async () => {
    const contexts = [
      '{"__proto__":"a"}',
      '{"__proto__":"b"}',
      '{"\\ud800":"a"}',
      '{"\\ud801":"a"}',
    ];
    const common = `"KeyId":"${key.id}","Plaintext":"${HELLO.toString('base64')}"`;
    const blobs = [];
    for (const context of contexts) {
      const made = await aws.call('Encrypt', `{${common},"EncryptionContext":${context}}`);
      expect(made.status).toBe(200);
      blobs.push(String(made.body['CiphertextBlob']));
    }
    const opened = [];
    for (const blob of blobs) {
      const row = [];
      for (const context of [...contexts, '{}']) {
        const body = `{"CiphertextBlob":"${blob}","EncryptionContext":${context}}`;
        row.push((await aws.call('Decrypt', body)).body['Plaintext'] !== undefined);
      }
      opened.push(row);
    }
    expect(opened).toEqual(contexts.map((_, n) => [0, 1, 2, 3, 4].map((m) => m === n)));
  });

  test('refuses a blob with any byte changed', async () => {
    const blob = await seal(HELLO);
    const others = [];
    for (let at = 0; at < blob.length; at += 1) {
      const changed = Buffer.from(blob);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const answer = kms.send(new DecryptCommand({ CiphertextBlob: changed }));
      const { status, code } = await refusal(answer);
      others.push(`${status} ${code}`);
    }
    // Behind the five bytes of the version come 32 that name the key material.
    expect(others).toEqual(
      others.map((_, at) =>
        at >= 5 && at < 37 ? '400 AccessDeniedException' : '400 InvalidCiphertextException',
      ),
    );
  });

  test('refuses a blob that was cut, lengthened or never was one', async () => {
    const blob = await seal(HELLO);
    const wrong = [
      blob.subarray(0, -1),
      blob.subarray(0, 40),
      blob.subarray(0, 1),
      Buffer.concat([blob, Buffer.alloc(1)]),
      Buffer.from('not a ciphertext'),
      Buffer.alloc(6144),
    ];
    for (const CiphertextBlob of wrong) {
      for (const KeyId of [undefined, key.id]) {
        const answer = kms.send(new DecryptCommand({ CiphertextBlob, KeyId }));
        expect(await refusal(answer)).toEqual(INVALID);
      }
    }
  });

  test('does not open the blob under another key of the account', async () => {
    const other = await makeKey(kms);
    const CiphertextBlob = await seal(HELLO);
    const answer = kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.id }));
    expect(await refusal(answer)).toEqual(
      refused(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      ),
    );
  });

  test.each([
    ['an RSA key for encryption', RSA],
    ['a key for signatures', SIGN],
    ['a key for MACs', HMAC],
  ])('does not open the blob under %s', async (_what, input) => {
    const other = await makeKey(kms, input);
    const CiphertextBlob = await seal(HELLO);
    const answer = kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.id }));
    expect(await refusal(answer)).toEqual(
      refused(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      ),
    );
  });

  test('does not say whether a foreign blob names a key', async () => {
    const CiphertextBlob = await seal(HELLO);
    const elsewhere = aws.client({ region: 'eu-west-1' });
    const answer = elsewhere.send(new DecryptCommand({ CiphertextBlob }));
    expect(await refusal(answer)).toEqual(
      refused(
        'AccessDeniedException',
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
      ),
    );
  });

  test('refuses an attestation, which it cannot answer', async () => {
    const answer = kms.send(
      new DecryptCommand({
        CiphertextBlob: await seal(HELLO),
        Recipient: {
          KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
          AttestationDocument: Buffer.alloc(16, 1),
        },
      }),
    );
    expect(await refusal(answer)).toEqual(refused('UnsupportedOperationException'));
  });

  test.each([
    [0, 'greater than or equal to 1'],
    [6145, 'less than or equal to 6144'],
  ])('refuses a blob of %i bytes', async (size, rule) => {
    const answer = kms.send(new DecryptCommand({ CiphertextBlob: Buffer.alloc(size) }));
    expect(await refusal(answer)).toEqual(
      violation(
        `Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length ${rule}`,
      ),
    );
  });
});

describe('Encrypt and Decrypt with an RSA key', () => {
  test.each([OAEP_1, OAEP_256] as const)('go together under %s', async (algorithm) => {
    const made = await kms.send(
      new EncryptCommand({ KeyId: rsa.id, Plaintext: HELLO, EncryptionAlgorithm: algorithm }),
    );
    expect(members(made)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      KeyId: rsa.arn,
      EncryptionAlgorithm: algorithm,
    });
    expect(made.CiphertextBlob).toHaveLength(256);
    const opened = await kms.send(
      new DecryptCommand({
        KeyId: rsa.id,
        CiphertextBlob: made.CiphertextBlob,
        EncryptionAlgorithm: algorithm,
      }),
    );
    expect(members(opened)).toEqual({
      KeyId: rsa.arn,
      Plaintext: expect.any(Uint8Array),
      EncryptionAlgorithm: algorithm,
    });
    expect(bytes(opened.Plaintext)).toEqual(HELLO);
  });

  test.each([
    [OAEP_1, 'sha1'],
    [OAEP_256, 'sha256'],
  ] as const)('open what OpenSSL sealed under %s', async (EncryptionAlgorithm, oaepHash) => {
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa.id }));
    const publicKey = createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const CiphertextBlob = publicEncrypt({ key: publicKey, padding, oaepHash }, HELLO);
    const answer = await kms.send(
      new DecryptCommand({ KeyId: rsa.id, CiphertextBlob, EncryptionAlgorithm }),
    );
    expect(bytes(answer.Plaintext)).toEqual(HELLO);
  });

  const LIMITS: readonly [KeySpec, number, number][] = [
    ['RSA_2048', 214, 190],
    ['RSA_3072', 342, 318],
    ['RSA_4096', 470, 446],
  ];
  test.each(LIMITS)('take the longest plaintext of %s and no more', async (KeySpec, one, two) => {
    const { id } = await makeKey(kms, { ...RSA, KeySpec });
    for (const [EncryptionAlgorithm, limit] of [
      [OAEP_1, one],
      [OAEP_256, two],
    ] as const) {
      const encrypt = (size: number): Promise<unknown> =>
        kms.send(
          new EncryptCommand({ KeyId: id, Plaintext: Buffer.alloc(size, 1), EncryptionAlgorithm }),
        );
      await encrypt(limit);
      expect(await refusal(encrypt(limit + 1))).toEqual(
        refused(
          'ValidationException',
          `Algorithm ${EncryptionAlgorithm} and key spec ${KeySpec} cannot encrypt data larger than ${limit} bytes.`,
        ),
      );
    }
  });

  test.each(['SYMMETRIC_DEFAULT', undefined, 'SM2PKE'] as const)(
    'do not go with the algorithm %s',
    async (EncryptionAlgorithm) => {
      const answer = kms.send(
        new EncryptCommand({ KeyId: rsa.id, Plaintext: HELLO, EncryptionAlgorithm }),
      );
      expect(await refusal(answer)).toEqual(
        refused(
          'InvalidKeyUsageException',
          `Algorithm ${EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'} is incompatible with key spec RSA_2048.`,
        ),
      );
    },
  );

  test('refuse a context', async () => {
    const expected = refused(
      'ValidationException',
      'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
    );
    const common = {
      KeyId: rsa.id,
      EncryptionAlgorithm: OAEP_256,
      EncryptionContext: { a: '1' },
    } as const;
    const sealed = new EncryptCommand({ ...common, Plaintext: HELLO });
    expect(await refusal(kms.send(sealed))).toEqual(expected);
    const opened = new DecryptCommand({ ...common, CiphertextBlob: await sealRsa(OAEP_256) });
    expect(await refusal(kms.send(opened))).toEqual(expected);
  });

  // https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/rsa.json
  test('take an empty encryption context for none', async () => {
    const { id: KeyId } = await makeKey(kms, RSA);
    const common = { KeyId, EncryptionAlgorithm: OAEP_256, EncryptionContext: {} } as const;
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ ...common, Plaintext: HELLO }));
    const opened = await kms.send(new DecryptCommand({ ...common, CiphertextBlob }));
    expect(bytes(opened.Plaintext)).toEqual(Buffer.from(HELLO));
  });

  test('want the key of a ciphertext named', async () => {
    const CiphertextBlob = await sealRsa(OAEP_256);
    const answer = kms.send(new DecryptCommand({ CiphertextBlob, EncryptionAlgorithm: OAEP_256 }));
    expect(await refusal(answer)).toEqual(refused('ValidationException', 'KeyId must not be null'));
  });

  test('refuse a ciphertext under another algorithm, another key, or changed', async () => {
    const blob = await sealRsa(OAEP_256);
    const other = await makeKey(kms, RSA);
    const changed = Buffer.from(blob);
    changed[100] = (changed[100] ?? 0) ^ 1;
    const wrong = [
      { KeyId: rsa.id, CiphertextBlob: blob, EncryptionAlgorithm: OAEP_1 },
      { KeyId: other.id, CiphertextBlob: blob, EncryptionAlgorithm: OAEP_256 },
      { KeyId: rsa.id, CiphertextBlob: changed, EncryptionAlgorithm: OAEP_256 },
      { KeyId: rsa.id, CiphertextBlob: blob.subarray(1), EncryptionAlgorithm: OAEP_256 },
      { KeyId: rsa.id, CiphertextBlob: Buffer.alloc(256, 255), EncryptionAlgorithm: OAEP_256 },
      { KeyId: rsa.id, CiphertextBlob: blob },
      { KeyId: rsa.id, CiphertextBlob: blob, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
    ] as const;
    for (const input of wrong) {
      expect(await refusal(kms.send(new DecryptCommand(input)))).toEqual(INVALID);
    }
  });
});

describe('checks of Encrypt and Decrypt', () => {
  test('judge all members before the key is looked up', async () => {
    const answer = await aws.call('Encrypt', { Plaintext: '', EncryptionAlgorithm: 'X' });
    expect(answer.body['message']).toBe(
      "3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'X' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]",
    );
  });

  test('tell the usage before the state', async () => {
    const signer = await makeKey(kms, SIGN);
    await aws.force(signer.id, 'disabled');
    const answer = kms.send(new EncryptCommand({ KeyId: signer.id, Plaintext: HELLO }));
    expect(await refusal(answer)).toMatchObject({ code: 'InvalidKeyUsageException' });
  });

  test('tell the state before the algorithm', async () => {
    const disabled = await makeKey(kms);
    await aws.force(disabled.id, 'disabled');
    const answer = kms.send(
      new EncryptCommand({ KeyId: disabled.id, Plaintext: HELLO, EncryptionAlgorithm: OAEP_1 }),
    );
    expect(await refusal(answer)).toEqual(
      refused('DisabledException', `${disabled.arn} is disabled.`),
    );
  });

  test('tell the algorithm before the size', async () => {
    const answer = kms.send(
      new EncryptCommand({ KeyId: rsa.id, Plaintext: Buffer.alloc(4096, 1) }),
    );
    expect(await refusal(answer)).toMatchObject({ code: 'InvalidKeyUsageException' });
  });

  test('tell the state of a key before a damaged ciphertext', async () => {
    const disabled = await makeKey(kms);
    await aws.force(disabled.id, 'disabled');
    const answer = kms.send(
      new DecryptCommand({ KeyId: disabled.id, CiphertextBlob: Buffer.from('broken') }),
    );
    expect(await refusal(answer)).toEqual(
      refused('DisabledException', `${disabled.arn} is disabled.`),
    );
  });
});
