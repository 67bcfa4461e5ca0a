import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemEntropy } from '@keyglot/core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { allows, createTokens, loadOrCreateTokens, SCOPES } from '../../src/admin/tokens.js';
import { createApp } from '../../src/app.js';
import { type Gateway, startGateway } from '../../src/index.js';
import { createJournal } from '../../src/journal.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import {
  createHttpClient,
  type HttpClient,
  type PlainAnswer,
  type PlainRequest,
} from '../support/httpClient.js';
import { signed, stampOf } from '../support/signedRequest.js';

const SECRET = 'SeCrEt-9f8e7d6c5b4a';
const SESSION = 'SeSsIoN-0a1b2c3d4e5f';

let folder: string;
let gateway: Gateway;
let http: HttpClient;
let tokens: Record<string, string>;
const logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kg-admin-'));
  // The log goes through the console, so that it can be read here.
  vi.spyOn(console, 'error').mockImplementation((line: unknown) => {
    logged.push(String(line));
  });
  gateway = await startGateway({ ...MEMORY_OPTIONS, dataFolder: folder, logLevel: 'debug' });
  http = createHttpClient(gateway.port);
  tokens = JSON.parse(await readFile(join(folder, 'admin-tokens.json'), 'utf8'));
});

afterAll(async () => {
  http.close();
  await gateway.close();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** A request with the token of a scope. */
function admin(
  path: string,
  { scope = 'material', headers = {}, ...more }: PlainRequest & { readonly scope?: string } = {},
): Promise<PlainAnswer> {
  const token = { authorization: `Bearer ${tokens[scope] ?? scope}` };
  return http.send({ path: `/_keyglot${path}`, ...more, headers: { ...token, ...headers } });
}

function post(path: string, body: unknown, more: PlainRequest & { readonly scope?: string } = {}) {
  const headers = { 'content-type': 'application/json', ...more.headers };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return admin(path, { ...more, method: more.method ?? 'POST', headers, body: text });
}

function errorText(answer: PlainAnswer): string {
  return String(JSON.parse(answer.text).error);
}

const ROUTES: readonly (readonly [method: string, path: string, scope: string])[] = [
  ['GET', '/status', 'read'],
  ['GET', '/journal', 'read'],
  ['GET', '/sandboxes', 'test'],
  ['POST', '/sandboxes', 'test'],
  ['GET', '/sandboxes/box/clock', 'test'],
  ['POST', '/sandboxes/box/clock', 'test'],
  ['POST', '/sandboxes/box/reset', 'test'],
  ['GET', '/credentials', 'material'],
  ['POST', '/credentials', 'material'],
  ['DELETE', '/credentials/aws/AKID', 'material'],
  ['POST', '/reencrypt', 'material'],
  ['POST', '/twins', 'material'],
];

describe.each(ROUTES)('%s %s', (method, path, scope) => {
  const body = method === 'POST' ? '{}' : '';
  const headers = method === 'POST' ? { 'content-type': 'application/json' } : {};

  test('needs a token', async () => {
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      'Bearer x',
      `Basic ${tokens['material']}`,
      `${tokens['material']}`,
    ];
    for (const authorization of [
      ...wrong,
      `bearer ${tokens['material']}`,
      `Bearer ${tokens['material']}x`,
    ]) {
      const answer = await admin(path, { method, body, headers: { ...headers, authorization } });
      expect(answer.status, authorization).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  test('needs it in every spelling of the path that is served', async () => {
    const spellings = [
      path,
      path.toUpperCase(),
      `${path}/`,
      `/.${path}`,
      `/${path}`,
      path.replace('/', '/%2e/'),
    ];
    for (const spelling of spellings) {
      const answer = await admin(spelling, {
        method,
        body,
        headers: { ...headers, authorization: 'Bearer x' },
      });
      expect([401, 404], spelling).toContain(answer.status);
      const upper = await http.send({
        method,
        path: `/_KEYGLOT${spelling}`,
        body,
        headers: { ...headers, host: 'localhost' },
      });
      expect([401, 404], spelling).toContain(upper.status);
    }
  });

  test(`needs the scope ${scope}`, async () => {
    for (const given of SCOPES) {
      const answer = await admin(path, { method, scope: given, body, headers });
      const enough = SCOPES.indexOf(given) >= (SCOPES as readonly string[]).indexOf(scope);
      expect(answer.status === 403, given).toBe(!enough);
      if (!enough) expect(errorText(answer)).toBe(`this needs the token of scope ${scope}`);
    }
  });

  test('answers only under names of this machine', async () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'evil.example:8567',
      '127.0.0.1.evil.example',
      'aws.localhost',
      '127.0.0.2',
      'localhost:x',
      '[::1',
    ]) {
      const answer = await admin(path, { method, body, headers: { ...headers, host } });
      expect(answer.status, host).toBe(403);
      expect(errorText(answer)).toBe(
        'this host name may not be used for the admin API; use localhost',
      );
    }
    for (const host of ['localhost', `localhost:${gateway.port}`, '127.0.0.1', '[::1]:1']) {
      const answer = await admin(path, { method, body, headers: { ...headers, host } });
      expect(answer.status, host).not.toBe(403);
    }
  });

  test('is refused to pages of other sites, whatever they bring', async () => {
    for (const browser of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' },
    ]) {
      const answer = await admin(path, { method, body, headers: { ...headers, ...browser } });
      expect(answer.status).toBe(403);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

describe('routes that take a body', () => {
  const paths = ['/credentials', '/sandboxes', '/reencrypt', '/twins'];

  test.each(paths)('%s takes JSON only', async (path) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      '',
      'application/jsonx',
    ]) {
      const answer = await admin(path, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': type },
      });
      expect(answer.status, type).toBe(415);
    }
    const none = await admin(path, { method: 'POST', body: '{}' });
    expect(none.status).toBe(415);
    const put = await post(path, '{}', { method: 'PUT' });
    expect(put.status).toBe(404);
  });

  test.each(paths)('%s takes an object of a bounded size', async (path) => {
    for (const body of ['', '[]', 'null', '1', '"a"', '{', '{}x', '\u0000']) {
      expect((await post(path, body)).status, body).toBe(400);
    }
    const large = `{"a":"${'x'.repeat(3_000_000)}"}`;
    expect((await post(path, large)).status).toBe(413);
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expect((await post(path, deep)).status).toBe(400);
  });

  test.each(paths)('%s refuses members that it does not know', async (path) => {
    for (const name of ['unknown', '__proto__', 'constructor', 'toString']) {
      const answer = await post(path, `{"${name}":"x"}`);
      expect(answer.status, name).toBe(400);
    }
  });

  test.each(paths)('%s does not unpack what is compressed into a large body', async (path) => {
    const answer = await post(path, 'x', { headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(400);
    const unknown = await post(path, 'x', { headers: { 'content-encoding': 'x' } });
    expect(unknown.status).toBe(415);
  });
});

describe('a registered credential', () => {
  const GOOD = {
    dialect: 'aws',
    accessKeyId: 'AKIDADMIN',
    secretAccessKey: SECRET,
    account: '111122223333',
    sessionToken: SESSION,
  };

  afterEach(async () => {
    await admin('/credentials/aws/AKIDADMIN', { method: 'DELETE' });
  });

  test('never shows its secrets: not in answers, lists, the journal, the status or the log', async () => {
    const answers = [
      await post('/credentials', GOOD),
      await post('/credentials', { ...GOOD, account: '444455556666' }),
      await post('/credentials', { ...GOOD, account: 'x' }),
      await post('/credentials', { ...GOOD, sessionToken: 5, secretAccessKey: SECRET }),
      await post('/credentials', JSON.stringify(GOOD).slice(0, -1)),
      await post('/credentials', `${JSON.stringify(GOOD)}${SECRET}`),
      await admin('/credentials', { method: 'GET' }),
      await callSigned(SECRET),
      await callSigned('wrong'),
      await admin('/journal', { method: 'GET' }),
      await admin('/status', { method: 'GET' }),
      await admin('/coverage', { method: 'GET' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([
      201, 200, 400, 400, 400, 400, 200, 200, 400, 200, 200, 200,
    ]);
    for (const { text, headers } of answers) {
      for (const secret of [SECRET, SESSION, ...Object.values(tokens)]) {
        expect(text + JSON.stringify(headers)).not.toContain(secret);
      }
    }
    const log = logged.join('');
    expect(log).toContain('listening');
    for (const secret of [SECRET, SESSION, ...Object.values(tokens)])
      expect(log).not.toContain(secret);
  });

  test('is listed and can be removed', async () => {
    await post('/credentials', GOOD);
    const listed = await admin('/credentials', { method: 'GET' });
    expect(JSON.parse(listed.text).credentials).toEqual([
      {
        dialect: 'aws',
        accessKeyId: 'AKIDADMIN',
        account: '111122223333',
        sandbox: '',
        expiresAtMs: 0,
      },
    ]);
    expect((await admin('/credentials/aws/AKIDADMIN', { method: 'DELETE' })).status).toBe(204);
    expect((await admin('/credentials/aws/AKIDADMIN', { method: 'DELETE' })).status).toBe(404);
    const after = await admin('/credentials', { method: 'GET' });
    expect(JSON.parse(after.text).credentials).toEqual([]);
  });

  test('is in force at once, is replaced at once and is gone at once', async () => {
    await post('/credentials', GOOD);
    expect((await callSigned(SECRET)).status).toBe(200);
    expect((await callSigned('other')).text).toContain('InvalidSignatureException');
    await post('/credentials', { ...GOOD, secretAccessKey: 'other' });
    expect((await callSigned(SECRET)).text).toContain('InvalidSignatureException');
    expect((await callSigned('other')).status).toBe(200);
    await admin('/credentials/aws/AKIDADMIN', { method: 'DELETE' });
    expect((await callSigned('any')).status).toBe(200);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no id', { accessKeyId: undefined }],
    ['an empty id', { accessKeyId: '' }],
    ['an id with a slash', { accessKeyId: 'a/b' }],
    ['an id with a line feed', { accessKeyId: 'a\n' }],
    ['an id that is too long', { accessKeyId: 'a'.repeat(129) }],
    ['no secret', { secretAccessKey: undefined }],
    ['an empty secret', { secretAccessKey: '' }],
    ['an account of 11 digits', { account: '11112222333' }],
    ['an account that is a number', { account: 111122223333 }],
    ['a token that is a number', { sessionToken: 5 }],
    ['a sandbox that cannot be', { sandbox: '_system' }],
    ['a sandbox that is a list', { sandbox: ['main'] }],
    ['no moment of expiry', { expiresAt: 'tomorrow' }],
    ['another dialect', { dialect: 'gcp' }],
    ['a dialect that objects have', { dialect: '__proto__' }],
    ['a member of the other kind', { expiresAtMs: '0' }],
  ])('is refused with %s', async (_what, more) => {
    const answer = await post('/credentials', { ...GOOD, ...more });
    expect(answer.status).toBe(400);
    expect(errorText(answer)).not.toContain(SECRET);
    const listed = await admin('/credentials', { method: 'GET' });
    expect(JSON.parse(listed.text).credentials).toEqual([]);
  });

  test('is one of many that are written at the same time, and one wins', async () => {
    const clients = Array.from({ length: 8 }, () => createHttpClient(gateway.port));
    const answers = await Promise.all(
      clients.map((client, index) =>
        client.send({
          path: '/_keyglot/credentials',
          headers: {
            authorization: `Bearer ${gateway.adminToken}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ ...GOOD, secretAccessKey: `secret ${index}` }),
        }),
      ),
    );
    for (const client of clients) client.close();
    const statuses = new Set(answers.map(({ status }) => status));
    for (const status of statuses) expect([200, 201, 409]).toContain(status);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const taken: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      if ((await callSigned(`secret ${index}`)).status === 200) taken.push(index);
    }
    expect(taken).toHaveLength(1);
  });

  /** A request that is signed with a secret, with the session token along. */
  function callSigned(secretAccessKey: string): Promise<PlainAnswer> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      host: `127.0.0.1:${gateway.port}`,
      'x-amz-security-token': SESSION,
      'x-amz-target': 'TrentService.ListKeys',
    };
    const date = stampOf(gateway.vault.clock.realMs());
    const body = '{}';
    return http.send({
      headers: signed({
        accessKeyId: 'AKIDADMIN',
        secretAccessKey,
        date,
        region: 'us-east-1',
        headers,
        body,
      }),
      body,
    });
  }
});

describe('health', () => {
  test('is told to everybody', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await http.send({ method: 'GET', path });
      expect(answer.status).toBe(200);
    }
  });

  test('is told apart from readiness when the store is away', async () => {
    const { vault } = gateway;
    const away = { ...vault.store, ping: () => Promise.reject(new Error('away')) };
    const app = createApp({
      vault: { ...vault, store: away },
      journal: createJournal(),
      tokens: createTokens(createSystemEntropy()),
      host: '127.0.0.1',
      credentials: [],
      faces: [],
      enforced: true,
      seeds: false,
      coverage: () => [],
      caCertificate: async () => '',
      onDefect: (error) => {
        throw error;
      },
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = createHttpClient(port);
    const ready = await client.send({ method: 'GET', path: '/readyz' });
    expect([ready.status, JSON.parse(ready.text)]).toEqual([503, { status: 'the store is away' }]);
    expect((await client.send({ method: 'GET', path: '/healthz' })).status).toBe(200);
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the authority', () => {
  test('verifies a TLS connection to the same port, and nothing else does', async () => {
    const ca = (await admin('/ca.pem', { method: 'GET' })).text;
    expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(ca).not.toContain('PRIVATE');
    for (const servername of [
      'localhost',
      'aws.localhost',
      'box.aws.localhost',
      'box.qkms.localhost',
      'kms.us-east-1.amazonaws.com',
    ]) {
      expect(await overTls(servername, ca), servername).toBe(200);
    }
    await expect(overTls('localhost', undefined)).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    await expect(overTls('other.example', ca)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  function overTls(servername: string, ca: string | undefined): Promise<number | undefined> {
    const trust = ca === undefined ? {} : { ca };
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(
        {
          host: '127.0.0.1',
          port: gateway.port,
          path: '/healthz',
          servername,
          agent: false,
          ...trust,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  }
});

describe('a path that nobody claims', () => {
  test('is told what was tried', async () => {
    const answer = await http.send({ method: 'GET', path: '/nobody?<script>' });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toMatchObject({
      error: 'no dialect claims this request',
      looked_at: [
        expect.stringContaining('path /nobody'),
        expect.stringContaining(`host 127.0.0.1:${gateway.port}`),
        expect.stringContaining('X-Amz-Target'),
      ],
      name_a_dialect_by: expect.any(Array),
      name_a_sandbox_by: expect.any(Array),
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });
});

describe('the file of tokens', () => {
  let place: string;

  beforeAll(async () => {
    place = join(folder, 'tokens');
    await mkdir(place);
  });

  afterEach(() => rm(join(place, 'admin-tokens.json'), { force: true }));

  test('is made for its owner alone, in a folder for its owner alone, and kept', async () => {
    const deep = join(place, 'a', 'b');
    const made = await loadOrCreateTokens(deep, createSystemEntropy());
    expect((await stat(join(deep, 'admin-tokens.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(deep)).mode & 0o777).toBe(0o700);
    expect(await loadOrCreateTokens(deep, createSystemEntropy())).toEqual(made);
    expect(new Set(Object.values(made)).size).toBe(3);
    for (const token of Object.values(made)) expect(token).toMatch(/^[\w-]{43}$/);
  });

  test.each([0o640, 0o604, 0o644, 0o660, 0o602])('is refused with the mode %o', async (mode) => {
    await loadOrCreateTokens(place, createSystemEntropy());
    const path = join(place, 'admin-tokens.json');
    await chmod(path, mode);
    await expect(loadOrCreateTokens(place, createSystemEntropy())).rejects.toThrow(
      `the admin tokens must not be readable by others: chmod 600 '${path}'`,
    );
  });

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"read":"short","test":"short","material":"short"}',
    `{"read":"${'a'.repeat(43)}"}`,
    `{"read":"${'a'.repeat(43)}","test":"${'b'.repeat(43)}","material":5}`,
    `{"read":"${'secret'.repeat(8)}" oops`,
  ])('is neither replaced nor shown when it holds %j', async (text) => {
    const path = join(place, 'admin-tokens.json');
    await writeFile(path, text, { mode: 0o600 });
    await expect(loadOrCreateTokens(place, createSystemEntropy())).rejects.toThrow(
      `'${path}' does not hold the tokens of the admin API; remove it to make new ones`,
    );
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('is not replaced when it cannot be read', async () => {
    await mkdir(join(place, 'admin-tokens.json'), { mode: 0o700 });
    await expect(loadOrCreateTokens(place, createSystemEntropy())).rejects.toThrow('EISDIR');
    await rm(join(place, 'admin-tokens.json'), { recursive: true });
  });
});

test('a token allows its scope and those before it, and no other text does', () => {
  const made = createTokens(createSystemEntropy());
  for (const [at, scope] of SCOPES.entries()) {
    for (const [least, wanted] of SCOPES.entries()) {
      expect(allows(made, made[scope], wanted)).toBe(at >= least);
    }
  }
  const digest = createHash('sha256').update(made.material).digest('base64url');
  for (const wrong of [
    '',
    made.read.slice(1),
    `${made.material} `,
    made.material.toUpperCase(),
    digest,
  ]) {
    expect(allows(made, wrong, 'read')).toBe(false);
  }
});
