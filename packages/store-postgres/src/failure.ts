import { fault, type KmsFault } from '@keyglot/core';
import { DatabaseError } from 'pg';

/**
 * What a failed statement means for the caller: `again` the server asks to repeat the transaction,
 * `lost` the connection broke, `silent` no answer came in time, `unreachable` there was no connection
 * to begin with, `refused` the server said no and changed nothing.
 *
 * @internal
 */
export type FailureKind = 'again' | 'lost' | 'silent' | 'unreachable' | 'refused';

/** A driver's error without anything that could hold a secret. Never leaves this package. @internal */
export class SqlFailure extends Error {
  override readonly name: string = 'SqlFailure';
  readonly kind: FailureKind;
  /** SQLSTATE, when the server answered. */
  readonly state: string | undefined;
  readonly constraint: string | undefined;

  constructor(kind: FailureKind, message: string, state?: string, constraint?: string) {
    super(message);
    this.kind = kind;
    this.state = state;
    this.constraint = constraint;
  }

  /** Whether the server may have done what it was asked to do. */
  get uncertain(): boolean {
    return this.kind === 'lost' || this.kind === 'silent';
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const AGAIN = new Set(['40001', '40P01']);
const LOST = /^(08|57P0[1235]|25P03|40003)/;
const UNAVAILABLE = /^(25006|28|3D|53|57)/;
const INPUT = /^(22|54000)/;
const QUOTES_VALUES = /^2[23]/;
const UNIQUE_VIOLATION = '23505';

/** Turns whatever the driver threw into a failure that may be kept and shown. @internal */
export function failureOf(error: unknown): SqlFailure {
  if (error instanceof SqlFailure) return error;
  if (error instanceof DatabaseError) {
    const state = error.code ?? 'XX000';
    const kind = AGAIN.has(state) ? 'again' : LOST.test(state) ? 'lost' : 'refused';
    const said = QUOTES_VALUES.test(state) ? '' : `: ${error.message}`;
    return new SqlFailure(kind, `SQL state ${state}${said}`, state, error.constraint);
  }
  // The driver's own errors have no class or code of their own; this is its message for query_timeout.
  const message = error instanceof Error ? error.message || codeOf(error) : 'unknown error';
  return new SqlFailure(message === 'Query read timeout' ? 'silent' : 'lost', message);
}

/** Turns the error of a connection attempt into a failure. @internal */
export function unreachable(error: unknown): SqlFailure {
  const { message, state } = failureOf(error);
  return new SqlFailure('unreachable', message, state);
}

/** What is taken when a unique member is there already. @internal */
export interface Taken {
  readonly kind: string;
  readonly id: string;
}

/** Turns a unique violation into the fault that says what is taken. @throws KmsFault AlreadyExists @internal */
export async function orTaken<T>(work: Promise<T>, taken: Taken): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const ours = error instanceof SqlFailure && error.state === UNIQUE_VIOLATION;
    // The record of changes is not what the caller wanted to write.
    if (ours && error.constraint !== 'keyglot_change_pkey') throw fault('AlreadyExists', taken);
    throw error;
  }
}

/** The fault of the vault that a failure is. @internal */
export function toFault(failure: SqlFailure, what: string): KmsFault {
  const state = failure.state ?? '';
  if (failure.kind === 'again') return fault('Conflict', { what }, failure);
  if (failure.kind !== 'refused' || UNAVAILABLE.test(state)) {
    return fault('Unavailable', { what: `database, during ${what}` }, failure);
  }
  if (INPUT.test(state)) {
    const reason = `a value cannot be stored (SQL state ${state})`;
    return fault('InputInvalid', { reason }, failure);
  }
  return fault('Internal', { what: `database, during ${what} (SQL state ${state})` }, failure);
}

/** When several addresses of a host were tried, the error has a code and no message. */
function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
