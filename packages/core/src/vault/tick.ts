import { doDue } from './due.js';
import type { Vault } from './vault.js';

const BATCH = 100;

/**
 * Does what is due in a sandbox, in order of its time: removes keys whose deletion time has passed, and
 * has dialects do what they have to do to a key, like a rotation. A late call gives nobody a wrong
 * answer, because every look-up compares the times itself.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @returns how many keys were removed
 * @throws KmsFault Unavailable, and what a dialect throws
 * @public
 */
export async function tick(vault: Vault, sandbox: string, nowMs: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const [first] = await vault.store.dueKeys(sandbox, nowMs, 1);
    if (first === undefined) return removed + (await purge(vault, sandbox, nowMs));
    removed += await purge(vault, sandbox, first.dueAt.getTime());
    const key = await vault.store.readKey({ sandbox, id: first.id });
    if (key !== undefined) await doDue(vault, key.key, nowMs);
  }
}

async function purge(vault: Vault, sandbox: string, nowMs: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const gone = await vault.store.purgeKeys(sandbox, nowMs, BATCH);
    vault.keys.forget(gone);
    removed += gone.length;
    if (gone.length < BATCH) return removed;
  }
}
