import { setTimeout as pause } from 'node:timers/promises';
import type { Vault } from './vault.js';

/** Timers may fire a millisecond early, and the clocks of two machines run at slightly different rates. */
const MARGIN_MS = 20;

/**
 * Waits until no other process may act on what it read before the change that was just written. Does
 * nothing unless the vault was opened with `settleChanges` on a store that others share.
 *
 * Also to be called when a change turned out to be there already: whoever made it may still be waiting.
 *
 * @public
 */
export async function settle(vault: Vault): Promise<void> {
  if (vault.settleChanges) await pause(vault.leaseMs + MARGIN_MS);
}
