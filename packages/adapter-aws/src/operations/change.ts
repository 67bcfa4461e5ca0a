import { changeKey, type Json, type KeyChange, type KeyRecord } from '@keyglot/core';
import type { AwsCall, OneKey } from '../call.js';
import { multiRegionOf } from '../multiRegion.js';
import { changeRelatives } from '../relatives.js';
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
    requireState(current, row, call);
    return { set: decide(current) };
  });
  return changed.record;
}

/**
 * As {@link change}, for what the other keys of a multi-Region key have to know or to share.
 *
 * @internal
 */
export async function changeWithRelatives(
  call: AwsCall,
  resolved: OneKey,
  row: StateRow,
  decide: (current: KeyRecord) => NonNullable<KeyChange['set']>,
): Promise<KeyRecord> {
  const { record } = resolved.key;
  if (multiRegionOf(record) === undefined) return change(call, resolved, row, decide);
  return changeRelatives(call, record, (current) => {
    requireState(current, row, call);
    return { changes: new Map([[current.id, { set: decide(current) }]]) };
  });
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
