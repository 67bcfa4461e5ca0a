import { createHash } from 'node:crypto';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { afterAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { KEY_SPECS } from '../../src/suites/keySpecs.js';
import { mlPublic, mlSecret, prepareMl } from '../../src/suites/mlKey.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import { createSuites } from '../../src/suites/registry.js';
import { flipBit, freshMaterial, hex } from '../support/material.js';

// The same tests run on the library where OpenSSL lacks the families, and on OpenSSL where it has them; they
// compare either with the library.
const suites = createSuites(createSystemEntropy());
const dsa = suites.digestSignatureSuite('ml-dsa');
const kem = suites.encapsulationSuite('ml-kem');

afterAll(() => suites.close());

const MESSAGE = Buffer.from('signed for the next century');

function shake256(sizeBytes: number, ...parts: readonly Buffer[]): Buffer {
  const hash = createHash('shake256', { outputLength: sizeBytes });
  for (const part of parts) hash.update(part);
  return hash.digest();
}

describe.each<[KeySpecId, number, number]>([
  ['ml-dsa-44', 1_334, 2_420],
  ['ml-dsa-65', 1_974, 3_309],
  ['ml-dsa-87', 2_614, 4_627],
])('ml-dsa with %s', (spec, spkiBytes, signatureBytes) => {
  it('verifies what it signed, by message or by its representative', async () => {
    const material = await freshMaterial(spec);
    expect(material.publicDer).toHaveLength(spkiBytes);
    // FIPS 204, section 6.2: H(tr ‖ 0 ‖ 0 ‖ M), tr = H(pk).
    const mu = shake256(64, shake256(64, mlPublic(material)), Buffer.alloc(2), MESSAGE);
    const [first, second, third] = [
      await dsa.sign(material, MESSAGE),
      await dsa.sign(material, MESSAGE),
      await dsa.signDigest(material, mu),
    ];
    expect(first.equals(second), 'hedged').toBe(false);
    for (const signature of [first, second, third]) {
      expect(signature).toHaveLength(signatureBytes);
      expect(await dsa.verify(material, MESSAGE, signature)).toBe(true);
      expect(await dsa.verifyDigest(material, mu, signature)).toBe(true);
      expect(await dsa.verify(material, mu, signature)).toBe(false);
    }
  });

  it('refuses a signature that is damaged, cut, or of another key', async () => {
    const material = await freshMaterial(spec);
    const signature = await dsa.sign(material, MESSAGE);
    const mu = shake256(64, shake256(64, mlPublic(material)), Buffer.alloc(2), MESSAGE);
    const wrong = [
      flipBit(signature, 9),
      flipBit(signature, signature.length * 8 - 1),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.alloc(1)]),
      Buffer.alloc(0),
      Buffer.alloc(signatureBytes, 0xff),
    ];
    for (const one of wrong) {
      expect(await dsa.verify(material, MESSAGE, one)).toBe(false);
      expect(await dsa.verifyDigest(material, mu, one)).toBe(false);
    }
    expect(await dsa.verify(await freshMaterial(spec), MESSAGE, signature)).toBe(false);
  });

  it('wants 64 bytes for the representative', async () => {
    const material = await freshMaterial(spec);
    const refused = { code: 'DigestLengthInvalid', details: { algorithm: 'ml-dsa' } };
    const short = Buffer.alloc(63);
    await expect(dsa.signDigest(material, short)).rejects.toMatchObject(refused);
    await expect(dsa.verifyDigest(material, short, short)).rejects.toMatchObject(refused);
  });
});

const KEMS = { 'ml-kem-512': ml_kem512, 'ml-kem-768': ml_kem768, 'ml-kem-1024': ml_kem1024 };

