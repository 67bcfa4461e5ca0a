import { createCipheriv, randomBytes } from 'node:crypto';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  HMAC,
  makeKey,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import {
  carrying,
  HYBRID,
  importMaterial,
  OAEP,
  parametersOf,
  STAYS,
  type WrappingChoice,
  wrap,
} from '../support/importing.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

const EXTERNAL = { Origin: 'EXTERNAL' } as const;
const day = (days: number): Date => new Date(START_MS + days * DAY_MS);
const importOf = (input: ImportKeyMaterialCommandInput) =>
  kms.send(new ImportKeyMaterialCommand(input));

const spec = (KeySpec: string, KeyUsage: string): CreateKeyCommandInput =>
  // Members of the enums of the client, spelled here for a table.
  ({ ...EXTERNAL, KeySpec, KeyUsage }) as CreateKeyCommandInput;

describe('GetParametersForImport', () => {
  test.each([
    [EXTERNAL, 'RSAES_PKCS1_V1_5', 'RSA_2048', 'SYMMETRIC_DEFAULT'],
    [EXTERNAL, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_3072', 'SYMMETRIC_DEFAULT'],
    [EXTERNAL, 'RSA_AES_KEY_WRAP_SHA_1', 'RSA_4096', 'SYMMETRIC_DEFAULT'],
    [{ ...EXTERNAL, ...HMAC }, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048', 'HMAC_256'],
    [{ ...EXTERNAL, ...RSA }, 'RSAES_OAEP_SHA_256', 'RSA_4096', 'RSA_2048'],
    [{ ...EXTERNAL, ...RSA }, 'RSAES_OAEP_SHA_1', 'RSA_2048', 'RSA_2048'],
    [spec('ECC_NIST_P521', 'SIGN_VERIFY'), 'RSAES_OAEP_SHA_256', 'RSA_2048', 'ECC_NIST_P521'],
    [spec('ECC_NIST_P521', 'SIGN_VERIFY'), 'RSAES_OAEP_SHA_1', 'RSA_2048', 'ECC_NIST_P521'],
  ] as const)(
    'for %j refuses %s with %s, which cannot carry its material',
    async (input, WrappingAlgorithm, WrappingKeySpec, name) => {
      const { id } = await makeKey(kms, input);
      const answer = parametersOf(kms, id, { WrappingAlgorithm, WrappingKeySpec });
      expect(await refusal(answer)).toEqual(
        refused(
          'ValidationException',
          `Wrapping algorithm ${WrappingAlgorithm} and wrapping key spec ${WrappingKeySpec} cannot be used to import a ${name} key.`,
        ),
      );
    },
  );

  test.each([
    ['SM2PKE', 'SM2'],
    ['SM2PKE', 'RSA_2048'],
    ['RSAES_OAEP_SHA_256', 'SM2'],
  ] as const)(
    'refuses %s with %s, which this Region does not have',
    async (algorithm, wrapping) => {
      const { id } = await makeKey(kms, EXTERNAL);
      const choice = { WrappingAlgorithm: algorithm, WrappingKeySpec: wrapping };
      expect(await refusal(parametersOf(kms, id, choice))).toEqual(
        refused('UnsupportedOperationException'),
      );
    },
  );

  test('has SM2 in China', async () => {
    const china = aws.client({ region: 'cn-north-1' });
    const { id } = await makeKey(china, EXTERNAL);
    const sm2 = { WrappingAlgorithm: 'SM2PKE', WrappingKeySpec: 'SM2' } as const;
    const { PublicKey } = await parametersOf(china, id, sm2);
    expect(bytes(PublicKey)).toHaveLength(91);
    const mixed: WrappingChoice = { ...sm2, WrappingKeySpec: 'RSA_2048' };
    expect((await refusal(parametersOf(china, id, mixed))).code).toBe('ValidationException');
  });
});

describe('a key with material of the service', () => {
  test('takes part in no import, whatever its state', async () => {
    const { id, arn } = await makeKey(kms);
    const origin = refused(
      'UnsupportedOperationException',
      `${arn} origin is AWS_KMS which is not valid for this operation.`,
    );
    const carried = { ImportToken: Buffer.from('x'), EncryptedKeyMaterial: Buffer.from('x') };
    for (const state of ['enabled', 'disabled', 'pending-deletion'] as const) {
      await aws.force(id, state);
      expect(await refusal(parametersOf(kms, id))).toEqual(origin);
      expect(await refusal(importOf({ KeyId: id, ...carried, ...STAYS }))).toEqual(origin);
      const removal = kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }));
      expect(await refusal(removal)).toEqual(origin);
    }
  });
});

