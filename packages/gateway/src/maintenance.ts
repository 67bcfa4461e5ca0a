import { FLUSH_MS, listSandboxes, readClock, tick, type Vault } from '@keyglot/core';
import type { OpenedStore } from './openStore.js';

const DUE_MS = 60_000;
const CLEAN_MS = 600_000;

/**
 * Does what has to be done from time to time: renews the leases of keys in use, writes when keys were
 * used, removes keys whose time has come, and lets the store clean up.
 *
 * @internal
 */
export function startMaintenance(
  vault: Vault,
  opened: OpenedStore,
  onError: (error: unknown) => void,
): { stop(): void } {
  const every = (ms: number, work: () => Promise<unknown>): NodeJS.Timeout =>
    setInterval(once(work, onError), ms).unref();
  const inEach = async (work: (sandbox: string) => Promise<unknown>): Promise<void> => {
    for (const name of await listSandboxes(vault)) await work(name);
  };
  const timers = [
    every(vault.leaseMs / 2, () => vault.keys.renewLeases()),
    every(FLUSH_MS, () => vault.uses.flush()),
    every(DUE_MS, () => inEach((name) => tickNow(vault, name))),
    every(CLEAN_MS, () => inEach((name) => opened.clean(name))),
  ];
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

async function tickNow(vault: Vault, sandbox: string): Promise<void> {
  const clock = await readClock(vault, sandbox);
  await tick(vault.sandboxes.in(sandbox), sandbox, clock.at(vault.clock.virtualMs(sandbox)));
}

/** Runs `work`, unless it is still running from the time before. */
function once(work: () => Promise<unknown>, onError: (error: unknown) => void): () => void {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    work()
      .catch(onError)
      .finally(() => {
        running = false;
      });
  };
}
