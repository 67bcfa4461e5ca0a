import {
  constants,
  createHash,
  createPublicKey,
  sign as signLocally,
  verify as verifyLocally,
} from 'node:crypto';
import {
  GetPublicKeyCommand,
  type KeySpec,
  type KMSClient,
  SignCommand,
  type SignCommandInput,
  type SigningAlgorithmSpec,
  VerifyCommand,
  type VerifyCommandInput,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AGREE,
  type AwsGateway,
  bytes,
  HMAC,
  type MadeKey,
  makeKey,
  members,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;
const keys = new Map<KeySpec, MadeKey>();

interface Row {
  readonly spec: KeySpec;
  readonly algorithm: SigningAlgorithmSpec;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly options: { readonly padding?: number; readonly saltLength?: number };
}

const PKCS1 = { padding: constants.RSA_PKCS1_PADDING };
/** The salt is as long as the hash, not merely any that fits. */
const pss = (saltLength: number): Row['options'] => ({
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength,
});
const rsa = (spec: KeySpec): Row[] => [
  { spec, algorithm: 'RSASSA_PKCS1_V1_5_SHA_256', hash: 'sha256', options: PKCS1 },
  { spec, algorithm: 'RSASSA_PKCS1_V1_5_SHA_384', hash: 'sha384', options: PKCS1 },
  { spec, algorithm: 'RSASSA_PKCS1_V1_5_SHA_512', hash: 'sha512', options: PKCS1 },
  { spec, algorithm: 'RSASSA_PSS_SHA_256', hash: 'sha256', options: pss(32) },
  { spec, algorithm: 'RSASSA_PSS_SHA_384', hash: 'sha384', options: pss(48) },
  { spec, algorithm: 'RSASSA_PSS_SHA_512', hash: 'sha512', options: pss(64) },
];
const ROWS: readonly Row[] = [
  ...rsa('RSA_2048'),
  ...rsa('RSA_3072'),
  ...rsa('RSA_4096'),
  { spec: 'ECC_NIST_P256', algorithm: 'ECDSA_SHA_256', hash: 'sha256', options: {} },
  { spec: 'ECC_NIST_P384', algorithm: 'ECDSA_SHA_384', hash: 'sha384', options: {} },
  { spec: 'ECC_NIST_P521', algorithm: 'ECDSA_SHA_512', hash: 'sha512', options: {} },
  { spec: 'ECC_SECG_P256K1', algorithm: 'ECDSA_SHA_256', hash: 'sha256', options: {} },
];

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  for (const spec of new Set(ROWS.map((row) => row.spec))) {
    keys.set(spec, await makeKey(kms, { KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }));
  }
});

afterAll(() => aws.close());

const MESSAGE = Buffer.from('a message of some length, '.repeat(20));
const INVALID = refused('KMSInvalidSignatureException');

function keyOf(spec: KeySpec): MadeKey {
  const key = keys.get(spec);
  if (key === undefined) throw new Error(`no key of ${spec}`);
  return key;
}

async function publicKeyOf(key: MadeKey): Promise<ReturnType<typeof createPublicKey>> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: key.id }));
  return createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
}

async function sign(input: SignCommandInput): Promise<Buffer> {
  return bytes((await kms.send(new SignCommand(input))).Signature);
}

function verify(input: VerifyCommandInput): Promise<unknown> {
  return kms.send(new VerifyCommand(input));
}

