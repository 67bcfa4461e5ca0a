import type { Vault } from './vault.js';

const BATCH = 100;

/**
 * Does what is due in a sandbox: removes keys whose deletion time has passed. A late call never leaves
 * a key usable, because every look-up compares the time itself.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @returns how many keys were removed
 * @public
 */
export async function tick(vault: Vault, sandbox: string, nowMs: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const gone = await vault.store.purgeKeys(sandbox, nowMs, BATCH);
    vault.keys.forget(gone);
    removed += gone.length;
    if (gone.length < BATCH) return removed;
  }
}
