import { decodeBase64 } from './base64.js';
import { yandexFault } from './faults.js';
import { enumName, isDefault } from './protobuf.js';
import {
  type Duration,
  type EnumType,
  type Field,
  type Message,
  type Packed,
  snakeCase,
  type Values,
} from './schema.js';

const TYPE_URL = 'type.googleapis.com/';
const MOST_NAMES = 32;
const LONGEST_NAME = 64;
/** What UTF-8 cannot carry. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** A request read from JSON, path and query. @internal */
export interface Transcoded {
  readonly values: Record<string, unknown>;
  /** Members that the message does not have. */
  readonly ignored: readonly string[];
}

/**
 * Reads members into a message's values, as the transcoder in front of the service does: names in
 * lowerCamelCase or as in the published interface, unknown ones skipped, null the same as absence.
 *
 * @param members names and values; from a query all values are texts
 * @throws KmsFault Transcoding
 * @internal
 */
export function readMembers(
  message: Message,
  members: Iterable<readonly [string, unknown]>,
  fromQuery: boolean,
): Transcoded {
  const values: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [name, value] of members) {
    const field = message.fields.find((one) => one.jsonName === name || one.name === name);
    if (field === undefined) {
      if (ignored.length < MOST_NAMES) ignored.push(name.slice(0, LONGEST_NAME));
      continue;
    }
    if (value === null) continue;
    const read = readMember(field, fromQuery ? queryValue(field, String(value)) : value);
    if (read === undefined) throw invalid(field);
    if (isDefault(read) || (read instanceof Map && read.size === 0)) delete values[field.jsonName];
    else if (otherOfGroup(message, field, values) !== undefined) throw invalid(field);
    else values[field.jsonName] = read;
  }
  return { values, ignored };
}

/**
 * Writes values as the transcoder does: booleans always, everything else only when it is not the
 * default; members that are no texts first, then the texts; one space a level.
 *
 * @internal
 */
export function writeJson(message: Message, values: Values): string {
  return JSON.stringify(membersOf(message, values), undefined, 1);
}

function membersOf(message: Message, values: Values): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of printedOrder(message)) {
    const value = values[field.jsonName];
    if (field.type === 'bool') out[field.jsonName] = value === true;
    else if (!isDefault(value)) out[field.jsonName] = writeMember(field, value);
  }
  return out;
}

const orders = new WeakMap<Message, readonly Field[]>();

/** The status of an error keeps the order of its numbers; every other recorded answer has texts last. */
function printedOrder(message: Message): readonly Field[] {
  let order = orders.get(message);
  if (order === undefined) {
    const { fields } = message;
    const printsText = ({ type, repeated }: Field): boolean =>
      !repeated &&
      type !== 'bool' &&
      type !== 'int32' &&
      type !== 'labels' &&
      type !== 'any' &&
      (typeof type === 'string' || type.kind === 'enum');
    order =
      message.name === 'google.rpc.Status'
        ? fields
        : [...fields.filter((one) => !printsText(one)), ...fields.filter(printsText)];
    orders.set(message, order);
  }
  return order;
}

function writeMember(field: Field, value: unknown): unknown {
  if (field.repeated) {
    return (value as readonly unknown[]).map((one) => writeOne(field, one));
  }
  return writeOne(field, value);
}

/** Handlers build values by the message's own table; what a field holds is said there. */
function writeOne({ type }: Field, value: unknown): unknown {
  switch (type) {
    case 'bytes':
      return (value as Buffer).toString('base64');
    case 'int64':
      return String(value);
    case 'timestamp':
      return timestampText(value as Date);
    case 'duration':
      return durationText(value as Duration);
    case 'labels':
      return Object.fromEntries(value as ReadonlyMap<string, string>);
    case 'any': {
      const { message, values } = value as Packed;
      return { '@type': TYPE_URL + message.name, ...membersOf(message, values) };
    }
    case 'string':
    case 'bool':
    case 'int32':
    case 'mask':
      return value;
    default:
      return type.kind === 'message' ? membersOf(type, value as Values) : value;
  }
}

/** RFC 3339 with as many of 0, 3, 6 or 9 decimals as the value needs; ours needs 3 at most. */
function timestampText(at: Date): string {
  return at.toISOString().replace('.000Z', 'Z');
}

/** `604800s`, with as many of 0, 3, 6 or 9 decimals as the value needs. @internal */
export function durationText({ seconds, nanos }: Duration): string {
  const sign = seconds < 0 || nanos < 0 ? '-' : '';
  const digits = String(Math.abs(nanos)).padStart(9, '0');
  const decimals = digits.replace(/(?:000){1,3}$/, '');
  return `${sign}${Math.abs(seconds)}${decimals === '' ? '' : `.${decimals}`}s`;
}

const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

function readDuration(text: string): Duration | undefined {
  const found = DURATION.exec(text);
  if (found === null) return undefined;
  const sign = found[1] === '-' ? -1 : 1;
  const seconds = Number(found[2]);
  const nanos = Number((found[3] ?? '').padEnd(9, '0'));
  // No negative zero: it would not equal what gRPC reads.
  return { seconds: sign * seconds || 0, nanos: sign * nanos || 0 };
}

/** The value in memory, or undefined when the JSON value does not fit the field. */
function readMember({ type }: Field, value: unknown): unknown {
  switch (type) {
    case 'string':
      return isText(value) ? value : undefined;
    case 'bytes':
      return typeof value === 'string' ? decodeBase64(value) : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'int32':
    case 'int64':
      return readInteger(value);
    case 'duration':
      return typeof value === 'string' ? readDuration(value) : undefined;
    case 'mask':
      if (typeof value !== 'string') return undefined;
      return value === '' ? [] : value.split(',').map((path) => snakeCase(path.trim()));
    case 'labels':
      return readLabels(value);
    case 'timestamp':
    case 'any':
      return undefined;
    default:
      return type.kind === 'enum' ? readEnum(type, value) : undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !LONE_SURROGATE.test(value);
}

function queryValue({ type }: Field, text: string): unknown {
  if (type === 'bool') return text === 'true' || (text === 'false' ? false : text);
  return text;
}

function readInteger(value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function readEnum({ values }: EnumType, value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return enumName(values, value);
  if (typeof value !== 'string') return undefined;
  const number = values.indexOf(value);
  if (number >= 0) return enumName(values, number);
  return /^\d{1,9}$/.test(value) ? enumName(values, Number(value)) : undefined;
}

function readLabels(value: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const map = new Map<string, string>();
  for (const [name, text] of Object.entries(value)) {
    if (!isText(text) || !isText(name)) return undefined;
    map.set(name, text);
  }
  return map;
}

function otherOfGroup(message: Message, field: Field, values: Values): Field | undefined {
  if (field.oneof === undefined) return undefined;
  return message.fields.find(
    (one) => one !== field && one.oneof === field.oneof && values[one.jsonName] !== undefined,
  );
}

function invalid({ name }: Field): Error {
  return yandexFault('Transcoding', { message: `Invalid value of field '${name}'` });
}
