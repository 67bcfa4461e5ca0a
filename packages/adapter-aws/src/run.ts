import type { LoadedKey } from '@keyglot/core';
import { type AnyAwsOperation, type AwsCall, keyArn } from './call.js';
import { deniedForeign } from './denied.js';
import { awsFault } from './faults.js';
import { requireGrantTokens } from './grants/token.js';
import { noteUse } from './lastUse.js';
import { LISTINGS, markerBinding, openMarker, sealMarker } from './markers.js';

type Output = Record<string, unknown> | undefined;

/** Members that several operations share. */
interface CommonInput {
  readonly GrantTokens?: readonly string[];
  readonly DryRun?: boolean;
  readonly Marker?: string;
}

/**
 * Runs one operation: resolve, authorise, check in AWS's order, act. A dry run does everything, and
 * then says that it would have worked; handlers that would change something leave just that out.
 *
 * @internal
 */
export function runOperation(
  operation: AnyAwsOperation,
  input: unknown,
  call: AwsCall,
): Output | Promise<Output> {
  // Validated by the row's own schema, which is where the row's input type comes from.
  const typed = input as never;
  const found = operation.resolve(typed, call);
  // Handed only to the row that made it.
  const resolved = found as never;
  const keys = Object.values(found).filter(isKey);
  authorise(operation, typed, found, keys, call);
  const common = input as CommonInput;
  if (common.GrantTokens !== undefined) requireGrantTokens(call, common.GrantTokens);
  for (const check of operation.checks) check(resolved, typed, call);
  if (LISTINGS.has(operation.name)) return runListing(operation, common, found, keys, call);
  const finish = (output: Output): Output => {
    if (common.DryRun === true) throw awsFault('DryRunPassed', {});
    noteUse(call, keys);
    return output;
  };
  const output = operation.handle(typed, resolved, call);
  return output instanceof Promise ? output.then(finish) : finish(output);
}

/** Handlers of listings know places, clients know markers. */
async function runListing(
  operation: AnyAwsOperation,
  input: CommonInput,
  found: object,
  keys: readonly LoadedKey[],
  call: AwsCall,
): Promise<Output> {
  const binding = markerBinding(call, { ...input }, keys);
  const Marker = input.Marker && openMarker(call, binding, input.Marker);
  // As in `runOperation`; only the marker is another.
  const placed = (Marker === undefined ? input : { ...input, Marker }) as never;
  const output = await operation.handle(placed, found as never, call);
  const next = output?.['NextMarker'];
  if (typeof next !== 'string') return output;
  return { ...output, NextMarker: sealMarker(call, binding, next) };
}

/**
 * Until policies are evaluated every authenticated caller may do everything with the keys of his own
 * account, as the default key policy and an administrator's identity policy together say. A key of
 * another account is refused where the service always refuses it, and in `enforce` everywhere, because
 * no default policy names a foreign account.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
 */
function authorise(
  operation: AnyAwsOperation,
  input: never,
  found: object,
  keys: readonly LoadedKey[],
  call: AwsCall,
): void {
  const foreign = keys.filter(({ record }) => record.realm.tenant !== call.caller.account);
  if (foreign.length === 0) return;
  if (!operation.crossAccount) throw deniedForeign(`kms:${operation.name}`);
  const arns = new Set(foreign.map(({ record }) => keyArn(call, record)));
  const actions = operation.actions(input, found as never, call);
  const denied = actions.find(({ resource }) => arns.has(resource));
  if (denied !== undefined) denyForeign(call, denied.name);
}

/**
 * Refuses a key of another account where nothing can have let the caller in.
 *
 * @throws KmsFault AccessDenied in `enforce`
 * @internal
 */
export function requireAccount(call: AwsCall, { record }: LoadedKey, action: string): void {
  if (record.realm.tenant !== call.caller.account) denyForeign(call, action);
}

function denyForeign(call: AwsCall, action: string): void {
  if (call.auth === 'enforce') throw deniedForeign(action);
  if (call.auth === 'audit') call.caller.audit = `${action} on a key of another account`;
}

function isKey(value: unknown): value is LoadedKey {
  return typeof value === 'object' && value !== null && 'record' in value;
}
