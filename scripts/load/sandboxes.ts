// `node scripts/run.mjs scripts/load/sandboxes.ts [--sandboxes 200] [--keys 5] [--uses 50] [--store memory]`:
// works in many sandboxes of one gateway at the same time, and prints time and memory.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { makeDataFolder, startGateway } from '../bench/gateway.js';
import { ensureBuilt } from '../bootstrap.mjs';
import { type Client, createClient } from '../kill/client.js';
import { admin, memoryOf } from './gateway.js';

const { values } = parseArgs({
  options: {
    sandboxes: { type: 'string', default: '200' },
    keys: { type: 'string', default: '5' },
    uses: { type: 'string', default: '50' },
    store: { type: 'string', default: 'memory' },
  },
});
const [sandboxes = 0, keys = 0, uses = 0] = [values.sandboxes, values.keys, values.uses].map(
  Number,
);
const { store } = values;
if (
  ![sandboxes, keys, uses].every((value) => Number.isSafeInteger(value) && value > 0) ||
  (store !== 'memory' && store !== 'embedded')
) {
  console.error('usage: --sandboxes N --keys N --uses N --store memory|embedded');
  process.exit(2);
}

interface Job {
  readonly name: string;
  readonly client: Client;
  readonly ids: string[];
}

const DAYS = 30;
const ALIAS = 'alias/the-same-everywhere';

await ensureBuilt();
const folder = makeDataFolder();
const program = await startGateway(store, folder.path, 'open');
let requests = 0;

const ask = async (
  { client }: Job,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> => {
  requests += 1;
  const outcome = await client.call(operation, input);
  if (outcome.kind === 'done') return outcome.output;
  throw new Error(`${operation}: ${JSON.stringify(outcome)}`);
};
const jobs = Array.from({ length: sandboxes }, (_, number): Job => {
  const name = `job-${number}`;
  return { name, client: createClient(`${program.url}/s/${name}/aws/`), ids: [] };
});
const phase = async (what: string, work: (job: Job) => Promise<void>): Promise<void> => {
  const startedMs = performance.now();
  requests = 0;
  await Promise.all(jobs.map(work));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { rssMib, cachedKeys, cachedMib } = await memoryOf(program, folder.path);
  console.log(
    `${what.padEnd(34)}${seconds.toFixed(2).padStart(8)} s${String(requests).padStart(9)} requests` +
      `${rssMib.toFixed(0).padStart(7)} MiB resident` +
      `${cachedKeys.toString().padStart(7)} keys in ${cachedMib.toFixed(1)} MiB of cache`,
  );
};

try {
  await phase('nothing yet', async () => {});
  await phase(`${sandboxes} sandboxes with ${keys} keys`, async (job) => {
    for (let made = 0; made < keys; made += 1) {
      const { KeyMetadata } = await ask(job, 'CreateKey', {});
      job.ids.push(String(Object(KeyMetadata).KeyId));
    }
    await ask(job, 'CreateAlias', { AliasName: ALIAS, TargetKeyId: job.ids[0] });
  });
  await phase(`${uses} times sealed and opened each`, async (job) => {
    for (let use = 0; use < uses; use += 1) {
      const Plaintext = Buffer.from(`${job.name} ${use}`).toString('base64');
      const KeyId = use % 2 === 0 ? ALIAS : job.ids[use % keys];
      const { CiphertextBlob } = await ask(job, 'Encrypt', { KeyId, Plaintext });
      const opened = await ask(job, 'Decrypt', { CiphertextBlob });
      assert.equal(opened['Plaintext'], Plaintext, job.name);
    }
  });
  await phase(`one key deleted, ${DAYS} days later`, async (job) => {
    const doomed = job.ids.shift();
    await ask(job, 'ScheduleKeyDeletion', { KeyId: doomed, PendingWindowInDays: 7 });
    const advanceSeconds = DAYS * 86_400;
    await admin(program, folder.path, 'POST', `/sandboxes/${job.name}/clock`, { advanceSeconds });
    const { Keys } = await ask(job, 'ListKeys', {});
    const listed = Array.isArray(Keys) ? Keys.map((key) => String(Object(key).KeyId)) : [];
    assert.deepEqual(listed.sort(), [...job.ids].sort(), job.name);
  });
  await phase('every second one emptied', async (job) => {
    if (jobs.indexOf(job) % 2 !== 0) return;
    await admin(program, folder.path, 'POST', `/sandboxes/${job.name}/reset`, {});
    job.ids.length = 0;
  });
  await phase('all looked at once more', async (job) => {
    const { Keys } = await ask(job, 'ListKeys', {});
    assert.equal(Array.isArray(Keys) && Keys.length, job.ids.length, job.name);
  });
} finally {
  for (const { client } of jobs) client.close();
  await program.end('SIGTERM');
  folder.remove();
}
