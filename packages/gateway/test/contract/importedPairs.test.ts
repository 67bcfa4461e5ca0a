import { execFileSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, type KeyObject, verify as verifyNode } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  SignCommand,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  HMAC,
  makeKey,
  members,
  RSA,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import {
  HYBRID,
  importMaterial,
  OAEP,
  parametersOf,
  STAYS,
  type WrappingChoice,
} from '../support/importing.js';

let aws: AwsGateway;
let kms: KMSClient;
let folder: string;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  folder = mkdtempSync(join(tmpdir(), 'keyglot-import-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.close();
});

const EXTERNAL = { Origin: 'EXTERNAL' } as const;
const MESSAGE = Buffer.from('signed with what was imported');

/** The second implementation. */
function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

function file(name: string, content: Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const pkcs8 = (key: KeyObject): Buffer => key.export({ type: 'pkcs8', format: 'der' });
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** The same element with a length that only its end tells. */
function indefinite(der: Buffer): Buffer {
  const length = der[1] ?? 0;
  const head = length < 0x80 ? 2 : 2 + length - 0x80;
  return Buffer.concat([Buffer.from([0x30, 0x80]), der.subarray(head), Buffer.alloc(2)]);
}

const ec = (KeySpec: string, curve: string, hash: string) => ({
  input: { KeySpec, KeyUsage: 'SIGN_VERIFY' } as CreateKeyCommandInput,
  pair: () => generateKeyPairSync('ec', { namedCurve: curve }),
  algorithm: `ECDSA_SHA_${hash.slice(3)}` as SigningAlgorithmSpec,
  hash,
});

const rsa = (bits: number) => ({
  input: { KeySpec: `RSA_${bits}`, KeyUsage: 'SIGN_VERIFY' } as CreateKeyCommandInput,
  pair: () => generateKeyPairSync('rsa', { modulusLength: bits }),
  algorithm: 'RSASSA_PKCS1_V1_5_SHA_256' as SigningAlgorithmSpec,
  hash: 'sha256',
});

const wrapping = (WrappingAlgorithm: string, WrappingKeySpec: string): WrappingChoice =>
  // Members of the enums of the client, spelled here for a table.
  ({ WrappingAlgorithm, WrappingKeySpec }) as WrappingChoice;

const CASES: readonly (readonly [string, ReturnType<typeof ec>, WrappingChoice])[] = [
  ['RSA_2048', rsa(2048), HYBRID],
  ['RSA_3072', rsa(3072), wrapping('RSA_AES_KEY_WRAP_SHA_1', 'RSA_3072')],
  ['RSA_4096', rsa(4096), wrapping('RSA_AES_KEY_WRAP_SHA_256', 'RSA_4096')],
  ['ECC_NIST_P256', ec('ECC_NIST_P256', 'prime256v1', 'sha256'), OAEP],
  [
    'ECC_NIST_P384',
    ec('ECC_NIST_P384', 'secp384r1', 'sha384'),
    wrapping('RSAES_OAEP_SHA_1', 'RSA_3072'),
  ],
  [
    'ECC_NIST_P521',
    ec('ECC_NIST_P521', 'secp521r1', 'sha512'),
    wrapping('RSAES_OAEP_SHA_256', 'RSA_3072'),
  ],
  ['ECC_NIST_P521 by both', ec('ECC_NIST_P521', 'secp521r1', 'sha512'), HYBRID],
  ['ECC_SECG_P256K1', ec('ECC_SECG_P256K1', 'secp256k1', 'sha256'), OAEP],
];

describe('imported pairs', () => {
  test.each(CASES)(
    'sign as what they are: %s',
    async (name, { input, pair, algorithm, hash }, choice) => {
      const { id, arn } = await makeKey(kms, { ...EXTERNAL, ...input });
      const { privateKey, publicKey } = pair();
      const answer = await importMaterial(kms, id, pkcs8(privateKey), STAYS, choice);
      expect(members(answer)).toEqual({ KeyId: arn });
      const shown = await kms.send(new GetPublicKeyCommand({ KeyId: id }));
      expect(bytes(shown.PublicKey)).toEqual(spki(publicKey));
      const signing = { KeyId: id, Message: MESSAGE, SigningAlgorithm: algorithm };
      const { Signature } = await kms.send(new SignCommand(signing));
      expect(verifyNode(hash, MESSAGE, publicKey, bytes(Signature))).toBe(true);
      const base = name.replaceAll(' ', '-');
      const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
      const told = openssl(
        'dgst',
        `-${hash}`,
        '-verify',
        file(`${base}.pem`, Buffer.from(pem)),
        '-signature',
        file(`${base}.sig`, bytes(Signature)),
        file(`${base}.txt`, MESSAGE),
      );
      expect(told.trim()).toBe('Verified OK');
      const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
      expect(key).toMatchObject({ KeyState: 'Enabled', Origin: 'EXTERNAL', ...STAYS });
      expect(key).not.toHaveProperty('CurrentKeyMaterialId');
    },
  );

  test.each([
    ['ECC_NIST_P256', ec('ECC_NIST_P256', 'prime256v1', 'sha256').pair],
    ['RSA_2048', rsa(2048).pair],
    ['ECC_NIST_EDWARDS25519', () => generateKeyPairSync('ed25519')],
  ] as const)('may be BER, unless they are of Edwards25519: %s', async (KeySpec, pair) => {
    // Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_families.json
    const { id } = await makeKey(kms, { ...EXTERNAL, KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const der = pkcs8(pair().privateKey);
    await importMaterial(kms, id, der, STAYS, HYBRID);
    const answer = importMaterial(kms, id, indefinite(der), STAYS, HYBRID);
    if (KeySpec === 'ECC_NIST_EDWARDS25519') {
      expect(await refusal(answer)).toEqual(refused('InvalidCiphertextException'));
    } else {
      await answer;
    }
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(key?.KeyState).toBe('Enabled');
  });

  test('come back as the same pair, however it is encoded, and as no other', async () => {
    const { input, pair } = ec('ECC_NIST_P256', 'prime256v1', 'sha256');
    const { id } = await makeKey(kms, { ...EXTERNAL, ...input });
    const { privateKey } = pair();
    await importMaterial(kms, id, pkcs8(privateKey));
    const gone = await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }));
    expect(gone.KeyMaterialId).toBeUndefined();
    const other = importMaterial(kms, id, pkcs8(pair().privateKey));
    const { code, message } = await refusal(other);
    expect(code).toBe('IncorrectKeyMaterialException');
    expect(message).toMatch(
      /^Imported key material does not have the expected identifier \([0-9a-f]{64}\)\.$/,
    );
    // Without its public half, which may be left out of a PKCS#8.
    file('pair.der', pkcs8(privateKey));
    openssl(
      'ec',
      '-inform',
      'DER',
      '-in',
      'pair.der',
      '-no_public',
      '-outform',
      'DER',
      '-out',
      'bare.sec1',
    );
    openssl(
      'pkcs8',
      '-topk8',
      '-nocrypt',
      '-inform',
      'DER',
      '-in',
      'bare.sec1',
      '-outform',
      'DER',
      '-out',
      'bare.der',
    );
    const bare = readFileSync(join(folder, 'bare.der'));
    expect(bare.length).toBeLessThan(pkcs8(privateKey).length);
    await importMaterial(kms, id, bare);
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(key?.KeyState).toBe('Enabled');
  });

  test('of RSA open what was encrypted to them elsewhere, again after they were away', async () => {
    const { id } = await makeKey(kms, { ...EXTERNAL, ...RSA });
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await importMaterial(kms, id, pkcs8(privateKey), STAYS, HYBRID);
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
    openssl(
      'pkeyutl',
      '-encrypt',
      '-pubin',
      '-inkey',
      file('to.pem', Buffer.from(pem)),
      '-in',
      file('to.txt', MESSAGE),
      '-pkeyopt',
      'rsa_padding_mode:oaep',
      '-pkeyopt',
      'rsa_oaep_md:sha256',
      '-out',
      'to.bin',
    );
    const sealed = {
      KeyId: id,
      CiphertextBlob: readFileSync(join(folder, 'to.bin')),
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    } as const;
    const opened = await kms.send(new DecryptCommand(sealed));
    expect(bytes(opened.Plaintext)).toEqual(MESSAGE);
    await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }));
    expect((await refusal(kms.send(new DecryptCommand(sealed)))).code).toBe(
      'KMSInvalidStateException',
    );
    await importMaterial(kms, id, pkcs8(privateKey), STAYS, HYBRID);
    const again = await kms.send(new DecryptCommand(sealed));
    expect(bytes(again.Plaintext)).toEqual(MESSAGE);
  });

  test.each([
    [
      'another curve',
      () => pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey),
    ],
    ['a public key', () => spki(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey)],
    ['bytes', () => Buffer.alloc(138, 7)],
    [
      'an ECPrivateKey',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
          type: 'sec1',
          format: 'der',
        }),
    ],
    [
      'two halves of different pairs',
      () => {
        const [one, two] = [0, 1].map(() =>
          generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
        );
        const der = pkcs8(one?.privateKey as KeyObject);
        spki(two?.publicKey as KeyObject)
          .subarray(-65)
          .copy(der, der.length - 65);
        return der;
      },
    ],
  ])('are refused when they are %s', async (_what, make) => {
    const { input } = ec('ECC_NIST_P256', 'prime256v1', 'sha256');
    const { id } = await makeKey(kms, { ...EXTERNAL, ...input });
    const answer = importMaterial(kms, id, make(), STAYS, HYBRID);
    expect(await refusal(answer)).toEqual(refused('InvalidCiphertextException'));
  });

  test('are refused when the modulus has another length', async () => {
    const { id } = await makeKey(kms, { ...EXTERNAL, ...RSA });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const answer = importMaterial(kms, id, pkcs8(privateKey), STAYS, HYBRID);
    expect(await refusal(answer)).toEqual(refused('InvalidCiphertextException'));
  });
});

