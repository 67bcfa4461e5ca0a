import { createHash } from 'node:crypto';
import {
  CreateKeyCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  type KeyUsageType,
  type KMSClient,
  ReEncryptCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { type Openssl, openOpenssl } from '@keyglot/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  type MadeKey,
  makeKey,
  members,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;
let openssl: Openssl;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client({ region: 'cn-north-1' });
  openssl = openOpenssl();
});

afterAll(async () => {
  openssl?.remove();
  await aws.close();
});

const KeySpec = 'SM2';

/** a, b, and the coordinates of the base point: GM/T 0003.5. */
const CURVE =
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
  '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
  '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
  'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0';

async function publicDer(KeyId: string): Promise<Buffer> {
  return bytes((await kms.send(new GetPublicKeyCommand({ KeyId }))).PublicKey);
}

/** Gives both halves of a key to the openssl command. */
async function shareKey({ id: KeyId, arn }: MadeKey): Promise<void> {
  const der = await publicDer(KeyId);
  const scalar = (await aws.loaded(arn)).primary().prepared().key.export();
  const head = '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420';
  const middle = Buffer.from('a144034200', 'hex');
  const parts = [Buffer.from(head, 'hex'), scalar, middle, der.subarray(-65)];
  openssl.write('private.der', Buffer.concat(parts));
  openssl.write('public.der', der);
  openssl.run('pkey', '-inform', 'DER', '-in', 'private.der', '-out', 'private.pem');
  openssl.run('pkey', '-pubin', '-inform', 'DER', '-in', 'public.der', '-out', 'public.pem');
}

describe('a key of SM2', () => {
  test.each<[KeyUsageType, string, string]>([
    ['ENCRYPT_DECRYPT', 'EncryptionAlgorithms', 'SM2PKE'],
    ['SIGN_VERIFY', 'SigningAlgorithms', 'SM2DSA'],
    ['KEY_AGREEMENT', 'KeyAgreementAlgorithms', 'ECDH'],
  ])('for %s shows its %s', async (KeyUsage, list, algorithm) => {
    for (const region of ['cn-north-1', 'cn-northwest-1']) {
      const client = aws.client({ region });
      const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
      expect(KeyMetadata).toMatchObject({ KeySpec, KeyUsage, [list]: [algorithm] });
      expect(KeyMetadata?.Arn).toMatch(`arn:aws-cn:kms:${region}:`);
      const shown = await client.send(new GetPublicKeyCommand({ KeyId: KeyMetadata?.KeyId }));
      expect(members(shown)).toEqual({
        KeyId: KeyMetadata?.Arn,
        PublicKey: expect.any(Uint8Array),
        CustomerMasterKeySpec: 'SM2',
        KeySpec,
        KeyUsage,
        [list]: [algorithm],
      });
      // id-ecPublicKey with the curve sm2p256v1 and an uncompressed point.
      expect(bytes(shown.PublicKey).toString('hex')).toMatch(
        /^3059301306072a8648ce3d020106082a811ccf5501822d03420004[0-9a-f]{128}$/,
      );
    }
  });

  test.each(['us-east-1', 'eu-west-1', 'us-gov-west-1', 'ap-east-1'])(
    'is not there in %s',
    async (region) => {
      const answer = aws
        .client({ region })
        .send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
      expect(await refusal(answer)).toEqual(
        refused('UnsupportedOperationException', 'KeySpec SM2 is not supported in this Region'),
      );
    },
  );

  test('does not take a usage that it does not have', async () => {
    const answer = kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' }));
    expect(await refusal(answer)).toEqual(
      refused(
        'ValidationException',
        'KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec SM2',
      ),
    );
  });
});

