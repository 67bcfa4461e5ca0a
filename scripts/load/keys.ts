// `node scripts/run.mjs scripts/load/keys.ts [--keys 100000] [--rounds 2] [--connections 16] [--heap MIB]`:
// makes many keys on an embedded database, uses each in turn, and prints the memory of the gateway. With
// --heap its JavaScript heap is bounded, which tells garbage that is not collected yet from growth.
import { parseArgs } from 'node:util';
import { makeDataFolder, startGateway } from '../bench/gateway.js';
import { ensureBuilt } from '../bootstrap.mjs';
import { createClient } from '../kill/client.js';
import { inParallel, memoryOf } from './gateway.js';

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '16' },
    heap: { type: 'string' },
  },
});
const keys = Number(values.keys);
const rounds = Number(values.rounds);
const connections = Number(values.connections);
const heapMib = Number(values.heap ?? 1);
if (
  ![keys, rounds, connections, heapMib].every((value) => Number.isSafeInteger(value) && value > 0)
) {
  console.error('usage: --keys N --rounds N --connections N --heap MIB');
  process.exit(2);
}

await ensureBuilt();
const folder = makeDataFolder();
const program = await startGateway(
  'embedded',
  folder.path,
  'open',
  values.heap === undefined ? [] : [`--max-old-space-size=${heapMib}`],
);
const client = createClient(program.url);
const ids: string[] = [];

const ask = async (operation: string, input: object): Promise<Record<string, unknown>> => {
  const outcome = await client.call(operation, input);
  if (outcome.kind === 'done') return outcome.output;
  throw new Error(`${operation}: ${JSON.stringify(outcome)}`);
};
const show = async (what: string, startedMs: number, requests: number): Promise<void> => {
  const seconds = (performance.now() - startedMs) / 1_000;
  const { rssMib, cachedKeys, cachedMib } = await memoryOf(program, folder.path);
  console.log(
    [
      what.padEnd(24),
      `${rssMib.toFixed(0)} MiB resident`.padStart(18),
      `${cachedKeys} keys in ${cachedMib.toFixed(1)} MiB of cache`.padStart(36),
      requests === 0 ? '' : `${(requests / seconds).toFixed(0)} requests/s`.padStart(18),
    ].join(''),
  );
};

try {
  await show('started', 0, 0);
  const portion = Math.ceil(keys / 10);
  for (let from = 0; from < keys; from += portion) {
    const count = Math.min(portion, keys - from);
    const startedMs = performance.now();
    await inParallel(count, connections * 2, async () => {
      const { KeyMetadata } = await ask('CreateKey', {});
      const metadata: Record<string, unknown> = Object(KeyMetadata);
      ids.push(String(metadata['KeyId']));
    });
    await show(`made ${from + count}`, startedMs, count);
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (let from = 0; from < keys; from += portion) {
      const used = ids.slice(from, from + portion);
      const startedMs = performance.now();
      await inParallel(used.length, connections, async (index) => {
        await ask('Encrypt', { KeyId: used[index], Plaintext: 'c2VjcmV0' });
      });
      await show(`round ${round}: used ${from + used.length}`, startedMs, used.length);
    }
  }
} finally {
  client.close();
  await program.end('SIGTERM');
  folder.remove();
}
