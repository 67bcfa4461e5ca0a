import { fault, type LoadedKey } from '@keyglot/core';
import type { AnyAwsOperation, AwsCall } from './call.js';
import { requireGrantTokens } from './checks.js';
import { awsFault } from './faults.js';

type Output = Record<string, unknown> | undefined;

/** Members that several operations share. */
interface CommonInput {
  readonly GrantTokens?: readonly string[];
  readonly DryRun?: boolean;
}

/**
 * Runs one operation: resolve, authorise, check in AWS's order, act. A dry run does everything, and
 * then says that it would have worked; operations that change something have no dry run.
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
  authorise(operation, found, call);
  const common = input as CommonInput;
  if (common.GrantTokens !== undefined) requireGrantTokens(common.GrantTokens);
  for (const check of operation.checks) check(resolved, typed, call);
  const output = operation.handle(typed, resolved, call);
  if (common.DryRun !== true) return output;
  if (output instanceof Promise) return output.then(dryRun);
  return dryRun();
}

function dryRun(): never {
  throw awsFault('DryRunPassed', {});
}

/**
 * Until policies are evaluated every authenticated caller may do everything, but for operations that
 * the service never allows on a key of another account.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
 */
function authorise(operation: AnyAwsOperation, resolved: object, call: AwsCall): void {
  if (operation.crossAccount) return;
  for (const key of Object.values(resolved)) {
    if (!isKey(key) || key.record.realm.tenant === call.caller.account) continue;
    throw fault('AccessDenied', {
      action: `kms:${operation.name}`,
      resource: '',
      reason: HIDDEN,
    });
  }
}

/**
 * The text does not tell whether the key exists. Recorded in
 * https://github.com/kubernetes-sigs/aws-encryption-provider/pull/141
 */
const HIDDEN =
  'the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access';

function isKey(value: unknown): value is LoadedKey {
  return typeof value === 'object' && value !== null && 'record' in value;
}
