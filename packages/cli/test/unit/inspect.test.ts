import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ciphertexts, createCiphertexts } from '../support/ciphertexts.js';
import { type Inspected, inspectThe, pieces } from '../support/inspectStage.js';

let made: Ciphertexts;
beforeAll(async () => {
  made = await createCiphertexts();
});
afterAll(() => made.close());

const dialects = ({ report }: Inspected): unknown =>
  report.dialects.map(({ dialect, count }) => [dialect, count]);

/** Reasons with lines. */
const unrecognised = ({ report }: Inspected): unknown =>
  report.unrecognised.map(({ reason, count, lines }) => [reason, count, lines]);

describe('a column of all dialects', () => {
  test('is told apart, with key or version and sizes', async () => {
    const column = await Promise.all([
      made.aws(32),
      made.qkms(1),
      made.alibaba(44),
      made.yandex(32_768),
      made.ncp(33),
      made.aws(4_096),
    ]);
    const { report, code, err } = await inspectThe(`${column.join('\n')}\n`);
    expect([code, err]).toEqual([0, '']);
    expect(report).toMatchObject({ format: 'lines', values: 6, recognised: 6, unrecognised: [] });
    expect(report.dialects).toEqual([
      {
        dialect: 'aws or qkms',
        count: 3,
        plaintextBytes: { min: 1, max: 4_096 },
        ciphertextBytes: { min: 153, max: 4_258 },
        sizes: [
          { min: 1, max: 1, count: 1 },
          { min: 17, max: 32, count: 1 },
          { min: 2_049, max: 4_096, count: 1 },
        ],
        keys: [
          { key: expect.stringMatching(/^[0-9a-f]{64}$/), count: 2 },
          { key: expect.stringMatching(/^[0-9a-f]{64}$/), count: 1 },
        ],
        otherKeys: 0,
      },
      {
        dialect: 'alibaba',
        count: 1,
        plaintextBytes: { min: 44, max: 44 },
        ciphertextBytes: { min: 108, max: 108 },
        sizes: [{ min: 33, max: 64, count: 1 }],
        keys: [{ key: made.ids.alibaba, count: 1 }],
        otherKeys: 0,
      },
      {
        dialect: 'yandex',
        count: 1,
        plaintextBytes: { min: 32_768, max: 32_768 },
        ciphertextBytes: { min: 32_848, max: 32_848 },
        sizes: [{ min: 16_385, max: 32_768, count: 1 }],
        keys: [{ key: made.ids.yandex, count: 1 }],
        otherKeys: 0,
      },
      {
        dialect: 'ncp',
        count: 1,
        plaintextBytes: { min: 33, max: 33 },
        ciphertextBytes: { min: 94, max: 94 },
        sizes: [{ min: 33, max: 64, count: 1 }],
        keys: [{ key: 'v1', count: 1 }],
        otherKeys: 0,
      },
    ]);
  });

  test('is read alike from plain lines, JSON lines and CSV, wherever it is cut', async () => {
    const column = await Promise.all([made.aws(5), made.alibaba(6), made.yandex(7), made.ncp(8)]);
    const json = column.map((blob, id) => JSON.stringify({ id, row: { blob } })).join('\n');
    const csv = ['id;blob', ...column.map((blob, id) => `${id};"${blob}"`)].join('\r\n');
    for (const bytes of [1, 7, 1_000_000]) {
      const lines = await inspectThe(pieces(column.join('\r\n'), bytes));
      const { dialects: expected } = lines.report;
      expect(expected).toHaveLength(4);
      const jsonl = await inspectThe(pieces(json, bytes), { column: 'row.blob' });
      expect(jsonl.report).toMatchObject({ format: 'jsonl', values: 4, dialects: expected });
      const named = await inspectThe(pieces(csv, bytes), { column: 'blob' });
      expect(named.report).toMatchObject({ format: 'csv', values: 4, dialects: expected });
    }
  });

  test.each<[string, (text: string) => string]>([
    ['base64 without padding', (text) => text.replace(/=+$/, '')],
    ['base64 of the URL alphabet', (text) => Buffer.from(text, 'base64').toString('base64url')],
    ['hexadecimal', (text) => Buffer.from(text, 'base64').toString('hex')],
    ['hexadecimal of PostgreSQL', (text) => `\\x${Buffer.from(text, 'base64').toString('hex')}`],
    [
      'hexadecimal of MySQL',
      (text) => `0x${Buffer.from(text, 'base64').toString('hex').toUpperCase()}`,
    ],
    ['spaces around', (text) => `  ${text}\t`],
  ])('is recognised in %s', async (_form, write) => {
    const column = await Promise.all([made.aws(5), made.alibaba(6), made.yandex(7)]);
    const inspected = await inspectThe(column.map(write).join('\n'), { format: 'lines' });
    expect(dialects(inspected)).toEqual([
      ['aws or qkms', 1],
      ['alibaba', 1],
      ['yandex', 1],
    ]);
    expect(inspected.report.dialects.map(({ ciphertextBytes }) => ciphertextBytes.min)).toEqual([
      157, 70, 87,
    ]);
  });

  test('is recognised with the line breaks of MIME inside CSV quotes', async () => {
    const blob = (await made.aws(100)).replace(/.{76}/g, '$&\r\n');
    const inspected = await inspectThe(`id,blob\r\n1,"${blob}"\r\n2,x\r\n`, { column: 'blob' });
    expect(dialects(inspected)).toEqual([['aws or qkms', 1]]);
    const lastLine = 2 + blob.split('\n').length;
    expect(unrecognised(inspected)).toEqual([['not-encoded', 1, [lastLine]]]);
  });
});

