import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ciphertexts, createCiphertexts } from '../support/ciphertexts.js';
import { type Inspected, inspectThe, pieces } from '../support/inspectStage.js';

let made: Ciphertexts;
let blob: string;
beforeAll(async () => {
  made = await createCiphertexts();
  blob = await made.aws(32);
});
afterAll(() => made.close());

/** Values recognised, then reasons with count and lines. */
const summary = ({ report }: Inspected): unknown => [
  report.recognised,
  ...report.unrecognised.map(({ reason, count, lines }) => [reason, count, lines]),
];

describe('hostile plain lines', () => {
  test.each<[string, (good: string) => string | Buffer, unknown]>([
    ['a byte order mark', (good) => `\ufeff${good}\n`, [1]],
    [
      'blank lines and no line end',
      (good) => `\n\r\n \n${good}\n\n${good}`,
      [2, ['empty', 1, [3]]],
    ],
    ['CRLF', (good) => `${good}\r\n${good}\r\n`, [2]],
    ['NUL', (good) => `${good}\0\n\0${good}\n\0\n`, [0, ['not-encoded', 3, [1, 2, 3]]]],
    [
      'invalid UTF-8',
      (good) => Buffer.concat([Buffer.from([0xff, 0xfe, 0x80, 10]), Buffer.from(good)]).subarray(1),
      [1, ['not-encoded', 1, [1]]],
    ],
    ['full-width digits', () => 'ＡＱＩＣＡＨ\n', [0, ['not-encoded', 1, [1]]]],
    ['a cut ciphertext', (good) => good.slice(0, -4), [0, ['no-layout', 1, [1]]]],
    ['a ciphertext with a tail', (good) => `${good}AAAA`, [0, ['not-encoded', 1, [1]]]],
    ['base64 with bits left over', () => 'AB==', [0, ['no-layout', 1, [1]]]],
    ['one character', () => 'A', [0, ['not-encoded', 1, [1]]]],
    ['NULLs of databases', () => 'NULL\n\\N\n', [0, ['empty', 2, [1, 2]]]],
    ['nothing', () => '', [0]],
  ])('with %s', async (_what, write, expected) => {
    const text = write(blob);
    expect(summary(await inspectThe(text))).toEqual(expected);
    expect(summary(await inspectThe(pieces(text, 3)))).toEqual(expected);
  });

  test('of a million characters are too long, and the next line is read', async () => {
    const long = 'A'.repeat(1_048_576);
    const inspected = await inspectThe(pieces(`${long}\n${blob}\n${long}`, 65_536));
    expect(summary(inspected)).toEqual([1, ['too-long', 2, [1, 3]]]);
  });

  test('over the bound of records are not kept', async () => {
    const long = 'A'.repeat(2_000);
    const inspected = await inspectThe(pieces(`${long}\n${blob}\n${long}`, 100), {}, 1_000);
    expect(summary(inspected)).toEqual([1, ['too-long', 2, [1, 3]]]);
  });

  test.each([
    ['UTF-16', Buffer.from('\ufeffAQIC\n', 'utf16le'), 'the input is UTF-16; convert it to UTF-8'],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'the input is compressed; pipe it through gunzip -c'],
  ])('in %s are refused', async (_what, input, message) => {
    const { code, err, out } = await inspectThe(input);
    expect([code, err, out]).toEqual([2, `keyglot: ${message}\n`, '']);
  });
});

