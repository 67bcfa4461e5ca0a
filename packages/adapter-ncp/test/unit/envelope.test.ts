import fc from 'fast-check';
import { expect, test } from 'vitest';
import { envelopeOf, NCP_LAYOUT, readText, textOf } from '../../src/envelope.js';

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

test('lays out IV, ciphertext and tag, and nothing else', () => {
  fc.assert(
    fc.property(bytes(12, 12), bytes(16, 100), (nonce, content) => {
      const { blob, bodyAt } = NCP_LAYOUT.blank('', Buffer.alloc(0), nonce, content.length);
      expect(bodyAt).toBe(12);
      content.copy(blob, bodyAt);
      expect(blob).toEqual(Buffer.concat([nonce, content]));
      const envelope = envelopeOf(blob, 'version');
      expect(envelope).toEqual({
        versionWireId: 'version',
        salt: Buffer.alloc(0),
        nonce,
        header: nonce,
        body: content,
      });
    }),
  );
});

test('takes nothing shorter than IV and tag for a payload', () => {
  expect(envelopeOf(Buffer.alloc(27), '')).toBeUndefined();
  expect(envelopeOf(Buffer.alloc(28), '')?.body).toHaveLength(16);
});

test('reads back the texts that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), bytes(0, 60), (version, payload) => {
      expect(readText(textOf(version, payload))).toEqual({ version, payload });
    }),
  );
});

// https://api.ncloud-docs.com/docs/en/security-kms2-encrypt
test.each([
  ['ncpkms:v1:gsYccPMkd/fAtqbKuj2ov4H+EdZC8Qb/b1GPIIN2Z61+yULo', 36],
  ['ncpkms:v1:+xQZ2wyDin4vK7O4tue8QSnFB9Tu8MjiE1xTlhlGnrM=', 32],
])('reads the published sample %s', (text, length) => {
  const read = readText(text);
  expect(read?.version).toBe(1);
  expect(read?.payload).toHaveLength(length);
});

test.each([
  '',
  'ncpkms:v1',
  'ncpkms:v0:AAAA',
  'ncpkms:v01:AAAA',
  'ncpkms:v-1:AAAA',
  'ncpkms:v1.0:AAAA',
  'ncpkms:v1234567890:AAAA',
  'NCPKMS:v1:AAAA',
  ' ncpkms:v1:AAAA',
  'vault:v1:AAAA',
  'ncpkms:v1:AAA',
  'ncpkms:v1:AAA-',
  'ncpkms:v1:AAAA\n',
])('does not read %j', (text) => {
  expect(readText(text)).toBeUndefined();
});

test('keeps contexts apart: bytes are their own canonical form', () => {
  fc.assert(
    fc.property(bytes(1, 50), (context) => {
      expect(NCP_LAYOUT.canonicalContext({ kind: 'bytes', bytes: context })).toEqual(context);
    }),
  );
  expect(NCP_LAYOUT.canonicalContext({ kind: 'none' })).toHaveLength(0);
});
