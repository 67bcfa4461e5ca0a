import type { LoadedKey, Realm, Scope, Vault } from '@keyglot/core';
import type { Action, Caller, Check, Evidence, Operation } from '@keyglot/dialect';
import type { AlibabaSettings } from './settings.js';

/** Who sent a request, as far as credentials and host tell. @internal */
export interface AlibabaCaller extends Caller {
  /** 16 digits. */
  readonly account: string;
  readonly realm: Realm;
  /** Whether the request came in by the name of a KMS instance's own gateway. */
  readonly dedicated: boolean;
}

/** Everything that an operation works with. @internal */
export interface AlibabaCall {
  readonly vault: Vault;
  readonly caller: AlibabaCaller;
  readonly settings: AlibabaSettings;
  readonly realm: Realm;
  readonly scope: Scope;
  /** Virtual time, milliseconds since 1970. */
  readonly nowMs: number;
  readonly operation: string;
}

/** Members of an answer, in the order in which they are written; operations without any answer undefined. @internal */
export type Output = Readonly<Record<string, unknown>> | undefined;

/** A row of the operation table. @internal */
export type AlibabaOperation<Input, Resolved> = Operation<Input, Resolved, Output, AlibabaCall>;

/** Any row, as the table holds it: what a row resolves is its own business. @internal */
export interface AnyAlibabaOperation {
  readonly name: string;
  readonly evidence: Evidence;
  readonly simulated?: string;
  resolve(input: never, call: AlibabaCall): object;
  actions(input: never, resolved: never, call: AlibabaCall): readonly Action[];
  readonly checks: readonly Check<never, never, AlibabaCall>[];
  handle(input: never, resolved: never, call: AlibabaCall): Output | Promise<Output>;
}

/** The one key of a request. @internal */
export interface OneKey {
  readonly key: LoadedKey;
}
