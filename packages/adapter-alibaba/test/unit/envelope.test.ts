import { createHash } from 'node:crypto';
import type { Context } from '@keyglot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALIBABA_LAYOUT } from '../../src/envelope.js';

const VERSION = '86a9efd9-3d16-4894-bd4f-1fc43f3f2abf';

function pairs(...pairs: readonly (readonly [string, string])[]): Context {
  return { kind: 'pairs', pairs };
}

function aad(context: Context): string {
  return ALIBABA_LAYOUT.canonicalContext(context).toString('hex');
}

describe('the layout', () => {
  it('is version id, nonce, ciphertext and tag, without salt or clear bytes in the additional data', () => {
    expect(ALIBABA_LAYOUT).toMatchObject({ dialect: 'alibaba', saltBytes: 0, contextOnly: true });
    expect(ALIBABA_LAYOUT.innerPrefix).toHaveLength(0);
    const nonce = Buffer.from('000102030405060708090a0b', 'hex');
    const { blob, bodyAt } = ALIBABA_LAYOUT.blank(VERSION, Buffer.alloc(0), nonce, 60);
    expect(bodyAt).toBe(48);
    expect(blob).toHaveLength(108);
    expect(blob.toString('latin1', 0, 36)).toBe(VERSION);
    expect(blob.subarray(36, 48)).toEqual(nonce);
    expect(blob.toString('base64').slice(0, 48)).toBe(
      'ODZhOWVmZDktM2QxNi00ODk0LWJkNGYtMWZjNDNmM2YyYWJm',
    );
  });

  it('parses what it laid out', () => {
    fc.assert(
      fc.property(
        fc.uuid({ version: 4 }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.integer({ min: 16, max: 9_000 }),
        (id, nonce, size) => {
          const made = ALIBABA_LAYOUT.blank(id, Buffer.alloc(0), Buffer.from(nonce), size);
          made.blob.fill(7, made.bodyAt);
          expect(ALIBABA_LAYOUT.parse(made.blob)).toEqual({
            versionWireId: id,
            salt: Buffer.alloc(0),
            nonce: Buffer.from(nonce),
            header: Buffer.alloc(0),
            body: Buffer.alloc(size, 7),
          });
        },
      ),
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['48 bytes', Buffer.from(VERSION.padEnd(48))],
    ['no room for a tag', Buffer.from(VERSION.padEnd(63))],
    ['an id in capitals', Buffer.from(VERSION.toUpperCase().padEnd(80))],
    ['bytes that are no id', Buffer.alloc(80, 200)],
  ])('finds nothing in %s', (_what, blob) => {
    expect(ALIBABA_LAYOUT.parse(blob)).toBeUndefined();
  });
});

describe('the additional data', () => {
  it.each([
    [
      pairs(['Example', 'Example']),
      'c586905f2cd042e899684e626c0c0212393ac15a8f99a3d3e87bf5b47345ef22',
    ],
    [
      pairs(['b', '2'], ['a', '1']),
      '8e85be58c1c372ac29fe7bfa80d8ddcbd04a4032c7b51c1c026d67c55b1ab23f',
    ],
  ])('is the digest of the sorted pairs', (context, expected) => {
    expect(aad(context)).toBe(expected);
  });

  it('is absent without pairs', () => {
    expect(aad({ kind: 'none' })).toBe('');
    expect(aad(pairs())).toBe('');
  });

  it('does not depend on the order of the pairs, and takes any name', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }), (map) => {
        const given = Object.entries(map);
        expect(aad(pairs(...[...given].reverse()))).toBe(aad(pairs(...given)));
        expect(aad(pairs(...given))).toHaveLength(64);
      }),
    );
    const text = '__proto__=x';
    const expected = createHash('sha256').update(text).digest('hex');
    expect(aad(pairs(['__proto__', 'x']))).toBe(expected);
  });

  it('is the same for two contexts that only escapes would tell apart, as documented', () => {
    expect(aad(pairs(['a', '1&b=2']))).toBe(aad(pairs(['a', '1'], ['b', '2'])));
  });
});