describe.each(ROWS)('$algorithm under $spec', ({ spec, algorithm, hash, options }) => {
  const digest = createHash(hash).update(MESSAGE).digest();

  test('signs what OpenSSL verifies with the public key, message or digest', async () => {
    const key = keyOf(spec);
    const publicKey = await publicKeyOf(key);
    for (const input of [
      { Message: MESSAGE },
      { Message: MESSAGE, MessageType: 'RAW' },
      { Message: digest, MessageType: 'DIGEST' },
    ] as const) {
      const answer = await kms.send(
        new SignCommand({ KeyId: key.id, SigningAlgorithm: algorithm, ...input }),
      );
      expect(members(answer)).toEqual({
        KeyId: key.arn,
        Signature: expect.any(Uint8Array),
        SigningAlgorithm: algorithm,
      });
      const signature = bytes(answer.Signature);
      expect(verifyLocally(hash, MESSAGE, { key: publicKey, ...options }, signature)).toBe(true);
      if (spec.startsWith('RSA')) expect(signature).toHaveLength(Number(spec.slice(4)) / 8);
      else expect(signature[0], 'a DER sequence').toBe(0x30);
    }
  });

  test('verifies what OpenSSL signed, message or digest', async () => {
    const key = keyOf(spec);
    const privateKey = (await aws.loaded(key.id)).primary().prepared().key;
    const Signature = signLocally(hash, MESSAGE, { key: privateKey, ...options });
    for (const input of [
      { Message: MESSAGE },
      { Message: digest, MessageType: 'DIGEST' },
    ] as const) {
      const answer = await kms.send(
        new VerifyCommand({ KeyId: key.id, SigningAlgorithm: algorithm, Signature, ...input }),
      );
      expect(members(answer)).toEqual({
        KeyId: key.arn,
        SignatureValid: true,
        SigningAlgorithm: algorithm,
      });
    }
  });

  test('refuses a signature of something else, damaged, cut or made up', async () => {
    const key = keyOf(spec);
    const common = { KeyId: key.id, SigningAlgorithm: algorithm };
    const signature = await sign({ ...common, Message: MESSAGE });
    const last = signature.length - 1;
    const damaged = Buffer.from(signature);
    damaged[last] = (damaged[last] ?? 0) ^ 1;
    const other = Buffer.concat([MESSAGE, Buffer.from('.')]);
    const wrong = [
      { Message: other, Signature: signature },
      { Message: MESSAGE, Signature: damaged },
      { Message: MESSAGE, Signature: signature.subarray(0, -1) },
      { Message: MESSAGE, Signature: Buffer.concat([signature, Buffer.alloc(1)]) },
      { Message: MESSAGE, Signature: Buffer.from([1]) },
      { Message: MESSAGE, Signature: Buffer.alloc(6144, 97) },
      { Message: MESSAGE, Signature: Buffer.alloc(signature.length) },
    ];
    for (const input of wrong) {
      expect(await refusal(verify({ ...common, ...input }))).toEqual(INVALID);
    }
  });

  test('wants a digest of the length of its hash', async () => {
    const { id: KeyId } = keyOf(spec);
    const common = { KeyId, SigningAlgorithm: algorithm, MessageType: 'DIGEST' } as const;
    const expected = refused(
      'ValidationException',
      `Digest is invalid length for algorithm ${algorithm}.`,
    );
    for (const size of [20, digest.length - 1, digest.length + 1]) {
      const input = { ...common, Message: Buffer.alloc(size) };
      expect(await refusal(sign(input))).toEqual(expected);
      expect(await refusal(verify({ ...input, Signature: Buffer.alloc(64) }))).toEqual(expected);
    }
  });
});

