import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Address,
  type Link,
  startDatabase,
  startLink,
  type TestDatabase,
} from '../../packages/gateway/test/replicas/database.js';
import {
  type Answer,
  type Client,
  clientOf,
  LEASE_MS,
  makeKey,
  ROOT_KEY_TEXT,
  repeat,
  seal,
  urlOf,
  watch,
} from '../../packages/gateway/test/replicas/replica.js';
import { buildIfNeeded } from '../bootstrap.mjs';
import { GATEWAY, gatewayEnvironment, launch, type Program } from '../program/program.js';

interface Child extends Client {
  readonly program: Program;
  readonly ready: () => Promise<number>;
}

const folders: string[] = [];
let database: TestDatabase;
let link: Link;
let one: Child;
/** Its link to the database can be cut. */
let two: Child;

async function startProgram(address: Address): Promise<Child> {
  const folder = await mkdtemp(join(tmpdir(), 'kg-replica-'));
  folders.push(folder);
  const env = {
    ...gatewayEnvironment(),
    KEYGLOT_STORE: urlOf(address),
    KEYGLOT_ROOT_KEY: ROOT_KEY_TEXT,
    KEYGLOT_DATA: folder,
    KEYGLOT_LOG_LEVEL: 'warn',
  };
  const args = ['--port', '0', '--host', '127.0.0.1'];
  const program = await launch(GATEWAY, { args, env }).ready;
  const client = clientOf(Number(new URL(program.url).port));
  const ready = async (): Promise<number> =>
    (await client.send({ method: 'GET', path: '/readyz' })).status;
  return { ...client, program, ready };
}

beforeAll(async () => {
  expect(await buildIfNeeded()).toBe(true);
  database = await startDatabase();
  link = await startLink(database.address);
  one = await startProgram(database.address);
  two = await startProgram(link.address);
}, 120_000);
afterAll(async () => {
  for (const child of [one, two]) {
    child?.close();
    await child?.program.end('SIGTERM');
  }
  await link?.close();
  await database?.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('two processes on one database', () => {
  it('agree within a lease that a key is disabled', async () => {
    const KeyId = await makeKey(one);
    expect((await seal(two, KeyId)).code).toBe('ok');
    expect((await one.call('DisableKey', { KeyId })).code).toBe('ok');
    const acknowledgedMs = performance.now();
    const { answer, lastOldMs } = await watch(
      () => seal(two, KeyId),
      ({ code }) => code !== 'ok',
    );
    expect([answer.status, answer.code]).toEqual([400, 'DisabledException']);
    expect(lastOldMs - acknowledgedMs).toBeLessThan(LEASE_MS);
  });

  it('part when a link is cut: the one without database refuses within a lease, and comes back', async () => {
    const [kept, disabled] = [await makeKey(one), await makeKey(one)];
    for (const KeyId of [kept, disabled]) expect((await seal(two, KeyId)).code).toBe('ok');
    expect(await two.ready()).toBe(200);

    link.breaksOn = () => true;
    link.cut();
    const cutMs = performance.now();
    expect((await one.call('DisableKey', { KeyId: disabled })).code).toBe('ok');
    const refuses = (answer: Answer): boolean => answer.code !== 'ok';
    const sights = await Promise.all(
      [kept, disabled].map((KeyId) => watch(() => seal(two, KeyId), refuses)),
    );
    for (const { lastOldMs } of sights) expect(lastOldMs - cutMs).toBeLessThan(LEASE_MS);
    for (const KeyId of [kept, disabled]) {
      for (const answer of await repeat(10, () => seal(two, KeyId))) {
        expect([answer.status, answer.code]).toEqual([500, 'DependencyTimeoutException']);
      }
    }
    for (const operation of ['CreateKey', 'ListKeys']) {
      expect((await two.call(operation, {})).code).toBe('DependencyTimeoutException');
    }
    expect(await two.ready()).toBe(503);
    expect((await two.send({ method: 'GET', path: '/healthz' })).status).toBe(200);
    expect(two.program.ended()).toBeUndefined();
    // The other one does not notice.
    expect([await one.ready(), (await seal(one, kept)).code]).toEqual([200, 'ok']);

    link.breaksOn = () => false;
    const back = await watch(
      () => seal(two, disabled),
      ({ status }) => status !== 500,
    );
    expect(back.answer.code).toBe('DisabledException');
    expect((await seal(two, kept)).code).toBe('ok');
    expect(await two.ready()).toBe(200);
    expect(two.program.ended()).toBeUndefined();
    expect(two.program.errors()).not.toMatch(/a defect in Keyglot/);
  });
});
