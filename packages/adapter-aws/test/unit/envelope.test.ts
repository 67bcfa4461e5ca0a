import { describe, expect, test } from 'vitest';
import { createAwsLayout } from '../../src/envelope.js';

const LAYOUT = createAwsLayout('aws');
const MATERIAL = '0123456789abcdef'.repeat(4);
const SALT = Buffer.alloc(16, 0x5a);
const NONCE = Buffer.alloc(12, 0xa5);
/** Unknown bytes and tag that the content has beside the plaintext. */
const EXTRA = 27;

function blank(plaintextBytes: number): Buffer {
  const { blob, bodyAt } = LAYOUT.blank(MATERIAL, SALT, NONCE, plaintextBytes + EXTRA);
  expect(blob).toHaveLength(bodyAt + plaintextBytes + EXTRA);
  return blob.fill(0xee, bodyAt);
}

describe('a ciphertext of AWS KMS', () => {
  test('begins as the published examples do and has their length', () => {
    const blob = blank(32);
    expect(blob).toHaveLength(184);
    expect(blob.toString('base64')).toMatch(/^AQICAH/);
    expect(blob.toString('hex', 0, 5)).toBe('0102020078');
    expect(blob.toString('hex', 5, 37)).toBe(MATERIAL);
    expect(blob[37]).toBe(1);
    expect(blob.subarray(38, 54)).toEqual(SALT);
    expect(blob.toString('hex', 54, 60)).toBe('0000007e307c');
  });

  test('holds a PKCS#7 EncryptedData whose lengths are right', () => {
    for (const bytes of [1, 3, 4, 5, 32, 100, 101, 128, 200, 229, 256, 1_000, 4_096]) {
      const blob = blank(bytes);
      expect(blob.readUInt32BE(54), String(bytes)).toBe(blob.length - 58);
      const outer = readDer(blob.subarray(58));
      expect(outer).toMatchObject({ tag: 0x30, rest: 0 });
      const [oid, explicit] = readAll(outer.content);
      expect(oid?.content.toString('hex')).toBe('2a864886f70d010706');
      expect(explicit?.tag).toBe(0xa0);
      const [encryptedData] = readAll(explicit?.content ?? Buffer.alloc(0));
      const [version, info] = readAll(encryptedData?.content ?? Buffer.alloc(0));
      expect(version?.content).toEqual(Buffer.from([0]));
      const [type, algorithm, content] = readAll(info?.content ?? Buffer.alloc(0));
      expect(type?.content.toString('hex')).toBe('2a864886f70d010701');
      expect(content).toMatchObject({ tag: 0x80 });
      expect(content?.content).toEqual(Buffer.alloc(bytes + EXTRA, 0xee));
      const [gcm, parameters] = readAll(algorithm?.content ?? Buffer.alloc(0));
      expect(gcm?.content.toString('hex')).toBe('60864801650304012e');
      const [nonce, tagLength] = readAll(parameters?.content ?? Buffer.alloc(0));
      expect(nonce?.content).toEqual(NONCE);
      expect(tagLength?.content).toEqual(Buffer.from([16]));
    }
  });

  test('of 4,096 bytes of plaintext fits into the largest ciphertext', () => {
    expect(blank(4_096).length).toBeLessThanOrEqual(6_144);
  });

  test('is parsed into what it was made of, for every length', () => {
    for (let bytes = 1; bytes <= 4_096; bytes += 1) {
      const blob = LAYOUT.blank(MATERIAL, SALT, NONCE, bytes + EXTRA).blob;
      const parsed = LAYOUT.parse(blob);
      if (parsed === undefined) throw new Error(`not parsed: ${bytes}`);
      const { versionWireId, salt, nonce, body, header } = parsed;
      expect([versionWireId, body.length, header.length]).toEqual([
        MATERIAL,
        bytes + EXTRA,
        blob.length - bytes - EXTRA,
      ]);
      if (!salt.equals(SALT) || !nonce.equals(NONCE)) throw new Error(`salt or nonce of ${bytes}`);
    }
  });

  test('with another byte in its frame is not ours', () => {
    const blob = blank(32);
    const parsed = LAYOUT.parse(blob);
    const frame = (parsed?.header.length ?? 0) - 32 - 16 - 12;
    let refused = 0;
    for (let at = 0; at < (parsed?.header.length ?? 0); at += 1) {
      const other = Buffer.from(blob);
      other[at] = (other[at] ?? 0) ^ 1;
      if (LAYOUT.parse(other) === undefined) refused += 1;
    }
    expect(refused).toBe(frame);
  });

  test.each([0, 1, 5, 57, 58, 100, 145, 6_144, 100_000])(
    'is not %i bytes of anything',
    (length) => {
      for (const value of [0x00, 0x01, 0x30, 0xff]) {
        expect(LAYOUT.parse(Buffer.alloc(length, value))).toBeUndefined();
      }
      const prefixed = Buffer.concat([blank(32).subarray(0, 58), Buffer.alloc(length)]);
      expect(LAYOUT.parse(prefixed)).toBeUndefined();
    },
  );

  test.each([
    ['an older layout', 'AQECAHgAAA=='],
    ['the layout of 2014', 'CiAAAA=='],
    ['text', 'c2VjcmV0'],
  ])('is not %s', (_what, base64) => {
    expect(
      LAYOUT.parse(Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(180)])),
    ).toBeUndefined();
  });
});

interface Der {
  readonly tag: number;
  readonly content: Buffer;
  /** Bytes behind it. */
  readonly rest: number;
}

/** One element of definite length, in the shortest form. */
function readDer(bytes: Buffer): Der {
  const first = bytes[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  if (lengthBytes > 0 && length < (lengthBytes === 1 ? 0x80 : 256 ** (lengthBytes - 1))) {
    throw new Error('a length is not in the shortest form');
  }
  const at = 2 + lengthBytes;
  if (bytes.length < at + length) throw new Error('an element is cut');
  return {
    tag: bytes[0] ?? 0,
    content: bytes.subarray(at, at + length),
    rest: bytes.length - at - length,
  };
}

function readAll(bytes: Buffer): Der[] {
  const found: Der[] = [];
  for (let left = bytes; left.length > 0; ) {
    const one = readDer(left);
    found.push(one);
    left = one.rest === 0 ? Buffer.alloc(0) : left.subarray(left.length - one.rest);
  }
  return found;
}
