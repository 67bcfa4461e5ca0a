import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf, readMap } from '../../src/context.js';
import { parseArn } from '../../src/ids.js';
import { readFilters } from '../../src/keyFilters.js';
import { readTags } from '../../src/operations/tags.js';
import { createReplays } from '../../src/replays.js';
import { readInterval } from '../../src/rotation.js';

function invalid(name: string): object {
  return { code: 'ParameterInvalid', details: { name } };
}

describe('an encryption context', () => {
  const read = (text: string, more: readonly (readonly [string, string])[] = []): unknown =>
    readMap(new Map([['C', text], ...more]), 'C');

  it.each(['', 'null'])('is absent as %j', (text) => {
    expect(read(text)).toBeUndefined();
    expect(contextOf(readMap(new Map([['C', text]]), 'C'))).toEqual({ kind: 'none' });
  });

  it('is absent when it is empty', () => {
    expect(contextOf(readMap(new Map([['C', ' {} ']]), 'C'))).toEqual({ kind: 'none' });
  });

  it('keeps any name', () => {
    const map = readMap(new Map([['C', '{"__proto__":"x","constructor":"y"}']]), 'C');
    expect(contextOf(map)).toEqual({
      kind: 'pairs',
      pairs: [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
    });
  });

  it('may come as one parameter for each member', () => {
    expect(
      readMap(
        new Map([
          ['C.a.b', '1'],
          ['C.', '2'],
          ['D', '3'],
        ]),
        'C',
      ),
    ).toEqual({
      'a.b': '1',
      '': '2',
    });
  });

  it.each([
    '[]',
    '"text"',
    '1',
    'true',
    '{"a":1}',
    '{"a":null}',
    '{"a":{"b":"c"}}',
    '{"a":["b"]}',
    '{"a"',
    '{}{}',
    `{"a":"${'x'.repeat(8_190)}"}`,
    '['.repeat(8_000),
  ])('is refused as %s', (text) => {
    expect(() => read(text)).toThrowError(expect.objectContaining(invalid('C')));
  });

  it('is refused in both forms at once, and when it is too long', () => {
    expect(() => read('{"a":"1"}', [['C.b', '2']])).toThrowError(
      expect.objectContaining(invalid('C')),
    );
    expect(() => readMap(new Map([['C.a', 'x'.repeat(8_192)]]), 'C')).toThrowError(
      expect.objectContaining(invalid('C')),
    );
  });

  it('is the map that was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (map) => {
        const json = JSON.stringify(map);
        fc.pre(json.length <= 8_192 && json !== '{}');
        expect(readMap(new Map([['C', json]]), 'C')).toEqual(map);
      }),
    );
  });
});

describe('parseArn', () => {
  it.each([
    ['acs:kms:cn-hangzhou:1234567890123456:key/abc-1', 'key', 'abc-1'],
    ['acs:kms:cn-hangzhou:1234567890123456:alias/a/b_c', 'alias', 'alias/a/b_c'],
  ])('takes %s apart', (text, kind, id) => {
    const account = '1234567890123456';
    expect(parseArn(text)).toEqual({ region: 'cn-hangzhou', account, kind, id });
  });

  it.each([
    'acs:kms:cn-hangzhou:1:secret/x',
    'acs:kms:cn-hangzhou:1:key/',
    'acs:ecs:cn-hangzhou:1:key/x',
    'acs:kms::1:key/x',
    'acs:kms:cn-hangzhou:me:key/x',
    'acs:kms:cn-hangzhou:1:key/x:y',
  ])('does not take %s', (text) => {
    expect(parseArn(text)).toBeUndefined();
  });
});

describe('readInterval', () => {
  it.each([
    ['7d', 604_800],
    ['168h', 604_800],
    ['10080m', 604_800],
    ['604800', 604_800],
    ['604800s', 604_800],
    ['365d', 31_536_000],
    ['730d', 63_072_000],
  ])('reads %s', (text, seconds) => {
    expect(readInterval(text)).toBe(seconds);
  });

  it.each(['', '6d', '604799', '731d', '7w', '-7d', '7.5d', 'd', '99999999999d'])(
    'does not take %j',
    (text) => {
      expect(readInterval(text)).toBeUndefined();
    },
  );
});

describe('readFilters', () => {
  it('reads entries', () => {
    expect(readFilters(undefined)).toEqual([]);
    expect(readFilters('[{"Key":"KeyState","Values":["Enabled","Disabled"]}]')).toEqual([
      { key: 'KeyState', values: ['Enabled', 'Disabled'] },
    ]);
  });

  it.each([
    '{}',
    'null',
    '[null]',
    '[{"Key":"Nothing","Values":["x"]}]',
    '[{"Key":"__proto__","Values":["x"]}]',
    '[{"Key":"KeyState"}]',
    '[{"Key":"KeyState","Values":[]}]',
    '[{"Key":"KeyState","Values":[1]}]',
    `[{"Key":"KeyState","Values":[${'"x",'.repeat(10)}"x"]}]`,
    `[${'{"Key":"KeyState","Values":["x"]},'.repeat(10)}{"Key":"KeyState","Values":["x"]}]`,
    '[',
  ])('refuses %s', (text) => {
    expect(() => readFilters(text)).toThrowError(expect.objectContaining(invalid('Filters')));
  });
});

describe('readTags', () => {
  it('reads pairs', () => {
    expect(readTags('[{"TagKey":"k/1","TagValue":""},{"TagKey":"k2","TagValue":"v@"}]')).toEqual([
      ['k/1', ''],
      ['k2', 'v@'],
    ]);
  });

  it.each([
    '{}',
    '[1]',
    '[{"TagKey":"","TagValue":"v"}]',
    '[{"TagKey":"aliyunx","TagValue":"v"}]',
    '[{"TagKey":"acs:x","TagValue":"v"}]',
    '[{"TagKey":"k"}]',
    '[{"TagKey":"k","TagValue":"a b"}]',
    '[{"TagKey":"k","TagValue":"v"},{"TagKey":"k","TagValue":"w"}]',
    `[${Array.from({ length: 21 }, (_, at) => `{"TagKey":"k${at}","TagValue":"v"}`).join()}]`,
  ])('refuses %s', (text) => {
    expect(() => readTags(text)).toThrowError(expect.objectContaining(invalid('Tags')));
  });
});

describe('createReplays', () => {
  it('takes a nonce once for each access key, until its time is over', () => {
    const replays = createReplays(100);
    expect(replays.take('a', 'n', 0)).toBe(true);
    expect(replays.take('a', 'n', 99)).toBe(false);
    expect(replays.take('b', 'n', 99)).toBe(true);
    expect(replays.take('a', 'n', 100)).toBe(true);
  });

  it('forgets the oldest when there are too many', () => {
    const replays = createReplays(1_000, 2);
    for (const nonce of ['1', '2', '3']) expect(replays.take('a', nonce, 0)).toBe(true);
    expect(replays.take('a', '3', 1)).toBe(false);
    expect(replays.take('a', '1', 1)).toBe(true);
  });
});
