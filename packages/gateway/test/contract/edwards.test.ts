import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign as signLocally,
  verify as verifyLocally,
} from 'node:crypto';
import {
  DescribeKeyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  SignCommand,
  type SignCommandInput,
  VerifyCommand,
  type VerifyCommandInput,
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
  startAwsGateway,
} from '../support/awsGateway.js';
import { HYBRID, importMaterial, STAYS } from '../support/importing.js';

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
});

afterAll(() => aws.close());

const MESSAGE = Buffer.from('a message of some length, '.repeat(20));
const DIGEST = createHash('sha512').update(MESSAGE).digest();
const INVALID = refused('KMSInvalidSignatureException');

type Input = Omit<SignCommandInput, 'KeyId'>;

const PLAIN: Input = { Message: MESSAGE, SigningAlgorithm: 'ED25519_SHA_512' };
const PREHASHED: Input = {
  Message: DIGEST,
  MessageType: 'DIGEST',
  SigningAlgorithm: 'ED25519_PH_SHA_512',
};

async function sign(input: Input): Promise<Buffer> {
  const answer = await kms.send(new SignCommand({ KeyId: key.id, ...input }));
  expect(members(answer)).toEqual({
    KeyId: key.arn,
    Signature: expect.any(Uint8Array),
    SigningAlgorithm: input.SigningAlgorithm,
  });
  return bytes(answer.Signature);
}

function verify(input: Omit<VerifyCommandInput, 'KeyId'>): Promise<unknown> {
  return kms.send(new VerifyCommand({ KeyId: key.id, ...input }));
}

async function publicDer(): Promise<Buffer> {
  return bytes((await kms.send(new GetPublicKeyCommand({ KeyId: key.id }))).PublicKey);
}

/** The refusals of Sign and of Verify. */
async function refusals(input: Input): Promise<readonly Refusal[]> {
  const signed = kms.send(new SignCommand({ KeyId: key.id, ...input }));
  return [
    await refusal(signed),
    await refusal(verify({ ...input, Signature: Buffer.alloc(64, 1) })),
  ];
}

const twice = (expected: Refusal): readonly Refusal[] => [expected, expected];