test('imported HMAC material makes the MACs that it makes elsewhere', async () => {
  const { id } = await makeKey(kms, { ...EXTERNAL, ...HMAC });
  const material = Buffer.alloc(32, 3);
  await importMaterial(kms, id, material);
  const what = { KeyId: id, Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' } as const;
  const { Mac } = await kms.send(new GenerateMacCommand(what));
  expect(bytes(Mac)).toEqual(createHmac('sha256', material).update(MESSAGE).digest());
});

test('material that the openssl command has wrapped, as the documentation shows it, is taken', async () => {
  const { id } = await makeKey(kms, EXTERNAL);
  const { ImportToken, PublicKey } = await parametersOf(kms, id, {
    ...OAEP,
    WrappingKeySpec: 'RSA_3072',
  });
  openssl('rand', '-out', 'material.bin', '32');
  openssl(
    'pkeyutl',
    '-encrypt',
    '-in',
    'material.bin',
    '-out',
    'wrapped.bin',
    '-inkey',
    file('wrapping.der', bytes(PublicKey)),
    '-keyform',
    'DER',
    '-pubin',
    '-pkeyopt',
    'rsa_padding_mode:oaep',
    '-pkeyopt',
    'rsa_oaep_md:sha256',
    '-pkeyopt',
    'rsa_mgf1_md:sha256',
  );
  const EncryptedKeyMaterial = readFileSync(join(folder, 'wrapped.bin'));
  const imported = await kms.send(
    new ImportKeyMaterialCommand({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS }),
  );
  const same = await importMaterial(kms, id, readFileSync(join(folder, 'material.bin')));
  expect(same.KeyMaterialId).toBe(imported.KeyMaterialId);
  const sealed = await kms.send(new EncryptCommand({ KeyId: id, Plaintext: MESSAGE }));
  expect(sealed.CiphertextBlob).toBeDefined();
});
