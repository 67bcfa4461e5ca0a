import { fault } from '@keyglot/core';

/**
 * A text member. `enum` is in the order in which the provider prints it; `alsoAccepts` are values that
 * pass without being printed, `prints` is what the provider lists instead when its text names values
 * that it does not take. `pattern` is the provider's own text and must match the whole value.
 * Lengths count UTF-16 code units. Inferred: AWS validates in Java (its recorded texts name Java
 * classes), and Java's `String.length()` counts those.
 *
 * @public
 */
export interface StringShape {
  readonly type: 'string';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly alsoAccepts?: readonly string[];
  readonly prints?: readonly string[];
  readonly sensitive?: true;
}

/** Bytes, base64 on the wire and a Buffer after validation. Lengths count bytes. @public */
export interface BlobShape {
  readonly type: 'blob';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly sensitive?: true;
}

/** A whole number. @public */
export interface IntegerShape {
  readonly type: 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A member without limits of its own. A map goes from text to text. @public */
export interface PlainShape {
  readonly type: 'boolean' | 'timestamp' | 'map';
}

/** A list; `member` names the shape of its elements. @public */
export interface ListShape {
  readonly type: 'list';
  readonly member: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Named members, in the model's order, each with the name of its shape. @public */
export interface StructureShape {
  readonly type: 'structure';
  readonly members: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
}

/** What a member may be. @public */
export type Shape =
  | StringShape
  | BlobShape
  | IntegerShape
  | PlainShape
  | ListShape
  | StructureShape;

/** Name of a kind of shape. @public */
export type ShapeType = Shape['type'];

/** Shapes by name; structures may name themselves. @public */
export type ShapeTable = Readonly<Record<string, Shape>>;

/**
 * A service in the compact form that `npm run generate` writes.
 *
 * @public
 */
export interface ServiceModel<Operation extends string = string, Failure extends string = string> {
  readonly version: string;
  /** `output` is absent when the answer has no body; `errors` are the modelled ones. */
  readonly operations: Readonly<
    Record<
      Operation,
      { readonly input: string; readonly output?: string; readonly errors: readonly Failure[] }
    >
  >;
  /** Whose mistake each modelled error says it is. */
  readonly errors: Readonly<Record<Failure, 'client' | 'server'>>;
  readonly shapes: ShapeTable;
}

/** @throws Internal for a name that is not in the table: a defect of ours. @internal */
export function shapeOf(table: ShapeTable, name: string): Shape {
  const shape = Object.hasOwn(table, name) ? table[name] : undefined;
  if (shape === undefined) throw fault('Internal', { what: `there is no shape ${name}` });
  return shape;
}

/** Narrows to a JSON object (or a record). @internal */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
