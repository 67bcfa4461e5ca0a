import { fault } from '@keyglot/core';
import type { ClientBase } from 'pg';
import { failureOf } from './failure.js';

/** A parameter of a statement. Arrays are spread by `unnest` in the statement. @internal */
export type SqlValue =
  | string
  | number
  | null
  | Uint8Array
  | readonly (string | number | Uint8Array)[];

/** A statement of this package. @internal */
export interface Statement {
  /** Under this name it is prepared once for each connection. */
  readonly name?: string;
  readonly text: string;
  /** Whether names that cannot be stored are simply not found, instead of being refused. */
  readonly lookUp?: boolean;
}

/** Clause of a `WITH` that writes the record of a change into the change's own statement. @internal */
export const RECORD_CLAUSE = `change AS (
      INSERT INTO keyglot_change (sandbox, at_ms, id, kind, target) VALUES ($1, $2, $3, $4, $5)
    )`;

// NUL is refused by Postgres; half a surrogate pair would silently become another character.
const UNSTORABLE = /\0|\p{Surrogate}/u;

/**
 * Runs a statement on a connection.
 *
 * @throws SqlFailure
 * @throws KmsFault InputInvalid when a text cannot be stored
 * @internal
 */
export async function runStatement<Row>(
  client: ClientBase,
  named: boolean,
  statement: Statement,
  values: readonly SqlValue[],
): Promise<readonly Row[]> {
  if (values.some(unstorable)) {
    if (statement.lookUp === true) return [];
    throw fault('InputInvalid', { reason: 'a text contains NUL or half a surrogate pair' });
  }
  try {
    const result = await client.query({
      text: statement.text,
      values: [...values],
      ...(named && statement.name !== undefined ? { name: statement.name } : {}),
    });
    // The statement names the columns; its caller knows their types.
    return result.rows as Row[];
  } catch (error) {
    throw failureOf(error);
  }
}

function unstorable(value: SqlValue): boolean {
  if (typeof value === 'string') return UNSTORABLE.test(value);
  // Byte arrays have no `some` over texts; only plain arrays do.
  return Array.isArray(value) && value.some(unstorable);
}