describe('SM2PKE', () => {
  const PLAINTEXT = Buffer.from('a secret');

  test('opens what it sealed and what openssl sealed, as DER; and openssl opens it', async () => {
    const { id: KeyId, arn } = await makeKey(kms, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const common = { KeyId, EncryptionAlgorithm: 'SM2PKE' } as const;
    const sealed = await kms.send(new EncryptCommand({ ...common, Plaintext: PLAINTEXT }));
    expect(members(sealed)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      KeyId: arn,
      EncryptionAlgorithm: 'SM2PKE',
    });
    const ours = bytes(sealed.CiphertextBlob);
    expect(ours[0]).toBe(0x30);
    await shareKey({ id: KeyId, arn });
    openssl.write('plaintext', PLAINTEXT);
    openssl.run(
      ...['pkeyutl', '-encrypt', '-pubin', '-inkey', 'public.pem'],
      ...['-in', 'plaintext', '-out', 'theirs'],
    );
    const theirs = openssl.read('theirs');
    for (const CiphertextBlob of [ours, theirs]) {
      const opened = await kms.send(new DecryptCommand({ ...common, CiphertextBlob }));
      expect(members(opened)).toEqual({
        KeyId: arn,
        Plaintext: expect.any(Uint8Array),
        EncryptionAlgorithm: 'SM2PKE',
      });
      expect(bytes(opened.Plaintext)).toEqual(PLAINTEXT);
    }
    openssl.write('ours', ours);
    openssl.run(
      ...['pkeyutl', '-decrypt', '-inkey', 'private.pem', '-in', 'ours', '-out', 'opened'],
    );
    expect(openssl.read('opened')).toEqual(PLAINTEXT);
  });

  // https://docs.aws.amazon.com/kms/latest/developerguide/offline-operations.html
  test('refuses ciphertexts that are not DER, damaged ones and those of another key', async () => {
    const { id: KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const other = await makeKey(kms, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const EncryptionAlgorithm = 'SM2PKE';
    const sealed = await kms.send(
      new EncryptCommand({ KeyId, EncryptionAlgorithm, Plaintext: PLAINTEXT }),
    );
    const blob = bytes(sealed.CiphertextBlob);
    const damaged = Buffer.from(blob);
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
    // 04, x, y, digest, text: what other services call SM2PKE.
    const raw = Buffer.concat([Buffer.from([4]), Buffer.alloc(96 + PLAINTEXT.length, 1)]);
    const wrong = [
      { KeyId, CiphertextBlob: damaged },
      { KeyId, CiphertextBlob: raw },
      { KeyId, CiphertextBlob: blob.subarray(0, -1) },
      { KeyId: other.id, CiphertextBlob: blob },
    ];
    for (const input of wrong) {
      const answer = kms.send(new DecryptCommand({ ...input, EncryptionAlgorithm }));
      expect(await refusal(answer)).toEqual(refused('InvalidCiphertextException'));
    }
  });

  test('takes 1024 bytes and no more', async () => {
    const { id: KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const input = { KeyId, EncryptionAlgorithm: 'SM2PKE' } as const;
    await kms.send(new EncryptCommand({ ...input, Plaintext: Buffer.alloc(1024) }));
    const answer = kms.send(new EncryptCommand({ ...input, Plaintext: Buffer.alloc(1025) }));
    expect(await refusal(answer)).toEqual(
      refused(
        'ValidationException',
        'Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes.',
      ),
    );
  });

  test('goes in and out of ReEncrypt', async () => {
    const pair = await makeKey(kms, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const symmetric = await makeKey(kms);
    const sealed = await kms.send(
      new EncryptCommand({ KeyId: symmetric.id, Plaintext: PLAINTEXT }),
    );
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: sealed.CiphertextBlob,
        DestinationKeyId: pair.id,
        DestinationEncryptionAlgorithm: 'SM2PKE',
      }),
    );
    const back = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: moved.CiphertextBlob,
        SourceKeyId: pair.id,
        SourceEncryptionAlgorithm: 'SM2PKE',
        DestinationKeyId: symmetric.id,
      }),
    );
    const { CiphertextBlob } = back;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(bytes(opened.Plaintext)).toEqual(PLAINTEXT);
  });

  test('is told when it is left out or when another is wanted', async () => {
    const { id: KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    for (const EncryptionAlgorithm of [undefined, 'RSAES_OAEP_SHA_256'] as const) {
      const input = { KeyId, EncryptionAlgorithm, Plaintext: PLAINTEXT };
      expect(await refusal(kms.send(new EncryptCommand(input)))).toEqual(
        refused(
          'InvalidKeyUsageException',
          `Algorithm ${EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'} is incompatible with key spec SM2.`,
        ),
      );
    }
  });
});

