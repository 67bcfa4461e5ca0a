import type { KeyRecord, LoadedKey, Realm, Scope, Vault } from '@keyglot/core';
import type { Action, Caller, Check, Evidence, Operation } from '@keyglot/dialect';
import type { AuthMode } from './authenticate.js';
import type { Profile } from './profile.js';

/** Who sent a request, as far as its credentials tell. @internal */
export interface AwsCaller extends Caller {
  readonly profile: Profile;
  /** What `enforce` would have refused; authorisation may add to it. */
  audit: string;
  readonly account: string;
  /** Region of the credential scope, or the configured one. */
  readonly region: string;
  /** ARN of the principal. */
  readonly arn: string;
  readonly userId: string;
  readonly realm: Realm;
}

/** Everything that an operation works with. @internal */
export interface AwsCall {
  readonly vault: Vault;
  readonly caller: AwsCaller;
  readonly profile: Profile;
  readonly realm: Realm;
  readonly scope: Scope;
  /** Virtual time, milliseconds since 1970. */
  readonly nowMs: number;
  readonly operation: string;
  readonly requestId: string;
  /** How authorisation ends: `open` allows what the service can allow at all. */
  readonly auth: AuthMode;
}

/** A row of the operation table. @internal */
export type AwsOperation<Input, Resolved> = Operation<
  Input,
  Resolved,
  Record<string, unknown> | undefined,
  AwsCall
> & {
  /** Whether a key of another account may be named. */
  readonly crossAccount: boolean;
};

/** Any row, as the table holds it: what a row resolves is its own business. @internal */
export interface AnyAwsOperation {
  readonly name: string;
  readonly evidence: Evidence;
  readonly simulated?: string;
  readonly crossAccount: boolean;
  resolve(input: never, call: AwsCall): object;
  actions(input: never, resolved: never, call: AwsCall): readonly Action[];
  readonly checks: readonly Check<never, never, AwsCall>[];
  handle(
    input: never,
    resolved: never,
    call: AwsCall,
  ): Record<string, unknown> | undefined | Promise<Record<string, unknown> | undefined>;
}

/** The one key of a request. @internal */
export interface OneKey {
  readonly key: LoadedKey;
}

/** ARN of a key, as the profile spells it. @internal */
export function keyArn(call: AwsCall, key: KeyRecord): string {
  return call.profile.arn(key.realm, `key/${key.wireId}`);
}
