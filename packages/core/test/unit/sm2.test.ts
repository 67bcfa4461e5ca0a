import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Entropy } from '../../src/ports/entropy.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { createSuites } from '../../src/suites/registry.js';
import { isSm2Scalar, prepareSm2, SM2_ORDER, sm2Scalar } from '../../src/suites/sm2Key.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import { flipBit, freshMaterial, hex } from '../support/material.js';

const suites = createSuites(createSystemEntropy());
const pke = suites.encryptionSuite('sm2-pke');
const pkeDer = suites.encryptionSuite('sm2-pke-der');
const dsa = suites.digestSignatureSuite('sm2-dsa');
let material: PreparedMaterial;
let other: PreparedMaterial;

beforeAll(async () => {
  material = await freshMaterial('sm2');
  other = await freshMaterial('sm2');
});

describe('sm2-pke-der', () => {
  const refused = { code: 'CiphertextInvalid', details: {} };

  it('opens what it sealed, as DER', async () => {
    for (const sizeBytes of [1, 32, 1024]) {
      const plaintext = Buffer.alloc(sizeBytes, 9);
      const sealed = await pkeDer.encrypt(material, plaintext);
      expect(sealed[0]).toBe(0x30);
      expect(await pkeDer.decrypt(material, sealed)).toEqual(plaintext);
      expect(await pke.decrypt(material, sealed)).toEqual(plaintext);
    }
  });

  it('refuses the raw form, a byte too many and another key', async () => {
    const raw = await pke.encrypt(material, Buffer.from('secret'));
    await expect(pkeDer.decrypt(material, raw)).rejects.toMatchObject(refused);
    const sealed = await pkeDer.encrypt(material, Buffer.from('secret'));
    const longer = Buffer.concat([sealed, Buffer.alloc(1)]);
    await expect(pkeDer.decrypt(material, longer)).rejects.toMatchObject(refused);
    await expect(pkeDer.decrypt(other, sealed)).rejects.toMatchObject(refused);
  });

  it('takes up to 1024 bytes', async () => {
    expect(pkeDer.maxPlaintextBytes('sm2')).toBe(1024);
    await expect(pkeDer.encrypt(material, Buffer.alloc(1025))).rejects.toMatchObject({
      code: 'PlaintextTooLarge',
      details: { algorithm: 'sm2-pke-der', spec: 'sm2', limitBytes: 1024 },
    });
  });
});

describe('sm2-pke', () => {
  it('opens what it sealed, with 97 bytes of overhead', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const sealed = await pke.encrypt(material, Buffer.from(bytes));
        expect(sealed.length).toBe(bytes.length + 97);
        expect(sealed[0]).toBe(4);
        expect(await pke.decrypt(material, sealed)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 15 },
    );
  });

  it('refuses a ciphertext with any byte changed, and another key, with one fault', async () => {
    const sealed = await pke.encrypt(material, Buffer.from('secret'));
    const refused = { code: 'CiphertextInvalid', details: {} };
    for (let at = 0; at < sealed.length; at += 1) {
      await expect(pke.decrypt(material, flipBit(sealed, at * 8 + (at % 8)))).rejects.toMatchObject(
        refused,
      );
    }
    await expect(pke.decrypt(other, sealed)).rejects.toMatchObject(refused);
  });

  it.each([
    ['nothing', ''],
    ['a point without the rest', `04${'11'.repeat(64)}`],
    ['a point that is not on the curve', `04${'11'.repeat(120)}`],
    ['DER with a negative number', '3006020180020101'],
    ['an empty sequence', '3000'],
  ])('refuses %s', async (_what, text) => {
    await expect(pke.decrypt(material, hex(text))).rejects.toMatchObject({
      code: 'CiphertextInvalid',
      details: {},
    });
  });

  it('takes up to 6047 bytes', async () => {
    expect(pke.maxPlaintextBytes('sm2')).toBe(6047);
    const sealed = await pke.encrypt(material, Buffer.alloc(6047, 7));
    expect(sealed.length).toBe(6144);
    await expect(pke.encrypt(material, Buffer.alloc(6048))).rejects.toMatchObject({
      code: 'PlaintextTooLarge',
      details: { algorithm: 'sm2-pke', spec: 'sm2', limitBytes: 6047 },
    });
  });
});

describe('sm2-dsa', () => {
  const digest = Buffer.alloc(32, 9);

  it('verifies what it signed, and nothing else', async () => {
    const signature = await dsa.signDigest(material, digest);
    expect(signature[0]).toBe(0x30);
    expect(await dsa.verifyDigest(material, digest, signature)).toBe(true);
    expect(await dsa.verifyDigest(other, digest, signature)).toBe(false);
    expect(await dsa.verifyDigest(material, Buffer.alloc(32, 8), signature)).toBe(false);
  });

  it('calls a malformed signature false', async () => {
    const signature = await dsa.signDigest(material, digest);
    const order = `0221 00${SM2_ORDER.toString('hex')}`.replace(' ', '');
    for (const bad of [
      Buffer.alloc(0),
      signature.subarray(0, -1),
      Buffer.concat([signature, Buffer.from([0])]),
      hex('3006020100020100'),
      hex(`3046${order}${order}`),
    ]) {
      expect(await dsa.verifyDigest(material, digest, bad)).toBe(false);
    }
  });

  it.each([0, 31, 33])('refuses a digest of %i bytes', async (size) => {
    const wrong = { code: 'DigestLengthInvalid', details: { algorithm: 'sm2-dsa' } };
    await expect(dsa.signDigest(material, Buffer.alloc(size))).rejects.toMatchObject(wrong);
    await expect(
      dsa.verifyDigest(material, Buffer.alloc(size), Buffer.alloc(70)),
    ).rejects.toMatchObject(wrong);
  });
});

describe('SM2 keys', () => {
  it('draws scalars below the order and never zero', () => {
    const drawn = [SM2_ORDER, Buffer.alloc(32), Buffer.alloc(32, 1)];
    const entropy: Entropy = {
      ...createSystemEntropy(),
      bytes: () => drawn.shift() ?? Buffer.alloc(32),
    };
    expect(sm2Scalar(entropy)).toEqual(Buffer.alloc(32, 1));
    expect(() => sm2Scalar(entropy)).toThrowError(expect.objectContaining({ code: 'Internal' }));
    expect(isSm2Scalar(Buffer.alloc(31, 1))).toBe(false);
  });

  it('takes only its own encoding apart', async () => {
    const p256 = await freshMaterial('ec-p256');
    expect(prepareSm2(p256.key.export({ type: 'pkcs8', format: 'der' }))).toBeUndefined();
    expect(prepareSm2(Buffer.from('nonsense'))).toBeUndefined();
  });
});
