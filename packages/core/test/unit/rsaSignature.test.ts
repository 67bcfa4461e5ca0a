import { constants, createHash, privateEncrypt, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entropy } from '../../src/ports/entropy.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { createCryptoThread } from '../../src/suites/cryptoThread.js';
import { encodePss, matchesPss, RSA_HASHES } from '../../src/suites/emsa.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { KEY_SPECS } from '../../src/suites/keySpecs.js';
import { rsaSignatureSuites } from '../../src/suites/rsaSignature.js';
import type { DigestSignatureSuite, PreparedMaterial } from '../../src/suites/suite.js';
import { flipBit, freshMaterial } from '../support/material.js';

const thread = createCryptoThread();
const SUITES = rsaSignatureSuites(createSystemEntropy(), thread);

afterAll(() => thread.close());

const SPECS: readonly KeySpecId[] = ['rsa-2048', 'rsa-3072', 'rsa-4096'];
const materials = new Map<KeySpecId, PreparedMaterial>();

function material(spec: KeySpecId = 'rsa-2048'): PreparedMaterial {
  const found = materials.get(spec);
  if (found === undefined) throw new Error(`no material ${spec}`);
  return found;
}

function suiteOf(id: string): DigestSignatureSuite {
  const found = SUITES.find((suite) => suite.id === id);
  if (found === undefined) throw new Error(`no suite ${id}`);
  return found;
}

function hashName(suite: DigestSignatureSuite): string {
  return suite.id.slice(suite.id.lastIndexOf('-') + 1);
}

function digestOf(suite: DigestSignatureSuite, message: Buffer): Buffer {
  return createHash(hashName(suite)).update(message).digest();
}

beforeAll(async () => {
  for (const spec of SPECS) materials.set(spec, await freshMaterial(spec));
});

