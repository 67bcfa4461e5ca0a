import type { Evidence } from './evidence.js';
import type { WireError } from './faultTable.js';

/** What one fault looks like on the wire of one dialect. @public */
export interface FaultRow {
  /** Name of the fault inside Keyglot. */
  readonly fault: string;
  /** HTTP status. */
  readonly status: number;
  /** The provider's error code. */
  readonly code: string;
  /** The body as sent; names in angle brackets stand for values of the request. */
  readonly body: string;
  readonly evidence: Evidence;
}

/** Details of a fault; those that are left out are shown by their names. @public */
export type FaultForm = Readonly<Record<string, unknown>>;

/** What the rows of a fault table are made of. @public */
export interface FaultRowSource {
  /** The table; its cells only put their details into texts, so that names do as well. */
  readonly table: {
    readonly [fault: string]: {
      readonly evidence: Evidence;
      say(details: never, call: never): WireError;
    };
  };
  /** The call that cells are given, with names for values. */
  readonly call: unknown;
  /** By fault: details on which the form of the text depends, one row for each. */
  readonly forms: { readonly [fault: string]: readonly FaultForm[] };
  readonly bodyOf: (error: WireError) => string;
}

/** Every cell of a fault table, in its order; one row for each form that a cell can take. @public */
export function faultRows(source: FaultRowSource): readonly FaultRow[] {
  const { table, call, forms, bodyOf } = source;
  return Object.entries(table).flatMap(([fault, cell]) =>
    (forms[fault] ?? [{}]).map((form) => {
      // Texts are made of whatever the details are, and names are what this is about.
      const error = cell.say(named(form) as never, call as never);
      const { status, code } = error;
      return { fault, status, code, body: bodyOf(error).trim(), evidence: cell.evidence };
    }),
  );
}

/** Details in which each member that is not given is its own name in angle brackets. */
function named(given: FaultForm): FaultForm {
  return new Proxy(given, {
    get: (target, name) =>
      Object.hasOwn(target, name) ? Reflect.get(target, name) : `<${String(name)}>`,
  });
}