describe('hostile JSON lines', () => {
  const column = 'a.b';

  test.each<[string, (good: string) => string, unknown]>([
    ['texts alone', (good) => `{"a":{"b":"${good}"}}\n"${good}"`, [1, ['no-value', 1, [2]]]],
    ['a dot in the name', (good) => `{"a.b":"${good}"}\n{"a":{"b":"${good}"}}`, [2]],
    ['elements of arrays', (good) => `{"a":[{"b":"${good}"}]}`, [0, ['no-value', 1, [1]]]],
    [
      'broken records',
      (good) => `{"a":\n{"a":{"b":"${good}"}}\n}`,
      [1, ['broken-record', 2, [1, 3]]],
    ],
    ['null', () => '{"a":{"b":null}}\n{"a":null}', [0, ['empty', 1, [1]], ['no-value', 1, [2]]]],
    [
      'values that are no texts',
      () => '{"a":{"b":7}}\n{"a":{"b":{}}}\n{"a":{"b":[]}}',
      [0, ['not-text', 3, [1, 2, 3]]],
    ],
    ['escapes', (good) => `{"a":{"b":"${good.replaceAll('/', '\\/')}"}}`, [1]],
    ['NUL in a text', (good) => `{"a":{"b":"${good}\\u0000"}}`, [0, ['not-encoded', 1, [1]]]],
    ['inherited names only', () => '{"x":{}}', [0, ['no-value', 1, [1]]]],
    ['deep nesting', () => `{"a":${'['.repeat(90_000)}`, [0, ['broken-record', 1, [1]]]],
  ])('with %s', async (_what, write, expected) => {
    expect(summary(await inspectThe(write(blob), { column }))).toEqual(expected);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__.toString'])(
    'have the member %s only when it is their own',
    async (name) => {
      const own = name.split('.').reduceRight((value, part) => `{"${part}":${value}}`, `"${blob}"`);
      const inspected = await inspectThe(`${own}\n{"other":1}`, { column: name });
      expect(summary(inspected)).toEqual([1, ['no-value', 1, [2]]]);
    },
  );

  test('read elements of arrays by number', async () => {
    const inspected = await inspectThe(`{"a":[7,"${blob}"]}`, { column: 'a.1' });
    expect(summary(inspected)).toEqual([1]);
  });

  test('of bare texts need no column', async () => {
    const inspected = await inspectThe(`"${blob}"\n{"a":1}\n7`);
    expect(inspected.report.format).toBe('jsonl');
    expect(summary(inspected)).toEqual([1, ['not-text', 2, [2, 3]]]);
  });
});

describe('hostile CSV', () => {
  test.each<[string, (good: string) => string, unknown]>([
    [
      'newlines in quotes',
      (good) => `n,blob\n"a\nb,""c""",${good}\n2,?\n`,
      [1, ['not-encoded', 1, [4]]],
    ],
    ['quotes in bare fields', (good) => `n,blob\na"b,${good}\n"a"b,${good}\n`, [2]],
    [
      'an unclosed quote',
      (good) => `n,blob\n1,${good}\n2,"x\n3,y\n`,
      [1, ['broken-record', 1, [4]]],
    ],
    ['short and long records', (good) => `n,blob\n1\n1,${good},3,4\n`, [1, ['no-value', 1, [2]]]],
    ['a byte order mark', (good) => `\ufeffblob,n\n${good},1\n`, [1]],
    ['NUL', (good) => `n,blob\n\0,${good}\n1,\0\n`, [1, ['not-encoded', 1, [3]]]],
    ['empty fields', () => 'n,blob\n1,\n2,""\n3,NULL\n', [0, ['empty', 3, [2, 3, 4]]]],
    ['two columns of one name', (good) => `blob,blob\n${good},?\n`, [1]],
  ])('with %s', async (_what, write, expected) => {
    const text = write(blob);
    expect(summary(await inspectThe(text, { column: 'blob' }))).toEqual(expected);
    expect(summary(await inspectThe(pieces(text, 1), { column: 'blob' }))).toEqual(expected);
  });

  test.each(['__proto__', 'constructor', 'length', '0', 'a,b', ' '])(
    'has a column named %j as any other',
    async (name) => {
      const inspected = await inspectThe(`n,"${name}"\n1,${blob}\n`, {
        format: 'csv',
        column: name,
      });
      expect(summary(inspected)).toEqual([1]);
    },
  );

  test('without a header gives a column by number', async () => {
    const inspected = await inspectThe(`1;${blob}\n2;${blob}\n`, { column: '2' });
    expect(summary(inspected)).toEqual([2]);
  });

  test('over the bound of records ends with one line, without the record', async () => {
    const input = pieces(`n,blob\n1,${blob}\n2,"${'secret '.repeat(1_000)}`, 500);
    const { code, out, err } = await inspectThe(input, { column: 'blob' }, 2_000);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^keyglot: a CSV record .* is longer than 2000 bytes; is a quote .*\n$/);
    expect(err).not.toContain('secret');
  });
});

