import type { KeyRef } from '@keyglot/core';
import { newAlias, newKey, newResource, REALM } from '@keyglot/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresEvent } from '../../src/options.js';
import { type Database, startTestServer, type TestServer, until } from '../support/testServer.js';

let server: TestServer;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  database = await server.database();
});
afterAll(async () => {
  await server.stop();
});

const listening = async (): Promise<number> =>
  (
    await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    )
  ).length;

describe('changes by others', () => {
  it('are heard with their keys, and our own are not', async () => {
    const [one, two] = [await database.open(), await database.open()];
    const heard: { one: unknown[]; two: unknown[] } = { one: [], two: [] };
    one.onForeignChange((refs) => heard.one.push(refs));
    two.onForeignChange((refs) => heard.two.push(refs));
    await until(async () => (await listening()) === 2);
    const [a, b] = [newKey('two\nlines', 'a'), newKey('two\nlines', 'b')];
    await one.createKey(a);
    await one.createKey(b);
    await one.changeKey({ sandbox: 'two\nlines', id: 'a' }, () => ({ set: { state: 'disabled' } }));
    await until(() => heard.two.length === 1);
    await one.createAlias(newAlias('alias/a', a.key), () => undefined);
    await until(() => heard.two.length === 2);
    await one.moveAlias('two\nlines', REALM, 'alias/a', 'b', new Date(0), () => undefined);
    await until(() => heard.two.length === 3);
    const ref = (id: string): KeyRef => ({ sandbox: 'two\nlines', id });
    const permit = newResource('two\nlines', 'permit', { parent: 'b' });
    await one.attachResource(permit, [], () => undefined);
    await until(() => heard.two.length === 4);
    await one.detachResource(ref('b'), permit.kind, permit.id);
    await until(() => heard.two.length === 5);
    expect(heard).toEqual({
      one: [],
      two: [[ref('a')], [ref('a')], [ref('a'), ref('b')], [ref('b')], [ref('b')]],
    });
    await Promise.all([one.close(), two.close()]);
  });

  it('are heard as any key when there are too many to name, or when the notice is not ours', async () => {
    const [one, two] = [await database.open(), await database.open()];
    const heard: unknown[] = [];
    two.onForeignChange((refs) => heard.push(refs));
    await until(async () => (await listening()) === 1);
    const deletionAt = new Date(1);
    for (let index = 0; index < 3; index += 1) {
      const id = `${index}-${'x'.repeat(500)}`.repeat(6);
      const created = newKey('many', id, { wireId: `${index}`, set: { deletionAt } });
      await one.createKey({ ...created, key: { ...created.key, versions: [] }, locators: [] });
    }
    expect((await one.purgeKeys('many', 1, 10)).length).toBe(3);
    await until(() => heard.length === 1);
    for (const payload of ['', 'nonsense', 'x\n{}', 'x\n[1]']) {
      await database.query("SELECT pg_notify('keyglot_change', $1)", [payload]);
    }
    await until(() => heard.length === 5);
    expect(heard).toEqual([undefined, undefined, undefined, undefined, undefined]);
    await Promise.all([one.close(), two.close()]);
  });

  it('are heard again after the connection was lost, with any key first', async () => {
    const events: PostgresEvent[] = [];
    const store = await database.open({ onError: (event) => events.push(event) });
    const heard: unknown[] = [];
    store.onForeignChange((refs) => heard.push(refs));
    await until(async () => (await listening()) === 1);
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE query LIKE 'LISTEN%' AND datname = current_database()`,
    );
    await until(() => heard.length === 1);
    expect(heard).toEqual([undefined]);
    expect(events.map(({ kind }) => kind)).toContain('listen-lost');
    const other = await database.open();
    await other.createKey(newKey('lost', 'k'));
    await other.changeKey({ sandbox: 'lost', id: 'k' }, () => ({ set: { state: 'disabled' } }));
    await until(() => heard.length === 2);
    expect(heard[1]).toEqual([{ sandbox: 'lost', id: 'k' }]);
    await Promise.all([store.close(), other.close()]);
  });

  it('are not told nor heard by a store that is alone', async () => {
    const alone = await database.open({ shared: false });
    expect(alone.shared).toBe(false);
    const heard: unknown[] = [];
    alone.onForeignChange((refs) => heard.push(refs));
    const other = await database.open();
    expect(other.shared).toBe(true);
    const told: unknown[] = [];
    other.onForeignChange((refs) => told.push(refs));
    await until(async () => (await listening()) === 1);
    await alone.createKey(newKey('alone', 'k'));
    const ref = { sandbox: 'alone', id: 'k' };
    await alone.changeKey(ref, () => ({ set: { state: 'disabled' } }));
    await database.query("SELECT pg_notify('keyglot_change', 'end')");
    await until(() => told.length === 1);
    expect(told).toEqual([undefined]);
    expect(heard).toEqual([]);
    await Promise.all([alone.close(), other.close()]);
  });
});
