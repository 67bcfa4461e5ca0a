import type { KeyRecord, LoadedKey, Realm, Scope, Vault } from '@keyglot/core';
import type { Action, Caller, Check, Evidence, Operation } from '@keyglot/dialect';
import { nrnOf } from './ids.js';
import type { Api, OperationName, Route } from './routes.js';
import type { NcpSettings } from './settings.js';
import type { TokenClaims } from './tokens.js';

/** Who sent a request, as far as its credentials tell. @internal */
export interface NcpCaller extends Caller {
  readonly dialect: 'ncp';
  readonly route: Route;
  /** Account of the access key; undefined for tokens and unsigned requests, which act for the key's owner. */
  readonly account: string | undefined;
  /** Access key, or empty. */
  readonly accessKey: string;
  /** The token that proved the caller. */
  readonly token: TokenClaims | undefined;
  /** Boundary of the host that was called. */
  readonly region: string;
  /** Where this API is, as the caller reached it. */
  readonly baseUrl: string;
}

/** Everything that an operation works with. @internal */
export interface NcpCall {
  readonly vault: Vault;
  readonly settings: NcpSettings;
  readonly caller: NcpCaller;
  readonly route: Route;
  readonly scope: Scope;
  /** Virtual time, milliseconds since 1970. */
  readonly nowMs: number;
  /** Realm of operations that name no key. */
  readonly realm: Realm;
  /** Token as sent, or empty; only Validate Token looks at it. */
  readonly tokenText: string;
  /** Notes a request member that the service ignores. */
  ignore(member: string): void;
}

/** `data` of an answer; null where the service has none. @internal */
export type Data = { readonly [member: string]: unknown } | null;

/** What a row says of its input, beside the members of every operation. @internal */
export interface InputForm {
  /** Where the input is; nothing else is looked at. */
  readonly from: 'body' | 'query' | 'nothing';
  /** Name of the shape that the input must have; may depend on the form that was sent and on the zone. */
  shape(given: { readonly [member: string]: unknown }, region: string): string;
  /** Brings documented other spellings of the input into one form. */
  normalise?(given: { readonly [member: string]: unknown }): { readonly [member: string]: unknown };
}

/** A row of the operation table. @internal */
export type NcpOperation<Input, Resolved> = Operation<Input, Resolved, Data, NcpCall> & {
  readonly name: OperationName;
  readonly input: InputForm;
};

/** Any row, as the table holds it: what a row resolves is its own business. @internal */
export interface AnyNcpOperation {
  readonly name: OperationName;
  readonly evidence: Evidence;
  readonly simulated?: string;
  readonly input: InputForm;
  resolve(input: never, call: NcpCall): object;
  actions(input: never, resolved: never, call: NcpCall): readonly Action[];
  readonly checks: readonly Check<never, never, NcpCall>[];
  handle(input: never, resolved: never, call: NcpCall): Data | Promise<Data>;
}

/** The one key of a request. @internal */
export interface OneKey {
  readonly key: LoadedKey;
}

/** The permission that an operation needs; the service's own names are not known. @internal */
export function actionOn(name: OperationName, key: KeyRecord | undefined): readonly Action[] {
  const kind = name.startsWith('Get ') ? 'View' : 'Change';
  const words = name.replace(/[^A-Za-z]+(.)/g, (_, letter: string) => letter.toUpperCase());
  const action = `${kind}/${words.charAt(0).toLowerCase()}${words.slice(1)}`;
  return [{ name: action, resource: key === undefined ? '*' : nrnOf(key) }];
}

/** Which API the request came by. @internal */
export function isApi(call: NcpCall, api: Api): boolean {
  return call.route.api === api;
}
