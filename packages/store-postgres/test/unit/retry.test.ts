import { fault } from '@keyglot/core';
import { faultOf, newAlias, newKey, REALM } from '@keyglot/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlFailure } from '../../src/failure.js';
import { withRetry } from '../../src/retry.js';
import { type Database, startTestServer, type TestServer, until } from '../support/testServer.js';

describe('withRetry', () => {
  const failing = (
    errors: readonly unknown[],
  ): { run: () => Promise<string>; tries: () => number } => {
    let tries = 0;
    return {
      tries: () => tries,
      run: async () => {
        const error = errors[tries];
        tries += 1;
        if (error !== undefined) throw error;
        return 'done';
      },
    };
  };
  const again = new SqlFailure('again', 'SQL state 40001', '40001');
  const lost = new SqlFailure('lost', 'Connection terminated unexpectedly');

  it('repeats what the server wants repeated and what broke, each within its bound', async () => {
    const work = failing([again, lost, again, lost]);
    expect(await withRetry('test', { lost: 2 }, work.run)).toBe('done');
    expect(work.tries()).toBe(5);
  });

  it('ends in Conflict when the server wants it repeated too often', async () => {
    const work = failing(Array(20).fill(again));
    const ended = await faultOf(withRetry('test', { lost: 2 }, work.run));
    expect([ended.code, ended.details]).toEqual(['Conflict', { what: 'test' }]);
    expect(work.tries()).toBe(7);
  });

  it('ends in Unavailable when every connection breaks', async () => {
    const work = failing(Array(20).fill(lost));
    const ended = await faultOf(withRetry('test', { lost: 2 }, work.run));
    expect([ended.code, ended.details]).toEqual(['Unavailable', { what: 'database, during test' }]);
    expect(work.tries()).toBe(3);
  });

  it('does not repeat a silent server, a refused connection, a refusal or a fault', async () => {
    for (const [error, code] of [
      [new SqlFailure('silent', 'Query read timeout'), 'Unavailable'],
      [new SqlFailure('unreachable', 'connect ECONNREFUSED'), 'Unavailable'],
      [new SqlFailure('refused', 'SQL state 57014', '57014'), 'Unavailable'],
      [new SqlFailure('refused', 'SQL state 54000', '54000'), 'InputInvalid'],
      [new SqlFailure('refused', 'SQL state 42P01', '42P01'), 'Internal'],
      [fault('AccessDenied', { action: 'a', resource: 'r', reason: 'x' }), 'AccessDenied'],
    ] as const) {
      const work = failing([error]);
      expect((await faultOf(withRetry('test', { lost: 2 }, work.run))).code).toBe(code);
      expect(work.tries()).toBe(1);
    }
  });
});

describe('a server that asks for repetition', () => {
  let server: TestServer;
  let database: Database;
  beforeAll(async () => {
    server = await startTestServer();
    database = await server.database();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('gets transactions and single statements again after serialisation failures', async () => {
    const store = await database.open({ shared: false });
    await store.createKey(newKey('main', 'k'));
    // A sequence keeps counting when its transaction is rolled back.
    await database.query(`CREATE SEQUENCE failures;
      CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('failures') % 3 <> 0 THEN RAISE EXCEPTION USING ERRCODE = '40001'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER fail_twice BEFORE INSERT ON keyglot_change
        FOR EACH ROW EXECUTE FUNCTION fail_twice()`);
    let decisions = 0;
    const { key } = await store.changeKey({ sandbox: 'main', id: 'k' }, () => {
      decisions += 1;
      return { set: { state: 'disabled' } };
    });
    expect([key.revision, decisions]).toEqual([2, 3]);
    await store.createKey(newKey('main', 'k2'));
    expect((await store.readKey({ sandbox: 'main', id: 'k2' }))?.key.revision).toBe(1);
    await database.query('DROP TRIGGER fail_twice ON keyglot_change');
    await store.close();
  });

  it('gets a transaction again that it ended because of a deadlock', async () => {
    const store = await database.open();
    const [one, two] = [newKey('dead', '1'), newKey('dead', '2')];
    await store.createKey(one);
    await store.createKey(two);
    await store.createAlias(newAlias('alias/a', one.key), () => undefined);
    const other = await database.connect();
    // The store's transaction looks for the deadlock first and is the one that is ended.
    await other.query("SET deadlock_timeout = '60s'");
    const lock = "SELECT 1 FROM keyglot_key WHERE sandbox = 'dead' AND id = $1 FOR UPDATE";
    await other.query('BEGIN');
    await other.query(lock, ['2']);
    let decisions = 0;
    const moved = store.moveAlias('dead', REALM, 'alias/a', '2', new Date(0), () => {
      decisions += 1;
    });
    await until(async () => {
      const waiting = await database.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      return waiting.length > 0;
    });
    await other.query(lock, ['1']);
    await other.query('COMMIT');
    await other.end();
    expect((await moved).map(({ id }) => id)).toEqual(['1', '2']);
    expect(decisions).toBe(1);
    expect((await store.readAlias('dead', REALM, 'alias/a'))?.alias.keyId).toBe('2');
    const [row] = await database.query(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(Number(row?.['deadlocks'])).toBe(1);
    await store.close();
  });
});
