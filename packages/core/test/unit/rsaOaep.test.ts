import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { RSA_OAEP_SUITES } from '../../src/suites/rsaOaep.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import { flipBit, freshMaterial } from '../support/material.js';

const REFUSAL = expect.objectContaining({ code: 'CiphertextInvalid', details: {} });

describe.each(RSA_OAEP_SUITES.map((suite) => ({ suite, name: suite.id })))('$name', ({ suite }) => {
  let material: PreparedMaterial;
  let other: PreparedMaterial;

  beforeAll(async () => {
    material = await freshMaterial('rsa-2048');
    other = await freshMaterial('rsa-2048');
  });

  it('decrypts what it encrypted, up to the largest plaintext', async () => {
    const max = suite.maxPlaintextBytes('rsa-2048');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: max }), async (bytes) => {
        const plaintext = Buffer.from(bytes);
        const ciphertext = await suite.encrypt(material, plaintext);
        expect(ciphertext).toHaveLength(256);
        expect(await suite.decrypt(material, ciphertext)).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
    const largest = Buffer.alloc(max, 0xa5);
    expect(await suite.decrypt(material, await suite.encrypt(material, largest))).toEqual(largest);
  });

  it('refuses a plaintext one byte too long and names the limit', async () => {
    const limitBytes = suite.maxPlaintextBytes('rsa-2048');
    await expect(suite.encrypt(material, Buffer.alloc(limitBytes + 1))).rejects.toMatchObject({
      code: 'PlaintextTooLarge',
      details: { algorithm: suite.id, spec: 'rsa-2048', limitBytes },
    });
  });

  it('refuses any flipped bit', async () => {
    const ciphertext = await suite.encrypt(material, Buffer.from('payload'));
    await fc.assert(
      fc.asyncProperty(fc.nat(2047), async (bit) => {
        await expect(suite.decrypt(material, flipBit(ciphertext, bit))).rejects.toThrowError(
          REFUSAL,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a wrong length, a number above the modulus and another key by the same fault', async () => {
    const ciphertext = await suite.encrypt(material, Buffer.from('payload'));
    const bad = [
      Buffer.alloc(0),
      ciphertext.subarray(1),
      ciphertext.subarray(0, 255),
      Buffer.concat([Buffer.alloc(1), ciphertext]),
      Buffer.alloc(256),
      Buffer.alloc(256, 0xff),
    ];
    for (const bytes of bad) {
      await expect(suite.decrypt(material, bytes)).rejects.toThrowError(REFUSAL);
    }
    await expect(suite.decrypt(other, ciphertext)).rejects.toThrowError(REFUSAL);
  });

  it('refuses a ciphertext whose leading zero byte was taken off', async () => {
    let ciphertext = await suite.encrypt(material, Buffer.from('payload'));
    for (let tries = 0; tries < 10_000 && ciphertext[0] !== 0; tries += 1) {
      ciphertext = await suite.encrypt(material, Buffer.from('payload'));
    }
    expect(ciphertext[0]).toBe(0);
    expect(await suite.decrypt(material, ciphertext)).toEqual(Buffer.from('payload'));
    await expect(suite.decrypt(material, ciphertext.subarray(1))).rejects.toThrowError(REFUSAL);
  });

  it('refuses material of another kind', async () => {
    const ec = await freshMaterial('ec-p256');
    const details = { what: `${suite.id} with material ec-p256` };
    await expect(suite.encrypt(ec, Buffer.alloc(1))).rejects.toMatchObject({
      code: 'Internal',
      details,
    });
    await expect(suite.decrypt(ec, Buffer.alloc(256))).rejects.toMatchObject({
      code: 'Internal',
      details,
    });
  });
});

describe('maxPlaintextBytes', () => {
  // RFC 8017, section 7.1.1: length of the modulus less twice the hash less 2.
  it.each<[string, KeySpecId, number]>([
    ['rsa-oaep-sha1', 'rsa-2048', 214],
    ['rsa-oaep-sha1', 'rsa-3072', 342],
    ['rsa-oaep-sha1', 'rsa-4096', 470],
    ['rsa-oaep-sha256', 'rsa-2048', 190],
    ['rsa-oaep-sha256', 'rsa-3072', 318],
    ['rsa-oaep-sha256', 'rsa-4096', 446],
  ])('of %s under %s is %i', (id, spec, limit) => {
    const suite = RSA_OAEP_SUITES.find((row) => row.id === id);
    expect(suite?.maxPlaintextBytes(spec)).toBe(limit);
  });
});
