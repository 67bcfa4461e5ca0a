import { faultOf, newKey, newResource } from '@keyglot/core/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresStore } from '../../src/postgresStore.js';
import { type CuttingProxy, startCuttingProxy, type Verdict } from '../support/cuttingProxy.js';
import { type Database, startTestServer, type TestServer, until } from '../support/testServer.js';

let server: TestServer;
let database: Database;
let proxy: CuttingProxy;
let store: PostgresStore;

beforeAll(async () => {
  server = await startTestServer();
  database = await server.database();
  await (await database.open()).close();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  proxy = await startCuttingProxy(database.address);
  store = await database.open({ url: proxy.address, shared: false });
});
afterEach(async () => {
  await store.close();
  await proxy.close();
  await database.query('DELETE FROM keyglot_change');
});

/** Gives the verdict for the first chunk that contains the text, and passes all others. */
function once(text: string, verdict: Verdict): (chunk: Buffer) => Verdict {
  let done = false;
  return (chunk) => {
    if (done || !chunk.includes(text)) return 'pass';
    done = true;
    return verdict;
  };
}

const kinds = async (): Promise<readonly unknown[]> =>
  (await database.query('SELECT kind FROM keyglot_change ORDER BY kind')).map(({ kind }) => kind);

describe('a transaction whose COMMIT gets no answer', () => {
  const change = async (id: string): Promise<{ revision: number; decisions: number }> => {
    let decisions = 0;
    const { key } = await store.changeKey({ sandbox: 'main', id }, () => {
      decisions += 1;
      return { set: { attributes: { decisions } } };
    });
    const stored = await store.readKey({ sandbox: 'main', id });
    expect(stored?.key).toEqual(key);
    return { revision: key.revision, decisions };
  };

  it('counts once when only the answer is lost', async () => {
    await store.createKey(newKey('main', 'answer-lost'));
    const cut = once('COMMIT\0', 'cut');
    proxy.onAnswer = (_chunk, request) => cut(request);
    expect(await change('answer-lost')).toEqual({ revision: 2, decisions: 1 });
    expect(await kinds()).toEqual(['changeKey', 'createKey']);
  });

  it('is done again when it never arrived', async () => {
    await store.createKey(newKey('main', 'never-arrived'));
    proxy.onRequest = once('COMMIT\0', 'cut');
    expect(await change('never-arrived')).toEqual({ revision: 2, decisions: 2 });
    expect(await kinds()).toEqual(['changeKey', 'createKey', 'void']);
  });

  it('counts once when it arrives late, while the outcome is being looked up', async () => {
    await store.createKey(newKey('main', 'late'));
    proxy.onRequest = once('COMMIT\0', 'hold');
    const changed = change('late');
    await until(async () => {
      const waiting = await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
         AND datname = current_database() AND query LIKE '%keyglot_change%void%'`,
      );
      return waiting.length > 0;
    });
    proxy.release();
    expect(await changed).toEqual({ revision: 2, decisions: 1 });
    expect(await kinds()).toEqual(['changeKey', 'createKey']);
  });

  it('is unavailable, and says that its outcome is unknown, when that cannot be looked up', async () => {
    await store.createKey(newKey('main', 'unknown'));
    const cut = once('COMMIT\0', 'cut');
    proxy.onAnswer = (_chunk, request) => {
      const verdict = cut(request);
      if (verdict === 'cut') proxy.onRequest = () => 'cut';
      return verdict;
    };
    const unknown = await faultOf(change('unknown'));
    expect(unknown.code).toBe('Unavailable');
    expect(unknown.details).toEqual({
      what: 'database, during changeKey, whose outcome is unknown',
    });
    proxy.onRequest = () => 'pass';
    expect((await store.readKey({ sandbox: 'main', id: 'unknown' }))?.key.revision).toBe(2);
  });
});

describe('a single statement whose answer is lost', () => {
  it('counts once when only the answer is lost', async () => {
    const cut = once('INSERT INTO keyglot_key', 'cut');
    proxy.onAnswer = (_chunk, request) => cut(request);
    const key = newKey('main', 'single');
    await store.createKey(key);
    expect((await store.readKey({ sandbox: 'main', id: 'single' }))?.key).toEqual(key.key);
    expect(await kinds()).toEqual(['createKey']);
  });

  it('is done again when it never arrived', async () => {
    proxy.onRequest = once('INSERT INTO keyglot_resource', 'cut');
    await store.writeResource(newResource('main', 'r'), []);
    expect(await store.readResource('main', 'grant', 'r')).toMatchObject({ version: 1 });
    expect(await kinds()).toEqual(['createResource', 'void']);
  });

  it('still says that the id is taken when it was taken before', async () => {
    await store.createKey(newKey('main', 'taken'));
    proxy.onRequest = once('createKey', 'cut');
    expect((await faultOf(store.createKey(newKey('main', 'taken')))).code).toBe('AlreadyExists');
  });
});

describe('records of changes', () => {
  it('are removed up to a moment, at most as many as told', async () => {
    for (const id of ['c1', 'c2', 'c3']) await store.createKey(newKey('main', id));
    const [row] = await database.query('SELECT max(at_ms) AS at FROM keyglot_change');
    const at = Number(row?.['at']);
    expect(await store.purgeChanges('main', at, 10)).toBe(0);
    expect(await store.purgeChanges('other', at + 1, 10)).toBe(0);
    expect(await store.purgeChanges('main', at + 1, 2)).toBe(2);
    expect(await store.purgeChanges('main', at + 1, 2)).toBe(1);
  });
});
