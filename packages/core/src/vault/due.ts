import { fault } from '../faults.js';
import { isGone, type KeyRecord } from '../model/key.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/**
 * Does one thing that has become due to a key, as of the key's `dueAt`, and moves `dueAt` on under the
 * same lock. When somebody else was faster it does nothing.
 *
 * @param nowMs virtual time, milliseconds since 1970; at or after `dueAt`
 * @public
 */
export type Duty = (vault: Vault, key: KeyRecord, nowMs: number) => Promise<void>;

/** Nobody has this many rotations to catch up with; more mean a defect. */
const MAX_TURNS = 1_000;

/** Whether something is to be done to a key at the virtual time `nowMs`. @internal */
export function isDue({ dueAt }: KeyRecord, nowMs: number): boolean {
  return dueAt !== null && dueAt.getTime() <= nowMs;
}

/**
 * Does everything that has become due to a key, each thing as of its own time, the earliest first.
 *
 * @returns the key afterwards, or undefined when it is gone
 * @throws KmsFault Internal when the key's dialect has not said what it does, or does not do it;
 * Unavailable
 * @internal
 */
export async function catchUp(
  vault: Vault,
  key: LoadedKey,
  nowMs: number,
): Promise<LoadedKey | undefined> {
  let current: LoadedKey | undefined = key;
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    if (current === undefined || isGone(current.record, nowMs)) return undefined;
    if (!isDue(current.record, nowMs)) return current;
    current = await doDue(vault, current.record, nowMs);
  }
  throw fault('Internal', { what: 'a key to which there is always something to be done' });
}

/**
 * Does the first thing that is due to a key.
 *
 * @returns the key afterwards, or undefined when it is gone
 * @throws as {@link catchUp}
 * @internal
 */
export async function doDue(
  vault: Vault,
  key: KeyRecord,
  nowMs: number,
): Promise<LoadedKey | undefined> {
  const { dialect } = key.realm;
  if (!vault.duties.has(dialect)) await vault.loadDialects?.();
  const duty = vault.duties.get(dialect);
  if (duty === undefined) throw fault('Internal', { what: 'a dialect without due work' });
  await duty(vault.sandboxes.in(key.sandbox), key, nowMs);
  const ref = { sandbox: key.sandbox, id: key.id };
  const found = await vault.keys.read(ref);
  // The key at hand was the stale one, or somebody else is ahead of what is in memory here.
  if (found !== undefined && found.record.revision <= key.revision) {
    vault.keys.forget([ref]);
    const again = await vault.keys.read(ref);
    if (again !== undefined && again.record.revision <= key.revision) {
      throw fault('Internal', { what: 'due work that changed nothing' });
    }
    return again;
  }
  return found;
}