describe('the salt of RSASSA_PSS', () => {
  test.each([
    ['RSASSA_PSS_SHA_256', 'sha256', [0, 20, 31, 33, 64]],
    ['RSASSA_PSS_SHA_512', 'sha512', [0, 32, 63, 65]],
  ] as const)('of %s has the length of %s', async (SigningAlgorithm, hash, others) => {
    const key = keyOf('RSA_2048');
    const common = { KeyId: key.id, SigningAlgorithm, Message: MESSAGE };
    const signature = await sign(common);
    const publicKey = await publicKeyOf(key);
    const privateKey = (await aws.loaded(key.id)).primary().prepared().key;
    for (const saltLength of others) {
      const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
      expect(verifyLocally(hash, MESSAGE, { key: publicKey, ...options }, signature)).toBe(false);
      const Signature = signLocally(hash, MESSAGE, { key: privateKey, ...options });
      expect(await refusal(verify({ ...common, Signature }))).toEqual(INVALID);
    }
  });

  test('is new each time', async () => {
    const common = { KeyId: keyOf('RSA_2048').id, Message: MESSAGE } as const;
    const [one, two] = [
      await sign({ ...common, SigningAlgorithm: 'RSASSA_PSS_SHA_256' }),
      await sign({ ...common, SigningAlgorithm: 'RSASSA_PSS_SHA_256' }),
    ];
    expect(one.equals(two)).toBe(false);
    const [three, four] = [
      await sign({ ...common, SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' }),
      await sign({ ...common, SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' }),
    ];
    expect(three.equals(four)).toBe(true);
  });
});

describe('Sign and Verify', () => {
  const both = (input: SignCommandInput): readonly Promise<unknown>[] => [
    sign(input),
    verify({ ...input, Signature: Buffer.alloc(64) }),
  ];

  test('do not take a signature of one algorithm for another', async () => {
    const common = { KeyId: keyOf('RSA_2048').id, Message: MESSAGE };
    const Signature = await sign({ ...common, SigningAlgorithm: 'RSASSA_PSS_SHA_256' });
    for (const SigningAlgorithm of ['RSASSA_PSS_SHA_384', 'RSASSA_PKCS1_V1_5_SHA_256'] as const) {
      expect(await refusal(verify({ ...common, SigningAlgorithm, Signature }))).toEqual(INVALID);
    }
  });

  test('do not take a signature of another key', async () => {
    const other = await makeKey(kms, SIGN);
    const common = { Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    const Signature = await sign({ ...common, KeyId: other.id });
    const answer = verify({ ...common, KeyId: keyOf('ECC_NIST_P256').id, Signature });
    expect(await refusal(answer)).toEqual(INVALID);
  });

  test('take messages of 1 to 4096 bytes', async () => {
    const common = { KeyId: keyOf('ECC_NIST_P256').id, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    for (const size of [1, 4096]) {
      const Message = Buffer.alloc(size, 7);
      const Signature = await sign({ ...common, Message });
      await verify({ ...common, Message, Signature });
    }
    for (const [size, rule] of [
      [0, 'greater than or equal to 1'],
      [4097, 'less than or equal to 4096'],
    ] as const) {
      for (const answer of both({ ...common, Message: Buffer.alloc(size) })) {
        expect(await refusal(answer)).toEqual(
          violation(
            `Value at 'message' failed to satisfy constraint: Member must have length ${rule}`,
          ),
        );
      }
    }
  });

  test.each([
    ['ENCRYPT_DECRYPT', 'Sign', RSA],
    ['ENCRYPT_DECRYPT', 'Sign', {}],
    ['GENERATE_VERIFY_MAC', 'Sign', HMAC],
    ['KEY_AGREEMENT', 'Sign', AGREE],
  ])('refuse a key for %s', async (usage, _operation, input) => {
    const { id, arn } = await makeKey(kms, input);
    const answers = both({ KeyId: id, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' });
    const told = [];
    for (const answer of answers) told.push(await refusal(answer));
    expect(told).toEqual(
      ['Sign', 'Verify'].map((operation) =>
        refused(
          'InvalidKeyUsageException',
          `${arn} key usage is ${usage} which is not valid for ${operation}.`,
        ),
      ),
    );
  });

  test.each<[KeySpec, SigningAlgorithmSpec]>([
    ['RSA_2048', 'ECDSA_SHA_256'],
    ['ECC_NIST_P256', 'ECDSA_SHA_384'],
    ['ECC_NIST_P256', 'RSASSA_PSS_SHA_256'],
    ['ECC_NIST_P256', 'ED25519_PH_SHA_512'],
    ['ECC_NIST_P256', 'ML_DSA_SHAKE_256'],
    ['ECC_NIST_P256', 'SM2DSA'],
    ['ECC_NIST_P521', 'ECDSA_SHA_256'],
  ])('with a key of %s refuse %s', async (spec, SigningAlgorithm) => {
    for (const answer of both({ KeyId: keyOf(spec).id, Message: MESSAGE, SigningAlgorithm })) {
      expect(await refusal(answer)).toEqual(
        refused(
          'InvalidKeyUsageException',
          `Algorithm ${SigningAlgorithm} is incompatible with key spec ${spec}.`,
        ),
      );
    }
  });

  test('answer SYMMETRIC_DEFAULT with the error of the spec, as the service does', async () => {
    const answer = await aws.call('Sign', {
      KeyId: keyOf('RSA_2048').id,
      Message: 'AA==',
      SigningAlgorithm: 'SYMMETRIC_DEFAULT',
    });
    expect(answer.body).toEqual({
      __type: 'InvalidKeyUsageException',
      message: 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
    });
  });

  test('name algorithms and message types in the recorded order', async () => {
    const common = { KeyId: 'x', Message: 'AA==', Signature: 'AAAA' };
    const enums = {
      SigningAlgorithm:
        'RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512, RSASSA_PKCS1_V1_5_SHA_256, RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512, ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, ED25519_SHA_512, ED25519_PH_SHA_512, SM2DSA, ML_DSA_SHAKE_256',
      MessageType: 'RAW, DIGEST, EXTERNAL_MU',
    };
    for (const operation of ['Sign', 'Verify']) {
      for (const [member, values] of Object.entries(enums)) {
        const answer = await aws.call(operation, {
          ...common,
          SigningAlgorithm: 'ECDSA_SHA_256',
          [member]: 'FOO',
        });
        const name = member.charAt(0).toLowerCase() + member.slice(1);
        expect(answer.body['message']).toBe(
          `1 validation error detected: Value 'FOO' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${values}]`,
        );
      }
    }
  });

  test('show that a signature is null, and not that a message is', async () => {
    const answer = await aws.call('Verify', { KeyId: 'x', SigningAlgorithm: 'ECDSA_SHA_256' });
    expect(answer.body['message']).toBe(
      "2 validation errors detected: Value at 'message' failed to satisfy constraint: Member must not be null; Value null at 'signature' failed to satisfy constraint: Member must not be null",
    );
  });

  test('have EXTERNAL_MU for ML-DSA keys only', async () => {
    const answers = both({
      KeyId: keyOf('ECC_NIST_P256').id,
      Message: Buffer.alloc(64),
      MessageType: 'EXTERNAL_MU',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    for (const answer of answers) {
      expect(await refusal(answer)).toEqual(
        refused(
          'ValidationException',
          'Message type EXTERNAL_MU is incompatible with key spec ECC_NIST_P256.',
        ),
      );
    }
  });

  test('tell usage before state, state before algorithm, algorithm before digest', async () => {
    const rsaKey = await makeKey(kms, RSA);
    await aws.force(rsaKey.id, 'disabled');
    const signer = await makeKey(kms, SIGN);
    await aws.force(signer.id, 'disabled');
    const wrongDigest = { Message: Buffer.alloc(20), MessageType: 'DIGEST' } as const;
    const wrongAlgorithm = { ...wrongDigest, SigningAlgorithm: 'ECDSA_SHA_384' } as const;
    for (const answer of both({ KeyId: rsaKey.id, ...wrongAlgorithm })) {
      expect(await refusal(answer)).toMatchObject({
        message: expect.stringContaining('key usage is ENCRYPT_DECRYPT'),
      });
    }
    for (const answer of both({ KeyId: signer.id, ...wrongAlgorithm })) {
      expect(await refusal(answer)).toEqual(
        refused('DisabledException', `${signer.arn} is disabled.`),
      );
    }
    for (const answer of both({ KeyId: keyOf('ECC_NIST_P256').id, ...wrongAlgorithm })) {
      expect(await refusal(answer)).toEqual(
        refused(
          'InvalidKeyUsageException',
          'Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.',
        ),
      );
    }
  });
});

describe('GetPublicKey', () => {
  test.each([...new Set(ROWS.map(({ spec }) => spec))])(
    'shows all of a key of %s',
    async (spec) => {
      const key = keyOf(spec);
      const answer = await kms.send(new GetPublicKeyCommand({ KeyId: key.id }));
      expect(members(answer)).toEqual({
        KeyId: key.arn,
        PublicKey: expect.any(Uint8Array),
        CustomerMasterKeySpec: spec,
        KeySpec: spec,
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: spec.startsWith('RSA')
          ? rsa(spec).map(({ algorithm }) => algorithm)
          : ROWS.filter((row) => row.spec === spec).map(({ algorithm }) => algorithm),
      });
      const { asymmetricKeyType, asymmetricKeyDetails } = await publicKeyOf(key);
      const details = spec.startsWith('RSA')
        ? ['rsa', Number(spec.slice(4)), 65537n, undefined]
        : [
            'ec',
            undefined,
            undefined,
            {
              ECC_NIST_P256: 'prime256v1',
              ECC_NIST_P384: 'secp384r1',
              ECC_NIST_P521: 'secp521r1',
              ECC_SECG_P256K1: 'secp256k1',
            }[String(spec)],
          ];
      expect([
        asymmetricKeyType,
        asymmetricKeyDetails?.modulusLength,
        asymmetricKeyDetails?.publicExponent,
        asymmetricKeyDetails?.namedCurve,
      ]).toEqual(details);
    },
  );

  test('lists what a key for encryption or agreement can do', async () => {
    const encryption = await makeKey(kms, RSA);
    const shown = await kms.send(new GetPublicKeyCommand({ KeyId: encryption.id }));
    expect(members(shown)).toEqual({
      KeyId: encryption.arn,
      PublicKey: expect.any(Uint8Array),
      CustomerMasterKeySpec: 'RSA_2048',
      KeySpec: 'RSA_2048',
      KeyUsage: 'ENCRYPT_DECRYPT',
      EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
    });
    const agreement = await makeKey(kms, AGREE);
    const answer = await kms.send(new GetPublicKeyCommand({ KeyId: agreement.id }));
    expect([answer.KeyUsage, answer.KeyAgreementAlgorithms, answer.SigningAlgorithms]).toEqual([
      'KEY_AGREEMENT',
      ['ECDH'],
      undefined,
    ]);
  });

  test.each([
    ['symmetric', {}],
    ['HMAC', HMAC],
  ])('refuses a %s key without a text, but tells its state first', async (_what, input) => {
    const key = await makeKey(kms, input);
    const answer = await aws.call('GetPublicKey', { KeyId: key.id });
    expect([answer.status, answer.body]).toEqual([
      400,
      { __type: 'UnsupportedOperationException' },
    ]);
    await aws.force(key.id, 'pending-deletion');
    expect(await refusal(kms.send(new GetPublicKeyCommand({ KeyId: key.id })))).toEqual(
      refused('KMSInvalidStateException', `${key.arn} is pending deletion.`),
    );
  });
});
