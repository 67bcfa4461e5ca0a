// `node scripts/run.mjs scripts/kill/main.ts --rounds 50 [--seed N] [--first N] [--kind both] [--keep]`:
// kills a gateway with an embedded database at random moments and looks for what was lost.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../bootstrap.mjs';
import { KINDS } from './round.js';
import { runSeries } from './series.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string' },
    first: { type: 'string', default: '1' },
    kind: { type: 'string', multiple: true },
    keep: { type: 'boolean', default: false },
  },
});
const chosen = KINDS.filter((kind) => values.kind === undefined || values.kind.includes(kind));
const rounds = Number(values.rounds);
const first = Number(values.first);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (![rounds, first, seed].every(Number.isSafeInteger) || rounds < 1 || chosen.length === 0) {
  console.error(`usage: --rounds N --seed N --first N --kind ${KINDS.join('|')} --keep`);
  process.exit(2);
}

await ensureBuilt();
console.error(`seed ${seed}`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
const { passed, failed } = await runSeries({
  rounds,
  seed,
  first,
  kinds: chosen,
  keep: values.keep,
  signal: stop.signal,
  say: (line) => console.error(line),
});
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed === rounds ? 0 : 1;