describe('SM2DSA', () => {
  const MESSAGE = Buffer.from('a message');
  const SigningAlgorithm = 'SM2DSA';
  const USER = ['-sigopt', 'distid:1234567812345678'];

  /** SM3 of Z and the message, GB/T 32918.2, sections 5.5 and 6.1. */
  async function digestOf(KeyId: string, message: Buffer): Promise<Buffer> {
    const z = createHash('sm3')
      .update(Buffer.from('0080', 'hex'))
      .update('1234567812345678')
      .update(Buffer.from(CURVE, 'hex'))
      .update((await publicDer(KeyId)).subarray(-64))
      .digest();
    return createHash('sm3').update(z).update(message).digest();
  }

  test('signs a message with the default user id, or its digest', async () => {
    const { id: KeyId, arn } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    await shareKey({ id: KeyId, arn });
    const digest = await digestOf(KeyId, MESSAGE);
    const forms = [
      { Message: MESSAGE },
      { Message: MESSAGE, MessageType: 'RAW' },
      { Message: digest, MessageType: 'DIGEST' },
    ] as const;
    const signatures: Buffer[] = [];
    for (const form of forms) {
      const answer = await kms.send(new SignCommand({ KeyId, SigningAlgorithm, ...form }));
      expect(members(answer)).toEqual({
        KeyId: arn,
        Signature: expect.any(Uint8Array),
        SigningAlgorithm,
      });
      signatures.push(bytes(answer.Signature));
    }
    openssl.write('message', MESSAGE);
    openssl.run('dgst', '-sm3', '-sign', 'private.pem', ...USER, '-out', 'theirs', 'message');
    signatures.push(openssl.read('theirs'));
    for (const Signature of signatures) {
      openssl.write('signature', Signature);
      const said = openssl.run(
        ...['dgst', '-sm3', '-verify', 'public.pem', ...USER],
        ...['-signature', 'signature', 'message'],
      );
      expect(said).toContain('Verified OK');
      for (const form of forms) {
        await kms.send(new VerifyCommand({ KeyId, SigningAlgorithm, Signature, ...form }));
      }
    }
  });

  test('wants a digest of 32 bytes and no other type', async () => {
    const { id: KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const short = { KeyId, SigningAlgorithm, Message: MESSAGE, MessageType: 'DIGEST' } as const;
    expect(await refusal(kms.send(new SignCommand(short)))).toEqual(
      refused('ValidationException', 'Digest is invalid length for algorithm SM2DSA.'),
    );
    const mu = { ...short, MessageType: 'EXTERNAL_MU' } as const;
    expect(await refusal(kms.send(new SignCommand(mu)))).toEqual(
      refused('ValidationException', 'Message type EXTERNAL_MU is incompatible with key spec SM2.'),
    );
    const other = { ...short, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    expect(await refusal(kms.send(new SignCommand(other)))).toEqual(
      refused(
        'InvalidKeyUsageException',
        'Algorithm ECDSA_SHA_256 is incompatible with key spec SM2.',
      ),
    );
  });
});

describe('ECDH with SM2', () => {
  test('gives both sides the same', async () => {
    const { id: KeyId, arn } = await makeKey(kms, { KeySpec, KeyUsage: 'KEY_AGREEMENT' });
    const peer = await makeKey(kms, { KeySpec, KeyUsage: 'KEY_AGREEMENT' });
    const PublicKey = await publicDer(peer.id);
    const answer = await kms.send(
      new DeriveSharedSecretCommand({ KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' }),
    );
    expect(members(answer)).toEqual({
      KeyId: arn,
      SharedSecret: expect.any(Uint8Array),
      KeyAgreementAlgorithm: 'ECDH',
      KeyOrigin: 'AWS_KMS',
    });
    const back = await kms.send(
      new DeriveSharedSecretCommand({
        KeyId: peer.id,
        PublicKey: await publicDer(KeyId),
        KeyAgreementAlgorithm: 'ECDH',
      }),
    );
    expect(back.SharedSecret).toEqual(answer.SharedSecret);
    expect(answer.SharedSecret).toHaveLength(32);
  });
});
