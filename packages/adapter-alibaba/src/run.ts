import { fault, KmsFault, type LoadedKey } from '@keyglot/core';
import { sayFault } from '@keyglot/dialect';
import type { AlibabaCall, AnyAlibabaOperation, Output } from './call.js';
import { ALIBABA_FAULTS, alibabaFault } from './faults.js';
import { keyArn } from './ids.js';

/**
 * Runs one operation: resolve, authorise, check, act. A dry run does everything and then answers with
 * a failure that tells how it went.
 *
 * @internal
 */
export function runOperation(
  operation: AnyAlibabaOperation,
  input: unknown,
  call: AlibabaCall,
): Output | Promise<Output> {
  const { DryRun: dryRun } = input as { readonly DryRun?: string };
  if (dryRun !== 'true') return run(operation, input, call);
  const refuse = (error: unknown): never => {
    throw refusedDryRun(error, call);
  };
  try {
    const output = run(operation, input, call);
    return output instanceof Promise ? output.then(passed, refuse) : passed();
  } catch (error) {
    if (error instanceof KmsFault && error.code === 'DryRunPassed') throw error;
    return refuse(error);
  }
}

function run(
  operation: AnyAlibabaOperation,
  input: unknown,
  call: AlibabaCall,
): Output | Promise<Output> {
  // Validated by the row's own schema, which is where the row's input type comes from.
  const typed = input as never;
  const found = operation.resolve(typed, call);
  // Handed only to the row that made it.
  const resolved = found as never;
  authorise(operation, found, call);
  for (const check of operation.checks) check(resolved, typed, call);
  return operation.handle(typed, resolved, call);
}

/** Whoever calls, only the account's own keys are used. */
function authorise(operation: AnyAlibabaOperation, resolved: object, call: AlibabaCall): void {
  for (const key of Object.values(resolved)) {
    if (isKey(key)) requireOwner(key, operation.name, call);
  }
}

/**
 * Until RAM policies are evaluated every caller may do everything with the keys of its own account.
 * Keys outside an instance have no policy, so nothing can let another account in.
 *
 * @throws KmsFault AccessDenied
 * @see https://www.alibabacloud.com/help/doc-detail/28953.htm
 * @internal
 */
export function requireOwner({ record }: LoadedKey, operation: string, call: AlibabaCall): void {
  if (record.realm.tenant === call.caller.account) return;
  throw fault('AccessDenied', {
    action: `kms:${operation}`,
    resource: keyArn(record),
    reason: 'the key belongs to another account',
  });
}

function isKey(value: unknown): value is LoadedKey {
  return typeof value === 'object' && value !== null && 'record' in value;
}

function passed(): never {
  throw alibabaFault('DryRunPassed', {});
}

/** What is no refusal of the service stays what it is. */
function refusedDryRun(error: unknown, { operation }: AlibabaCall): unknown {
  if (!(error instanceof KmsFault)) return error;
  const refused = sayFault(ALIBABA_FAULTS, error, { operation }).error;
  return refused.status >= 500 ? error : alibabaFault('DryRunRefused', { refused });
}
