import { changeKey, type Json, type KeyChange, type KeyRecord } from '@keyglot/core';
import { type AwsCall, keyArn, type OneKey } from '../call.js';
import { requireState, type StateRow } from '../states.js';

/**
 * Changes the one key of a request; its state is judged again under the key's lock.
 *
 * @param decide - sees the key as it is stored at that moment, and may throw
 * @internal
 */
export async function change(
  call: AwsCall,
  { key }: OneKey,
  row: StateRow,
  decide: (current: KeyRecord) => NonNullable<KeyChange['set']>,
): Promise<KeyRecord> {
  const changed = await changeKey(call.vault, key.record, call.nowMs, (current) => {
    requireState(current, row, keyArn(call, current));
    return { set: decide(current) };
  });
  return changed.record;
}

/** Replaces attributes of a key, and leaves the others as they are at that moment. @internal */
export async function changeAttributes(
  call: AwsCall,
  resolved: OneKey,
  row: StateRow,
  decide: (current: KeyRecord) => { readonly [name: string]: Json },
): Promise<void> {
  await change(call, resolved, row, (current) => ({
    attributes: { ...current.attributes, ...decide(current) },
  }));
}