describe.each(SUITES.map((suite) => ({ suite, name: suite.id })))('$name', ({ suite }) => {
  it('verifies its signatures in both forms, whichever form made them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const message = Buffer.from(bytes);
        const digest = digestOf(suite, message);
        for (const signature of [
          await suite.sign(material(), message),
          await suite.signDigest(material(), digest),
        ]) {
          expect(signature).toHaveLength(256);
          expect(await suite.verify(material(), message, signature)).toBe(true);
          expect(await suite.verifyDigest(material(), digest, signature)).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each(SPECS)('works with %s', async (spec) => {
    const message = Buffer.from('message');
    const digest = digestOf(suite, message);
    const raw = await suite.sign(material(spec), message);
    const ready = await suite.signDigest(material(spec), digest);
    expect(ready).toHaveLength(KEY_SPECS[spec].bits / 8);
    expect(await suite.verifyDigest(material(spec), digest, raw)).toBe(true);
    expect(await suite.verify(material(spec), message, ready)).toBe(true);
  });

  it('refuses any flipped bit of the signature, of the message and of the digest', async () => {
    const message = Buffer.from('message');
    const digest = digestOf(suite, message);
    const signature = await suite.signDigest(material(), digest);
    await fc.assert(
      fc.asyncProperty(fc.nat(2047), async (bit) => {
        const bad = flipBit(signature, bit);
        expect(await suite.verify(material(), message, bad)).toBe(false);
        expect(await suite.verifyDigest(material(), digest, bad)).toBe(false);
        expect(await suite.verify(material(), flipBit(message, bit), signature)).toBe(false);
        expect(await suite.verifyDigest(material(), flipBit(digest, bit), signature)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('answers false to malformed signatures in both forms', async () => {
    const message = Buffer.from('message');
    const digest = digestOf(suite, message);
    const signature = await suite.sign(material(), message);
    const bad = [
      Buffer.alloc(0),
      Buffer.alloc(1),
      signature.subarray(1),
      signature.subarray(0, 255),
      Buffer.concat([signature, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), signature]),
      Buffer.alloc(256),
      Buffer.alloc(256, 0xff),
    ];
    for (const bytes of bad) {
      expect(await suite.verify(material(), message, bytes)).toBe(false);
      expect(await suite.verifyDigest(material(), digest, bytes)).toBe(false);
    }
  });

  it('answers false to a signature of every other suite', async () => {
    const message = Buffer.from('message');
    for (const other of SUITES) {
      if (other === suite) continue;
      const signature = await other.sign(material(), message);
      expect(await suite.verify(material(), message, signature)).toBe(false);
      expect(await suite.verifyDigest(material(), digestOf(suite, message), signature)).toBe(false);
    }
  });

  it('refuses a digest of the wrong length', async () => {
    const refusal = { code: 'DigestLengthInvalid', details: { algorithm: suite.id } };
    for (const size of [0, suite.digestBytes - 1, suite.digestBytes + 1]) {
      const digest = Buffer.alloc(size);
      await expect(suite.signDigest(material(), digest)).rejects.toMatchObject(refusal);
      await expect(suite.verifyDigest(material(), digest, Buffer.alloc(256))).rejects.toMatchObject(
        refusal,
      );
    }
  });

  it('refuses material of another kind', async () => {
    const refusal = {
      code: 'Internal',
      details: { what: `${suite.id} with material ec-p256` },
    };
    const ec = await freshMaterial('ec-p256');
    const digest = Buffer.alloc(suite.digestBytes);
    await expect(suite.sign(ec, digest)).rejects.toMatchObject(refusal);
    await expect(suite.signDigest(ec, digest)).rejects.toMatchObject(refusal);
    await expect(suite.verify(ec, digest, digest)).rejects.toMatchObject(refusal);
    await expect(suite.verifyDigest(ec, digest, digest)).rejects.toMatchObject(refusal);
  });
});

describe('PKCS#1', () => {
  it('makes the same signature of a message and of its digest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512'),
        fc.uint8Array({ maxLength: 200 }),
        async (id, bytes) => {
          const suite = suiteOf(id);
          const message = Buffer.from(bytes);
          expect(await suite.signDigest(material(), digestOf(suite, message))).toEqual(
            await suite.sign(material(), message),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('PSS', () => {
  it('draws a fresh salt for each signature over a digest', async () => {
    const suite = suiteOf('rsa-pss-sha256');
    const digest = Buffer.alloc(32, 1);
    expect(await suite.signDigest(material(), digest)).not.toEqual(
      await suite.signDigest(material(), digest),
    );
  });

  it('takes its salt from the entropy', async () => {
    const drawn: number[] = [];
    const entropy: Entropy = {
      ...createSystemEntropy(),
      pooled(size) {
        drawn.push(size);
        return Buffer.alloc(size, 9);
      },
    };
    const suite = rsaSignatureSuites(entropy, thread).find((row) => row.id === 'rsa-pss-sha384');
    const digest = Buffer.alloc(48, 1);
    const first = await suite?.signDigest(material(), digest);
    expect(first).toEqual(await suite?.signDigest(material(), digest));
    expect(drawn).toEqual([48, 48]);
  });

  it.each([0, 20, 31, 33, 222])('refuses a salt of %i bytes in both forms', async (saltLength) => {
    const suite = suiteOf('rsa-pss-sha256');
    const message = Buffer.from('message');
    const key = {
      key: material().key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    };
    const signature = sign('sha256', message, key);
    expect(verify('sha256', message, { ...key, key: material().key }, signature)).toBe(true);
    expect(await suite.verify(material(), message, signature)).toBe(false);
    expect(await suite.verifyDigest(material(), digestOf(suite, message), signature)).toBe(false);
  });

  it('refuses every damaged field of the encoded message', async () => {
    const suite = suiteOf('rsa-pss-sha256');
    const digest = Buffer.alloc(32, 3);
    const [hash] = RSA_HASHES;
    if (hash === undefined) throw new Error('no hash');
    const encoded = encodePss(hash, digest, Buffer.alloc(32, 4), 2047);
    const signed = (em: Buffer): Buffer =>
      privateEncrypt({ key: material().key, padding: constants.RSA_NO_PADDING }, em);
    expect(await suite.verifyDigest(material(), digest, signed(encoded))).toBe(true);
    // Zero padding, separator, salt, hash, trailer. The top bit is above emBits.
    for (const at of [0, 100, 189, 190, 200, 222, 223, 254, 255]) {
      expect(await suite.verifyDigest(material(), digest, signed(flipBit(encoded, at * 8)))).toBe(
        false,
      );
    }
  });

  it('refuses an encoded message with a bit above the modulus, or too short for its salt', () => {
    const [hash] = RSA_HASHES;
    if (hash === undefined) throw new Error('no hash');
    const digest = Buffer.alloc(32, 3);
    const encoded = encodePss(hash, digest, Buffer.alloc(32, 4), 2047);
    expect(matchesPss(hash, digest, flipBit(encoded, 7), 2047)).toBe(false);
    expect(matchesPss(hash, digest, Buffer.alloc(255), 2047)).toBe(false);
    expect(matchesPss(hash, digest, Buffer.alloc(65, 0xbc), 520)).toBe(false);
    expect(matchesPss(hash, digest, encoded, 2047)).toBe(true);
  });
});
