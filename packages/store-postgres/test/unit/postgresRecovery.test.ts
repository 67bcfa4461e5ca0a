import { inspect } from 'node:util';
import { Secret } from '@keyglot/core';
import { faultOf, newKey, outcomes } from '@keyglot/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresEvent } from '../../src/options.js';
import { startCuttingProxy } from '../support/cuttingProxy.js';
import { type Database, startTestServer, type TestServer, until } from '../support/testServer.js';

const PASSWORD = 'correct-horse';

let server: TestServer;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  database = await server.database();
});
afterAll(async () => {
  await server.stop();
});

describe('a store whose connections break', () => {
  it('serves the next reads and writes over fresh ones', async () => {
    const proxy = await startCuttingProxy(database.address);
    const events: PostgresEvent[] = [];
    const store = await database.open({
      url: proxy.address,
      poolSize: 3,
      onError: (event) => events.push(event),
    });
    await store.createKey(newKey('main', 'k'));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 9 }, () => store.ping()));
      proxy.cutAll();
      const found = await store.readKey({ sandbox: 'main', id: 'k' });
      expect(found?.key.revision).toBe(round + 1);
      await Promise.all(Array.from({ length: 9 }, () => store.ping()));
      proxy.cutAll();
      await store.changeKey({ sandbox: 'main', id: 'k' }, () => ({ set: { state: 'disabled' } }));
    }
    await store.close();
    await proxy.close();
    for (const event of events) expect(event.kind).toMatch(/^(connection-lost|notify-failed)$/);
  });

  it('loses nothing that it acknowledged when the server is killed, and recovers', async () => {
    const events: PostgresEvent[] = [];
    const store = await database.open({ onError: (event) => events.push(event) });
    store.onForeignChange(() => undefined);
    const acknowledged: string[] = [];
    const calls: Promise<unknown>[] = [];
    const write = async (id: string): Promise<void> => {
      await store.createKey(newKey('kill', id));
      acknowledged.push(id);
    };
    for (let index = 0; index < 400; index += 1) calls.push(write(`k${index}`));
    const all = outcomes(calls);
    await until(() => acknowledged.length > 40);
    const pid = server.postgres.pid();
    if (pid === undefined) throw new Error('the server does not run');
    process.kill(pid, 'SIGKILL');
    const { done, codes } = await all;
    expect(done).toBe(acknowledged.length);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(['Unavailable']));
    expect((await faultOf(store.ping())).code).toBe('Unavailable');

    await server.postgres.ensureRunning();
    await store.ping();
    const refs = acknowledged.map((id) => ({ sandbox: 'kill', id }));
    expect((await store.revisions(refs)).size).toBe(refs.length);
    await write('after');
    await store.close();
    expect(events.map(({ kind }) => kind)).toContain('listen-lost');
  });

  it('is unavailable while a lock is held longer than a statement may take', async () => {
    const store = await database.open({ statementTimeoutMs: 100 });
    await store.createKey(newKey('locked', 'k'));
    const holder = await database.connect();
    await holder.query("BEGIN; SELECT 1 FROM keyglot_key WHERE sandbox = 'locked' FOR UPDATE");
    const change = store.changeKey({ sandbox: 'locked', id: 'k' }, () => ({
      set: { state: 'disabled' },
    }));
    expect((await faultOf(change)).code).toBe('Unavailable');
    await holder.query('ROLLBACK');
    await holder.end();
    expect((await store.readKey({ sandbox: 'locked', id: 'k' }))?.key.revision).toBe(1);
    await store.close();
  });
});

describe('a store that cannot be opened', () => {
  const faultText = async (url: Parameters<Database['open']>[0]): Promise<[string, string]> => {
    const refused = await faultOf(database.open(url));
    return [refused.code, `${inspect(refused, { depth: 9, showHidden: true })} ${refused.stack}`];
  };

  it('is unavailable, and does not tell the password', async () => {
    for (const url of [
      { host: '/nowhere', user: 'u', database: 'd', password: new Secret(Buffer.from(PASSWORD)) },
      { host: '127.0.0.1', port: 1, user: 'u', database: 'd', password: PASSWORD },
      `postgres://u:${PASSWORD}@127.0.0.1:1/d`,
      { ...database.address, password: PASSWORD },
      { ...database.address, database: 'missing' },
    ]) {
      const [code, text] = await faultText({ url });
      expect(code).toBe('Unavailable');
      expect(text).not.toContain(PASSWORD);
    }
  });

  it('refuses a URL that is none without showing it', async () => {
    const [code, text] = await faultText({ url: `postgres://u:${PASSWORD}@[bad/d` });
    expect(code).toBe('InputInvalid');
    expect(text).not.toContain(PASSWORD);
  });

  it('takes a wrapped password', async () => {
    const { password } = database.address;
    const store = await database.open({
      url: { ...database.address, password: new Secret(Buffer.from(String(password))) },
    });
    await store.ping();
    await store.close();
  });
});
