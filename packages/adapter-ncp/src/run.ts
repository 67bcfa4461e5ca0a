import { fault, type LoadedKey } from '@keyglot/core';
import type { AnyNcpOperation, Data, NcpCall } from './call.js';
import { nrnOf } from './ids.js';

/**
 * Runs one operation: resolve, authorise, check, act. The service's own order is not known; this one is
 * existence, permission, state, kind, values.
 *
 * @internal
 */
export function runOperation(
  operation: AnyNcpOperation,
  input: unknown,
  call: NcpCall,
): Data | Promise<Data> {
  // Validated by the row's own schema, which is where the row's input type comes from.
  const typed = input as never;
  const found = operation.resolve(typed, call);
  // Handed only to the row that made it.
  const resolved = found as never;
  if (isOneKey(found)) requireOwner(found.key, call);
  for (const check of operation.checks) check(resolved, typed, call);
  return operation.handle(typed, resolved, call);
}

/**
 * Keys are used by their own account only; tokens and unsigned requests act for it.
 *
 * @throws KmsFault AccessDenied
 * @internal
 */
export function requireOwner({ record }: LoadedKey, { caller, route }: NcpCall): void {
  if (caller.account === undefined || caller.account === record.realm.tenant) return;
  throw fault('AccessDenied', {
    action: route.name,
    resource: nrnOf(record),
    reason: 'the key belongs to another account',
  });
}

function isOneKey(value: object): value is { readonly key: LoadedKey } {
  return 'key' in value;
}
