import { isUtf8 } from 'node:buffer';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { PACKABLE } from './messages.js';
import type { Duration, Field, FieldType, Message, Packed, Values } from './schema.js';

const TYPE_URL = 'type.googleapis.com/';

/** What a serialised message held. @internal */
export interface Parsed {
  readonly values: Values;
  /** Numbers of fields that the message does not have, as `#17`; at most 32. */
  readonly unknown: readonly string[];
}

/**
 * Reads a serialised message. Unknown fields are skipped; of a field that comes twice the last counts.
 *
 * @throws Error when the bytes are not a message
 * @internal
 */
export function parseMessage(message: Message, bytes: Uint8Array): Parsed {
  const reader = new BinaryReader(bytes);
  const values: Record<string, unknown> = {};
  const unknown: string[] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const field = message.fields.find((one) => one.number === number);
    if (field === undefined || wireOf(field.type) !== wire) {
      if (wire === WireType.StartGroup || wire === WireType.EndGroup) throw new Error('a group');
      reader.skip(wire, number);
      if (unknown.length < MOST_UNKNOWN) unknown.push(`#${number}`);
      continue;
    }
    if (field.oneof !== undefined) clearGroup(values, message, field.oneof);
    keep(values, field, readValue(reader, field.type));
  }
  return { values, unknown };
}

/** Serialises a message. @internal */
export function serializeMessage(message: Message, values: Values): Buffer {
  const writer = new BinaryWriter();
  writeFields(writer, message, values);
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

const MOST_UNKNOWN = 32;

function wireOf(type: FieldType): WireType {
  if (type === 'bool' || type === 'int32' || type === 'int64') return WireType.Varint;
  return typeof type === 'object' && type.kind === 'enum'
    ? WireType.Varint
    : WireType.LengthDelimited;
}

/** Of a group the last field on the wire counts. */
function clearGroup(values: Record<string, unknown>, message: Message, group: string): void {
  for (const one of message.fields) if (one.oneof === group) delete values[one.jsonName];
}

/** Default values are the same as absence. */
function keep(values: Record<string, unknown>, field: Field, value: unknown): void {
  const { jsonName, type } = field;
  if (field.repeated) {
    const list = values[jsonName];
    if (Array.isArray(list)) list.push(value);
    else values[jsonName] = [value];
  } else if (type === 'labels') {
    const [name, text] = value as readonly [string, string]; // readEntry made it
    const map = values[jsonName];
    if (map instanceof Map) map.set(name, text);
    else values[jsonName] = new Map([[name, text]]);
  } else {
    if (isDefault(value)) delete values[jsonName];
    else values[jsonName] = value;
  }
}

/** Whether proto3 cannot tell a value from absence. @internal */
export function isDefault(value: unknown): boolean {
  if (Buffer.isBuffer(value) || Array.isArray(value)) return value.length === 0;
  return value === '' || value === 0 || value === false || value === undefined;
}

function readValue(reader: BinaryReader, type: FieldType): unknown {
  switch (type) {
    case 'string':
      return textOf(reader.bytes());
    case 'bytes':
      return bufferOf(reader.bytes());
    case 'bool':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return Number(reader.int64());
    case 'timestamp':
      return dateOf(readDuration(reader.bytes()));
    case 'duration':
      return readDuration(reader.bytes());
    case 'mask':
      return readMask(reader.bytes());
    case 'labels':
      return readEntry(reader.bytes());
    case 'any':
      return readAny(reader.bytes());
    default:
      if (type.kind === 'message') return parseMessage(type, reader.bytes()).values;
      return enumName(type.values, reader.int32());
  }
}

/** The name of an enum's value: nothing for zero, the number's digits for one that has no name. @internal */
export function enumName(values: readonly string[], number: number): string {
  return number === 0 ? '' : (values[number] ?? String(number));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Error('a text that is not UTF-8');
  return bufferOf(bytes).toString('utf8');
}

/** A Duration; a Timestamp has the same fields. */
function readDuration(bytes: Uint8Array): Duration {
  const reader = new BinaryReader(bytes);
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.Varint) seconds = Number(reader.int64());
    else if (number === 2 && wire === WireType.Varint) nanos = reader.int32();
    else reader.skip(wire, number);
  }
  return { seconds, nanos };
}

