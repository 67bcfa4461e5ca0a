import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../../src/schema/jsonSchema.js';
import { pairsOf } from '../../src/schema/pairs.js';
import type { ShapeTable } from '../../src/schema/shape.js';
import type { Validation } from '../../src/schema/validation.js';
import { createValidators } from '../../src/schema/validator.js';

const SHAPES: ShapeTable = {
  Request: {
    type: 'structure',
    required: ['Id', 'Data'],
    members: {
      Id: 'Id',
      Data: 'Data',
      Secret: 'Secret',
      Kind: 'Kind',
      Count: 'Count',
      Fast: 'Flag',
      At: 'At',
      Context: 'Context',
      Labels: 'LabelList',
      Names: 'NameList',
      Parts: 'PartList',
      Inner: 'Request',
    },
  },
  Id: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' },
  Data: { type: 'blob', minLength: 1, maxLength: 3 },
  Secret: { type: 'string', maxLength: 3, sensitive: true },
  Kind: { type: 'string', enum: ['B', 'A'], alsoAccepts: ['C'] },
  Count: { type: 'integer', minimum: 1, maximum: 5 },
  Flag: { type: 'boolean' },
  At: { type: 'timestamp' },
  Context: { type: 'map' },
  LabelList: { type: 'list', member: 'Label', minItems: 1, maxItems: 2 },
  Label: { type: 'structure', required: ['Key'], members: { Key: 'Id', Value: 'Data' } },
  NameList: { type: 'list', member: 'Id' },
  PartList: { type: 'list', member: 'Data', maxItems: 2 },
};

const validate = createValidators(SHAPES)('Request');
const MINIMUM = { Id: 'ab', Data: 'AAAA' };

function check(more: object): Validation {
  return validate(JSON.parse(JSON.stringify({ ...MINIMUM, ...more })));
}

function violations(more: object): unknown[] {
  const result = check(more);
  if (result.ok || result.kind !== 'constraints') throw new Error(JSON.stringify(result));
  return result.violations.map(({ path, rule, limit }) => [path.join('.'), rule, limit]);
}

