// `npm run bench [-- --seconds 0.6 --rounds 3 --connections 16 --only Encrypt --store memory|embedded
// --starts 7 --large --json file --profile folder]`: measures the built gateway beside a bare node:http
// server. With --profile Node writes where the gateway's time went; the figures suffer from that.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../bootstrap.mjs';
import { ROWS, type Row } from './budget.js';
import {
  makeDataFolder,
  prepareTarget,
  type StoreKind,
  startGateway,
  type Target,
} from './gateway.js';
import { measureLarge } from './large.js';
import { prepareMaterial } from './material.js';
import { type Measured, measure, startBare } from './measure.js';
import { preparePool } from './pools.js';
import { measureStarts } from './start.js';
import { type Results, resultTable } from './table.js';
import { usageOf } from './usage.js';

const MIB = 1024 * 1024;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '0.6' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string' },
    only: { type: 'string' },
    store: { type: 'string', default: 'memory' },
    starts: { type: 'string', default: '7' },
    large: { type: 'boolean', default: false },
    json: { type: 'string' },
    profile: { type: 'string' },
  },
});
const numbers = [values.seconds, values.rounds, values.starts, values.connections ?? '1'];
const rows = ROWS.filter(({ work }) => work.startsWith(values.only ?? ''))
  .filter(({ connections }) => values.connections === undefined || connections === 16)
  .map((row): Row => {
    if (values.connections === undefined) return row;
    return { work: row.work, connections: Number(values.connections) };
  });
const isStore = values.store === 'memory' || values.store === 'embedded';
if (!numbers.every((text) => Number(text) >= 0) || !isStore || rows.length === 0) {
  const works = [...new Set(ROWS.map(({ work }) => `"${work}"`))].join(' | ');
  console.error(
    `usage: --seconds N --rounds N --starts N --connections N --only ${works} --store memory|embedded --large --json FILE --profile FOLDER`,
  );
  process.exit(2);
}

await ensureBuilt();
const store: StoreKind = values.store === 'embedded' ? 'embedded' : 'memory';
const seconds = Number(values.seconds);
const say = (line: string): void => console.error(line);
const times = Number(values.starts);
const starts = times > 0 ? await measureStarts(times, ['memory', 'embedded']) : [];
const results = await withTarget(store, run);
console.log(resultTable(results));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

async function run(target: Target): Promise<Results> {
  const restMib = usageOf(target.program.pid).rssBytes / MIB;
  const bare = await startBare('plain');
  const sealing = await startBare('crypto');
  try {
    const material = await prepareMaterial(target);
    const measured: Measured[] = [];
    for (const row of rows) {
      say(`${row.work}, ${row.connections} connections`);
      const pool = await preparePool(row.work, target, material);
      const contest = { target, bare, sealing };
      measured.push(await measure(row, contest, pool, seconds, Number(values.rounds)));
    }
    const afterMib = usageOf(target.program.pid).rssBytes / MIB;
    const large = values.large ? await measureLarge(target, seconds, say) : undefined;
    const memory = { restMib, afterMib };
    return { store, node: process.version, rows: measured, starts, memory, large };
  } finally {
    await bare.end('SIGTERM');
    await sealing.end('SIGTERM');
  }
}

async function withTarget<T>(kind: StoreKind, work: (target: Target) => Promise<T>): Promise<T> {
  const folder = makeDataFolder();
  try {
    const { profile } = values;
    const nodeArgs = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const program = await startGateway(kind, folder.path, 'enforce', nodeArgs);
    try {
      return await work(await prepareTarget(program, folder.path));
    } finally {
      await program.end('SIGTERM');
    }
  } finally {
    folder.remove();
  }
}
