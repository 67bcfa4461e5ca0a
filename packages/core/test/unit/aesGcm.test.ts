import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AeadKey } from '../../src/suites/aesGcm.js';
import { deriveSubkey, open, prepareAead, sealInto } from '../../src/suites/aesGcm.js';
import { flipBit } from '../support/material.js';

const NONE = Buffer.alloc(0);
const KEY = Buffer.alloc(32, 0x42);

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));
const salts = fc.oneof(fc.constant(NONE), bytes(12, 20));

function seal(
  key: AeadKey,
  salt: Buffer,
  nonce: Buffer,
  aad: readonly Buffer[],
  parts: readonly Buffer[],
): Buffer {
  const out = Buffer.alloc(parts.reduce((sum, part) => sum + part.length, 16));
  sealInto(key, salt, nonce, aad, parts, out, 0);
  return out;
}

/** AES-CMAC of one message, straight from RFC 4493 with AES-256: slow, and shares no code. */
function cmac(key: Buffer, message: Buffer): Buffer {
  const encrypt = (block: bigint): bigint => {
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const input = Buffer.from(block.toString(16).padStart(32, '0'), 'hex');
    return BigInt(`0x${Buffer.concat([cipher.update(input), cipher.final()]).toString('hex')}`);
  };
  const double = (block: bigint): bigint =>
    ((block << 1n) & ((1n << 128n) - 1n)) ^ (block >> 127n === 1n ? 0x87n : 0n);
  const k1 = double(encrypt(0n));
  const blocks = Math.max(1, Math.ceil(message.length / 16));
  const whole = message.length > 0 && message.length % 16 === 0;
  const padded = Buffer.alloc(blocks * 16);
  message.copy(padded);
  if (!whole) padded[message.length] = 0x80;
  let state = 0n;
  for (let at = 0; at < blocks; at += 1) {
    const block = BigInt(`0x${padded.subarray(at * 16, at * 16 + 16).toString('hex')}`);
    const last = at === blocks - 1 ? (whole ? k1 : double(k1)) : 0n;
    state = encrypt(state ^ block ^ last);
  }
  return Buffer.from(state.toString(16).padStart(32, '0'), 'hex');
}