describe('a validator', () => {
  it('decodes blobs and timestamps in place, also inside of lists and structures', () => {
    const result = check({
      At: 1_700_000_000.123,
      Labels: [{ Key: 'ab', Value: 'AQID' }],
      Parts: ['AQ==', 'Ag=='],
      Inner: { ...MINIMUM, At: '2026-11-24T10:00:00Z' },
    });
    expect(result).toEqual({
      ok: true,
      ignored: [],
      value: {
        Id: 'ab',
        Data: Buffer.from([0, 0, 0]),
        At: new Date(1_700_000_000_123),
        Labels: [{ Key: 'ab', Value: Buffer.from([1, 2, 3]) }],
        Parts: [Buffer.from([1]), Buffer.from([2])],
        Inner: { Id: 'ab', Data: Buffer.from([0, 0, 0]), At: new Date('2026-11-24T10:00:00Z') },
      },
    });
  });

  it('treats a null like absence, in members, lists and maps', () => {
    const result = check({
      Kind: null,
      Names: [null, 'ab', null],
      Context: { a: null, b: 'c' },
      Labels: [{ Key: 'ab', Value: null }],
      Inner: { ...MINIMUM, Count: null },
      Unknown: null,
    });
    expect(result).toMatchObject({
      ok: true,
      ignored: ['Unknown'],
      value: { Names: ['ab'], Context: { b: 'c' }, Labels: [{ Key: 'ab' }], Inner: { Id: 'ab' } },
    });
    expect(violations({ Id: null })).toEqual([['Id', 'required', undefined]]);
  });

  it('accepts members that it does not know and names them', () => {
    const result = check({ X: 1, Inner: { ...MINIMUM, Y: {} }, Labels: [{ Key: 'ab', Z: [] }] });
    expect(result).toMatchObject({ ok: true, ignored: ['X', 'Labels.0.Z', 'Inner.Y'] });
  });

  it('bounds the list of ignored members and their names', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, 1]));
    const result = check({ ['n'.repeat(5000)]: 1, ...many });
    if (!result.ok) throw new Error('refused');
    expect(result.ignored).toHaveLength(32);
    expect(result.ignored[0]).toBe('n'.repeat(64));
  });

  it('lists broken limits in the order of the model, the length before the pattern', () => {
    expect(
      violations({
        Inner: { Data: '' },
        Labels: [],
        Names: ['ab', 'A', 'abcde'],
        Parts: ['', 'AAAA', 'AAAA'],
        Count: 6,
        Kind: 'D',
        Secret: 'long',
        Data: 'AAAAAA==',
        Id: 'A',
      }),
    ).toEqual([
      ['Id', 'minLength', 2],
      ['Id', 'pattern', '^[a-z]+$'],
      ['Data', 'maxLength', 3],
      ['Secret', 'maxLength', 3],
      ['Kind', 'enum', ['B', 'A']],
      ['Count', 'maximum', 5],
      ['Labels', 'minItems', 1],
      ['Names.1', 'minLength', 2],
      ['Parts', 'maxItems', 2],
      ['Parts.0', 'minLength', 1],
      ['Inner.Id', 'required', undefined],
      ['Inner.Data', 'minLength', 1],
    ]);
  });

  it('gives the decoded value of a blob behind the first error, and marks secrets', () => {
    const result = check({ Id: '', Data: '', Secret: 'long' });
    if (result.ok || result.kind !== 'constraints') throw new Error('not refused');
    const of = (name: string): unknown => result.violations.find(({ path }) => path[0] === name);
    expect(of('Data')).toMatchObject({ value: Buffer.alloc(0), sensitive: false });
    expect(of('Secret')).toMatchObject({ value: 'long', sensitive: true });
  });

  it('gives the whole list with its first bad element', () => {
    const result = check({ Names: ['ab', 'X', 'Y'] });
    if (result.ok || result.kind !== 'constraints') throw new Error('not refused');
    expect(result.violations).toMatchObject([
      { path: ['Names', 1], value: 'X', list: { values: ['ab', 'X', 'Y'], member: SHAPES['Id'] } },
    ]);
  });

  it('bounds the number of violations', () => {
    const Labels = Array.from({ length: 5000 }, () => ({}));
    expect(violations({ Labels })).toHaveLength(100);
  });

  it.each<[object, object]>([
    [{ Id: 1 }, { expected: 'string', got: 'number', path: ['Id'] }],
    [{ Count: '3' }, { expected: 'integer', got: 'string', path: ['Count'] }],
    [{ Count: 3.5 }, { expected: 'integer', got: 'number', path: ['Count'] }],
    [{ Fast: 'true' }, { expected: 'boolean', got: 'string', path: ['Fast'] }],
    [{ At: '24 November' }, { expected: 'timestamp', got: 'string', path: ['At'] }],
    [{ At: '2026-13-45T99:99Z' }, { expected: 'timestamp', got: 'string', path: ['At'] }],
    [{ At: 1e300 }, { expected: 'timestamp', got: 'number', path: ['At'] }],
    [{ Context: { a: true } }, { expected: 'string', got: 'true', path: ['Context', 'a'] }],
    [{ Labels: [{ Key: [] }] }, { expected: 'string', got: 'list', path: ['Labels', 0, 'Key'] }],
    [{ Inner: 'x' }, { expected: 'structure', got: 'string', path: ['Inner'] }],
    [{ Names: {} }, { expected: 'list', got: 'structure', path: ['Names'] }],
    [{ Data: false }, { expected: 'blob', got: 'false', path: ['Data'] }],
    [
      { Data: 'AA-_' },
      { expected: 'blob', got: 'string', base64: { problem: 'character', character: '-' } },
    ],
  ])('reports a wrong type: %j', (more, mismatch) => {
    expect(check(more)).toMatchObject({ ok: false, kind: 'type', ...mismatch });
  });

  it('reports the first wrong type of the document, before every broken limit', () => {
    const text = '{"Id":"","Kind":"D","Fast":0,"Count":"3"}';
    expect(validate(JSON.parse(text))).toMatchObject({ kind: 'type', path: ['Fast'] });
  });

  it.each([[null], [[]], ['text'], [3], [true]])('refuses %j as a request', (value) => {
    expect(validate(value)).toMatchObject({ kind: 'type', path: [], expected: 'structure' });
  });

  it('gives the same answer when it sees its own result again', () => {
    const first = check({ At: 1, Parts: ['AQ=='] });
    if (!first.ok) throw new Error('refused');
    expect(validate(first.value)).toEqual(first);
  });

  it('counts UTF-16 units', () => {
    expect(violations({ Secret: '\u{1F600}\u{1F600}' })).toEqual([['Secret', 'maxLength', 3]]);
    expect(check({ Secret: '\u{1F600}' })).toMatchObject({ ok: true });
  });

  it('keeps __proto__ and constructor as ordinary names', () => {
    const text =
      '{"Id":"ab","Data":"AAAA","__proto__":{"Kind":"D"},"Context":{"__proto__":"a","constructor":"b"}}';
    const result = validate(JSON.parse(text));
    if (!result.ok) throw new Error('refused');
    expect(result.ignored).toEqual(['__proto__']);
    expect(pairsOf(result.value['Context'] as Record<string, string>)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(pairsOf(undefined)).toEqual([]);
    expect(Object.getPrototypeOf(result.value)).toBe(Object.prototype);
  });

  it('has an explanation whenever ajv refuses, and refuses what it can explain', () => {
    const member = fc.oneof(
      fc.constantFrom<unknown>('ab', 'A', '', 'abcde', 'AAAA', 'AB==', 'AA-_', 'B', 'C', null),
      fc.constantFrom<unknown>(0, 1, 5, 6, 3.5, 1e300, true, false),
      fc.constantFrom<unknown>('2026-11-24T10:00:00Z', '2026-99-99T10:00:00Z'),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        member,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            ...['Id', 'Data', 'Secret', 'Kind', 'Count', 'Fast', 'At', 'Context', 'Labels'],
            ...['Names', 'Parts', 'Inner', 'Key', 'Value', 'Other'],
          ),
          tie('tree'),
          { maxKeys: 6 },
        ),
      ),
    }));
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('Kind', 'Count', 'Names', 'Labels', 'Inner', 'At', 'Fast'),
          tree,
          { maxKeys: 2 },
        ),
        (more) => {
          const result = check(more);
          if (result.ok) {
            accepted++;
            expect(validate(result.value)).toEqual(result);
          } else if (result.kind === 'constraints') {
            expect(result.violations.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 5000, seed: 20261124 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('createValidators', () => {
  it('names a shape that is missing', () => {
    expect(() => createValidators(SHAPES)('Absent')({})).toThrow(
      expect.objectContaining({ code: 'Internal', details: { what: 'there is no shape Absent' } }),
    );
  });

  it('gives the same validator for the same name', () => {
    const validatorOf = createValidators(SHAPES);
    expect(validatorOf('Label')).toBe(validatorOf('Label'));
  });
});

describe('the schema of a structure', () => {
  it('is a valid JSON Schema, which nobody looks at when it is compiled', () => {
    const ajv = new Ajv2020({ strict: false });
    expect(ajv.validateSchema(jsonSchemaOf(SHAPES, 'Request')), ajv.errorsText()).toBe(true);
    expect(ajv.validateSchema({ type: 'object', required: 'Id' })).toBe(false);
  });
});
