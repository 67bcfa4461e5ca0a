import { LARGE_P50_MS } from './budget.js';
import { drive, percentile } from './driver.js';
import type { Target } from './gateway.js';
import { largeListPool } from './listPools.js';
import { makeKeys } from './material.js';
import { usageOf } from './usage.js';

const KEYS = 100_000;
const PORTION = 5_000;
const USED_AT_ONCE = 10_000;
const MIB = 1024 * 1024;

/** What a vault with many keys costs. */
export interface Large {
  readonly pages: readonly {
    readonly limit: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  }[];
  /** Resident memory of the Node process after so many different keys have been used. */
  readonly memory: readonly { readonly keys: number; readonly mib: number }[];
}

/** Makes 100,000 keys, lists them, one connection, in pages from all over the list, and uses each. */
export async function measureLarge(
  target: Target,
  seconds: number,
  say: (line: string) => void,
): Promise<Large> {
  const startedAt = performance.now();
  const ids: string[] = [];
  for (let made = 0; made < KEYS; made += PORTION) {
    ids.push(...(await makeKeys(target, PORTION, {})));
    const took = ((performance.now() - startedAt) / 1_000).toFixed(0);
    say(`${made + PORTION} of ${KEYS} keys made in ${took} s`);
  }
  const pages: Large['pages'][number][] = [];
  for (const limit of LARGE_P50_MS.keys()) {
    const pool = await largeListPool(target, limit);
    const run = await drive({ port: target.port, connections: 1, seconds: seconds * 3 }, pool);
    pages.push({ limit, p50Ms: percentile(run, 50), p99Ms: percentile(run, 99) });
  }
  return { pages, memory: await useAll(target, ids, say) };
}

async function useAll(
  target: Target,
  ids: readonly string[],
  say: (line: string) => void,
): Promise<Large['memory']> {
  const found: Large['memory'][number][] = [];
  for (let used = 0; used < ids.length; ) {
    const portion = ids.slice(used, used + USED_AT_ONCE);
    const inputs = portion.map((KeyId) => ({ KeyId, Plaintext: 'AA==' }));
    await target.ask('Encrypt', inputs);
    used += portion.length;
    const mib = usageOf(target.program.pid).rssBytes / MIB;
    say(`${used} keys used: ${mib.toFixed(0)} MiB`);
    found.push({ keys: used, mib });
  }
  return found;
}
