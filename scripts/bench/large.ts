import { LARGE_P50_MS } from './budget.js';
import { openDriver, percentile } from './driver.js';
import type { Target } from './gateway.js';
import { largeListPool } from './pools.js';

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
    const driver = await openDriver(target.port, 1);
    try {
      await driver.run(pool, 0.5);
      const run = await driver.run(pool, seconds * 3);
      found.push({ limit, p50Ms: percentile(run, 50), p99Ms: percentile(run, 99) });
    } finally {
      driver.close();
    }
  }
  return found;
}
