import { fault } from '../faults.js';
import { isGone, type KeyRecord } from '../model/key.js';
import type { LoadedKey } from './loadedKey.js';
import type { ResourceDraft } from './resources.js';
import { settle } from './settle.js';
import type { Vault } from './vault.js';

/** A resource of a key; what it belongs to follows from the key. @public */
export type KeyResourceDraft = Pick<ResourceDraft, 'kind' | 'id' | 'body' | 'index'>;

/**
 * Writes a new resource that belongs to a key and goes with it.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @param check sees the key under its lock and how many resources of the kind it has; throws to refuse
 * @throws KmsFault AlreadyExists when id or index entry is taken, KeyNotFound, Unavailable, and what `check` throws
 * @public
 */
export async function attachResource(
  vault: Vault,
  key: LoadedKey,
  { kind, id, body, index }: KeyResourceDraft,
  nowMs: number,
  check: (key: KeyRecord, count: number) => void,
): Promise<void> {
  const { sandbox, id: parent, wireId } = key.record;
  const resource = { sandbox, kind, id, parent, body, sealed: null, version: 1 };
  try {
    await vault.store.attachResource(resource, index ?? [], (current, count) => {
      if (isGone(current, nowMs)) throw fault('KeyNotFound', { id: wireId });
      check(current, count);
    });
  } finally {
    vault.keys.forget([{ sandbox, id: parent }]);
    vault.resources.forget(sandbox, kind, id);
  }
}

/**
 * Deletes a resource of a key; waits as `changeKey` does.
 *
 * @returns whether the key had such a resource
 * @throws KmsFault Unavailable
 * @public
 */
export async function detachResource(
  vault: Vault,
  key: Pick<KeyRecord, 'sandbox' | 'id'>,
  kind: string,
  id: string,
): Promise<boolean> {
  const ref = { sandbox: key.sandbox, id: key.id };
  let removed: boolean;
  try {
    removed = await vault.store.detachResource(ref, kind, id);
  } finally {
    vault.keys.forget([ref]);
    vault.resources.forget(key.sandbox, kind, id);
  }
  await settle(vault);
  return removed;
}
