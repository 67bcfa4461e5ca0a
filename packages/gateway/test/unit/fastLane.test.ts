import { createServer, type Server } from 'node:http';
import { createSystemClock, createSystemEntropy } from '@keyglot/core';
import type { Dialect, WireRequest, WireResponse } from '@keyglot/dialect';
import { afterEach, describe, expect, test } from 'vitest';
import type { Mount } from '../../src/claim/place.js';
import { createFastLane } from '../../src/fastLane.js';
import { connectRaw, type RawAnswer } from '../support/rawClient.js';

const LIMIT = 100;
const MARK = 'X-Amz-Target: TrentService.ListKeys';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Lane {
  readonly seen: WireRequest[];
  /** URLs of requests that nobody claimed. */
  readonly fallbacks: string[];
  readonly loads: Mount[];
  readonly defects: unknown[];
  readonly nexts: string[];
  send(line: string, fields?: readonly string[], body?: string): Promise<RawAnswer>;
  raw(): ReturnType<typeof connectRaw>;
}

interface LaneOptions {
  readonly handle?: Dialect['handle'];
  readonly mounts?: readonly Mount[];
  /** Whether the lane is a part of somebody's own server. */
  readonly asMiddleware?: boolean;
  readonly loadable?: boolean;
}

async function lane({
  handle = () => text(200, 'answered'),
  mounts = ['aws', 'qkms'],
  asMiddleware = false,
  loadable = true,
}: LaneOptions = {}): Promise<Lane> {
  const seen: WireRequest[] = [];
  const fallbacks: string[] = [];
  const loads: Mount[] = [];
  const defects: unknown[] = [];
  const nexts: string[] = [];
  const dialect: Dialect = {
    name: 'aws',
    bodyLimitBytes: LIMIT,
    handle(request) {
      seen.push(request);
      return handle(request);
    },
    refuseLargeBody: (request) => text(413, `too large at ${request.head.path}`),
    credentials: {
      dialects: [],
      idMember: 'id',
      secretMembers: [],
      openMembers: [],
      check: () => undefined,
    },
    coverage: () => [],
  };
  const loaded = new Map<Mount, Dialect>(mounts.map((mount) => [mount, dialect]));
  const serve = createFastLane({
    dialects: {
      loaded,
      async load(mount) {
        loads.push(mount);
        if (!loadable) throw new RangeError('not to be had');
        loaded.set(mount, dialect);
        return dialect;
      },
    },
    clock: createSystemClock(),
    entropy: createSystemEntropy(),
    fallback: (request, response) => {
      fallbacks.push(request.url ?? '');
      response.writeHead(404, { 'Content-Length': 0 }).end();
    },
    onDefect: (error) => defects.push(error),
  });
  const server = createServer((request, response) => {
    if (!asMiddleware) serve(request, response);
    else {
      serve(request, response, () => {
        nexts.push(request.url ?? '');
        response.writeHead(200, { 'Content-Length': 4 }).end('next');
      });
    }
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    seen,
    fallbacks,
    loads,
    defects,
    nexts,
    raw: () => connectRaw(port),
    async send(line, fields = [], body = '') {
      const client = connectRaw(port);
      const length = `Content-Length: ${Buffer.byteLength(body)}`;
      client.send(
        [`${line} HTTP/1.1`, 'Host: 127.0.0.1', ...fields, length, '', body].join('\r\n'),
      );
      const [answer] = await client.answers(1);
      client.socket.destroy();
      if (answer === undefined) throw new Error('no answer');
      return answer;
    },
  };
}

function text(status: number, body: string): WireResponse {
  return { status, headers: ['X-Test', 'yes', 'Content-Length', String(body.length)], body };
}

describe('a claimed request', () => {
  test('is handed to its dialect with everything that a dialect may know', async () => {
    const { send, seen } = await lane();
    const answer = await send('POST /s/box/aws/x?a=1', [MARK, 'X-Note: \u00e9'], 'body');
    expect([answer.status, answer.body, answer.headers.get('x-test')]).toEqual([
      200,
      'answered',
      'yes',
    ]);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      sandbox: 'box',
      mount: 'aws',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      head: {
        method: 'POST',
        rawPath: '/s/box/aws/x',
        path: '/x',
        query: 'a=1',
        hostname: '127.0.0.1',
        headers: { 'x-amz-target': 'TrentService.ListKeys', 'x-note': '\u00e9' },
      },
    });
    expect(seen[0]?.body.toString()).toBe('body');
  });

  test('by a mark alone has no mount and goes to the sandbox of everybody', async () => {
    const { send, seen } = await lane();
    await send('POST /', [MARK]);
    expect(seen[0]).toMatchObject({ sandbox: 'main', mount: '' });
  });

  test('may be answered later', async () => {
    const { send } = await lane({ handle: async () => text(201, 'later') });
    expect(await send('POST /', [MARK])).toMatchObject({ status: 201, body: 'later' });
  });

  test('over the limit of its dialect is refused by it', async () => {
    const { send, seen, raw } = await lane();
    expect((await send('POST /aws/x', [], 'a'.repeat(LIMIT))).status).toBe(200);
    const answer = await send('POST /aws/x', [], 'a'.repeat(LIMIT + 1));
    expect(answer).toMatchObject({ status: 413, body: 'too large at /x' });
    expect(answer.headers.get('connection')).toBe('close');
    const client = raw();
    client.send(`POST /aws/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    client.send(`65\r\n${'a'.repeat(LIMIT + 1)}\r\n`);
    expect((await client.answers(1))[0]?.status).toBe(413);
    // The client may send on until it has seen the answer.
    client.send('5\r\nabcde\r\n0\r\n\r\n');
    expect(await client.rest()).toBe('');
    expect(seen).toHaveLength(1);
  });

  test.each<[string, Dialect['handle']]>([
    [
      'throws',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['fails later', () => Promise.reject(new TypeError('broken'))],
    [
      'answers with a header that cannot be',
      () => ({ status: 200, headers: ['a\nb', 'c'], body: '' }),
    ],
    [
      'answers with a value that cannot be',
      () => ({ status: 200, headers: ['a', 'b\r\nc: d'], body: '' }),
    ],
    [
      'answers later with such a value',
      async () => ({ status: 200, headers: ['a', '\u0000'], body: '' }),
    ],
    ['answers with a status that cannot be', () => text(7, '')],
  ])(
    'whose dialect %s ends in a closed connection and a report, and harms nobody else',
    async (_what, handle) => {
      let broken = true;
      const { raw, defects, send } = await lane({
        handle: (request) => (broken ? handle(request) : text(200, 'fine')),
      });
      const client = raw();
      client.send(`POST / HTTP/1.1\r\nHost: x\r\n${MARK}\r\nContent-Length: 0\r\n\r\n`);
      expect(await client.rest()).toBe('');
      expect(defects).toHaveLength(1);
      broken = false;
      expect((await send('POST /', [MARK])).body).toBe('fine');
    },
  );
});

describe('a request for a dialect that is not loaded', () => {
  test.each<[Mount, string, readonly string[]]>([
    ['alibaba', 'POST /', ['x-acs-action: ListKeys']],
    ['alibaba', 'POST /?Action=ListKeys', []],
    ['yandex', 'GET /kms/v1/keys/abj0123456789abcdefg:encrypt', []],
    ['yandex', 'POST /', ['Authorization: Bearer t1.x']],
    ['ncp', 'POST /keys/v2/x/encrypt', []],
    ['ncp', 'GET /', ['x-ncp-iam-access-key: x']],
    ['yandex', 'POST /yandex/', [MARK]],
  ])('of %s by %s loads that one, with its body kept', async (mount, line, fields) => {
    const { send, seen, loads, fallbacks } = await lane();
    expect((await send(line, fields, 'kept')).status).toBe(200);
    expect(loads).toEqual([mount]);
    expect(seen.map(({ body }) => body.toString())).toEqual(['kept']);
    expect(fallbacks).toEqual([]);
  });

  test('that is told by its form only comes with what was read of it', async () => {
    const { send, seen, fallbacks, loads } = await lane();
    const type = 'Content-Type: application/x-www-form-urlencoded';
    await send('POST /', [type], 'Action=ListKeys');
    await send('POST /', [type], 'nothing');
    expect(loads).toEqual(['alibaba']);
    expect(seen.map(({ body }) => body.toString())).toEqual(['Action=ListKeys']);
    expect(fallbacks).toEqual(['/']);
    await send('POST /', [type], 'Action=X&Version=2011-06-15');
    expect(seen[1]?.body.toString()).toBe('Action=X&Version=2011-06-15');
  });

  test('that cannot be loaded ends its connection and is reported', async () => {
    const { send, defects } = await lane({ loadable: false });
    await expect(send('POST /', ['x-acs-action: ListKeys'])).rejects.toThrow();
    expect(defects).toEqual([new RangeError('not to be had')]);
  });
});

describe('a request that nobody claims', () => {
  test('is handed on, with nothing read of it', async () => {
    const { send, fallbacks } = await lane();
    await send('POST /nobody', [], 'body');
    expect(fallbacks).toEqual(['/nobody']);
  });

  test("belongs to the server's owner, but for our own paths", async () => {
    const { send, fallbacks, nexts } = await lane({ asMiddleware: true });
    expect((await send('GET /nobody')).body).toBe('next');
    expect((await send('GET /_keyglot/status')).status).toBe(404);
    expect((await send('POST /', [MARK])).body).toBe('answered');
    expect(nexts).toEqual(['/nobody']);
    expect(fallbacks).toHaveLength(1);
  });
});

describe('a request of a page of another site', () => {
  test.each(['POST /aws/', 'GET /_keyglot/status', 'GET /healthz', 'GET /nobody'])(
    '%s is refused before anybody sees it',
    async (line) => {
      const { send, seen, fallbacks } = await lane();
      for (const field of ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site']) {
        const answer = await send(line, [MARK, field], '{}');
        expect([answer.status, answer.body]).toEqual([403, 'Keyglot refuses cross-site requests.']);
        expect(answer.headers.get('connection')).toBe('close');
        expect([...answer.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([]);
      }
      expect(seen).toEqual([]);
      expect(fallbacks).toEqual([]);
    },
  );
});
