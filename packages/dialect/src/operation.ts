import type { Evidence } from './evidence.js';

/** A permission that a request needs, and on what. @public */
export interface Action {
  /** In the provider's spelling, for instance `kms:Encrypt`. */
  readonly name: string;
  /** In the provider's spelling; `*` when the action is on no particular resource. */
  readonly resource: string;
}

/**
 * One operation of a dialect: everything about it that is not in the published model. Routing,
 * authorisation, metric labels and the coverage page derive from these rows.
 *
 * A request runs `resolve` (find keys, versions, aliases), authorises `actions`, runs `checks` in the
 * provider's order, then `handle`.
 *
 * @public
 */
export interface Operation<Input, Resolved, Output, Call> {
  /** In the provider's spelling. */
  readonly name: string;
  /** Page that the behaviour was taken from. */
  readonly evidence: Evidence;
  /** Present when the answer imitates something that is not really done. */
  readonly simulated?: string;
  resolve(input: Input, call: Call): Resolved;
  actions(input: Input, resolved: Resolved, call: Call): readonly Action[];
  readonly checks: readonly Check<Input, Resolved, Call>[];
  handle(input: Input, resolved: Resolved, call: Call): Output | Promise<Output>;
}

/** Refuses a request by throwing a fault, or returns. @public */
export type Check<Input, Resolved, Call> = (resolved: Resolved, input: Input, call: Call) => void;

/** An operation of the published model that has no row, and why. @public */
export interface Unsupported {
  readonly name: string;
  readonly reason: string;
  readonly state: 'refused' | 'not yet';
}

/** One line of the coverage page. @public */
export interface CoverageRow {
  readonly dialect: string;
  readonly operation: string;
  readonly state: 'done' | 'simulated' | 'refused' | 'not yet';
  readonly evidence: Evidence | undefined;
  readonly note: string;
}
