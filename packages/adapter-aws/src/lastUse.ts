import type { LoadedKey } from '@keyglot/core';
import type { AwsCall } from './call.js';
import { model } from './generated/model.js';

/** Operations whose success is the use of a key, as the model lists them. */
const TRACKED = new Set(trackedOperations());

/**
 * Notes that the operation of a call has used its keys.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
 * @internal
 */
export function noteUse(call: AwsCall, keys: readonly LoadedKey[]): void {
  const { operation, requestId, nowMs, vault } = call;
  if (!TRACKED.has(operation)) return;
  for (const { record } of keys) vault.uses.note(record, operation, nowMs, requestId);
}

function trackedOperations(): readonly string[] {
  const shape = model.shapes['KeyLastUsageTrackingOperation'];
  return shape?.type === 'string' ? (shape.enum ?? []) : [];
}