function dateOf({ seconds, nanos }: Duration): Date {
  return new Date(seconds * 1_000 + Math.floor(nanos / 1_000_000));
}

function readMask(bytes: Uint8Array): string[] {
  const reader = new BinaryReader(bytes);
  const paths: string[] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) paths.push(textOf(reader.bytes()));
    else reader.skip(wire, number);
  }
  return paths;
}

function readEntry(bytes: Uint8Array): readonly [string, string] {
  const reader = new BinaryReader(bytes);
  const entry: [string, string] = ['', ''];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if ((number === 1 || number === 2) && wire === WireType.LengthDelimited) {
      entry[number - 1] = textOf(reader.bytes());
    } else {
      reader.skip(wire, number);
    }
  }
  return entry;
}

function readAny(bytes: Uint8Array): Packed {
  const reader = new BinaryReader(bytes);
  let name = '';
  let content: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.LengthDelimited) name = textOf(reader.bytes());
    else if (number === 2 && wire === WireType.LengthDelimited) content = reader.bytes();
    else reader.skip(wire, number);
  }
  const message = PACKABLE.get(name.slice(name.lastIndexOf('/') + 1));
  if (message === undefined) throw new Error('an Any of an unknown type');
  return { message, values: parseMessage(message, content).values };
}

function writeFields(writer: BinaryWriter, message: Message, values: Values): void {
  for (const field of message.fields) {
    const value = values[field.jsonName];
    if (isDefault(value)) continue;
    // Handlers build values by the message's own table; what a field holds is said there.
    if (!field.repeated) writeValue(writer, field, value);
    else for (const one of value as readonly unknown[]) writeValue(writer, field, one);
  }
}

function writeValue(writer: BinaryWriter, { number, type }: Field, value: unknown): void {
  switch (type) {
    case 'string':
      writer.tag(number, WireType.LengthDelimited).string(String(value));
      return;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(value as Buffer);
      return;
    case 'bool':
      writer.tag(number, WireType.Varint).bool(value === true);
      return;
    case 'int32':
      writer.tag(number, WireType.Varint).int32(Number(value));
      return;
    case 'int64':
      writer.tag(number, WireType.Varint).int64(Number(value));
      return;
    case 'timestamp':
      writeNested(writer, number, () => writeDuration(writer, sinceEpoch(value as Date)));
      return;
    case 'duration':
      writeNested(writer, number, () => writeDuration(writer, value as Duration));
      return;
    case 'mask':
      writeNested(writer, number, () => {
        for (const path of value as readonly string[]) {
          writer.tag(1, WireType.LengthDelimited).string(path);
        }
      });
      return;
    case 'labels':
      for (const [name, text] of value as ReadonlyMap<string, string>) {
        writeNested(writer, number, () => {
          writer.tag(1, WireType.LengthDelimited).string(name);
          writer.tag(2, WireType.LengthDelimited).string(text);
        });
      }
      return;
    case 'any':
      writeNested(writer, number, () => {
        const { message, values } = value as Packed;
        writer.tag(1, WireType.LengthDelimited).string(TYPE_URL + message.name);
        writer.tag(2, WireType.LengthDelimited).bytes(serializeMessage(message, values));
      });
      return;
    default:
      if (type.kind === 'message') {
        writeNested(writer, number, () => writeFields(writer, type, value as Values));
      } else {
        writer.tag(number, WireType.Varint).int32(type.values.indexOf(String(value)));
      }
  }
}

function writeNested(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function writeDuration(writer: BinaryWriter, { seconds, nanos }: Duration): void {
  if (seconds !== 0) writer.tag(1, WireType.Varint).int64(seconds);
  if (nanos !== 0) writer.tag(2, WireType.Varint).int32(nanos);
}

function sinceEpoch(at: Date): Duration {
  const ms = at.getTime();
  const seconds = Math.floor(ms / 1_000);
  return { seconds, nanos: (ms - seconds * 1_000) * 1_000_000 };
}