describe('a wrong use', () => {
  test.each<[string, string, Parameters<typeof inspectThe>[1], RegExp]>([
    ['JSON objects without a column', '{"secret":1}', {}, /which member of the JSON objects/],
    ['CSV without a column', 'secret,b', {}, /which CSV column has/],
    [
      'a column that is not there',
      'secret,b',
      { column: 'c' },
      /names no column of that name among its 2/,
    ],
    ['column zero', 'secret,b', { column: '0' }, /names no column/],
    [
      'a column of plain lines',
      'secret',
      { format: 'lines', column: 'c' },
      /plain lines have no columns/,
    ],
    ['a JSON array', '[{"secret":1}]', {}, /one JSON array/],
  ])('of %s ends with code 2 and one line', async (_what, input, options, message) => {
    const { code, out, err, progress } = await inspectThe(input, options);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^keyglot: [^\n]*\n$/);
    expect(err).toMatch(message);
    expect(err).not.toContain('secret');
    // Whatever was begun is ended.
    expect(progress.at(-1) ?? -1).toBe(-1);
  });
});

describe('a long column', () => {
  const LINES = 200_000;

  test('of 200,000 versions keeps 1,000 of them and counts the rest', async () => {
    const payload = Buffer.alloc(60, 7).toString('base64');
    function* column(): Generator<string> {
      for (let line = 1; line <= LINES; line += 1) yield `ncpkms:v${line}:${payload}\n`;
    }
    const { report, progress } = await inspectThe(column());
    expect(report).toMatchObject({ values: LINES, recognised: LINES });
    const [ncp] = report.dialects;
    expect(ncp?.keys).toHaveLength(1_000);
    expect(ncp?.otherKeys).toBe(LINES - 1_000);
    expect(ncp?.sizes).toEqual([{ min: 17, max: 32, count: LINES }]);
    expect(progress).toHaveLength(LINES + 1);
  });

  test.each(['lines', 'jsonl', 'csv'] as const)(
    'of 200,000 %s is counted whole',
    async (format) => {
      const good = [blob, await made.alibaba(20), await made.yandex(6), 'junk!', ''];
      const write = {
        lines: (value: string) => `${value || 'NULL'}\n`,
        jsonl: (blobValue: string) => `${JSON.stringify({ blob: blobValue })}\n`,
        csv: (value: string) => `1,${value}\n`,
      }[format];
      const block = good.map(write).join('').repeat(1_000);
      function* column(): Generator<string> {
        if (format === 'csv') yield 'n,blob\n';
        for (let times = 0; times < LINES / 5_000; times += 1) yield block;
      }
      const options = format === 'lines' ? { format } : { format, column: 'blob' };
      const { report, out } = await inspectThe(column(), options);
      const each = LINES / 5;
      const first = format === 'csv' ? 1 : 0;
      const every = (start: number) => [0, 5, 10, 15, 20].map((line) => first + start + line);
      expect(report.values).toBe(LINES);
      expect(report.dialects.map(({ count }) => count)).toEqual([each, each, each]);
      expect(report.unrecognised).toEqual([
        { reason: 'empty', count: each, lines: every(5) },
        { reason: 'not-encoded', count: each, lines: every(4) },
      ]);
      expect(report.targets.map(({ fitting }) => fitting)).toEqual(
        [2, 2, 2, 3].map((n) => n * each),
      );
      expect(out.length).toBeLessThan(10_000);
    },
  );
});
