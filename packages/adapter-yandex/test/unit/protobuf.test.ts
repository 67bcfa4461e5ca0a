import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CREATE_KEY_REQUEST,
  ENCRYPT_REQUEST,
  LIST_KEYS_REQUEST,
  OPERATION,
  SYMMETRIC_KEY,
  UPDATE_KEY_REQUEST,
} from '../../src/messages.js';
import { parseMessage, serializeMessage } from '../../src/protobuf.js';
import { messageType } from '../support/protos.js';

const bytesOf = (name: string, value: object): Buffer => messageType(name).serialize(value);
const readBy = (name: string, bytes: Buffer): object => messageType(name).deserialize(bytes);

describe('a message that another library wrote', () => {
  test('is read with all kinds of fields', () => {
    const bytes = bytesOf(CREATE_KEY_REQUEST.name, {
      folder_id: 'b1g',
      name: 'имя',
      labels: { a: 'b', __proto__x: '' },
      default_algorithm: 'AES_256',
      rotation_period: { seconds: 604_800, nanos: 5 },
      deletion_protection: true,
    });
    expect(parseMessage(CREATE_KEY_REQUEST, bytes).values).toEqual({
      folderId: 'b1g',
      name: 'имя',
      labels: new Map([
        ['a', 'b'],
        ['__proto__x', ''],
      ]),
      defaultAlgorithm: 'AES_256',
      rotationPeriod: { seconds: 604_800, nanos: 5 },
      deletionProtection: true,
    });
  });

  test('has no members for default values', () => {
    const bytes = Buffer.from('0a00120018002000', 'hex');
    expect(parseMessage(LIST_KEYS_REQUEST, bytes)).toEqual({
      values: {},
      unknown: ['#2', '#3', '#4'],
    });
  });

  test('keeps a label named like the prototype of objects', () => {
    const name = Buffer.from('__proto__');
    const entry = Buffer.concat([
      Buffer.from([0x0a, name.length]),
      name,
      Buffer.from('120178', 'hex'),
    ]);
    const bytes = Buffer.concat([Buffer.from([0x22, entry.length]), entry]);
    const { labels } = parseMessage(CREATE_KEY_REQUEST, bytes).values;
    expect(labels).toEqual(new Map([['__proto__', 'x']]));
  });

  test('gives the last of a field that comes twice', () => {
    const twice = Buffer.from('0a01610a0162', 'hex');
    expect(parseMessage(LIST_KEYS_REQUEST, twice).values).toEqual({ folderId: 'b' });
  });

  test('keeps an enum number without a name as digits', () => {
    expect(parseMessage(CREATE_KEY_REQUEST, Buffer.from('2863', 'hex')).values).toEqual({
      defaultAlgorithm: '99',
    });
  });

  test('reads a mask as it is', () => {
    const paths = ['name', 'rotation_period'];
    const bytes = bytesOf(UPDATE_KEY_REQUEST.name, { update_mask: { paths } });
    expect(parseMessage(UPDATE_KEY_REQUEST, bytes).values).toEqual({ updateMask: paths });
  });

  test('is read for any texts and bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 300 }),
        (text, bytes) => {
          const value = { key_id: text, plaintext: Buffer.from(bytes) };
          const { values } = parseMessage(ENCRYPT_REQUEST, bytesOf(ENCRYPT_REQUEST.name, value));
          expect(values['keyId'] ?? '').toBe(text);
          expect(values['plaintext'] ?? Buffer.alloc(0)).toEqual(Buffer.from(bytes));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('bytes that are no message', () => {
  test('never do more than throw an Error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const message of [ENCRYPT_REQUEST, CREATE_KEY_REQUEST, UPDATE_KEY_REQUEST]) {
          try {
            parseMessage(message, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a message that is written', () => {
  const at = new Date('2023-11-14T22:13:20.123Z');
  const key = {
    id: 'abj1',
    folderId: 'b1g',
    createdAt: at,
    labels: new Map([['a', 'b']]),
    status: 'ACTIVE',
    primaryVersion: { id: 'abj2', algorithm: 'AES_128', primary: true },
    rotationPeriod: { seconds: 60, nanos: 0 },
  };

  test('is read by another library', () => {
    expect(readBy(SYMMETRIC_KEY.name, serializeMessage(SYMMETRIC_KEY, key))).toMatchObject({
      id: 'abj1',
      folder_id: 'b1g',
      created_at: { seconds: 1_700_000_000, nanos: 123_000_000 },
      labels: { a: 'b' },
      status: 'ACTIVE',
      primary_version: { id: 'abj2', algorithm: 'AES_128', primary: true },
      rotation_period: { seconds: 60 },
    });
  });

  test('comes back the same, with messages inside of an Any', () => {
    const operation = {
      id: 'abj3',
      createdAt: at,
      done: true,
      response: { message: SYMMETRIC_KEY, values: key },
    };
    const bytes = serializeMessage(OPERATION, operation);
    expect(parseMessage(OPERATION, bytes).values).toEqual(operation);
    expect(readBy(OPERATION.name, bytes)).toMatchObject({
      response: { type_url: 'type.googleapis.com/yandex.cloud.kms.v1.SymmetricKey' },
    });
  });
});
