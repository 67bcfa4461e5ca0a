import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  type DataKeyPairSpec,
  DecryptCommand,
  GenerateDataKeyPairCommand,
  type GenerateDataKeyPairCommandInput,
  GenerateDataKeyPairWithoutPlaintextCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { type Openssl, openOpenssl } from '@keyglot/core/testing';
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
let china: KMSClient;
let openssl: Openssl;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  china = aws.client({ region: 'cn-north-1' });
  openssl = openOpenssl();
});

afterAll(async () => {
  openssl?.remove();
  await aws.close();
});

type Input = Omit<GenerateDataKeyPairCommandInput, 'Recipient'>;

const privateOf = (key: Buffer): KeyObject =>
  createPrivateKey({ key, format: 'der', type: 'pkcs8' });
const publicOf = (key: Buffer): KeyObject => createPublicKey({ key, format: 'der', type: 'spki' });

/** The public half of a private key, as openssl computes it; it knows SM2 too. */
function publicHalf(privateDer: Buffer): Buffer {
  openssl.write('private.der', privateDer);
  openssl.run(
    ...['pkey', '-inform', 'DER', '-in', 'private.der'],
    ...['-pubout', '-outform', 'DER', '-out', 'public.der'],
  );
  return openssl.read('public.der');
}

// https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/ecc.json
const PRIVATE_BYTES: ReadonlyMap<string, number> = new Map([
  ['ECC_NIST_P256', 150],
  ['ECC_NIST_P384', 194],
  ['ECC_NIST_P521', 250],
  ['ECC_SECG_P256K1', 144],
]);

const SPECS: readonly [DataKeyPairSpec, string, object][] = [
  ['RSA_2048', 'rsa', { modulusLength: 2048, publicExponent: 65537n }],
  ['RSA_3072', 'rsa', { modulusLength: 3072, publicExponent: 65537n }],
  ['RSA_4096', 'rsa', { modulusLength: 4096, publicExponent: 65537n }],
  ['ECC_NIST_P256', 'ec', { namedCurve: 'prime256v1' }],
  ['ECC_NIST_P384', 'ec', { namedCurve: 'secp384r1' }],
  ['ECC_NIST_P521', 'ec', { namedCurve: 'secp521r1' }],
  ['ECC_SECG_P256K1', 'ec', { namedCurve: 'secp256k1' }],
  ['ECC_NIST_EDWARDS25519', 'ed25519', {}],
];

describe.each(SPECS)('a data key pair of %s', (KeyPairSpec, type, details) => {
  test('comes in clear, and its private half opens under its context', async () => {
    const key = await makeKey(kms);
    const EncryptionContext = { purpose: 'pairs', tenant: '7' };
    const input = { KeyId: key.id, KeyPairSpec, EncryptionContext };
    const answer = await kms.send(new GenerateDataKeyPairCommand(input));
    const { record } = await aws.loaded(key.id);
    expect(members(answer)).toEqual({
      PrivateKeyCiphertextBlob: expect.any(Uint8Array),
      PrivateKeyPlaintext: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      KeyId: key.arn,
      KeyPairSpec,
      KeyMaterialId: record.versions[0]?.wireId,
    });
    const privateDer = bytes(answer.PrivateKeyPlaintext);
    const publicDer = bytes(answer.PublicKey);
    expect(privateDer).toHaveLength(PRIVATE_BYTES.get(KeyPairSpec) ?? privateDer.length);
    const shown = privateOf(privateDer);
    expect([shown.asymmetricKeyType, shown.asymmetricKeyDetails]).toEqual([type, details]);
    expect(publicOf(publicDer).asymmetricKeyType).toBe(type);
    expect(publicHalf(privateDer)).toEqual(publicDer);
    const CiphertextBlob = answer.PrivateKeyCiphertextBlob;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(bytes(opened.Plaintext)).toEqual(privateDer);
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toEqual(
      refused('InvalidCiphertextException'),
    );
  });

  test('comes without its private half in clear when that is wanted', async () => {
    const key = await makeKey(kms);
    const input = { KeyId: key.id, KeyPairSpec };
    const answer = await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(input));
    expect(Object.keys(members(answer)).sort()).toEqual([
      'KeyId',
      'KeyMaterialId',
      'KeyPairSpec',
      'PrivateKeyCiphertextBlob',
      'PublicKey',
    ]);
    const CiphertextBlob = answer.PrivateKeyCiphertextBlob;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(publicHalf(bytes(opened.Plaintext))).toEqual(bytes(answer.PublicKey));
  });
});