describe('a ciphertext of an RSA key', () => {
  test('is asymmetric or foreign, and not recognised', async () => {
    const inspected = await inspectThe(await made.awsRsa(10));
    expect(inspected.code).toBe(1);
    expect(inspected.report).toMatchObject({
      recognised: 0,
      dialects: [],
      asymmetricOrForeign: [{ bytes: 256, count: 1, lines: [1] }],
      targets: [],
    });
  });

  test('of NCP looks like one of 228 bytes of plaintext', async () => {
    const { report } = await inspectThe(await made.ncpRsa(10));
    expect(report.dialects).toMatchObject([
      { dialect: 'ncp', plaintextBytes: { min: 228, max: 228 } },
    ]);
  });
});

describe('what would not fit', () => {
  const obstacles = ({ report }: Inspected, target: string): unknown =>
    report.targets
      .filter(({ dialect }) => dialect === target)
      .map(({ compared, fitting, obstacles: all }) => ({
        compared,
        fitting,
        all: all.map(({ from, reason, count, lines }) => [from, reason, count, lines]),
      }));

  test('is counted for each target with its reason and lines', async () => {
    const column = await Promise.all([
      // 4,608 bytes are exactly 6,144 characters of base64.
      made.yandex(4_096),
      made.yandex(4_097),
      made.yandex(4_608),
      made.yandex(4_609),
      made.yandex(6_144),
      made.yandex(6_145),
      // 5,464 characters of base64 are 4,096 bytes at least.
      made.alibaba(4_096),
      made.alibaba(5_464),
      made.alibaba(5_468),
    ]);
    const inspected = await inspectThe(column.join('\n'));
    expect(obstacles(inspected, 'aws or qkms')).toEqual([
      {
        compared: 9,
        fitting: 2,
        all: [
          ['alibaba', 'plaintext-limit', 1, [9]],
          ['alibaba', 'only-decoded', 1, [8]],
          ['yandex', 'plaintext-limit', 5, [2, 3, 4, 5, 6]],
          ['yandex', 'ciphertext-limit', 2, [5, 6]],
        ],
      },
    ]);
    expect(obstacles(inspected, 'alibaba')).toEqual([
      {
        compared: 6,
        fitting: 3,
        all: [
          ['yandex', 'plaintext-limit', 1, [6]],
          ['yandex', 'base64-growth', 2, [4, 5]],
        ],
      },
    ]);
    expect(obstacles(inspected, 'ncp')).toEqual([{ compared: 9, fitting: 9, all: [] }]);
  });

  test('names the limits of each target', async () => {
    const { report } = await inspectThe(await made.ncp(1));
    expect(
      report.targets.map(({ dialect, maxPlaintextBytes, plaintextIsText, maxCiphertextBytes }) => [
        dialect,
        maxPlaintextBytes,
        plaintextIsText,
        maxCiphertextBytes,
      ]),
    ).toEqual([
      ['aws or qkms', 4_096, false, 6_144],
      ['alibaba', 6_144, true, null],
      ['yandex', 32_768, false, null],
      ['ncp', 32_768, false, 32_796],
    ]);
  });
});

describe('the report', () => {
  test('has nothing of any value but ids', async () => {
    const column = await Promise.all([made.aws(32), made.yandex(32), made.ncp(32), made.awsRsa(4)]);
    const secrets = ['hunter2', 'AKIAIOSFODNN7EXAMPLE', 'aHVudGVyMg==', '\u001b[31mred'];
    const values = [...column, ...secrets];
    const rows = values.map((value) => JSON.stringify({ [value]: value, blob: value }));
    for (const json of [true, false]) {
      const { out, err } = await inspectThe(rows.join('\n'), { column: 'blob', json });
      expect(out).toContain('aws or qkms');
      for (const value of values) {
        // Ids stand in the clear part of a ciphertext, in its first 60 characters at most.
        expect(out).not.toContain(value.length > 100 ? value.slice(60, 90) : value);
      }
      expect(out).not.toContain('\u001b');
      expect(err).toBe('');
    }
  });

  test('for people has the same counts', async () => {
    const column = [await made.yandex(5_000), await made.awsRsa(4), 'not a ciphertext', ''];
    const { out, code } = await inspectThe(
      column.map((blob) => JSON.stringify({ blob })).join('\n'),
      { column: 'blob', json: false },
    );
    expect(code).toBe(0);
    expect(out).toBe(
      `4 values, 1 recognised

dialect  ciphertexts  plaintext bytes  ciphertext bytes
-------  -----------  ---------------  ----------------
yandex             1            5,000             5,080

plaintext bytes  yandex
---------------  ------
  4,097 - 8,192       1

key or version of yandex  ciphertexts
------------------------  -----------
${made.ids.yandex}                1

not recognised                    values  first lines
--------------------------------  ------  -----------
asymmetric or foreign, 256 bytes       1            2
empty or NULL                          1            4
neither base64 nor hexadecimal         1            3

moving to      ciphertexts  why                                                             first lines
-------------  -----------  --------------------------------------------------------------  -----------
aws or qkms         0 of 1  fit in every way, up to 4,096 bytes
  from yandex            1  plaintext over the limit of Encrypt                                       1
alibaba             0 of 1  fit in every way, up to 6,144 bytes of text
  from yandex            1  fits as UTF-8 text, but not as base64, which is a third longer            1
ncp                 1 of 1  fit in every way, up to 32,768 bytes
`,
    );
  });

  test('follows the progress of reading to its end', async () => {
    const { progress } = await inspectThe(['abc\n', 'def\n', 'g']);
    expect(progress).toEqual([4, 8, 9, -1]);
  });
});