describe('an import token', () => {
  test('is good for a day of virtual time, for as many imports as are wanted', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const carried = carrying(await parametersOf(kms, id), Buffer.alloc(32, 1));
    await importOf({ KeyId: id, ...carried, ...STAYS });
    aws.clock.nowMs = day(1).getTime() - 1;
    await importOf({ KeyId: id, ...carried, ...STAYS });
    aws.clock.nowMs = day(1).getTime();
    expect(await refusal(importOf({ KeyId: id, ...carried, ...STAYS }))).toEqual(
      refused('ExpiredImportTokenException'),
    );
  });

  test('belongs to one key', async () => {
    const [one, two] = [await makeKey(kms, EXTERNAL), await makeKey(kms, EXTERNAL)];
    const carried = carrying(await parametersOf(kms, one.id), Buffer.alloc(32, 1));
    expect(await refusal(importOf({ KeyId: two.id, ...carried, ...STAYS }))).toEqual(
      refused('InvalidImportTokenException'),
    );
  });

  test('belongs to one sandbox and to one service', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const { ImportToken, EncryptedKeyMaterial } = carrying(
      await parametersOf(kms, id),
      Buffer.alloc(32, 1),
    );
    for (const path of ['/s/other/aws', '/qkms']) {
      const there = aws.client({ path });
      const other = await makeKey(there, EXTERNAL);
      const answer = there.send(
        new ImportKeyMaterialCommand({
          KeyId: other.id,
          ImportToken,
          EncryptedKeyMaterial,
          ...STAYS,
        }),
      );
      expect(await refusal(answer)).toEqual(refused('InvalidImportTokenException'));
    }
  });

  test('that was changed in any byte is none', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const { ImportToken, EncryptedKeyMaterial } = carrying(
      await parametersOf(kms, id),
      Buffer.alloc(32, 1),
    );
    const token = bytes(ImportToken);
    const changed = [0, 4, 5, 20, 40, token.length - 1].map((at) => {
      const copy = Buffer.from(token);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
    for (const ImportToken of [
      ...changed,
      token.subarray(0, -1),
      token.subarray(0, 5),
      Buffer.from('x'),
      Buffer.alloc(6_144, 1),
    ]) {
      const answer = importOf({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS });
      expect(await refusal(answer)).toEqual(refused('InvalidImportTokenException'));
    }
  });
});