describe('a key of ECC_NIST_EDWARDS25519', () => {
  test('shows a public key of 44 bytes and both algorithms', async () => {
    const answer = await kms.send(new GetPublicKeyCommand({ KeyId: key.id }));
    expect(members(answer)).toEqual({
      KeyId: key.arn,
      PublicKey: expect.any(Uint8Array),
      CustomerMasterKeySpec: 'ECC_NIST_EDWARDS25519',
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: ['ED25519_PH_SHA_512', 'ED25519_SHA_512'],
    });
    expect(answer.PublicKey).toHaveLength(44);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata?.SigningAlgorithms).toEqual(['ED25519_PH_SHA_512', 'ED25519_SHA_512']);
  });

  test('signs messages that OpenSSL verifies, always alike', async () => {
    const publicKey = createPublicKey({ key: await publicDer(), format: 'der', type: 'spki' });
    const signature = await sign(PLAIN);
    expect(signature).toHaveLength(64);
    expect(verifyLocally(null, MESSAGE, publicKey, signature)).toBe(true);
    expect(await sign({ ...PLAIN, MessageType: 'RAW' })).toEqual(signature);
    const longest = { ...PLAIN, Message: Buffer.alloc(4096, 5) };
    expect(verifyLocally(null, longest.Message, publicKey, await sign(longest))).toBe(true);
  });

  test('verifies what OpenSSL signed', async () => {
    const privateKey = (await aws.loaded(key.id)).primary().prepared().key;
    const Signature = signLocally(null, MESSAGE, privateKey);
    expect(members((await verify({ ...PLAIN, Signature })) as never)).toEqual({
      KeyId: key.arn,
      SignatureValid: true,
      SigningAlgorithm: 'ED25519_SHA_512',
    });
  });

  // https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#KMS-Sign-request-MessageType
  test('hashes a digest once more for ED25519_PH_SHA_512', async () => {
    const material = (await aws.loaded(key.id)).primary().prepared();
    const ed25519ph = aws.gateway.vault.suites.signatureSuite('ed25519ph');
    const signature = await sign(PREHASHED);
    expect(await ed25519ph.verify(material, DIGEST, signature)).toBe(true);
    expect(await ed25519ph.verify(material, MESSAGE, signature)).toBe(false);
    await verify({ ...PREHASHED, Signature: signature });
  });

  test('may have its material from outside', async () => {
    const input = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' } as const;
    const { id: KeyId } = await makeKey(kms, { ...input, Origin: 'EXTERNAL' });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    await importMaterial(kms, KeyId, der, STAYS, HYBRID);
    const shown = await kms.send(new GetPublicKeyCommand({ KeyId }));
    expect(bytes(shown.PublicKey)).toEqual(publicKey.export({ type: 'spki', format: 'der' }));
    const { Signature } = await kms.send(new SignCommand({ KeyId, ...PLAIN }));
    expect(bytes(Signature)).toEqual(signLocally(null, MESSAGE, privateKey));
  });

  test('refuses a signature of something else, damaged, cut or of the other algorithm', async () => {
    const plain = await sign(PLAIN);
    const prehashed = await sign(PREHASHED);
    const damaged = Buffer.from(plain);
    damaged[40] = (damaged[40] ?? 0) ^ 1;
    const wrong = [
      { ...PLAIN, Message: DIGEST, Signature: plain },
      { ...PLAIN, Signature: damaged },
      { ...PLAIN, Signature: plain.subarray(0, -1) },
      { ...PLAIN, Signature: prehashed },
      { ...PREHASHED, Signature: plain },
      { ...PREHASHED, Signature: Buffer.alloc(64) },
      { ...PREHASHED, Signature: Buffer.alloc(6144, 97) },
      { ...PREHASHED, Message: Buffer.alloc(64), Signature: prehashed },
    ];
    for (const input of wrong) expect(await refusal(verify(input))).toEqual(INVALID);
  });

  test.each<[SignCommandInput['SigningAlgorithm'], SignCommandInput['MessageType']]>([
    ['ED25519_SHA_512', 'DIGEST'],
    ['ED25519_SHA_512', 'EXTERNAL_MU'],
    ['ED25519_PH_SHA_512', 'RAW'],
    ['ED25519_PH_SHA_512', 'EXTERNAL_MU'],
    ['ED25519_PH_SHA_512', undefined],
  ])('does not take for %s the message type %s', async (SigningAlgorithm, MessageType) => {
    const what =
      MessageType === 'EXTERNAL_MU'
        ? 'key spec ECC_NIST_EDWARDS25519'
        : `algorithm ${SigningAlgorithm}`;
    expect(await refusals({ Message: DIGEST, SigningAlgorithm, MessageType })).toEqual(
      twice(
        refused(
          'ValidationException',
          `Message type ${MessageType ?? 'RAW'} is incompatible with ${what}.`,
        ),
      ),
    );
  });

  test.each([63, 65, 32, 1])('wants 64 bytes for a digest, not %i', async (sizeBytes) => {
    expect(await refusals({ ...PREHASHED, Message: Buffer.alloc(sizeBytes) })).toEqual(
      twice(
        refused(
          'ValidationException',
          'Digest is invalid length for algorithm ED25519_PH_SHA_512.',
        ),
      ),
    );
  });

  test('tells a wrong algorithm before the message type', async () => {
    const input: Input = { ...PREHASHED, SigningAlgorithm: 'ECDSA_SHA_512', MessageType: 'RAW' };
    expect(await refusals(input)).toEqual(
      twice(
        refused(
          'InvalidKeyUsageException',
          'Algorithm ECDSA_SHA_512 is incompatible with key spec ECC_NIST_EDWARDS25519.',
        ),
      ),
    );
  });
});
