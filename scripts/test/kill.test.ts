import { expect, test } from 'vitest';
import { buildIfNeeded } from '../bootstrap.mjs';
import { KINDS } from '../kill/round.js';
import { runSeries } from '../kill/series.js';

test('keeps everything acknowledged when gateway and database are killed under load', async () => {
  expect(await buildIfNeeded()).toBe(true);
  const lines: string[] = [];
  const result = await runSeries({
    rounds: KINDS.length,
    seed: 20_261_124,
    say: (line) => lines.push(line),
  });
  expect(result, lines.join('\n')).toEqual({ passed: KINDS.length, failed: 0 });
}, 120_000);
