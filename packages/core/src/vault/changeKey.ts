import { fault } from '../faults.js';
import { isGone, type KeyRecord } from '../model/key.js';
import type { KeyChange } from '../ports/store.js';
import type { LoadedKey } from './loadedKey.js';
import { settle } from './settle.js';
import type { Vault } from './vault.js';

/**
 * Changes a key under its lock. `decide` sees the key as it is stored at that moment, so checks made
 * there hold when the change is written; what it throws leaves everything as it was. With
 * `settleChanges` it is fulfilled when the change holds in all processes.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @throws KmsFault KeyNotFound when the key is gone meanwhile, Unavailable, and what `decide` throws
 * @public
 */
export async function changeKey(
  vault: Vault,
  key: KeyRecord,
  nowMs: number,
  decide: (current: KeyRecord) => KeyChange | undefined,
): Promise<LoadedKey> {
  const ref = { sandbox: key.sandbox, id: key.id };
  const changed = await vault.keys.change(ref, () =>
    vault.store.changeKey(ref, (current) => {
      if (isGone(current, nowMs)) throw fault('KeyNotFound', { id: current.wireId });
      return decide(current);
    }),
  );
  await settle(vault);
  return changed;
}
