import { LARGE_P50_MS } from './budget.js';
import { drive, percentile } from './driver.js';
import type { Target } from './gateway.js';
import { largeListPool } from './listPools.js';

const KEYS = 100_000;
const PORTION = 5_000;

/** Makes 100,000 keys, then lists them, one connection, in pages from all over the list. */
export async function measureLarge(
  target: Target,
  seconds: number,
  say: (line: string) => void,
): Promise<{ readonly limit: number; readonly p50Ms: number; readonly p99Ms: number }[]> {
  const startedAt = performance.now();
  for (let made = 0; made < KEYS; made += PORTION) {
    await target.ask('CreateKey', new Array<object>(PORTION).fill({}));
    const took = ((performance.now() - startedAt) / 1_000).toFixed(0);
    say(`${made + PORTION} of ${KEYS} keys made in ${took} s`);
  }
  const found: { limit: number; p50Ms: number; p99Ms: number }[] = [];
  for (const limit of LARGE_P50_MS.keys()) {
    const pool = await largeListPool(target, limit);
    const run = await drive({ port: target.port, connections: 1, seconds: seconds * 3 }, pool);
    found.push({ limit, p50Ms: percentile(run, 50), p99Ms: percentile(run, 99) });
  }
  return found;
}
