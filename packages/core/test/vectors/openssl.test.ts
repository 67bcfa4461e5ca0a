import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import { createSuites } from '../../src/suites/registry.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import type { Openssl } from '../../src/testing/openssl.js';
import { openOpenssl } from '../../src/testing/openssl.js';
import { freshMaterial } from '../support/material.js';

const suites = createSuites(createSystemEntropy());
const MESSAGE = Buffer.from('checked against the openssl command');
let openssl: Openssl;

beforeAll(() => {
  openssl = openOpenssl();
});

afterAll(async () => {
  openssl?.remove();
  await suites.close();
});

async function sharedMaterial(spec: KeySpecId): Promise<PreparedMaterial> {
  const material = await freshMaterial(spec);
  openssl.write('private.pem', material.key.export({ type: 'pkcs8', format: 'pem' }));
  openssl.write('public.pem', material.publicKey?.export({ type: 'spki', format: 'pem' }) ?? '');
  return material;
}

/** Options of one suite for `openssl dgst` and `openssl pkeyutl`. */
interface SignatureRow {
  readonly id: string;
  readonly spec: KeySpecId;
  readonly hash: string;
  readonly options: readonly string[];
}

const PSS = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:digest'];
const SIGNATURES: readonly SignatureRow[] = [
  ...['sha256', 'sha384', 'sha512'].flatMap((hash): SignatureRow[] => [
    { id: `rsa-pkcs1-${hash}`, spec: 'rsa-2048', hash, options: [] },
    { id: `rsa-pss-${hash}`, spec: 'rsa-2048', hash, options: PSS },
  ]),
  { id: 'rsa-pss-sha256', spec: 'rsa-3072', hash: 'sha256', options: PSS },
  { id: 'rsa-pkcs1-sha512', spec: 'rsa-4096', hash: 'sha512', options: [] },
  { id: 'ecdsa-p256-sha256', spec: 'ec-p256', hash: 'sha256', options: [] },
  { id: 'ecdsa-p384-sha384', spec: 'ec-p384', hash: 'sha384', options: [] },
  { id: 'ecdsa-p521-sha512', spec: 'ec-p521', hash: 'sha512', options: [] },
  { id: 'ecdsa-secp256k1-sha256', spec: 'ec-secp256k1', hash: 'sha256', options: [] },
];

describe.each(SIGNATURES)('$id with $spec', ({ id, spec, hash, options }) => {
  const suite = suites.digestSignatureSuite(id);
  const digest = createHash(hash).update(MESSAGE).digest();
  const dgst = options.flatMap((option) => ['-sigopt', option]);
  const pkeyutl = [`digest:${hash}`, ...options].flatMap((option) => ['-pkeyopt', option]);
  let material: PreparedMaterial;

  beforeAll(async () => {
    material = await sharedMaterial(spec);
    openssl.write('message', MESSAGE);
    openssl.write('digest', digest);
  });

  it('makes signatures that openssl verifies', async () => {
    for (const signature of [
      await suite.sign(material, MESSAGE),
      await suite.signDigest(material, digest),
    ]) {
      openssl.write('signature', signature);
      expect(
        openssl.run(
          ...['dgst', `-${hash}`, '-verify', 'public.pem', '-signature', 'signature'],
          ...dgst,
          'message',
        ),
      ).toContain('Verified OK');
    }
  });

  it('verifies signatures that openssl made of the message and of the digest', async () => {
    openssl.run(...['dgst', `-${hash}`, '-sign', 'private.pem', '-out', 'raw'], ...dgst, 'message');
    openssl.run(
      ...['pkeyutl', '-sign', '-inkey', 'private.pem', '-in', 'digest', '-out', 'ready'],
      ...pkeyutl,
    );
    for (const signature of [openssl.read('raw'), openssl.read('ready')]) {
      expect(await suite.verify(material, MESSAGE, signature)).toBe(true);
      expect(await suite.verifyDigest(material, digest, signature)).toBe(true);
    }
  });
});

