import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Fault, decodeBase64Strict } from '../../src/base64.js';

describe('decodeBase64Strict', () => {
  it('reads back what Buffer writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(decodeBase64Strict(text)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('takes exactly one text for every byte string', () => {
    const alphabet = fc.constantFrom(...'AQgwBb09+/=-_ \n\u00e9\u2603');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
        const bytes = decodeBase64Strict(text);
        if (bytes !== undefined) expect(bytes.toString('base64')).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['no padding', 'AA'],
    ['too much padding', 'A==='],
    ['padding only', '===='],
    ['padding in the middle', 'AA==AAAA'],
    ['the URL alphabet', 'AA-_'],
    ['white space', 'AAAA\nAAA'],
    ['white space of the right length', 'AAA AAAA'],
    ['a foreign character', 'AAA!'],
    ['bits left over in the last two characters', 'AB=='],
    ['bits left over in the last three characters', 'AAB='],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64Strict(text)).toBeUndefined();
  });

  it('reads the empty text as no bytes', () => {
    expect(decodeBase64Strict('')).toEqual(Buffer.alloc(0));
  });
});

describe('base64Fault', () => {
  it.each([
    ['AAAAA', { problem: 'length', length: 5 }],
    ['AA-_', { problem: 'character', character: '-' }],
    ['AA==AAAA', { problem: 'character', character: '=' }],
    ['A===', { problem: 'character', character: '=' }],
    ['AB==', { problem: 'lastBits' }],
  ])('says what is wrong with %s', (text, expected) => {
    expect(base64Fault(text)).toEqual(expected);
  });
});
