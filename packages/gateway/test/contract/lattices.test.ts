import { createHash } from 'node:crypto';
import {
  CreateKeyCommand,
  type DataKeyPairSpec,
  DecapsulateCommand,
  DecryptCommand,
  EncapsulateCommand,
  GenerateDataKeyPairCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KMSClient,
  SignCommand,
  type SignCommandInput,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  type MadeKey,
  makeKey,
  members,
  type Refusal,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

const SigningAlgorithm = 'ML_DSA_SHAKE_256';
const MESSAGE = Buffer.from('a message of some length, '.repeat(20));
const SIGNER = { KeyUsage: 'SIGN_VERIFY' } as const;
const KEM = { KeyUsage: 'ENCAPSULATE_DECAPSULATE' } as const;
const EncapsulationAlgorithm = 'ML_KEM';

function shake256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('shake256', { outputLength: 64 });
  for (const part of parts) hash.update(part);
  return hash.digest();
}

async function publicDer(KeyId: string): Promise<Buffer> {
  return bytes((await kms.send(new GetPublicKeyCommand({ KeyId }))).PublicKey);
}

describe.each<[KeySpec, number, number]>([
  ['ML_DSA_44', 1_334, 2_420],
  ['ML_DSA_65', 1_974, 3_309],
  ['ML_DSA_87', 2_614, 4_627],
])('a key of %s', (KeySpec, spkiBytes, signatureBytes) => {
  test('signs a message or its representative; either verifies as both', async () => {
    const { id: KeyId, arn } = await makeKey(kms, { KeySpec, ...SIGNER });
    const der = await publicDer(KeyId);
    expect(der).toHaveLength(spkiBytes);
    // https://docs.aws.amazon.com/kms/latest/developerguide/offline-operations.html
    const mu = shake256(shake256(der.subarray(22)), Buffer.alloc(2), MESSAGE);
    const forms = [
      { Message: MESSAGE },
      { Message: MESSAGE, MessageType: 'RAW' },
      { Message: mu, MessageType: 'EXTERNAL_MU' },
    ] as const;
    for (const form of forms) {
      const answer = await kms.send(new SignCommand({ KeyId, SigningAlgorithm, ...form }));
      expect(members(answer)).toEqual({
        KeyId: arn,
        Signature: expect.any(Uint8Array),
        SigningAlgorithm,
      });
      const { Signature } = answer;
      expect(Signature).toHaveLength(signatureBytes);
      for (const same of forms) {
        await kms.send(new VerifyCommand({ KeyId, SigningAlgorithm, Signature, ...same }));
      }
      const wrong = { KeyId, SigningAlgorithm, Signature, Message: mu } as const;
      expect(await refusal(kms.send(new VerifyCommand(wrong)))).toEqual(
        refused('KMSInvalidSignatureException'),
      );
    }
  });

  test('takes no digest, and 64 bytes for a representative', async () => {
    const { id: KeyId } = await makeKey(kms, { KeySpec, ...SIGNER });
    const input = { KeyId, SigningAlgorithm, Message: Buffer.alloc(32) } as const;
    const told = async (more: Partial<SignCommandInput>): Promise<readonly Refusal[]> => [
      await refusal(kms.send(new SignCommand({ ...input, ...more }))),
      await refusal(
        kms.send(new VerifyCommand({ ...input, ...more, Signature: Buffer.alloc(64) })),
      ),
    ];
    const digest = refused(
      'ValidationException',
      `Message type DIGEST is incompatible with key spec ${KeySpec}.`,
    );
    expect(await told({ MessageType: 'DIGEST' })).toEqual([digest, digest]);
    const short = refused(
      'ValidationException',
      'External Mu is invalid length for algorithm ML_DSA_SHAKE_256.',
    );
    for (const size of [1, 63, 65]) {
      const mu = { MessageType: 'EXTERNAL_MU', Message: Buffer.alloc(size) } as const;
      expect(await told(mu)).toEqual([short, short]);
    }
    const other = refused(
      'InvalidKeyUsageException',
      `Algorithm ECDSA_SHA_256 is incompatible with key spec ${KeySpec}.`,
    );
    expect(await told({ SigningAlgorithm: 'ECDSA_SHA_256' })).toEqual([other, other]);
  });
});

