import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { createSystemClock, createSystemEntropy } from '@keyglot/core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { wireProtocol } from '../../src/net/firstBytes.js';
import { createFrontDoor, type FrontDoor, type FrontDoorOptions } from '../../src/net/frontDoor.js';
import { createDevCa, type DevCertificates } from '../../src/tls/devCa.js';

const GET = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';

let certificates: DevCertificates;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  // Node's TLS client looks at the machine's clock, so the certificate must be valid by it.
  const now = new Date(createSystemClock().realMs());
  certificates = await createDevCa(now, createSystemEntropy());
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface OpenDoor {
  readonly door: FrontDoor;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly errors: string[];
}

async function openDoor(
  options: Partial<FrontDoorOptions> = {},
  hosts: readonly string[] = ['localhost'],
): Promise<OpenDoor> {
  const errors: string[] = [];
  const door = createFrontDoor({
    handle: echo,
    tls: async () => certificates,
    onClientError: (error, stage) =>
      errors.push(`${stage} ${'code' in error ? error.code : error.message}`),
    ...options,
  });
  cleanups.push(() => door.close({ graceMs: 0 }));
  return { door, errors, ...(await door.listen({ hosts, port: 0 })) };
}

/** Answers with method, path, body and whether the connection is encrypted. */
function echo(req: IncomingMessage, res: ServerResponse): void {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (chunk: string) => {
    body += chunk;
  });
  req.on('end', () => res.end(`<${req.method} ${req.url} ${body} ${'encrypted' in req.socket}>`));
}

interface RawClient {
  readonly socket: Socket;
  /** Everything received so far, once it matches. */
  until(pattern: RegExp): Promise<string>;
  /** Everything that was received until the server closed. */
  readonly end: Promise<string>;
}

function rawClient(socket: Socket): RawClient {
  let text = '';
  const check = new Set<() => void>();
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (const each of check) each();
  });
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  const end = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  return {
    socket,
    end,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const each = (): void => {
          if (pattern.test(text)) resolve(text);
        };
        check.add(each);
        each();
        void end.then(() => reject(new Error(`closed after ${JSON.stringify(text)}`)));
      }),
  };
}

type Way = 'plain' | '::1' | 'TLS';
const WAYS: readonly Way[] = ['plain', '::1', 'TLS'];

/** A raw connection; for TLS, the decrypted side of it after the handshake. */
async function dial(port: number, way: Way = 'plain'): Promise<RawClient> {
  if (way !== 'TLS') return rawClient(connect(port, way === '::1' ? '::1' : '127.0.0.1'));
  const socket = tlsConnect({
    port,
    host: '127.0.0.1',
    ca: certificates.ca,
    servername: 'localhost',
  });
  const client = rawClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return client;
}

/** A promise with its handle outside. */
function gate<T = void>(): { readonly open: (value: T) => void; readonly passed: Promise<T> } {
  let open: (value: T) => void = () => {};
  const passed = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

/** Sends one request with Node's own client. */
function ask(
  port: number,
  options: { host?: string; tls?: boolean } = {},
): Promise<{ status: number | undefined; body: string; connection: string | undefined }> {
  const target = {
    host: options.host ?? '127.0.0.1',
    port,
    path: '/a',
    method: 'POST',
  };
  return new Promise((resolve, reject) => {
    const sent =
      options.tls === true
        ? tlsRequest({ ...target, ca: certificates.ca, servername: 'localhost' })
        : request(target);
    sent.on('error', reject);
    sent.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, body, connection: response.headers.connection }),
      );
    });
    sent.end('hello');
  });
}

async function listening(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port; // a TCP server that listens has this form
}