describe('sealInto and open', () => {
  it('give the plaintext back, with and without salt, however it is cut into parts', () => {
    fc.assert(
      fc.property(
        bytes(32, 32),
        salts,
        bytes(12, 12),
        fc.array(bytes(0, 40), { maxLength: 3 }),
        fc.array(bytes(0, 60), { maxLength: 3 }),
        (rawKey, salt, nonce, aad, parts) => {
          const key = prepareAead(rawKey);
          const body = seal(key, salt, nonce, aad, parts);
          const plaintext = Buffer.concat(parts);
          expect(open(key, salt, nonce, aad, body)).toEqual(plaintext);
          expect(open(prepareAead(rawKey), salt, nonce, [Buffer.concat(aad)], body)).toEqual(
            plaintext,
          );
          expect(seal(key, salt, nonce, [Buffer.concat(aad)], [plaintext])).toEqual(body);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('derive the message key as XAES-256-GCM does, by two CMACs', () => {
    fc.assert(
      fc.property(
        bytes(32, 32),
        bytes(12, 16),
        bytes(12, 12),
        bytes(0, 50),
        (raw, salt, nonce, text) => {
          const context = Buffer.concat([Buffer.from([0x58, 0x00]), salt.subarray(0, 12)]);
          const derived = Buffer.concat([
            cmac(raw, Buffer.concat([Buffer.from([0x00, 0x01]), context])),
            cmac(raw, Buffer.concat([Buffer.from([0x00, 0x02]), context])),
          ]);
          const cipher = createCipheriv('aes-256-gcm', derived, nonce);
          const expected = Buffer.concat([
            cipher.update(text),
            cipher.final(),
            cipher.getAuthTag(),
          ]);
          expect(seal(prepareAead(raw), salt, nonce, [], [text])).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are plain AES-256-GCM without salt', () => {
    const nonce = Buffer.alloc(12, 1);
    const body = seal(prepareAead(KEY), NONE, nonce, [Buffer.from('aad')], [Buffer.from('text')]);
    const decipher = createDecipheriv('aes-256-gcm', KEY, nonce);
    decipher.setAAD(Buffer.from('aad')).setAuthTag(body.subarray(4));
    expect(Buffer.concat([decipher.update(body.subarray(0, 4)), decipher.final()])).toEqual(
      Buffer.from('text'),
    );
  });

  it('keep messages with different salts apart, in any order', () => {
    const key = prepareAead(KEY);
    const nonce = Buffer.alloc(12, 1);
    const first = Buffer.alloc(12, 1);
    const second = Buffer.alloc(12, 2);
    const bodies = [first, second, first].map((salt) =>
      seal(key, salt, nonce, [], [Buffer.from('text')]),
    );
    expect(bodies[0]).toEqual(bodies[2]);
    expect(bodies[0]).not.toEqual(bodies[1]);
    expect(seal(key, NONE, nonce, [], [Buffer.from('text')])).not.toEqual(bodies[0]);
  });

  it('refuse any flipped bit of body, salt, nonce and additional data', () => {
    const key = prepareAead(KEY);
    const salt = Buffer.alloc(12, 1);
    const nonce = Buffer.alloc(12, 2);
    const aad = Buffer.from('context');
    const body = seal(key, salt, nonce, [aad], [Buffer.from('plaintext')]);
    const refusal = expect.objectContaining({ code: 'CiphertextInvalid', details: {} });
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      expect(() => open(key, salt, nonce, [aad], flipBit(body, bit))).toThrowError(refusal);
    }
    for (let bit = 0; bit < 96; bit += 1) {
      expect(() => open(key, flipBit(salt, bit), nonce, [aad], body)).toThrowError(refusal);
      expect(() => open(key, salt, flipBit(nonce, bit), [aad], body)).toThrowError(refusal);
    }
    for (let bit = 0; bit < aad.length * 8; bit += 1) {
      expect(() => open(key, salt, nonce, [flipBit(aad, bit)], body)).toThrowError(refusal);
    }
    expect(() => open(prepareAead(Buffer.alloc(32)), salt, nonce, [aad], body)).toThrowError(
      refusal,
    );
    expect(open(key, salt, nonce, [aad], body)).toEqual(Buffer.from('plaintext'));
  });

  it('refuse to open wrong lengths by the same fault', () => {
    const key = prepareAead(KEY);
    const salt = Buffer.alloc(12, 1);
    const nonce = Buffer.alloc(12, 2);
    const body = seal(key, salt, nonce, [], [Buffer.from('plaintext')]);
    const refusal = expect.objectContaining({ code: 'CiphertextInvalid', details: {} });
    for (const [badSalt, badNonce, badBody] of [
      [salt, nonce, NONE],
      [salt, nonce, body.subarray(0, 15)],
      [salt, nonce, body.subarray(0, -1)],
      [salt, nonce, Buffer.concat([body, Buffer.alloc(1)])],
      [salt, NONE, body],
      [salt, Buffer.alloc(11, 2), body],
      [salt, Buffer.alloc(16, 2), body],
      [salt.subarray(0, 11), nonce, body],
      [salt.subarray(0, 1), nonce, body],
      [NONE, nonce, body],
    ] as const) {
      expect(() => open(key, badSalt, badNonce, [], badBody)).toThrowError(refusal);
    }
  });

  it('write only where they are told to', () => {
    const out = Buffer.alloc(40, 0xee);
    sealInto(prepareAead(KEY), NONE, Buffer.alloc(12), [], [Buffer.alloc(4)], out, 10);
    expect(out.subarray(0, 10)).toEqual(Buffer.alloc(10, 0xee));
    expect(out.subarray(30)).toEqual(Buffer.alloc(10, 0xee));
    expect(open(prepareAead(KEY), NONE, Buffer.alloc(12), [], out.subarray(10, 30))).toEqual(
      Buffer.alloc(4),
    );
  });

  it('refuse to seal with wrong lengths or too little room', () => {
    const key = prepareAead(KEY);
    const nonce = Buffer.alloc(12);
    const text = [Buffer.alloc(4)];
    const out = Buffer.alloc(20);
    const refusal = expect.objectContaining({
      code: 'Internal',
      details: { what: 'AEAD seal lengths' },
    });
    expect(() => sealInto(key, NONE, Buffer.alloc(11), [], text, out, 0)).toThrowError(refusal);
    expect(() => sealInto(key, Buffer.alloc(11), nonce, [], text, out, 0)).toThrowError(refusal);
    expect(() => sealInto(key, NONE, nonce, [], text, out, 1)).toThrowError(refusal);
    expect(() => sealInto(key, NONE, nonce, [], text, out, -1)).toThrowError(refusal);
    expect(out).toEqual(Buffer.alloc(20));
  });
});

describe('prepareAead', () => {
  it('copies the key', () => {
    const raw = Buffer.from(KEY);
    const key = prepareAead(raw);
    raw.fill(0);
    expect(seal(key, NONE, Buffer.alloc(12), [], [])).toEqual(
      seal(prepareAead(KEY), NONE, Buffer.alloc(12), [], []),
    );
  });

  it.each([0, 16, 31, 33])('refuses a key of %i bytes', (sizeBytes) => {
    expect(() => prepareAead(Buffer.alloc(sizeBytes))).toThrowError(
      expect.objectContaining({ code: 'Internal', details: { what: 'AEAD key length' } }),
    );
  });
});

describe('deriveSubkey', () => {
  it('is HKDF-SHA-256 with the label behind its length', () => {
    const info = Buffer.concat([Buffer.from([0, 0, 0, 5]), Buffer.from('label')]);
    expect(deriveSubkey(KEY, 'label')).toEqual(
      Buffer.from(hkdfSync('sha256', KEY, NONE, info, 32)),
    );
  });

  it('gives another key for another label and for other material', () => {
    const keys = ['', 'a', 'ab', 'abc'].flatMap((label) => [
      deriveSubkey(KEY, label).toString('hex'),
      deriveSubkey(Buffer.alloc(32), label).toString('hex'),
    ]);
    expect(new Set(keys).size).toBe(8);
  });
});
