import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/launcher/startEmbeddedPostgres.js';
import type { PostgresAddress, PostgresStoreOptions } from '../../src/options.js';
import { createPostgresStore, type PostgresStore } from '../../src/postgresStore.js';

const NOW_MS = Date.UTC(2026, 2, 4);

/** A Postgres server for one test file. */
export interface TestServer {
  readonly postgres: EmbeddedPostgres;
  /** Makes an empty database. */
  database(): Promise<Database>;
  stop(): Promise<void>;
}

/** A database of its own for a group of tests. */
export interface Database {
  readonly address: PostgresAddress & { readonly host: string; readonly port: number };
  open(options?: Partial<PostgresStoreOptions>): Promise<PostgresStore>;
  /** Runs a statement on a connection of its own. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  connect(): Promise<Client>;
}

export async function startTestServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kg-store-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    systemFolders: [join(folder, 'system')],
    entropy: {
      bytes: (size) => randomBytes(size),
      pooled: (size) => randomBytes(size),
      uuid: () => randomUUID(),
    },
    log: () => undefined,
  });
  let count = 0;
  return {
    postgres,
    async database() {
      count += 1;
      const name = `test_${count}`;
      const admin = databaseAt(postgres.connection);
      await admin.query(`CREATE DATABASE ${name}`);
      return databaseAt({ ...postgres.connection, database: name });
    },
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the condition holds, at most 10 seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the condition did not come true within 10 seconds');
}

/** The same database through another address. */
export function databaseAt(address: Database['address']): Database {
  const connect = async (): Promise<Client> => {
    const client = new Client(
      // The parts of an address are those of a client's configuration, but for wrapped passwords.
      address as ConstructorParameters<typeof Client>[0],
    );
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    address,
    connect,
    open: (options = {}) =>
      createPostgresStore({
        url: address,
        clock: { realMs: () => NOW_MS },
        entropy: { uuid: () => randomUUID() },
        ...options,
      }),
    async query(text, values = []) {
      const client = await connect();
      try {
        return (await client.query(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
  };
}
