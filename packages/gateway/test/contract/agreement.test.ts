import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  DeriveSharedSecretCommand,
  GetPublicKeyCommand,
  type KeySpec,
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
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

function der(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

async function publicDer(key: MadeKey): Promise<Buffer> {
  return bytes((await kms.send(new GetPublicKeyCommand({ KeyId: key.id }))).PublicKey);
}

async function derive(KeyId: string, PublicKey: Buffer): Promise<Buffer> {
  const input = { KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' } as const;
  return bytes((await kms.send(new DeriveSharedSecretCommand(input))).SharedSecret);
}

const CURVES: readonly [KeySpec, string, number][] = [
  ['ECC_NIST_P256', 'prime256v1', 32],
  ['ECC_NIST_P384', 'secp384r1', 48],
  ['ECC_NIST_P521', 'secp521r1', 66],
];

describe.each(CURVES)('DeriveSharedSecret with a key of %s', (spec, namedCurve, sizeBytes) => {
  let key: MadeKey;

  beforeAll(async () => {
    key = await makeKey(kms, { KeySpec: spec, KeyUsage: 'KEY_AGREEMENT' });
  });

  test('gives the secret that OpenSSL derives from the other side', async () => {
    const peer = generateKeyPairSync('ec', { namedCurve });
    const input = { KeyId: key.id, PublicKey: der(peer.publicKey), KeyAgreementAlgorithm: 'ECDH' };
    const answer = await kms.send(new DeriveSharedSecretCommand(input as never));
    expect(members(answer)).toEqual({
      KeyId: key.arn,
      SharedSecret: expect.any(Uint8Array),
      KeyAgreementAlgorithm: 'ECDH',
      KeyOrigin: 'AWS_KMS',
    });
    const publicKey = createPublicKey({ key: await publicDer(key), format: 'der', type: 'spki' });
    const { privateKey } = peer;
    expect(bytes(answer.SharedSecret)).toEqual(diffieHellman({ privateKey, publicKey }));
    expect(answer.SharedSecret).toHaveLength(sizeBytes);
  });

  test('gives two keys the same secret', async () => {
    const other = await makeKey(kms, { KeySpec: spec, KeyUsage: 'KEY_AGREEMENT' });
    expect(await derive(key.id, await publicDer(other))).toEqual(
      await derive(other.id, await publicDer(key)),
    );
  });

  // Recorded without a text:
  // https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/kms/test_kms.snapshot.json
  test('refuses a public key of another kind without a text', async () => {
    const good = der(generateKeyPairSync('ec', { namedCurve }).publicKey);
    const offCurve = Buffer.from(good);
    offCurve[offCurve.length - 1] = (offCurve[offCurve.length - 1] ?? 0) ^ 1;
    const otherCurve = namedCurve === 'prime256v1' ? 'secp384r1' : 'prime256v1';
    const wrong = [
      Buffer.from('no key'),
      offCurve,
      Buffer.concat([good, Buffer.alloc(1)]),
      good.subarray(1),
      Buffer.alloc(8192, 0x30),
      der(generateKeyPairSync('ec', { namedCurve: otherCurve }).publicKey),
      der(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
      der(generateKeyPairSync('ed25519').publicKey),
      der(generateKeyPairSync('x25519').publicKey),
    ];
    for (const PublicKey of wrong) {
      const answer = await aws.call('DeriveSharedSecret', {
        KeyId: key.id,
        PublicKey: PublicKey.toString('base64'),
        KeyAgreementAlgorithm: 'ECDH',
      });
      expect([answer.status, answer.body]).toEqual([400, { __type: 'ValidationException' }]);
    }
  });
});

describe('DeriveSharedSecret', () => {
  const PEER = der(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);

  test.each([
    ['SIGN_VERIFY', SIGN],
    ['ENCRYPT_DECRYPT', RSA],
    ['ENCRYPT_DECRYPT', {}],
    ['GENERATE_VERIFY_MAC', HMAC],
  ])('refuses a key for %s, before its state', async (usage, input) => {
    const { id, arn } = await makeKey(kms, input);
    await aws.force(id, 'disabled');
    expect(await refusal(derive(id, PEER))).toEqual(
      refused(
        'InvalidKeyUsageException',
        `${arn} key usage is ${usage} which is not valid for DeriveSharedSecret.`,
      ),
    );
  });

  test('tells the state before it looks at the public key', async () => {
    const { id, arn } = await makeKey(kms, AGREE);
    await aws.force(id, 'disabled');
    expect(await refusal(derive(id, Buffer.from('no key')))).toEqual(
      refused('DisabledException', `${arn} is disabled.`),
    );
  });

  test('looks at the public key also in a dry run', async () => {
    const { id } = await makeKey(kms, AGREE);
    const PublicKey = Buffer.from('no key').toString('base64');
    const input = { KeyId: id, PublicKey, KeyAgreementAlgorithm: 'ECDH', DryRun: true };
    const answer = await aws.call('DeriveSharedSecret', input);
    expect(answer.body).toEqual({ __type: 'ValidationException' });
  });

  test('wants its members', async () => {
    const { id } = await makeKey(kms, AGREE);
    const input = { KeyId: id, PublicKey: PEER, KeyAgreementAlgorithm: 'DH' } as never;
    expect(await refusal(kms.send(new DeriveSharedSecretCommand(input)))).toEqual(
      violation(
        "Value 'DH' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]",
      ),
    );
    const missing = await aws.call('DeriveSharedSecret', { KeyId: id, PublicKey: 'AAAA' });
    expect(missing.body['message']).toBe(
      "1 validation error detected: Value null at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must not be null",
    );
  });

  test('refuses an attestation document', async () => {
    const { id } = await makeKey(kms, AGREE);
    const answer = await aws.call('DeriveSharedSecret', {
      KeyId: id,
      PublicKey: PEER.toString('base64'),
      KeyAgreementAlgorithm: 'ECDH',
      Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: 'AAAA' },
    });
    expect(answer.body).toEqual({ __type: 'UnsupportedOperationException' });
  });
});
