/** Names of an enum's values; the index is the number on the wire, and the first stands for absence. @internal */
export interface EnumType {
  readonly kind: 'enum';
  readonly values: readonly string[];
}

/** A message of the published interface. @internal */
export interface Message {
  readonly kind: 'message';
  /** Full name, without a leading dot. */
  readonly name: string;
  /** In the order of their numbers. */
  readonly fields: readonly Field[];
}

/**
 * What a field holds, and what its value is in memory: text, Buffer, boolean, number, Date, a
 * {@link Duration}, names of fields, a Map, a {@link Packed} message; enums are their value's name.
 *
 * @internal
 */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'timestamp'
  | 'duration'
  | 'mask'
  | 'labels'
  | 'any'
  | EnumType
  | Message;

/** One field. Texts and maps count code points, bytes count bytes. @internal */
export interface Field {
  readonly number: number;
  /** As in the published interface, in snake_case. */
  readonly name: string;
  /** In lowerCamelCase, which is also the member's name in memory. */
  readonly jsonName: string;
  readonly type: FieldType;
  readonly repeated: boolean;
  readonly required: boolean;
  /** Longest text or byte string, or largest number. */
  readonly max: number | undefined;
  /** Name of the group of which exactly one field must be set. */
  readonly oneof: string | undefined;
}

/** Seconds and nanoseconds of the same sign. @internal */
export interface Duration {
  readonly seconds: number;
  readonly nanos: number;
}

/** Values of a message's fields by JSON name. Absent, empty, false and zero are all the same: absent. @internal */
export type Values = { readonly [member: string]: unknown };

/** A message inside of an `Any`. @internal */
export interface Packed {
  readonly message: Message;
  readonly values: Values;
}

/** Declares an enum. @internal */
export function enumeration(...values: string[]): EnumType {
  return Object.freeze({ kind: 'enum', values: Object.freeze(values) });
}

/** What is said of a field beside number, name and type. @internal */
export type FieldRules = Partial<Pick<Field, 'repeated' | 'required' | 'max' | 'oneof'>>;

/** Declares a field. @internal */
export function field(
  number: number,
  name: string,
  type: FieldType = 'string',
  rules: FieldRules = {},
): Field {
  return Object.freeze({
    number,
    name,
    jsonName: camelCase(name),
    type,
    repeated: rules.repeated ?? false,
    required: rules.required ?? false,
    max: rules.max,
    oneof: rules.oneof,
  });
}

/** Declares a message. @internal */
export function message(name: string, ...fields: Field[]): Message {
  return Object.freeze({ kind: 'message', name, fields: Object.freeze(fields) });
}

/** `version_id` → `versionId`. @internal */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `versionId` → `version_id`. @internal */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
