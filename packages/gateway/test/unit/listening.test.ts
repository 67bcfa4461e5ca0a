import { type AddressInfo, createServer, type ListenOptions, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { closeServer, listenOnAll } from '../../src/net/listening.js';

const open: Server[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(closeServer));
});

/** A server whose place to listen is changed first, to meet a machine that this one is not. */
function elsewhere(change: Partial<ListenOptions>): Server {
  const server = createServer();
  return Object.assign(server, {
    listen: (options: ListenOptions) =>
      Server.prototype.listen.call(server, { ...options, ...change }),
  });
}

test('tries another free port when the one that IPv4 gave is taken on ::1', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen({ host: '::1', port: 0 }, resolve));
  open.push(blocker);
  const taken = (blocker.address() as AddressInfo).port; // a TCP server that listens has this form
  const asked: number[] = [];
  let dropped = 0;
  const bound = await listenOnAll(['localhost'], 0, {
    next: (index) => {
      asked.push(index);
      return asked.length === 2 ? elsewhere({ port: taken }) : createServer();
    },
    dropAll: () => {
      dropped += 1;
    },
  });
  open.push(...bound.servers);
  expect(asked).toEqual([0, 1, 0, 1]);
  expect(dropped).toBe(1);
  expect(bound.addresses).toEqual(['127.0.0.1', '::1']);
  expect(bound.servers.map((server) => server.address())).toMatchObject([
    { address: '127.0.0.1', port: bound.port },
    { address: '::1', port: bound.port },
  ]);
});

test('gives up when every port is taken', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen({ host: '::1', port: 0 }, resolve));
  open.push(blocker);
  const taken = (blocker.address() as AddressInfo).port; // as above
  let attempts = 0;
  const result = listenOnAll(['localhost'], 0, {
    next: (index) => (index === 0 ? createServer() : elsewhere({ port: taken })),
    dropAll: () => {
      attempts += 1;
    },
  });
  await expect(result).rejects.toMatchObject({ name: 'ListenError', code: 'EADDRINUSE' });
  expect(attempts).toBe(20);
});

test('is content with IPv4 on a machine without ::1, for localhost only', async () => {
  const servers = {
    next: (index: number) => (index === 0 ? createServer() : elsewhere({ host: '2001:db8::1' })),
    dropAll: () => {},
  };
  const bound = await listenOnAll(['localhost'], 0, servers);
  open.push(...bound.servers);
  expect(bound.addresses).toEqual(['127.0.0.1']);
  await expect(listenOnAll(['127.0.0.1', '::1'], 0, servers)).rejects.toMatchObject({
    code: 'EADDRNOTAVAIL',
    message: expect.stringMatching(/^cannot listen on \[::1\]:\d+: this machine does not have/),
  });
});
