import { expect, test, vi } from 'vitest';
import { inspectors } from '../../src/inspectors.js';

/** Names and inspections of everything that recognises a text. */
const recognised = (text: string): unknown =>
  inspectors().flatMap(({ name, inspect }) => {
    const found = inspect(text);
    return found === undefined ? [] : [[name, found.key, found.plaintextBytes]];
  });

const base64 = (...parts: readonly (string | Buffer)[]): string =>
  Buffer.concat(parts.map((part) => Buffer.from(part))).toString('base64');

const ID = '9f'.repeat(32);
const VERSION = '86a9efd9-3d16-4894-bd4f-1fc43f3f2abf';

/** Nonce, so many bytes of ciphertext, tag. */
const body = (bytes: number): Buffer => Buffer.alloc(12 + bytes + 16, 0xc5);

/** A ciphertext of AWS with a data key of 32 bytes, put together here from the layout. */
function awsBlob(prefix = '0102020078'): Buffer {
  const head = `${prefix}${ID}01${'5a'.repeat(16)}0000007e307c06092a864886f70d010706a06f306d020100306806092a864886f70d010701`;
  const gcm = `301e060960864801650304012e3011040c${'a5'.repeat(12)}020110803b`;
  return Buffer.concat([Buffer.from(head + gcm, 'hex'), Buffer.alloc(59, 0xee)]);
}

test.each(['0102020078', '0102030078', '0101020078'])(
  'recognises a ciphertext of AWS that begins with %s',
  (prefix) => {
    const blob = awsBlob(prefix);
    expect(blob).toHaveLength(184);
    expect(recognised(blob.toString('base64'))).toEqual([['aws or qkms', ID, 32]]);
  },
);

test.each(['0102040078', '0103020078', '0202020078', '0102020079', '0101030078'])(
  'recognises no ciphertext that begins with %s',
  (prefix) => {
    expect(recognised(awsBlob(prefix).toString('base64'))).toEqual([]);
  },
);

// The version id of the sample on https://www.alibabacloud.com/help/en/kms/developer-reference/api-encrypt
test.each([
  ['a UUID', VERSION, base64(VERSION, body(44))],
  [
    'a new id',
    `key-${'h'.repeat(21)}-20v29babcd`,
    base64(`key-${'h'.repeat(21)}-20v29babcd`, body(44)),
  ],
  ['the header of an instance', VERSION, base64(Buffer.from([0x24, 0x10, 2]), VERSION, body(44))],
])('recognises a ciphertext of Alibaba with %s', (_what, id, text) => {
  expect(recognised(text)).toEqual([['alibaba', id, 44]]);
});

test.each([
  [
    'a digest in hexadecimal',
    base64('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
  ],
  [
    'a digest in hexadecimal, not encoded again',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ],
  ['words', base64('the-quick-brown-fox-jumps-over-the-lazy-dog-and-runs-away')],
  ['two UUIDs', `${VERSION}${VERSION}`],
  ['an id alone', base64(VERSION)],
  ['the algorithm of another cipher', base64(Buffer.from([0x24, 0x10, 3]), VERSION, body(44))],
])('does not take %s for a ciphertext', (_what, text) => {
  expect(recognised(text)).toEqual([]);
});

// A published ciphertext of 6 bytes, in a cheat sheet.
const YANDEX =
  'AAAAAQAAABRhYmoyNHVzOWE5Z2wzZDI4ZjhrdAAAABCs8pwmY0EXt4Z93jl2bXyKAAAADNsHbqFdoUZZG6hx38ES7Jal90aYsxU1VZUPP3309i1/Bf4=';

test('recognises a published ciphertext of Yandex in every spelling that its API takes', () => {
  const expected = [['yandex', 'abj24us9a9gl3d28f8kt', 6]];
  expect(recognised(YANDEX)).toEqual(expected);
  expect(recognised(YANDEX.replace('=', ''))).toEqual(expected);
  expect(recognised(YANDEX.replaceAll('/', '_').replaceAll('+', '-'))).toEqual(expected);
});

test('takes no control characters for an id', () => {
  const blob = Buffer.from(YANDEX, 'base64');
  blob.write('\u001b[31m\r\n', 8, 'latin1');
  expect(recognised(blob.toString('base64'))).toEqual([]);
});

// https://api.ncloud-docs.com/docs/en/security-kms2-encrypt
test.each([
  ['ncpkms:v1:gsYccPMkd/fAtqbKuj2ov4H+EdZC8Qb/b1GPIIN2Z61+yULo', 'v1', 8],
  ['ncpkms:v1:+xQZ2wyDin4vK7O4tue8QSnFB9Tu8MjiE1xTlhlGnrM=', 'v1', 4],
  [`ncpkms:v12:${Buffer.alloc(28).toString('base64')}`, 'v12', 0],
])('recognises the ciphertext %s of NCP', (text, key, bytes) => {
  expect(recognised(text)).toEqual([['ncp', key, bytes]]);
});

test.each([
  `ncpkms:v1:${Buffer.alloc(27).toString('base64')}`,
  `ncpkms:v0:${Buffer.alloc(28).toString('base64')}`,
  `vault:v1:${Buffer.alloc(28).toString('base64')}`,
])('does not recognise %s', (text) => {
  expect(recognised(text)).toEqual([]);
});

test('states limits that the operations have', () => {
  expect(
    inspectors().map(({ name, plaintextIsText, maxPlaintextBytes, maxCiphertextBytes }) => [
      name,
      plaintextIsText,
      maxPlaintextBytes,
      maxCiphertextBytes,
    ]),
  ).toEqual([
    ['aws or qkms', false, 4_096, 6_144],
    ['alibaba', true, 6_144, undefined],
    ['yandex', false, 32_768, undefined],
    ['ncp', false, 32_768, 32_796],
  ]);
});

test('loads neither Express nor a database driver nor a logger', async () => {
  const forbidden = ['express', 'winston', '@keyglot/store-postgres'];
  const load = async (path: string): Promise<readonly string[]> => {
    const loaded: string[] = [];
    vi.resetModules();
    for (const name of forbidden) {
      vi.doMock(name, () => {
        loaded.push(name);
        return { createLogger: undefined, format: undefined, transports: undefined };
      });
    }
    try {
      await import(path);
      return loaded;
    } finally {
      for (const name of forbidden) vi.doUnmock(name);
    }
  };
  expect(await load('../../src/inspectors.js')).toEqual([]);
  // The gateway itself has a logger, so that this test can fail.
  expect(await load('../../src/index.js')).toContain('winston');
});
