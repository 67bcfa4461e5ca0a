import { describe, expect, test } from 'vitest';
import { alibabaInputTypes, alibabaModule, readAlibabaModel } from '../generate/alibabaModel.js';

const PUBLISHED = {
  version: '2016-01-20',
  operations: {
    Second: { request: [] },
    First: {
      request: [
        { name: 'KeyId', type: 'string', required: true },
        { name: 'Size', type: 'int32', required: false },
        { name: 'Until', type: 'int64', required: false },
        { name: 'Flag', type: 'boolean', required: false },
        { name: 'Context', type: 'map', required: false },
        { name: 'Ids', type: 'string', required: true, repeated: true },
        {
          name: 'Tag',
          type: 'struct',
          required: false,
          repeated: true,
          members: { Key: 'string' },
        },
      ],
    },
  },
};

const PATCHES = {
  patches: [
    {
      reason: 'a limit',
      source: 'a page',
      evidence: 'documented',
      patch: [
        { op: 'test', path: '/operations/First/request/1/name', value: 'Size' },
        { op: 'add', path: '/operations/First/request/1/maximum', value: 10 },
      ],
    },
  ],
};

describe('readAlibabaModel', () => {
  test('keeps names, types and required members, and adds the limits of the patches', () => {
    const model = readAlibabaModel(PUBLISHED, PATCHES);
    expect(Object.keys(model.operations)).toEqual(['First', 'Second']);
    expect(model.shapes['FirstRequest']).toEqual({
      type: 'structure',
      members: {
        KeyId: 'String',
        Size: 'FirstSize',
        Until: 'Long',
        Flag: 'Boolean',
        Context: 'Map',
        Ids: 'Strings',
        Tag: 'Tags',
      },
      required: ['KeyId', 'Ids'],
    });
    expect(model.shapes['FirstSize']).toEqual({
      type: 'integer',
      minimum: -2_147_483_648,
      maximum: 10,
    });
  });

  test('does not take a patch that no longer fits', () => {
    const moved = structuredClone(PATCHES);
    const [first] = moved.patches;
    if (first?.patch[0] !== undefined) first.patch[0].value = 'Length';
    expect(() => readAlibabaModel(PUBLISHED, moved)).toThrowError();
  });

  test('does not take a type that it does not know', () => {
    const strange = {
      version: '1',
      operations: { A: { request: [{ name: 'B', type: 'float', required: false }] } },
    };
    expect(() => readAlibabaModel(strange, { patches: [] })).toThrowError(
      'B has the unknown type float',
    );
  });
});

test('writes a module and types', () => {
  const model = readAlibabaModel(PUBLISHED, PATCHES);
  expect(alibabaModule(model)).toContain('export type OperationName = "First" | "Second";');
  const types = alibabaInputTypes(model);
  expect(types).toContain('readonly KeyId: string;');
  expect(types).toContain('readonly Size?: number;');
  expect(types).toContain('export type SecondRequest = Record<never, never>;');
});
