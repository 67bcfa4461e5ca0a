import { settle } from './settle.js';
import type { Vault } from './vault.js';

/**
 * Empties a sandbox: keys, aliases and resources. Its clock stays, and a seed begins anew. Other processes on the same store
 * may use what they hold in memory until their leases end; with `settleChanges` this waits for that.
 *
 * @throws KmsFault Unavailable
 * @public
 */
export async function resetSandbox(vault: Vault, sandbox: string): Promise<void> {
  try {
    await vault.store.clearSandbox(sandbox);
  } finally {
    vault.keys.forgetSandbox(sandbox);
    vault.resources.forgetSandbox(sandbox);
    vault.uses.forgetSandbox(sandbox);
    vault.sandboxes.restart(sandbox);
  }
  await settle(vault);
}