describe('wrapped material', () => {
  test('under another pair, by another algorithm or damaged is one and the same error', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const parameters = await parametersOf(kms, id);
    const { ImportToken, PublicKey } = parameters;
    const good = wrap(PublicKey, 'RSAES_OAEP_SHA_256', Buffer.alloc(32, 1));
    const damaged = Buffer.from(good);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    const other = await parametersOf(kms, id);
    for (const EncryptedKeyMaterial of [
      damaged,
      wrap(other.PublicKey, 'RSAES_OAEP_SHA_256', Buffer.alloc(32, 1)),
      wrap(PublicKey, 'RSAES_OAEP_SHA_1', Buffer.alloc(32, 1)),
      Buffer.alloc(256, 0xff),
      Buffer.alloc(256),
    ]) {
      const answer = importOf({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS });
      expect(await refusal(answer)).toEqual(refused('InvalidCiphertextException'));
    }
    const after = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(after.KeyMetadata?.KeyState).toBe('PendingImport');
  });

  test('of both parts is one and the same error whatever part is wrong', async () => {
    const { id } = await makeKey(kms, { ...EXTERNAL, ...SIGN });
    const { ImportToken, PublicKey } = await parametersOf(kms, id, HYBRID);
    const good = wrap(PublicKey, HYBRID.WrappingAlgorithm, randomBytes(138));
    const flip = (at: number): Buffer => {
      const copy = Buffer.from(good);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    };
    const cipher = createCipheriv(
      'id-aes128-wrap-pad',
      randomBytes(16),
      Buffer.from('a65959a6', 'hex'),
    );
    const short = Buffer.concat([
      wrap(PublicKey, 'RSAES_OAEP_SHA_256', randomBytes(16)),
      cipher.update(randomBytes(138)),
      cipher.final(),
    ]);
    for (const EncryptedKeyMaterial of [
      flip(0),
      flip(256),
      flip(good.length - 1),
      good.subarray(0, -8),
      good.subarray(0, -1),
      good.subarray(0, 257),
      good.subarray(0, 264),
      Buffer.concat([good, Buffer.alloc(8)]),
      short,
    ]) {
      const answer = importOf({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS });
      expect(await refusal(answer)).toEqual(refused('InvalidCiphertextException'));
    }
  });

  test.each([
    [OAEP, EXTERNAL, 255],
    [OAEP, EXTERNAL, 257],
    [OAEP, EXTERNAL, 1],
    [HYBRID, { ...EXTERNAL, ...SIGN }, 256],
    [HYBRID, { ...EXTERNAL, ...SIGN }, 1],
  ])('of a length that %j does not give is refused (%#)', async (choice, input, length) => {
    const { id } = await makeKey(kms, input);
    const { ImportToken } = await parametersOf(kms, id, choice);
    const EncryptedKeyMaterial = Buffer.alloc(length, 1);
    const answer = importOf({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS });
    expect(await refusal(answer)).toEqual(
      refused('ValidationException', 'Invalid encrypted key size.'),
    );
  });

  test.each([0, 1, 16, 31, 33, 64])('of %i bytes is no symmetric key', async (length) => {
    const { id } = await makeKey(kms, EXTERNAL);
    expect(await refusal(importMaterial(kms, id, randomBytes(length)))).toEqual(
      refused('InvalidCiphertextException'),
    );
  });

  test.each([
    ['HMAC_224', 28],
    ['HMAC_256', 32],
    ['HMAC_384', 48],
    ['HMAC_512', 64],
  ])('for %s has %i bytes, no more and no less', async (name, length) => {
    const { id } = await makeKey(kms, spec(name, 'GENERATE_VERIFY_MAC'));
    for (const wrong of [length - 1, length + 1]) {
      expect(await refusal(importMaterial(kms, id, randomBytes(wrong)))).toEqual(
        refused('InvalidCiphertextException'),
      );
    }
    const made = await importMaterial(kms, id, randomBytes(length));
    expect(made.KeyMaterialId).toBeUndefined();
  });
});

describe('the dates of an import', () => {
  const carried = { ImportToken: Buffer.from('x'), EncryptedKeyMaterial: Buffer.from('x') };
  const EXPIRES = { ExpirationModel: 'KEY_MATERIAL_EXPIRES' } as const;

  test.each([
    [{}, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
    [EXPIRES, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
    [
      { ...STAYS, ValidTo: day(1) },
      'A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    ],
    [{ ...EXPIRES, ValidTo: day(-1) }, 'ValidTo must be in the future'],
    [{ ValidTo: new Date(START_MS) }, 'ValidTo must be in the future'],
    [{ ValidTo: day(366) }, 'ValidTo must be less than 365 days in the future'],
  ])('are refused when they are %j', async (more, message) => {
    const { id } = await makeKey(kms, EXTERNAL);
    expect(await refusal(importOf({ KeyId: id, ...carried, ...more }))).toEqual(
      refused('ValidationException', message),
    );
  });

  test('go up to 365 days', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32), { ValidTo: day(365) });
  });
});

