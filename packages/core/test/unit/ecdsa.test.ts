import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { createCryptoThread } from '../../src/suites/cryptoThread.js';
import { ecdsaSuites } from '../../src/suites/ecdsa.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import type { PreparedMaterial, SignatureSuite } from '../../src/suites/suite.js';
import { flipBit, freshMaterial } from '../support/material.js';

// Orders of the groups: SEC 2, version 2.0, sections 2.4.1, 2.4.2, 2.5.1 and 2.6.1.
const ORDERS: Readonly<Record<string, bigint>> = {
  'ec-p256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'ec-p384':
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'ec-p521':
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  'ec-secp256k1': 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
};

const thread = createCryptoThread();
const SUITES = ecdsaSuites(createSystemEntropy(), thread);

afterAll(() => thread.close());

function specOf(suite: SignatureSuite): KeySpecId {
  const [spec] = suite.specs;
  if (spec === undefined) throw new Error(`${suite.id} without spec`);
  return spec;
}

function digestOf(suite: SignatureSuite, message: Buffer): Buffer {
  return createHash(suite.id.slice(suite.id.lastIndexOf('-') + 1))
    .update(message)
    .digest();
}

function derInteger(value: bigint): Buffer {
  let digits = value.toString(16);
  if (digits.length % 2 === 1) digits = `0${digits}`;
  if (Number.parseInt(digits.slice(0, 2), 16) >= 0x80) digits = `00${digits}`;
  const bytes = Buffer.from(digits, 'hex');
  return Buffer.concat([Buffer.from([0x02, bytes.length]), bytes]);
}

function derSignature(r: bigint, s: bigint): Buffer {
  const content = Buffer.concat([derInteger(r), derInteger(s)]);
  const head = content.length < 0x80 ? [0x30, content.length] : [0x30, 0x81, content.length];
  return Buffer.concat([Buffer.from(head), content]);
}

function numbersOf(der: Buffer): { r: bigint; s: bigint } {
  let at = (der[1] ?? 0) < 0x80 ? 2 : 3;
  const next = (): bigint => {
    const size = der[at + 1] ?? 0;
    const value = BigInt(`0x${der.subarray(at + 2, at + 2 + size).toString('hex')}`);
    at += 2 + size;
    return value;
  };
  return { r: next(), s: next() };
}

describe.each(SUITES.map((suite) => ({ suite, name: suite.id })))('$name', ({ suite }) => {
  const message = Buffer.from('message');
  const digest = digestOf(suite, message);
  let material: PreparedMaterial;

  beforeAll(async () => {
    material = await freshMaterial(specOf(suite));
  });

  async function verdicts(signature: Buffer): Promise<readonly boolean[]> {
    return Promise.all([
      suite.verify(material, message, signature),
      suite.verifyDigest(material, digest, signature),
    ]);
  }

  it('verifies its signatures in both forms, whichever form made them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const text = Buffer.from(bytes);
        const ready = digestOf(suite, text);
        for (const signature of [
          await suite.sign(material, text),
          await suite.signDigest(material, ready),
        ]) {
          expect(await suite.verify(material, text, signature)).toBe(true);
          expect(await suite.verifyDigest(material, ready, signature)).toBe(true);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('signs with a fresh key each time as well', async () => {
    for (let run = 0; run < 5; run += 1) {
      const fresh = await freshMaterial(specOf(suite));
      const signature = await suite.signDigest(fresh, digest);
      expect(await suite.verify(fresh, message, signature)).toBe(true);
      expect(await suite.verifyDigest(fresh, digest, signature)).toBe(true);
      expect(await suite.verifyDigest(material, digest, signature)).toBe(false);
    }
  });

  it('makes another signature of the same digest each time', async () => {
    expect(await suite.signDigest(material, digest)).not.toEqual(
      await suite.signDigest(material, digest),
    );
  });

  it('refuses any flipped bit of the signature, of the message and of the digest', async () => {
    const signature = await suite.signDigest(material, digest);
    await fc.assert(
      fc.asyncProperty(fc.nat(signature.length * 8 - 1), async (bit) => {
        expect(await verdicts(flipBit(signature, bit))).toEqual([false, false]);
        expect(await suite.verify(material, flipBit(message, bit), signature)).toBe(false);
        expect(await suite.verifyDigest(material, flipBit(digest, bit), signature)).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('accepts a high and a low s in both forms', async () => {
    const order = ORDERS[specOf(suite)] ?? 0n;
    const { r, s } = numbersOf(await suite.sign(material, message));
    expect(await verdicts(derSignature(r, s))).toEqual([true, true]);
    expect(await verdicts(derSignature(r, order - s))).toEqual([true, true]);
  });

  it('refuses r and s out of range in both forms', async () => {
    const order = ORDERS[specOf(suite)] ?? 0n;
    const { r, s } = numbersOf(await suite.sign(material, message));
    for (const [badR, badS] of [
      [0n, s],
      [r, 0n],
      [0n, 0n],
      [order, s],
      [r, order],
      [r + order, s],
      [r, s + order],
    ] as const) {
      expect(await verdicts(derSignature(badR, badS))).toEqual([false, false]);
    }
  });

  it('refuses malformed DER and trailing bytes in both forms', async () => {
    const good = await suite.sign(material, message);
    const { r, s } = numbersOf(good);
    const content = good.subarray((good[1] ?? 0) < 0x80 ? 2 : 3);
    const bad = [
      Buffer.alloc(0),
      Buffer.from([0x30]),
      Buffer.from([0x30, 0x00]),
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.from([0x00])]),
      Buffer.concat([good, Buffer.alloc(1000)]),
      Buffer.concat([Buffer.from([0x31]), good.subarray(1)]),
      Buffer.concat([Buffer.from([0x30, 0x82, 0x00, content.length]), content]),
      Buffer.concat([Buffer.from([0x30, 0x80]), content, Buffer.from([0x00, 0x00])]),
      // The fixed-width form of IEEE P1363.
      Buffer.from(
        `${r.toString(16).padStart(132, '0')}${s.toString(16).padStart(132, '0')}`,
        'hex',
      ),
      Buffer.alloc(5000, 0x30),
    ];
    for (const signature of bad) expect(await verdicts(signature)).toEqual([false, false]);
  });

  it('refuses a digest of the wrong length', async () => {
    const refusal = { code: 'DigestLengthInvalid', details: { algorithm: suite.id } };
    for (const size of [0, suite.digestBytes - 1, suite.digestBytes + 1]) {
      await expect(suite.signDigest(material, Buffer.alloc(size))).rejects.toMatchObject(refusal);
      await expect(
        suite.verifyDigest(material, Buffer.alloc(size), Buffer.alloc(70)),
      ).rejects.toMatchObject(refusal);
    }
  });

  it('refuses material of another kind', async () => {
    const hmac = await freshMaterial('hmac-256');
    const refusal = { code: 'Internal', details: { what: `${suite.id} with material hmac-256` } };
    await expect(suite.sign(hmac, message)).rejects.toMatchObject(refusal);
    await expect(suite.signDigest(hmac, digest)).rejects.toMatchObject(refusal);
    await expect(suite.verify(hmac, message, message)).rejects.toMatchObject(refusal);
    await expect(suite.verifyDigest(hmac, digest, message)).rejects.toMatchObject(refusal);
  });

  it('keeps the scalar with the material, out of sight of a printer', async () => {
    await suite.signDigest(material, digest);
    expect(JSON.stringify([...material.kept.values()])).toContain('[secret]');
  });
});
