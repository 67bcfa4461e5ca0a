import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemEntropy } from '@keyglot/core';
import { type EmbeddedPostgresConnection, startEmbeddedPostgres } from '@keyglot/store-postgres';

/** How to reach a database. */
export type Address = EmbeddedPostgresConnection;

/** A PostgreSQL server for one test file. */
export interface TestDatabase {
  readonly address: Address;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'kg-replicas-'));
  // As root, the server runs as another user who has to get in.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    systemFolders: [join(folder, 'system')],
    entropy: createSystemEntropy(),
    log: () => undefined,
  });
  return {
    address: server.connection,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The way from a gateway to its database. */
export interface Link {
  readonly address: Address;
  /** Breaks the connection on which something is sent that the test accepts; nothing at the beginning. */
  breaksOn: (sent: Buffer) => boolean;
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

export async function startLink(target: Address): Promise<Link> {
  const folder = await mkdtemp(join(tmpdir(), 'kg-link-'));
  const file = `.s.PGSQL.${target.port}`;
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(join(target.host, file));
    const end = (): void => {
      clients.delete(client);
      client.destroy();
      upstream.destroy();
    };
    clients.add(client);
    client.on('data', (chunk) => {
      if (link.breaksOn(chunk)) end();
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    for (const socket of [client, upstream]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  const cut = (): void => {
    for (const client of clients) client.destroy();
  };
  const link: Link = {
    address: { ...target, host: folder },
    breaksOn: () => false,
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) => server.listen(join(folder, file), resolve));
  return link;
}