describe('wireProtocol', () => {
  test.each([
    ['\x16', 'tls'],
    ['\x16\x03\x01', 'tls'],
    ['G', 'http1'],
    ['POST / HTTP/1.1', 'http1'],
    ['PO', 'http1'],
    ['PUT', 'http1'],
    ['PROPFIND', 'http1'],
    ['PRI * HTTP/1.1\r\n', 'http1'],
    ['\x00', 'http1'],
    ['P', undefined],
    ['PRI * HTTP/2.0\r', undefined],
    ['PRI * HTTP/2.0\r\n', 'http2'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
  ])('takes %j for %s', (bytes, protocol) => {
    expect(wireProtocol(Buffer.from(bytes, 'latin1'))).toBe(protocol);
  });
});

describe('one port', () => {
  test('serves plain HTTP and HTTPS on 127.0.0.1 and ::1', async () => {
    const { port, addresses, errors } = await openDoor();
    expect(addresses).toEqual(['127.0.0.1', '::1']);
    for (const host of addresses) {
      expect((await ask(port, { host })).body).toBe('<POST /a hello false>');
      expect((await ask(port, { host, tls: true })).body).toBe('<POST /a hello true>');
    }
    expect(errors).toEqual([]);
  });

  test('asks for the certificate at the first TLS byte, once', async () => {
    let calls = 0;
    const tls = async (): Promise<DevCertificates> => {
      calls += 1;
      return certificates;
    };
    const { port } = await openDoor({ tls });
    await ask(port);
    expect(calls).toBe(0);
    await Promise.all([ask(port, { tls: true }), ask(port, { tls: true })]);
    await ask(port, { tls: true });
    expect(calls).toBe(1);
  });

  test('closes the connection when there is no certificate, and tries again for the next', async () => {
    let calls = 0;
    const tls = async (): Promise<DevCertificates> => {
      calls += 1;
      if (calls === 1) throw new Error('disk full');
      return certificates;
    };
    const { port, errors } = await openDoor({ tls });
    await expect(ask(port, { tls: true })).rejects.toThrow();
    expect(errors).toEqual(['certificate disk full']);
    expect((await ask(port, { tls: true })).status).toBe(200);
  });

  test('chooses http/1.1 when the client prefers h2, and no protocol that it does not serve', async () => {
    const { port, errors } = await openDoor();
    const options = { port, host: '127.0.0.1', ca: certificates.ca, servername: 'localhost' };
    const both = tlsConnect({ ...options, ALPNProtocols: ['h2', 'http/1.1'] });
    cleanups.push(() => both.destroy());
    await new Promise((resolve) => both.once('secureConnect', resolve));
    expect(both.alpnProtocol).toBe('http/1.1');
    const only = tlsConnect({ ...options, ALPNProtocols: ['h2'] });
    const failure = await new Promise<Error>((resolve) => only.once('error', resolve));
    expect(failure).toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^handshake /);
  });

  test.each(WAYS)('keeps a connection for further requests (%s)', async (way) => {
    const { port } = await openDoor();
    const client = await dial(port, way);
    for (const count of [1, 2, 3]) {
      client.socket.write(GET);
      const text = await client.until(new RegExp(`(<GET /a[^>]*>[^<]*){${count}}`));
      expect(text.match(/Connection: keep-alive/g)).toHaveLength(count);
    }
  });

  test('understands a request that comes byte by byte', async () => {
    const { port } = await openDoor();
    const client = await dial(port);
    client.socket.setNoDelay(true);
    for (const byte of 'POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc') {
      await new Promise<void>((resolve) => client.socket.write(byte, () => setImmediate(resolve)));
    }
    expect(await client.until(/<.*>/)).toContain('<POST /p abc false>');
  });

  test('understands a TLS client whose first record comes in pieces', async () => {
    const { port } = await openDoor();
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      cleanups.push(
        () => near.destroy(),
        () => far.destroy(),
      );
      far.on('error', () => {});
      near.on('error', () => {});
      far.pipe(near);
      near.on('data', (chunk: Buffer) => {
        for (const byte of chunk) far.write(Buffer.of(byte));
      });
    });
    const relayPort = await listening(relay, '127.0.0.1', 0);
    expect((await ask(relayPort, { tls: true })).body).toBe('<POST /a hello true>');
  });

  test.each(WAYS)(
    'answers pipelined requests in order, even when later ones are ready first (%s)',
    async (way) => {
      const first = gate();
      const { port } = await openDoor({
        handle: (req, res) => {
          if (req.url === '/1') void first.passed.then(() => res.end('[1]'));
          else res.end(`[${req.url?.slice(1)}]`, () => {});
          if (req.url === '/3') first.open();
        },
      });
      const client = await dial(port, way);
      client.socket.write([1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
      const text = await client.until(/\[\d\].*\[\d\].*\[\d\]/s);
      expect(text.match(/\[\d\]/g)).toEqual(['[1]', '[2]', '[3]']);
    },
  );

  test('serves 100 connections at once, plain and TLS', async () => {
    const all = gate();
    let waiting = 0;
    const { port } = await openDoor({
      handle: (_req, res) => {
        waiting += 1;
        if (waiting === 100) all.open();
        void all.passed.then(() => res.end('ok'));
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        ask(port, { tls: index % 4 === 0, host: index % 2 === 0 ? '127.0.0.1' : '::1' }),
      ),
    );
    expect(answers.every(({ status, body }) => status === 200 && body === 'ok')).toBe(true);
  });
});

describe('a client that takes its time', () => {
  test.each([
    ['sends nothing', ''],
    ['sends half of what tells the protocol', 'PRI * HTTP/2'],
  ])('is closed without an answer when it %s', async (_what, bytes) => {
    const { port } = await openDoor({ limits: { firstBytesMs: 30 } });
    for (const way of ['plain', '::1'] as const) {
      const client = await dial(port, way);
      client.socket.write(bytes);
      expect(await client.end).toBe('');
    }
  });

  test('is closed when the TLS handshake does not end, however lively it is', async () => {
    const { port } = await openDoor({ limits: { handshakeMs: 60, firstBytesMs: 30_000 } });
    const client = await dial(port);
    // A record of 16384 bytes that takes longer than this test may.
    client.socket.write(Buffer.of(0x16, 3, 1, 0x40, 0, 1));
    const drip = setInterval(() => client.socket.write(Buffer.of(0)), 5);
    cleanups.push(() => clearInterval(drip));
    await client.end;
  });

  test('is closed while the certificate is being made for too long', async () => {
    const never = gate<DevCertificates>();
    const { port } = await openDoor({ tls: () => never.passed, limits: { firstBytesMs: 30 } });
    const client = await dial(port);
    client.socket.write(Buffer.of(0x16, 3, 1));
    expect(await client.end).toBe('');
  });

  test.each(WAYS)('gets 408 for a head that does not end (%s)', async (way) => {
    const { port, errors } = await openDoor({ limits: { headersMs: 40, lingerMs: 20 } });
    const client = await dial(port, way);
    client.socket.write('GET /a HTTP/1.1\r\nHost: x\r\n');
    expect(await client.end).toBe(
      'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    expect(errors).toEqual(['http ERR_HTTP_REQUEST_TIMEOUT']);
  });

  test.each(WAYS)('gets 408 for a second head that does not end (%s)', async (way) => {
    const { port } = await openDoor({ limits: { headersMs: 40, lingerMs: 20 } });
    const client = await dial(port, way);
    client.socket.write(`${GET}GET`);
    expect(await client.end).toMatch(/^HTTP\/1.1 200 OK.*<GET \/a {2}\w+>HTTP\/1.1 408 Request/s);
  });

  test.each(WAYS)(
    'gets 408 for a body that does not end, and the handler sees it break off (%s)',
    async (way) => {
      const broken = gate<boolean>();
      const { port } = await openDoor({
        limits: { requestMs: 60, lingerMs: 20 },
        handle: (req) => {
          req.on('error', () => {});
          req.on('close', () => broken.open(req.complete));
          req.resume();
        },
      });
      const client = await dial(port, way);
      client.socket.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
      expect(await client.end).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
      expect(await broken.passed).toBe(false);
    },
  );

  test('is cut without a second head when half an answer is out already', async () => {
    const { port } = await openDoor({
      limits: { requestMs: 60 },
      handle: (req, res) => {
        req.on('error', () => {});
        res.on('error', () => {});
        res.writeHead(200, { 'Content-Length': 10 });
        res.write('half');
      },
    });
    const client = await dial(port);
    client.socket.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    expect(await client.end).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\nhalf$/s);
  });

  test('loses an idle connection after the keep-alive time, and what Node adds', async () => {
    const { port } = await openDoor({ limits: { keepAliveMs: 30 } });
    const clients = await Promise.all(WAYS.map((way) => dial(port, way)));
    for (const client of clients) client.socket.write(GET);
    for (const client of clients) {
      expect(await client.end).toMatch(/^HTTP\/1.1 200 OK\r\n.*<GET \/a {2}\w+>$/s);
    }
  });
});

describe('what is not a request', () => {
  test.each(WAYS)('gets 400, once, however much of it comes (%s)', async (way) => {
    const { port } = await openDoor({ limits: { lingerMs: 30 } });
    const client = await dial(port, way);
    client.socket.write('what is this\r\n\r\n');
    await client.until(/400/);
    client.socket.write('and this\r\n\r\n'.repeat(100));
    expect(await client.end).toBe(
      'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
  });

  test.each(WAYS)('gets 431 for a head above the limit (%s)', async (way) => {
    const { port } = await openDoor({ limits: { maxHeaderBytes: 2_000, lingerMs: 30 } });
    const client = await dial(port, way);
    client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`);
    expect(await client.end).toMatch(/^HTTP\/1.1 431 Request Header Fields Too Large\r\n/);
    const good = await dial(port, way);
    good.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(1_500)}\r\n\r\n`);
    expect(await good.until(/<.*>/)).toContain('200 OK');
  });

  test('gets 431 for too many header fields instead of losing some', async () => {
    const { port } = await openDoor({ limits: { maxHeaders: 5 } });
    const head = (count: number): string =>
      `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(count - 1)}\r\n`;
    const good = await dial(port);
    good.socket.write(head(5));
    expect(await good.until(/<.*>/)).toContain('200 OK');
    for (const count of [6, 7, 500]) {
      const client = await dial(port);
      client.socket.write(head(count));
      expect(await client.end).toMatch(/^HTTP\/1.1 431 .*Connection: close\r\n/s);
    }
  });

  test('gets its 400 after the answers to the requests before it', async () => {
    const first = gate();
    const seen = gate();
    const { port, errors } = await openDoor({
      limits: { lingerMs: 30 },
      handle: (_req, res) => {
        seen.open();
        void first.passed.then(() => res.end('first'));
      },
    });
    const client = await dial(port);
    client.socket.write(`${GET}rubbish\r\n\r\n`);
    await seen.passed;
    setImmediate(() => first.open());
    expect(await client.end).toMatch(/^HTTP\/1.1 200 OK.*firstHTTP\/1.1 400 Bad Request\r\n/s);
    expect(errors[0]).toBe('http HPE_INVALID_METHOD');
  });

  test('gets 400 when it ends in the middle', async () => {
    const { port } = await openDoor({ limits: { lingerMs: 30 } });
    const client = await dial(port);
    client.socket.end('GET / HTTP/1.1\r\nHo');
    expect(await client.end).toMatch(/^HTTP\/1.1 400 /);
  });

  test('is closed when it begins like HTTP/2, ends in the first bytes or is no TLS after all', async () => {
    const { port } = await openDoor({ limits: { lingerMs: 30 } });
    const http2 = await dial(port);
    http2.socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await http2.end;
    const half = await dial(port);
    half.socket.end('PR');
    expect(await half.end).toBe('');
    const noTls = await dial(port);
    noTls.socket.write('\x16 nonsense, more than a record head');
    await noTls.end;
    expect((await ask(port)).status).toBe(200);
  });

  test('resets do no harm, whatever state the connection is in', async () => {
    const inHandler = gate();
    const gone = gate();
    const { port } = await openDoor({
      handle: (req, res) => {
        if (req.url !== '/gone') return echo(req, res);
        res.on('error', () => {});
        res.on('close', () => {
          res.end('x'.repeat(1_000));
          gone.open();
        });
        inHandler.open();
      },
    });
    for (const bytes of ['P', '\x16', '\x16\x03\x01', 'GET / HT', `${GET}GET`]) {
      const client = await dial(port);
      await new Promise<void>((resolve) => client.socket.write(bytes, () => resolve()));
      client.socket.resetAndDestroy();
      await client.end;
    }
    const waiting = await dial(port);
    waiting.socket.write('GET /gone HTTP/1.1\r\nHost: x\r\n\r\n');
    await inHandler.passed;
    waiting.socket.resetAndDestroy();
    await gone.passed;
    expect((await ask(port)).status).toBe(200);
    expect((await ask(port, { tls: true })).status).toBe(200);
  });
});

describe('listen', () => {
  test('refuses a port that only ::1 has taken, and can be called again', async () => {
    const taken = await listening(createServer(), '::1', 0);
    const door = createFrontDoor({ handle: echo, tls: async () => certificates });
    cleanups.push(() => door.close({ graceMs: 0 }));
    await expect(door.listen({ hosts: ['localhost'], port: taken })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `cannot listen on [::1]:${taken}: port ${taken} is in use; stop the program that has it or choose another port (0 takes a free one)`,
    });
    // The failed attempt gave its IPv4 address back.
    await listening(createServer(), '127.0.0.1', taken);
    const { port: free } = await door.listen({ hosts: ['localhost'], port: 0 });
    expect((await ask(free)).status).toBe(200);
    expect((await ask(free, { host: '::1' })).status).toBe(200);
  });

  test('says in one line which port is in use', async () => {
    const { port } = await openDoor({}, ['127.0.0.1']);
    const second = createFrontDoor({ handle: echo, tls: async () => certificates });
    await expect(second.listen({ hosts: ['localhost'], port })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'EADDRINUSE',
      message: expect.stringMatching(
        new RegExp(`^cannot listen on 127.0.0.1:${port}: port ${port} is in use; [^\\n]*$`),
      ),
    });
    await second.close({ graceMs: 0 });
  });

  test('names an address that the machine does not have', async () => {
    const door = createFrontDoor({ handle: echo, tls: async () => certificates });
    await expect(door.listen({ hosts: ['192.0.2.1'], port: 0 })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      message: expect.stringContaining('does not have the address'),
    });
  });

  test('listens on the one address that was given', async () => {
    const { port, addresses } = await openDoor({}, ['::1']);
    expect(addresses).toEqual(['::1']);
    expect((await ask(port, { host: '::1' })).status).toBe(200);
    await expect(ask(port, { host: '127.0.0.1' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('close', () => {
  test.each(WAYS)('lets a request in flight finish with Connection: close (%s)', async (way) => {
    const seen = gate();
    const go = gate();
    const { port, door } = await openDoor({
      handle: (_req, res) => {
        seen.open();
        void go.passed.then(() => res.end('done'));
      },
    });
    const client = await dial(port, way);
    client.socket.write(GET);
    await seen.passed;
    let isClosed = false;
    const closed = door.close({ graceMs: 20_000 }).then(() => {
      isClosed = true;
    });
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(ask(port, { host: '::1' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(isClosed).toBe(false);
    go.open();
    expect(await client.end).toMatch(/^HTTP\/1.1 200 OK\r\n.*Connection: close\r\n.*done$/s);
    await closed;
  });

  test('lets a body that is still coming arrive', async () => {
    const seen = gate();
    const { port, door } = await openDoor({
      handle: (req, res) => {
        seen.open();
        echo(req, res);
      },
    });
    const client = await dial(port);
    client.socket.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc');
    await seen.passed;
    const closed = door.close({ graceMs: 20_000 });
    client.socket.write('def');
    expect(await client.end).toMatch(/Connection: close\r\n.*<POST \/a abcdef false>$/s);
    await closed;
  });

  test('answers every pipelined request that it has read', async () => {
    const seen = gate();
    const go = gate();
    const { port, door } = await openDoor({
      handle: (req, res) => {
        if (req.url === '/3') seen.open();
        void go.passed.then(() => res.end(`[${req.url}]`));
      },
    });
    const client = await dial(port);
    client.socket.write([1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    await seen.passed;
    const closed = door.close({ graceMs: 20_000 });
    go.open();
    expect((await client.end).match(/\[.*?\]/g)).toEqual(['[/1]', '[/2]', '[/3]']);
    await closed;
  });

  test('lets an answer finish whose head is out, and closes without waiting for keep-alive', async () => {
    const go = gate();
    const { port, door } = await openDoor({
      handle: (_req, res) => {
        res.writeHead(200, { 'Content-Length': 8 });
        res.write('half');
        void go.passed.then(() => res.end('rest'));
      },
    });
    const client = await dial(port);
    client.socket.write(GET);
    await client.until(/half$/);
    const closed = door.close({ graceMs: 20_000 });
    go.open();
    expect(await client.end).toMatch(/halfrest$/);
    await closed;
  });

  test('delivers a large answer whose last bytes are not read yet', async () => {
    const sizeBytes = 8 * 1024 * 1024;
    const { port, door } = await openDoor({
      handle: (_req, res) => {
        res.end(Buffer.alloc(sizeBytes, 0x61));
      },
    });
    const client = await dial(port);
    client.socket.write(GET);
    await client.until(/\r\n\r\na/);
    client.socket.pause();
    const closed = door.close({ graceMs: 20_000 });
    client.socket.resume();
    expect((await client.end).split('\r\n\r\n')[1]?.length).toBe(sizeBytes);
    await closed;
  });

  test.each(WAYS)('closes idle, silent and half-begun connections at once (%s)', async (way) => {
    const { port, door } = await openDoor();
    const idle = await dial(port, way);
    idle.socket.write(GET);
    await idle.until(/<.*>/);
    const silent = await dial(port);
    const half = await dial(port);
    half.socket.write('PRI');
    const handshake = await dial(port);
    handshake.socket.write(Buffer.of(0x16, 3, 1));
    const head = await dial(port, way);
    head.socket.write('GET / HTTP/1.1\r\nHo');
    // All of them are accepted once a later connection is served.
    await ask(port, { tls: true });
    await door.close({ graceMs: 20_000 });
    await Promise.all([idle.end, silent.end, half.end, handshake.end, head.end]);
  });

  test.each(WAYS)('destroys what is left after the grace time (%s)', async (way) => {
    const seen = gate();
    const { port, door } = await openDoor({ handle: () => seen.open() });
    const client = await dial(port, way);
    client.socket.write(GET);
    await seen.passed;
    await door.close({ graceMs: 20 });
    expect(await client.end).toBe('');
  });

  test('may be called again, before and after', async () => {
    const { door } = await openDoor();
    const [first, second] = [door.close({ graceMs: 1_000 }), door.close({ graceMs: 0 })];
    await Promise.all([first, second]);
    await door.close({ graceMs: 0 });
    await expect(door.listen({ hosts: ['localhost'], port: 0 })).rejects.toThrow('is closed');
  });
});
