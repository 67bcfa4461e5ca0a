import type { Base64Fault } from '../base64.js';
import type { Shape, ShapeType } from './shape.js';

/** Where a value is: names of members and indexes of list elements, from the outside in. @public */
export type Path = readonly (string | number)[];

/** What JSON has at a place. @public */
export type JsonKind = 'string' | 'number' | 'true' | 'false' | 'null' | 'list' | 'structure';

/** A value of a type that the model does not have there. @public */
export interface TypeMismatch {
  readonly path: Path;
  readonly expected: ShapeType;
  readonly got: JsonKind;
  /** Only when text stands where base64 is expected. */
  readonly base64?: Base64Fault;
}

/** The limit that a value breaks. @public */
export type Rule =
  | 'required'
  | 'minLength'
  | 'maxLength'
  | 'pattern'
  | 'enum'
  | 'minimum'
  | 'maximum'
  | 'minItems'
  | 'maxItems';

/** A value of the right type that breaks a limit. @public */
export interface Violation {
  readonly path: Path;
  readonly rule: Rule;
  /** A number, the provider's pattern, the values of an enum in printed order; absent for `required`. */
  readonly limit: number | string | readonly string[] | undefined;
  /** The value, decoded; `undefined` when it is missing. It may be a secret: see `sensitive`. */
  readonly value: unknown;
  readonly sensitive: boolean;
  /**
   * The whole list, when the value is an element of a list of scalars. Only the first bad element of
   * such a list is reported.
   */
  readonly list?: { readonly values: readonly unknown[]; readonly member: Shape };
}

/** What validation found. @public */
export type Validation =
  | {
      readonly ok: true;
      /** The same object, with blobs as Buffers and timestamps as Dates. */
      readonly value: Record<string, unknown>;
      /** Members that the model does not know, joined with dots; at most 32 of them. */
      readonly ignored: readonly string[];
    }
  /** The first one in the order of the document. A wrong type wins over every broken limit. */
  | ({ readonly ok: false; readonly kind: 'type' } & TypeMismatch)
  /** In the order of the model, lengths before patterns; at most 100 of them. */
  | {
      readonly ok: false;
      readonly kind: 'constraints';
      readonly violations: readonly Violation[];
    };