describe('members for symmetric keys', () => {
  test.each([
    ['importType', { ImportType: 'NEW_KEY_MATERIAL' }],
    ['keyMaterialDescription', { KeyMaterialDescription: 'x' }],
    ['keyMaterialId', { KeyMaterialId: 'a'.repeat(64) }],
  ] as const)('are refused for others: %s', async (member, more) => {
    const { id } = await makeKey(kms, { ...EXTERNAL, ...HMAC });
    expect(await refusal(importMaterial(kms, id, randomBytes(32), { ...STAYS, ...more }))).toEqual(
      refused(
        'ValidationException',
        `Input parameter ${member} cannot be used with HMAC_256 imported keys.`,
      ),
    );
  });

  test('have no id for new material', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const KeyMaterialId = 'a'.repeat(64);
    for (const more of [{ ImportType: 'NEW_KEY_MATERIAL' as const }, {}]) {
      const answer = importMaterial(kms, id, randomBytes(32), {
        ...STAYS,
        ...more,
        KeyMaterialId,
      });
      expect(await refusal(answer)).toEqual(
        refused(
          'ValidationException',
          'Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType.',
        ),
      );
    }
  });
});

describe('CreateKey with Origin EXTERNAL', () => {
  test.each([
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'SIGN_VERIFY'],
    ['RSA_3072', 'ENCRYPT_DECRYPT'],
    ['RSA_4096', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ECC_NIST_P384', 'SIGN_VERIFY'],
    ['ECC_NIST_P521', 'SIGN_VERIFY'],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
    ['HMAC_224', 'GENERATE_VERIFY_MAC'],
    ['HMAC_384', 'GENERATE_VERIFY_MAC'],
    ['HMAC_512', 'GENERATE_VERIFY_MAC'],
  ])('makes a key of %s that waits', async (name, usage) => {
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand(spec(name, usage)));
    expect([key?.KeyState, key?.Origin, key?.KeySpec]).toEqual(['PendingImport', 'EXTERNAL', name]);
  });

  test.each([
    ['ML_DSA_44', 'SIGN_VERIFY'],
    ['ML_DSA_65', 'SIGN_VERIFY'],
    ['ML_DSA_87', 'SIGN_VERIFY'],
    ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
    ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
    ['ML_KEM_1024', 'ENCAPSULATE_DECAPSULATE'],
  ])('makes none of %s', async (name, usage) => {
    const answer = await refusal(kms.send(new CreateKeyCommand(spec(name, usage))));
    // The first where the Region does not have the spec at all.
    expect(['UnsupportedOperationException', 'ValidationException']).toContain(answer.code);
  });
});

describe('QKMS', () => {
  test('knows the two algorithms of its pages, wants to be told of expiry and shows nothing', async () => {
    const qkms = aws.client({ path: '/qkms' });
    const { id } = await makeKey(qkms, { ...EXTERNAL, ...SIGN });
    expect(await refusal(parametersOf(qkms, id, HYBRID))).toEqual(
      refused('UnsupportedOperationException'),
    );
    const symmetric = await makeKey(qkms, EXTERNAL);
    const carried = carrying(await parametersOf(qkms, symmetric.id), randomBytes(32));
    const silent = qkms.send(
      new ImportKeyMaterialCommand({ KeyId: symmetric.id, ...carried, ValidTo: day(1) }),
    );
    expect(await refusal(silent)).toEqual(
      refused(
        'ValidationException',
        "1 validation error detected: Value null at 'expirationModel' failed to satisfy constraint: Member must not be null",
      ),
    );
    const done = await qkms.send(
      new ImportKeyMaterialCommand({ KeyId: symmetric.id, ...carried, ...STAYS }),
    );
    expect([done.KeyId, done.KeyMaterialId]).toEqual([undefined, undefined]);
    const gone = await qkms.send(new DeleteImportedKeyMaterialCommand({ KeyId: symmetric.id }));
    expect([gone.KeyId, gone.KeyMaterialId]).toEqual([undefined, undefined]);
  });
});