describe('a data key pair of SM2', () => {
  test('is there in China alone', async () => {
    const key = await makeKey(china);
    const input = { KeyId: key.id, KeyPairSpec: 'SM2' } as const;
    const answer = await china.send(new GenerateDataKeyPairCommand(input));
    const privateDer = bytes(answer.PrivateKeyPlaintext);
    expect(publicHalf(privateDer)).toEqual(bytes(answer.PublicKey));
    const CiphertextBlob = answer.PrivateKeyCiphertextBlob;
    const opened = await china.send(new DecryptCommand({ CiphertextBlob }));
    expect(bytes(opened.Plaintext)).toEqual(privateDer);
    const elsewhere = { ...input, KeyId: (await makeKey(kms)).id };
    for (const answered of both(elsewhere)) {
      expect(await refusal(answered)).toEqual(
        refused('UnsupportedOperationException', 'KeyPairSpec SM2 is not supported in this Region'),
      );
    }
  });
});

function both(input: Input): readonly Promise<unknown>[] {
  return [
    kms.send(new GenerateDataKeyPairCommand(input)),
    kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(input)),
  ];
}

async function refusals(input: Input): Promise<readonly Refusal[]> {
  const told: Refusal[] = [];
  for (const answer of both(input)) told.push(await refusal(answer));
  return told;
}

describe('GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext', () => {
  const KeyPairSpec = 'ECC_NIST_P256';

  test('give another pair each time', async () => {
    const { id: KeyId } = await makeKey(kms);
    const command = new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec });
    const [first, second] = [await kms.send(command), await kms.send(command)];
    expect(first.PublicKey).not.toEqual(second.PublicKey);
  });

  test('refuse an asymmetric key for encryption', async () => {
    const { id } = await makeKey(kms, RSA);
    const expected = refused(
      'InvalidKeyUsageException',
      'You cannot generate a data key pair with an asymmetric CMK',
    );
    expect(await refusals({ KeyId: id, KeyPairSpec })).toEqual([expected, expected]);
  });

  test.each([
    ['SIGN_VERIFY', SIGN],
    ['GENERATE_VERIFY_MAC', HMAC],
    ['KEY_AGREEMENT', AGREE],
  ])('refuse a key for %s, before its state', async (usage, input) => {
    const key: MadeKey = await makeKey(kms, input);
    await aws.force(key.id, 'disabled');
    expect(await refusals({ KeyId: key.id, KeyPairSpec })).toEqual(
      ['GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext'].map((operation) =>
        refused(
          'InvalidKeyUsageException',
          `${key.arn} key usage is ${usage} which is not valid for ${operation}.`,
        ),
      ),
    );
  });

  test('take no other spec', async () => {
    const { id } = await makeKey(kms);
    const values =
      'RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SM2, ECC_NIST_EDWARDS25519, ML_KEM_512, ML_KEM_768, ML_KEM_1024';
    const expected = violation(
      `Value 'HMAC_256' at 'keyPairSpec' failed to satisfy constraint: Member must satisfy enum value set: [${values}]`,
    );
    const told = await refusals({ KeyId: id, KeyPairSpec: 'HMAC_256' as never });
    expect(told).toEqual([expected, expected]);
  });

  test('refuse an attestation document where they take one', async () => {
    const { id } = await makeKey(kms);
    const Recipient = { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: 'AAAA' };
    const input = { KeyId: id, KeyPairSpec, Recipient };
    expect((await aws.call('GenerateDataKeyPair', input)).body).toEqual({
      __type: 'UnsupportedOperationException',
    });
    const ignored = await aws.call('GenerateDataKeyPairWithoutPlaintext', input);
    expect(ignored.status).toBe(200);
  });

  test('of QKMS give the private key by both names', async () => {
    const { id } = await makeKey(aws.client({ path: '/qkms' }));
    const input = { KeyId: id, KeyPairSpec };
    const { body } = await aws.call('GenerateDataKeyPair', input, { path: '/qkms' });
    expect(body['PrivateKey']).toMatch(/^MI/);
    expect(body['PrivateKey']).toBe(body['PrivateKeyPlaintext']);
    const ofAws = await aws.call('GenerateDataKeyPair', {
      ...input,
      KeyId: (await makeKey(kms)).id,
    });
    expect(ofAws.body).not.toHaveProperty('PrivateKey');
    const sealed = await aws.call('GenerateDataKeyPairWithoutPlaintext', input, { path: '/qkms' });
    expect(Object.keys(sealed.body)).not.toContain('PrivateKey');
  });
});
