import { fault, KmsFault } from '../faults.js';
import { isGone, type KeyRecord } from '../model/key.js';
import type { GroupChange, KeyChange, StoredKey } from '../ports/store.js';
import type { LoadedKey } from './loadedKey.js';
import { settle } from './settle.js';
import type { Vault } from './vault.js';

/** A key joins a group of twins rarely, so that more turns mean a defect. */
const MAX_TURNS = 5;

/**
 * Locks a key and all its twins, and writes what is decided about them, all or nothing. Whoever calls
 * keeps the state of one key that is written; the others are forgotten.
 *
 * @param keptId id of the key that the caller keeps
 * @throws KmsFault KeyNotFound when the key is gone, Unavailable, and what `decide` throws
 * @internal
 */
export async function writeGroup(
  vault: Vault,
  key: KeyRecord,
  nowMs: number,
  keptId: string,
  decide: (current: StoredKey, group: readonly StoredKey[]) => GroupChange,
): Promise<readonly StoredKey[]> {
  const { sandbox, id } = key;
  let { twinGroup } = key;
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    if (twinGroup !== '') await vault.loadDialects?.();
    let joined: string | undefined;
    const written = await vault.store
      .changeKeys(sandbox, { ids: [id], twinGroup }, (locked) => {
        joined = undefined;
        const current = locked.find((one) => one.key.id === id);
        if (current === undefined || isGone(current.key, nowMs)) {
          throw fault('KeyNotFound', { id: key.wireId });
        }
        // The key is locked, and with it every change of its group.
        if (current.key.twinGroup !== twinGroup) {
          joined = current.key.twinGroup;
          return undefined;
        }
        return decide(current, locked);
      })
      .catch((error: unknown) => {
        // Only the store knows the twins, and it may have written although its answer was lost.
        if (twinGroup !== '' && isUnavailable(error)) vault.keys.forget(undefined);
        throw error;
      });
    if (joined !== undefined) {
      twinGroup = joined;
      continue;
    }
    const others = written.filter((stored) => stored.key.id !== keptId);
    vault.keys.forget(others.map((stored) => ({ sandbox, id: stored.key.id })));
    return written;
  }
  throw fault('Internal', { what: 'a key that joins one group of twins after the other' });
}

/**
 * Changes a key and its twins together under their locks. `decide` sees the key and its whole group as
 * they are stored at that moment, without those that are gone, and gives changes by key id, one of the
 * key itself among them. With `settleChanges` it is fulfilled when the changes hold in all processes.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @throws KmsFault KeyNotFound when the key is gone meanwhile, Unavailable, and what `decide` throws
 * @public
 */
export async function changeTwins(
  vault: Vault,
  key: KeyRecord,
  nowMs: number,
  decide: (current: KeyRecord, group: readonly KeyRecord[]) => ReadonlyMap<string, KeyChange>,
): Promise<LoadedKey> {
  const { sandbox, id } = key;
  const changed = await vault.keys.change({ sandbox, id }, async () => {
    const written = await writeGroup(vault, key, nowMs, id, (current, group) => {
      const living = group.map((stored) => stored.key).filter((one) => !isGone(one, nowMs));
      return { changes: decide(current.key, living) };
    });
    const stored = written.find((one) => one.key.id === id);
    if (stored === undefined) throw fault('Internal', { what: 'a change that left its key out' });
    return stored;
  });
  await settle(vault);
  return changed;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof KmsFault && error.code === 'Unavailable';
}