describe.each<[keyof typeof KEMS, number, number]>([
  ['ml-kem-512', 822, 768],
  ['ml-kem-768', 1_206, 1_088],
  ['ml-kem-1024', 1_590, 1_568],
])('ml-kem with %s', (spec, spkiBytes, ciphertextBytes) => {
  it('agrees with the library in both directions', async () => {
    const material = await freshMaterial(spec);
    expect(material.publicDer).toHaveLength(spkiBytes);
    const made = await kem.encapsulate(material);
    expect([made.sharedSecret.length, made.ciphertext.length]).toEqual([32, ciphertextBytes]);
    expect(await kem.decapsulate(material, made.ciphertext)).toEqual(made.sharedSecret);
    const secret = mlSecret(material).expose();
    const opened = KEMS[spec].decapsulate(made.ciphertext, secret);
    expect(Buffer.from(opened)).toEqual(made.sharedSecret);
    const theirs = KEMS[spec].encapsulate(mlPublic(material));
    const shared = await kem.decapsulate(material, Buffer.from(theirs.cipherText));
    expect(shared).toEqual(Buffer.from(theirs.sharedSecret));
  });

  it('gives another secret, always the same, for a ciphertext that is not its own', async () => {
    const material = await freshMaterial(spec);
    const { ciphertext, sharedSecret } = await kem.encapsulate(material);
    const damaged = flipBit(ciphertext, 77);
    const rejected = await kem.decapsulate(material, damaged);
    expect(rejected).toHaveLength(32);
    expect(rejected).not.toEqual(sharedSecret);
    expect(await kem.decapsulate(material, damaged)).toEqual(rejected);
    const library = KEMS[spec].decapsulate(damaged, mlSecret(material).expose());
    expect(rejected).toEqual(Buffer.from(library));
  });

  it('refuses a ciphertext of another length', async () => {
    const material = await freshMaterial(spec);
    for (const size of [0, ciphertextBytes - 1, ciphertextBytes + 1]) {
      await expect(kem.decapsulate(material, Buffer.alloc(size))).rejects.toMatchObject({
        code: 'CiphertextInvalid',
      });
    }
  });
});

describe('keys of lattices', () => {
  const SPECS = Object.values(KEY_SPECS).filter(({ family }) => family.startsWith('ml-'));

  it.each(SPECS)('$id has the seed alone in its PKCS#8', async (spec) => {
    const secret = await generateMaterial(spec.id, createSystemEntropy());
    expect(secret.sizeBytes).toBe(spec.family === 'ml-dsa' ? 54 : 86);
  });

  it('takes the expanded key beside the seed when both are of one key', () => {
    const seed = Buffer.alloc(32, 7);
    const { secretKey, publicKey } = ml_dsa65.keygen(seed);
    const both = (expanded: Uint8Array): Buffer =>
      Buffer.concat(
        [
          hex('30820ffe020100300b060960864801650304031204820fea30820fe60420'),
          seed,
          hex('04820fc0'),
          expanded,
        ].map((part) => Buffer.from(part)),
      );
    expect(secretKey).toHaveLength(0xfc0);
    const spec = KEY_SPECS['ml-dsa-65'];
    const prepared = prepareMl(spec, both(secretKey));
    expect(prepared && mlPublic(prepared)).toEqual(Buffer.from(publicKey));
    expect(prepareMl(spec, both(flipBit(Buffer.from(secretKey), 900)))).toBeUndefined();
  });

  it('refuses bytes that are no such key', async () => {
    const kem512 = await generateMaterial('ml-kem-512', createSystemEntropy());
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(54), kem512.expose()]) {
      expect(() => prepareMaterial('ml-dsa-44', new Secret(bytes))).toThrowError(
        expect.objectContaining({ details: { what: 'material is not ml-dsa-44' } }),
      );
    }
  });

  it('refuse suites of other material', async () => {
    const material = await freshMaterial('ec-p256');
    const what = (id: string) => ({
      code: 'Internal',
      details: { what: `${id} with material ec-p256` },
    });
    await expect(dsa.sign(material, MESSAGE)).rejects.toMatchObject(what('ml-dsa'));
    await expect(kem.encapsulate(material)).rejects.toMatchObject(what('ml-kem'));
  });
});
