import type { LoadedKey, Scope, Vault } from '@keyglot/core';
import type { Action, Caller, Check, Evidence, Operation } from '@keyglot/dialect';
import type { YandexSettings } from './authenticate.js';
import type { Values } from './schema.js';

/** Who sent a request. @internal */
export interface YandexCaller extends Caller {
  /** Id of the user or service account. */
  readonly subject: string;
  /** Also written by a method that judges a credential itself. */
  audit: string;
}

/** Everything that an operation works with. @internal */
export interface YandexCall {
  readonly vault: Vault;
  readonly settings: YandexSettings;
  readonly caller: YandexCaller;
  readonly scope: Scope;
  /** Virtual time, milliseconds since 1970. */
  readonly nowMs: number;
  /** Real time of arrival, milliseconds since 1970, for what clients sign. */
  readonly receivedAtMs: number;
  /** Host and port that the client has reached, as it spelled them, or empty. */
  readonly host: string;
  /** Value of `idempotency-key`, or empty. */
  readonly idempotencyKey: string;
}

/** A row of the operation table. @internal */
export type YandexOperation<Input, Resolved> = Operation<Input, Resolved, Values, YandexCall> & {
  /** Full name of the service, as gRPC spells it. */
  readonly service: string;
};

/** Any row, as the table holds it: what a row resolves is its own business. @internal */
export interface AnyYandexOperation {
  readonly service: string;
  readonly name: string;
  readonly evidence: Evidence;
  readonly simulated?: string;
  resolve(input: never, call: YandexCall): object;
  actions(input: never, resolved: never, call: YandexCall): readonly Action[];
  readonly checks: readonly Check<never, never, YandexCall>[];
  handle(input: never, resolved: never, call: YandexCall): Values | Promise<Values>;
}

/** The one key of a request. @internal */
export interface OneKey {
  readonly key: LoadedKey;
}