describe.each<[KeySpec & DataKeyPairSpec, number, number]>([
  ['ML_KEM_512', 822, 768],
  ['ML_KEM_768', 1_206, 1_088],
  ['ML_KEM_1024', 1_590, 1_568],
])('a key of %s', (KeySpec, spkiBytes, blobBytes) => {
  let key: MadeKey;

  beforeAll(async () => {
    key = await makeKey(kms, { KeySpec, ...KEM });
  });

  test('gives both sides one secret', async () => {
    const shown = await kms.send(new GetPublicKeyCommand({ KeyId: key.id }));
    expect(members(shown)).toEqual({
      KeyId: key.arn,
      PublicKey: expect.any(Uint8Array),
      CustomerMasterKeySpec: KeySpec,
      KeySpec,
      KeyUsage: 'ENCAPSULATE_DECAPSULATE',
      EncapsulationAlgorithms: ['ML_KEM'],
    });
    expect(shown.PublicKey).toHaveLength(spkiBytes);
    const made = await kms.send(new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm }));
    expect(members(made)).toEqual({
      KeyId: key.arn,
      SharedSecret: expect.any(Uint8Array),
      SharedSecretCiphertextBlob: expect.any(Uint8Array),
      EncapsulationAlgorithm,
    });
    expect([made.SharedSecret?.length, made.SharedSecretCiphertextBlob?.length]).toEqual([
      32,
      blobBytes,
    ]);
    const { SharedSecretCiphertextBlob } = made;
    const input = { KeyId: key.id, SharedSecretCiphertextBlob, EncapsulationAlgorithm } as const;
    const opened = await kms.send(new DecapsulateCommand(input));
    expect(members(opened)).toEqual({
      KeyId: key.arn,
      SharedSecret: made.SharedSecret,
      EncapsulationAlgorithm,
    });
  });

  // https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html
  test('gives a secret for any blob of its length, and refuses other lengths', async () => {
    const decapsulate = (blob: Buffer): ReturnType<typeof send> => send(blob);
    const send = (SharedSecretCiphertextBlob: Buffer) =>
      kms.send(
        new DecapsulateCommand({
          KeyId: key.id,
          SharedSecretCiphertextBlob,
          EncapsulationAlgorithm,
        }),
      );
    const { SharedSecret } = await decapsulate(Buffer.alloc(blobBytes, 9));
    expect(SharedSecret).toHaveLength(32);
    for (const size of [1, blobBytes - 1, blobBytes + 1, 6_144]) {
      expect(await refusal(decapsulate(Buffer.alloc(size)))).toEqual(
        refused('InvalidCiphertextException'),
      );
    }
  });

  test('is not there in China, and neither is a data key pair of its kind', async () => {
    const china = aws.client({ region: 'cn-north-1' });
    expect(await refusal(china.send(new CreateKeyCommand({ KeySpec, ...KEM })))).toEqual(
      refused(
        'UnsupportedOperationException',
        `KeySpec ${KeySpec} is not supported in this Region`,
      ),
    );
    const { id: KeyId } = await makeKey(kms);
    const pair = await kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: KeySpec }));
    expect(pair.PublicKey).toHaveLength(spkiBytes);
    const CiphertextBlob = pair.PrivateKeyCiphertextBlob;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(opened.Plaintext).toEqual(pair.PrivateKeyPlaintext);
    // PKCS#8 with the seed alone.
    expect(opened.Plaintext).toHaveLength(86);
  });
});

test('Encapsulate and Decapsulate refuse a key for another use', async () => {
  const { id: KeyId, arn } = await makeKey(kms, SIGN);
  const made = kms.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm }));
  const text = (operation: string): Refusal =>
    refused(
      'InvalidKeyUsageException',
      `${arn} key usage is SIGN_VERIFY which is not valid for ${operation}.`,
    );
  expect(await refusal(made)).toEqual(text('Encapsulate'));
  const SharedSecretCiphertextBlob = Buffer.alloc(768);
  const input = { KeyId, SharedSecretCiphertextBlob, EncapsulationAlgorithm } as const;
  expect(await refusal(kms.send(new DecapsulateCommand(input)))).toEqual(text('Decapsulate'));
});
