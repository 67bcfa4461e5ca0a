import { faultOf, newKey, outcomes } from '@keyglot/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, until } from '../support/testServer.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});

describe('migration', () => {
  it('succeeds for all who do it at once', async () => {
    const database = await server.database();
    const opening = Array.from({ length: 4 }, () => database.open({ poolSize: 1 }));
    expect(await outcomes(opening)).toEqual({ done: 4, codes: [] });
    const stores = await Promise.all(opening);
    await stores[0]?.createKey(newKey('main', 'k'));
    for (const store of stores) {
      expect((await store.readKey({ sandbox: 'main', id: 'k' }))?.key.id).toBe('k');
      await store.close();
    }
    const applied = await database.query('SELECT name FROM keyglot_migration');
    const names = applied.map(({ name }) => name);
    expect(names).toEqual(['0001_initial', '0002_due', '0003_key_use']);
  });

  it('waits for somebody else who migrates, and for nobody once all is done', async () => {
    const database = await server.database();
    await database.query(`CREATE TABLE keyglot_lease (name text NOT NULL PRIMARY KEY);
      INSERT INTO keyglot_lease VALUES ('migration')`);
    const other = await database.connect();
    await other.query('BEGIN; SELECT 1 FROM keyglot_lease FOR UPDATE');
    const opening = database.open();
    await until(async () => {
      const waiting = await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
         AND datname = current_database() AND query LIKE '%keyglot_lease%'`,
      );
      return waiting.length > 0;
    });
    expect(await database.query("SELECT to_regclass('keyglot_key') AS key")).toEqual([
      { key: null },
    ]);
    await other.query('COMMIT');
    await (await opening).close();
    await other.query('BEGIN; SELECT 1 FROM keyglot_lease FOR UPDATE');
    await (await database.open()).close();
    await other.query('COMMIT');
    await other.end();
  });

  it('refuses a database that a newer program has written', async () => {
    const database = await server.database();
    await (await database.open()).close();
    await database.query("INSERT INTO keyglot_migration VALUES ('9999_future', now())");
    const refused = await faultOf(database.open());
    expect(refused.code).toBe('Unsupported');
    expect(refused.details).toEqual({
      what: 'a database of a newer Keyglot: this program does not know 9999_future',
    });
  });

  it('fails without a half-made table when something is in its way', async () => {
    const database = await server.database();
    await database.query('CREATE TABLE keyglot_root_key (other text)');
    const refused = await faultOf(database.open());
    expect(refused.code).toBe('Internal');
    expect(await database.query("SELECT to_regclass('keyglot_key') AS key")).toEqual([
      { key: null },
    ]);
    await database.query('DROP TABLE keyglot_root_key');
    await (await database.open()).close();
  });

  it('makes its tables in the schema that comes first in the search path', async () => {
    const database = await server.database();
    await database.query(`CREATE SCHEMA apart;
      ALTER ROLE keyglot IN DATABASE ${database.address.database} SET search_path = apart`);
    await (await database.open()).close();
    const [row] = await database.query("SELECT to_regclass('apart.keyglot_key')::text AS name");
    expect(row?.['name']).toBe('keyglot_key');
    const store = await database.open();
    await store.createKey(newKey('main', 'k'));
    await store.close();
  });

  it('makes no sequence, trigger, function or foreign key', async () => {
    const database = await server.database();
    await (await database.open()).close();
    const [counts] = await database.query(`SELECT
      (SELECT count(*) FROM pg_class WHERE relkind = 'S') AS sequences,
      (SELECT count(*) FROM pg_trigger) AS triggers,
      (SELECT count(*) FROM pg_constraint WHERE contype = 'f') AS "foreignKeys",
      (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public') AS functions`);
    expect(counts).toEqual({ sequences: '0', triggers: '0', foreignKeys: '0', functions: '0' });
  });

  it('makes no table without a primary key that begins with the sandbox, but for its own', async () => {
    const database = await server.database();
    await (await database.open()).close();
    const rows = await database.query(`SELECT c.relname AS "table",
        (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0])::text AS first
      FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`);
    const first = Object.fromEntries(rows.map((row) => [row['table'], row['first']]));
    expect(first).toEqual({
      keyglot_key: 'sandbox',
      keyglot_key_use: 'sandbox',
      keyglot_version: 'sandbox',
      keyglot_material: 'sandbox',
      keyglot_locator: 'sandbox',
      keyglot_alias: 'sandbox',
      keyglot_resource: 'sandbox',
      keyglot_resource_index: 'sandbox',
      keyglot_change: 'sandbox',
      keyglot_root_key: 'slot',
      keyglot_lease: 'name',
      keyglot_migration: 'name',
    });
  });
});
