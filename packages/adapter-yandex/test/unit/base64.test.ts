import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64 } from '../../src/base64.js';

test('every spelling of some bytes is decoded to them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      const standard = buffer.toString('base64');
      const url = standard.replaceAll('+', '-').replaceAll('/', '_');
      for (const text of [standard, standard.replace(/=+$/, ''), url, url.replace(/=+$/, '')]) {
        expect(decodeBase64(text)).toEqual(buffer);
      }
    }),
  );
});

test.each(['A', 'A===', 'AA=', 'AAA==', '=', '====', 'AA AA', 'AA\n', 'AA==AA==', 'é', 'A=AA'])(
  '%j is not base64',
  (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  },
);
