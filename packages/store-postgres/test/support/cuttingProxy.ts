import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from './testServer.js';

/** What the proxy does with a chunk: pass it on, cut the connection instead, or hold it back. */
export type Verdict = 'pass' | 'cut' | 'hold';

/** A proxy in front of a Postgres server, which breaks connections where a test wants it. */
export interface CuttingProxy {
  readonly address: Database['address'];
  /** Judges every chunk to the server; the default passes all. */
  onRequest: (chunk: Buffer) => Verdict;
  /** Judges every chunk from the server, with the request before it. */
  onAnswer: (chunk: Buffer, request: Buffer) => Verdict;
  /** Sends on what was held back. */
  release(): void;
  /** Breaks all connections. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: Database['address']): Promise<CuttingProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'kg-proxy-'));
  const clients = new Set<Socket>();
  const held: (() => void)[] = [];
  const server = createServer((client) => {
    const upstream = createConnection(`${target.host}/.s.PGSQL.${target.port}`);
    let request: Buffer = Buffer.alloc(0);
    let holding = false;
    clients.add(client);
    const cut = (): void => {
      clients.delete(client);
      client.destroy();
      // What was held back still has to get through.
      if (!holding) upstream.destroy();
    };
    client.on('data', (chunk) => {
      request = chunk;
      const verdict = proxy.onRequest(chunk);
      if (verdict === 'pass') upstream.write(chunk);
      if (verdict === 'hold') {
        holding = true;
        held.push(() => upstream.end(chunk));
      }
      if (verdict !== 'pass') cut();
    });
    upstream.on('data', (chunk) => {
      if (proxy.onAnswer(chunk, request) === 'pass') client.write(chunk);
      else cut();
    });
    for (const socket of [client, upstream]) {
      socket.on('error', cut);
      socket.on('close', cut);
    }
  });
  const proxy: CuttingProxy = {
    address: { ...target, host: folder },
    onRequest: () => 'pass',
    onAnswer: () => 'pass',
    release() {
      for (const send of held.splice(0)) send();
    },
    cutAll() {
      for (const client of clients) client.destroy();
    },
    async close() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) =>
    server.listen(join(folder, `.s.PGSQL.${target.port}`), resolve),
  );
  return proxy;
}
