import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fault } from '@keyglot/core';
import { Client, type ClientConfig, type Pool } from 'pg';
import { failureOf, SqlFailure, toFault, unreachable } from './failure.js';

const MIGRATIONS = new URL('../migrations/', import.meta.url);
const LEASE_WAIT = '60s';
const ATTEMPTS = 5;
const UNDEFINED_TABLE = '42P01';
/** What `CREATE TABLE IF NOT EXISTS` says when two do it at once. */
const RACED = new Set(['23505', '42P07', '42710', 'XX000']);

type Queryable = Pick<Client, 'query'>;

/**
 * Brings the tables up to date. A database that is up to date costs one query. Several processes may
 * do this at once: one migrates under a lease row, the others wait for it.
 *
 * @throws KmsFault Unsupported when a newer program wrote the database, Unavailable when it cannot be
 * reached, Internal when a migration fails
 * @internal
 */
export async function migrate(pool: Pool, connection: ClientConfig): Promise<void> {
  const known = await knownMigrations();
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!(await isPending(pool, known))) return;
      await withClients(connection, (lease, worker) => migrateUnderLease(lease, worker, known));
      return;
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      const raced = error.state !== undefined && RACED.has(error.state);
      if (!raced || attempt >= ATTEMPTS) throw toFault(error, 'migration');
    }
  }
}

async function knownMigrations(): Promise<readonly string[]> {
  const files = await readdir(MIGRATIONS);
  return files.filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length));
}

async function isPending(client: Queryable, known: readonly string[]): Promise<boolean> {
  const applied = new Set(await appliedMigrations(client));
  const unknown = [...applied].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw fault('Unsupported', {
      what: `a database of a newer Keyglot: this program does not know ${unknown.join(', ')}`,
    });
  }
  return known.some((name) => !applied.has(name));
}

async function appliedMigrations(client: Queryable): Promise<readonly string[]> {
  try {
    const found = await client.query<{ name: string }>('SELECT name FROM keyglot_migration');
    return found.rows.map(({ name }) => name);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.state === UNDEFINED_TABLE) return [];
    throw failure;
  }
}

async function withClients(
  connection: ClientConfig,
  work: (lease: Client, worker: Client) => Promise<void>,
): Promise<void> {
  const clients = [new Client(connection), new Client(connection)] as const;
  try {
    for (const client of clients) {
      client.on('error', () => {
        // The statement under way fails too.
      });
      await client.connect().catch((error: unknown) => {
        throw unreachable(error);
      });
    }
    await work(...clients);
  } catch (error) {
    // Faults pass; everything else comes from the driver or from the runner, which passes it on.
    throw error instanceof Error && error.name === 'KmsFault' ? error : failureOf(error);
  } finally {
    await Promise.allSettled(clients.map((client) => client.end()));
  }
}

async function migrateUnderLease(
  lease: Client,
  worker: Client,
  known: readonly string[],
): Promise<void> {
  await worker.query('CREATE TABLE IF NOT EXISTS keyglot_lease (name text NOT NULL PRIMARY KEY)');
  await worker.query(
    "INSERT INTO keyglot_lease (name) VALUES ('migration') ON CONFLICT DO NOTHING",
  );
  await lease.query('BEGIN');
  await lease.query(`SET LOCAL statement_timeout = '${LEASE_WAIT}'`);
  await lease.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await lease.query("SELECT name FROM keyglot_lease WHERE name = 'migration' FOR UPDATE");
  if (await isPending(worker, known)) await runMigrations(worker);
  await lease.query('COMMIT');
}

async function runMigrations(client: Client): Promise<void> {
  await client.query('SET statement_timeout = 0');
  // The runner would make this table with a sequence. It orders by time and id.
  await client.query(`CREATE TABLE IF NOT EXISTS keyglot_migration (
    name text NOT NULL PRIMARY KEY,
    run_on timestamp NOT NULL,
    id text GENERATED ALWAYS AS (name) STORED
  )`);
  const found = await client.query<{ name: string }>('SELECT current_schema() AS name');
  // Loaded here, because it takes long and is seldom needed.
  const { runner } = await import('node-pg-migrate');
  const silent = (): void => undefined;
  await runner({
    dbClient: client,
    dir: fileURLToPath(MIGRATIONS),
    direction: 'up',
    migrationsTable: 'keyglot_migration',
    migrationsSchema: found.rows[0]?.name ?? 'public',
    noLock: true,
    singleTransaction: true,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
}
