import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { YANDEX_LAYOUT } from '../../src/envelope.js';

/** A ciphertext of six bytes that the service made; published with its request in a cheat sheet. */
const PUBLISHED =
  'AAAAAQAAABRhYmoyNHVzOWE5Z2wzZDI4ZjhrdAAAABCs8pwmY0EXt4Z93jl2bXyKAAAADNsHbqFdoUZZG6hx38ES7Jal90aYsxU1VZUPP3309i1/Bf4=';

const salt = Buffer.alloc(16, 0xaa);
const nonce = Buffer.alloc(12, 0xbb);
const version = 'abj24us9a9gl3d28f8kt';

describe('the layout of ciphertexts', () => {
  test('reads the published one', () => {
    const blob = Buffer.from(PUBLISHED, 'base64');
    expect(blob).toHaveLength(86);
    const envelope = YANDEX_LAYOUT.parse(blob);
    expect(envelope).toMatchObject({ versionWireId: version });
    expect(envelope?.salt.toString('hex')).toBe('acf29c26634117b7867dde39766d7c8a');
    expect(envelope?.nonce.toString('hex')).toBe('db076ea15da146591ba871df');
    expect(envelope?.header).toHaveLength(64);
    expect(envelope?.body).toHaveLength(6 + 16);
  });

  test('is byte for byte that of the published one', () => {
    const published = Buffer.from(PUBLISHED, 'base64');
    const parsed = YANDEX_LAYOUT.parse(published);
    if (parsed === undefined) throw new Error('not parsed');
    const { blob, bodyAt } = YANDEX_LAYOUT.blank(version, parsed.salt, parsed.nonce, 22);
    parsed.body.copy(blob, bodyAt);
    expect(blob).toEqual(published);
  });

  test('has the documented offsets', () => {
    const { blob, bodyAt } = YANDEX_LAYOUT.blank(version, salt, nonce, 16);
    expect(bodyAt).toBe(64);
    expect(blob.subarray(0, 64).toString('hex')).toBe(
      `0000000100000014${Buffer.from(version).toString('hex')}00000010${'aa'.repeat(16)}0000000c${'bb'.repeat(12)}`,
    );
  });

  test('comes back from every blob that it made', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.integer({ min: 16, max: 400 }),
        (one, other, contentBytes) => {
          const made = YANDEX_LAYOUT.blank(
            version,
            Buffer.from(one),
            Buffer.from(other),
            contentBytes,
          );
          const { blob } = made;
          expect(blob).toHaveLength(64 + contentBytes);
          expect(YANDEX_LAYOUT.parse(blob)).toMatchObject({
            versionWireId: version,
            salt: Buffer.from(one),
            nonce: Buffer.from(other),
          });
        },
      ),
    );
  });

  test('takes no blob that is too short or has another length in it', () => {
    const { blob } = YANDEX_LAYOUT.blank(version, salt, nonce, 16);
    for (let length = 0; length < 80; length += 1) {
      expect(YANDEX_LAYOUT.parse(blob.subarray(0, length))).toBeUndefined();
    }
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 28, 29, 30, 31, 48, 49, 50, 51]) {
      const changed = Buffer.from(blob);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(YANDEX_LAYOUT.parse(changed), `byte ${at}`).toBeUndefined();
    }
  });
});

describe('the additional data', () => {
  test('is the bytes themselves, and nothing when there are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const canonical = YANDEX_LAYOUT.canonicalContext({ kind: 'bytes', bytes });
        expect(canonical).toEqual(Buffer.from(bytes));
      }),
    );
    expect(YANDEX_LAYOUT.canonicalContext({ kind: 'none' })).toHaveLength(0);
  });

  test('is never made of pairs', () => {
    const pairs = { kind: 'pairs' as const, pairs: [] };
    expect(() => YANDEX_LAYOUT.canonicalContext(pairs)).toThrowError(
      expect.objectContaining({
        code: 'InputInvalid',
        details: { reason: 'a Yandex context is bytes, not pairs' },
      }),
    );
  });
});