describe.each([
  { id: 'rsa-oaep-sha1', spec: 'rsa-2048', hash: 'sha1' },
  { id: 'rsa-oaep-sha256', spec: 'rsa-2048', hash: 'sha256' },
  { id: 'rsa-oaep-sha256', spec: 'rsa-3072', hash: 'sha256' },
] as const)('$id with $spec', ({ id, spec, hash }) => {
  const suite = suites.encryptionSuite(id);
  const options = ['rsa_padding_mode:oaep', `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`].flatMap(
    (option) => ['-pkeyopt', option],
  );
  let material: PreparedMaterial;

  beforeAll(async () => {
    material = await sharedMaterial(spec);
    openssl.write('message', MESSAGE);
  });

  it('makes ciphertexts that openssl decrypts', async () => {
    openssl.write('ciphertext', await suite.encrypt(material, MESSAGE));
    openssl.run(
      ...['pkeyutl', '-decrypt', '-inkey', 'private.pem', '-in', 'ciphertext', '-out', 'plaintext'],
      ...options,
    );
    expect(openssl.read('plaintext')).toEqual(MESSAGE);
  });

  it('decrypts ciphertexts that openssl made', async () => {
    openssl.run(
      ...['pkeyutl', '-encrypt', '-pubin', '-inkey', 'public.pem', '-in', 'message'],
      ...['-out', 'ciphertext', ...options],
    );
    expect(await suite.decrypt(material, openssl.read('ciphertext'))).toEqual(MESSAGE);
  });
});

describe.each([
  { id: 'hmac-sha224', spec: 'hmac-224', hash: 'sha224' },
  { id: 'hmac-sha256', spec: 'hmac-256', hash: 'sha256' },
  { id: 'hmac-sha384', spec: 'hmac-384', hash: 'sha384' },
  { id: 'hmac-sha512', spec: 'hmac-512', hash: 'sha512' },
] as const)('$id', ({ id, spec, hash }) => {
  it('gives the code that openssl gives', async () => {
    const material = await freshMaterial(spec);
    openssl.write('message', MESSAGE);
    openssl.run(
      ...['dgst', `-${hash}`, '-mac', 'HMAC', '-binary', '-out', 'mac'],
      ...['-macopt', `hexkey:${material.key.export().toString('hex')}`, 'message'],
    );
    expect(suites.macSuite(id).mac(material, MESSAGE)).toEqual(openssl.read('mac'));
  });
});

describe.each<KeySpecId>(['ec-p256', 'ec-p384', 'ec-p521'])('agreement with %s', (spec) => {
  it('gives the secret that openssl gives', async () => {
    const ours = await sharedMaterial(spec);
    const theirs = await freshMaterial(spec);
    openssl.write('peer.pem', theirs.publicKey?.export({ type: 'spki', format: 'pem' }) ?? '');
    openssl.run(
      ...['pkeyutl', '-derive', '-inkey', 'private.pem', '-peerkey', 'peer.pem', '-out', 'secret'],
    );
    const shared = await suites
      .agreementSuite('ecdh')
      .agree(ours, theirs.publicDer ?? Buffer.alloc(0));
    expect(shared).toEqual(openssl.read('secret'));
  });
});

describe('agreement with ec-p256', () => {
  // NIST CAVS 14.1, "ECC CDH Primitive (SP800-56A Section 5.7.1.2)", P-256, count 0.
  it('gives the secret of the published example', async () => {
    const spki = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
    const peer = Buffer.from(
      `${spki}04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac`,
      'hex',
    );
    const pkcs8 = Buffer.from(
      '3041020100301306072a8648ce3d020106082a8648ce3d0301070427302502010104207d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534',
      'hex',
    );
    const material = prepareMaterial('ec-p256', new Secret(pkcs8));
    const shared = await suites.agreementSuite('ecdh').agree(material, peer);
    expect(shared?.toString('hex')).toBe(
      '46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b',
    );
  });
});
