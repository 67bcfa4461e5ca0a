import {
  DecryptCommand,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  GenerateDataKeyWithoutPlaintextCommand,
  type KMSClient,
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
  type Refusal,
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

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms);
});

afterAll(() => aws.close());

type Input = Omit<GenerateDataKeyCommandInput, 'Recipient'>;

const SIZES: readonly [Pick<Input, 'KeySpec' | 'NumberOfBytes'>, number, number][] = [
  [{ KeySpec: 'AES_256' }, 32, 184],
  [{ KeySpec: 'AES_128' }, 16, 168],
  [{ NumberOfBytes: 32 }, 32, 184],
  [{ NumberOfBytes: 1 }, 1, 153],
  [{ NumberOfBytes: 1024 }, 1024, 1186],
];

test.each(SIZES)('GenerateDataKey with %o gives %i bytes and a blob of %i', async (size, n, m) => {
  const answer = await kms.send(new GenerateDataKeyCommand({ KeyId: key.id, ...size }));
  const { record } = await aws.loaded(key.id);
  expect(members(answer)).toEqual({
    CiphertextBlob: expect.any(Uint8Array),
    Plaintext: expect.any(Uint8Array),
    KeyId: key.arn,
    KeyMaterialId: record.versions[0]?.wireId,
  });
  expect([answer.Plaintext?.length, answer.CiphertextBlob?.length]).toEqual([n, m]);
  expect(bytes(answer.CiphertextBlob).toString('base64')).toMatch(/^AQICAH/);
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
  expect(bytes(opened.Plaintext)).toEqual(bytes(answer.Plaintext));
});

test.each(SIZES)('GenerateDataKeyWithoutPlaintext with %o seals %i bytes', async (size, n, m) => {
  const answer = await kms.send(
    new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.arn, ...size }),
  );
  const { record } = await aws.loaded(key.id);
  expect(members(answer)).toEqual({
    CiphertextBlob: expect.any(Uint8Array),
    KeyId: key.arn,
    KeyMaterialId: record.versions[0]?.wireId,
  });
  expect(answer.CiphertextBlob).toHaveLength(m);
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
  expect(opened.Plaintext).toHaveLength(n);
});

const OPERATIONS: readonly [
  string,
  (input: Input) => Promise<{ CiphertextBlob?: Uint8Array | undefined }>,
][] = [
  ['GenerateDataKey', (input) => kms.send(new GenerateDataKeyCommand(input))],
  [
    'GenerateDataKeyWithoutPlaintext',
    (input) => kms.send(new GenerateDataKeyWithoutPlaintextCommand(input)),
  ],
];

describe.each(OPERATIONS)('%s', (operation, send) => {
  const ONE_OF_BOTH = refused(
    'ValidationException',
    'Please specify either number of bytes or key spec.',
  );

  test('seals under the context', async () => {
    const EncryptionContext = { table: 'users', '☃': '' };
    const { CiphertextBlob } = await send({
      KeyId: key.id,
      KeySpec: 'AES_256',
      EncryptionContext,
    });
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    const without = kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(await refusal(without)).toEqual(refused('InvalidCiphertextException'));
  });

  test('never gives the same key twice', async () => {
    const drawn = [];
    for (let n = 0; n < 3; n += 1) {
      const { CiphertextBlob } = await send({ KeyId: key.id, KeySpec: 'AES_256' });
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
      drawn.push(bytes(Plaintext).toString('hex'));
    }
    expect(new Set(drawn).size).toBe(3);
  });

  test('wants a size, and only one', async () => {
    expect(await refusal(send({ KeyId: key.id }))).toEqual(ONE_OF_BOTH);
    const both = { KeyId: key.id, KeySpec: 'AES_256', NumberOfBytes: 32 } as const;
    expect(await refusal(send(both))).toEqual(ONE_OF_BOTH);
  });

  test.each([
    [0, 'greater than or equal to 1'],
    [1025, 'less than or equal to 1024'],
  ])('refuses %i bytes', async (NumberOfBytes, rule) => {
    expect(await refusal(send({ KeyId: key.id, NumberOfBytes }))).toEqual(
      violation(
        `Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${rule}`,
      ),
    );
  });

  test('lists the specs of keys when the spec of a data key is unknown', async () => {
    const answer = await aws.call(operation, { KeyId: key.id, KeySpec: 'AES_512' });
    expect(answer.body['message']).toBe(
      "1 validation error detected: Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87, ML_KEM_512, ML_KEM_768, ML_KEM_1024]",
    );
    const printed = await aws.call(operation, { KeyId: key.id, KeySpec: 'RSA_2048' });
    expect(printed.body['message']).toMatch(/^1 validation error detected: Value 'RSA_2048' at /);
  });

  const usageRefused = (arn: string, usage: string): Refusal =>
    refused(
      'InvalidKeyUsageException',
      `${arn} key usage is ${usage} which is not valid for ${operation}.`,
    );

  test.each([
    ['SIGN_VERIFY', SIGN],
    ['GENERATE_VERIFY_MAC', HMAC],
    ['KEY_AGREEMENT', AGREE],
  ])('refuses a key for %s', async (usage, input) => {
    const { id, arn } = await makeKey(kms, input);
    expect(await refusal(send({ KeyId: id, KeySpec: 'AES_256' }))).toEqual(
      usageRefused(arn, usage),
    );
  });

  test('refuses an RSA key for encryption', async () => {
    const { id } = await makeKey(kms, RSA);
    expect(await refusal(send({ KeyId: id, KeySpec: 'AES_256' }))).toEqual(
      refused('InvalidKeyUsageException', 'You cannot generate a data key with an asymmetric CMK'),
    );
  });

  test('looks for the key first, then at the size, then at usage and state', async () => {
    const unknown = '1234abcd-12ab-34cd-56ef-1234567890ab';
    expect(await refusal(send({ KeyId: unknown }))).toMatchObject({ code: 'NotFoundException' });
    const signer = await makeKey(kms, SIGN);
    await aws.force(signer.id, 'disabled');
    expect(await refusal(send({ KeyId: signer.id }))).toEqual(ONE_OF_BOTH);
    expect(await refusal(send({ KeyId: signer.id, KeySpec: 'AES_256' }))).toEqual(
      usageRefused(signer.arn, 'SIGN_VERIFY'),
    );
    const rsa = await makeKey(kms, RSA);
    await aws.force(rsa.id, 'disabled');
    expect(await refusal(send({ KeyId: rsa.id, KeySpec: 'AES_256' }))).toEqual(
      refused('DisabledException', `${rsa.arn} is disabled.`),
    );
  });
});

describe('an attestation', () => {
  const Recipient = {
    KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    AttestationDocument: Buffer.alloc(16, 1),
  } as const;

  test('is refused by GenerateDataKey, which cannot answer it', async () => {
    const input = { KeyId: key.id, KeySpec: 'AES_256', Recipient } as const;
    expect(await refusal(kms.send(new GenerateDataKeyCommand(input)))).toEqual(
      refused('UnsupportedOperationException'),
    );
  });

  test('is unknown to GenerateDataKeyWithoutPlaintext, which ignores it', async () => {
    const answer = await aws.call('GenerateDataKeyWithoutPlaintext', {
      KeyId: key.id,
      KeySpec: 'AES_256',
      Recipient: { AttestationDocument: 'AA==' },
    });
    expect(answer.status).toBe(200);
  });
});
