import { expect, test } from 'vitest';
import * as messages from '../../src/messages.js';
import { fullName, METHODS } from '../../src/methods.js';
import type { Field, Message } from '../../src/schema.js';
import { declaredEnums, declaredFields, PROTOS } from '../support/protos.js';

const TABLE: readonly Message[] = Object.values(messages).filter(
  (value): value is Message => 'kind' in value && value.kind === 'message',
);

const SCALARS: { readonly [type: string]: string } = {
  string: 'TYPE_STRING',
  bytes: 'TYPE_BYTES',
  bool: 'TYPE_BOOL',
  int32: 'TYPE_INT32',
  int64: 'TYPE_INT64',
};
const KNOWN_TYPES: { readonly [type: string]: string } = {
  timestamp: 'Timestamp',
  duration: 'Duration',
  mask: 'FieldMask',
  any: 'Any',
  labels: 'Labels',
};

function declared({ name, number, type, repeated }: Field): object {
  const plain = { name, number, repeated: repeated || type === 'labels' };
  if (typeof type !== 'string') {
    if (type.kind === 'enum') return { ...plain, type: 'TYPE_ENUM', typeName: expect.anything() };
    return { ...plain, type: 'TYPE_MESSAGE', typeName: type.name.split('.').pop() };
  }
  const scalar = SCALARS[type];
  if (scalar !== undefined) return { ...plain, type: scalar, typeName: '' };
  return { ...plain, type: 'TYPE_MESSAGE', typeName: KNOWN_TYPES[type] };
}

test.each(TABLE.map((message) => [message.name, message] as const))(
  '%s has the fields of its .proto file',
  (name, message) => {
    const inFile = declaredFields(name).map((field) => ({
      ...field,
      typeName: field.typeName.split('.').pop() ?? '',
    }));
    expect(inFile).toEqual(message.fields.map(declared));
  },
);

test('every enum has the values of its .proto file', () => {
  expect(declaredEnums()).toEqual({
    SymmetricAlgorithm: messages.SYMMETRIC_ALGORITHM.values,
    'SymmetricKey.Status': messages.KEY_STATUS.values,
    'SymmetricKeyVersion.Status': messages.VERSION_STATUS.values,
  });
});

test('every method that is served is in the .proto files, with the same messages', () => {
  const inFiles = Object.entries(PROTOS).flatMap(([service, found]) =>
    'format' in found
      ? []
      : Object.values(found).map((method) => [
          method.path,
          (method.requestType.type as { name?: string }).name,
          (method.responseType.type as { name?: string }).name,
          service,
        ]),
  );
  const short = (message: Message | undefined): string | undefined =>
    message?.name.split('.').pop();
  const served = METHODS.filter(({ request }) => request !== undefined).map((method) => [
    `/${fullName(method)}`,
    short(method.request),
    short(method.response),
    method.service,
  ]);
  expect(served.sort()).toEqual(inFiles.sort());
});
