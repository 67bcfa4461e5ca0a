import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Gateway, type StartOptions, startGateway } from '../../src/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';

const ROOT_KEY = { kind: 'bytes', key: new Secret(Buffer.alloc(32, 7)) } as const;

function postgres(url: string): Partial<StartOptions> {
  return { store: { kind: 'postgres', url: new Secret(Buffer.from(url)) }, rootKey: ROOT_KEY };
}

/** Why a start fails. */
async function failure(options: Partial<StartOptions>): Promise<string> {
  let gateway: Gateway;
  try {
    gateway = await startGateway({ ...MEMORY_OPTIONS, ...options });
  } catch (error) {
    return error instanceof Error ? error.message : `no Error: ${String(error)}`;
  }
  await gateway.close();
  throw new Error('the gateway started');
}

describe('a database of somebody else', () => {
  test('that does not listen is named as away in one line, without its password', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const text = await failure(postgres(`postgres://keyglot:pass-word@127.0.0.1:${port}/keys`));
    expect(text).not.toContain('pass-word');
    expect(text).not.toContain('\n');
    expect(text).toMatch(/database/);
  });

  test.each(['postgres://', 'not a url', 'http://127.0.0.1/', 'postgres://%zz@127.0.0.1:1/'])(
    'with the address %j is refused',
    async (url) => {
      expect(await failure(postgres(url))).not.toContain('\n');
    },
  );
});

test('the embedded store without a data folder is refused', async () => {
  expect(await failure({ store: { kind: 'embedded' } })).toBe(
    'the embedded store needs a data folder',
  );
});

describe('the embedded store', () => {
  let folder: string;
  let options: Partial<StartOptions>;
  let keyId: string;
  let gateway: Gateway | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kg-embedded-'));
    // So that the account of the server gets in when the tests run as root.
    await chmod(folder, 0o755);
    options = { store: { kind: 'embedded' }, dataFolder: join(folder, 'data') };
    gateway = await startGateway({ ...MEMORY_OPTIONS, ...options });
    const made = await call(gateway, 'CreateKey', {});
    keyId = String(new Map(Object.entries(made['KeyMetadata'] ?? {})).get('KeyId'));
  });

  afterAll(async () => {
    await gateway?.close();
    await rm(folder, { recursive: true });
  });

  async function call(
    { url }: Gateway,
    operation: string,
    input: unknown,
  ): Promise<Record<string, unknown>> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${operation}`,
      },
      body: JSON.stringify(input),
    });
    return Object(await response.json());
  }

  test('refuses a second gateway on its folder and goes on serving', async () => {
    if (gateway === undefined) throw new Error('not started');
    const before = await readFile(join(folder, 'data', 'root-key'), 'utf8');
    expect(await failure(options)).toMatch(/^the data folder .* is in use by process \d+/);
    expect(await readFile(join(folder, 'data', 'root-key'), 'utf8')).toBe(before);
    expect(await call(gateway, 'DescribeKey', { KeyId: keyId })).toHaveProperty('KeyMetadata');
  });

  test('has an authority to trust soon after its first start, before anybody speaks TLS', async () => {
    await gateway?.close();
    gateway = await startGateway({ ...MEMORY_OPTIONS, ...options }, { authorityAfterMs: 0 });
    const path = join(folder, 'data', 'tls', 'ca.pem');
    await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toContain('CERTIFICATE'), {
      timeout: 20_000,
    });
    expect(await (await fetch(`${gateway.url}/_keyglot/ca.pem`)).text()).toBe(
      await readFile(path, 'utf8'),
    );
  });

  test('refuses another root key in one line, and opens again under its own', async () => {
    await gateway?.close();
    gateway = undefined;
    const path = join(folder, 'data', 'root-key');
    const aside = join(folder, 'aside');
    await rename(path, aside);

    await writeFile(path, `base64:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const other = await failure(options);
    expect(other).toMatch(
      /^--root-key \(KEYGLOT_ROOT_KEY\): the store was written under root key [0-9a-f]{16}, this is root key [0-9a-f]{16}$/,
    );
    await rm(path);

    expect(await failure({ ...options, rootKey: ROOT_KEY })).toMatch(
      /^--root-key \(KEYGLOT_ROOT_KEY\): the store was written under root key/,
    );
    expect(await failure(options)).toMatch(/^the root key '.*' is gone/);

    await rename(aside, path);
    gateway = await startGateway({ ...MEMORY_OPTIONS, ...options });
    expect(await call(gateway, 'DescribeKey', { KeyId: keyId })).toHaveProperty('KeyMetadata');
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  });

  test('keeps what a text column cannot hold from becoming a fault of ours', async () => {
    if (gateway === undefined) throw new Error('not started');
    const { url } = gateway;
    const status = async (path: string, headers: Record<string, string>, input: unknown) => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
        body: JSON.stringify(input),
      });
      await response.text();
      return response.status;
    };
    const nul = '\u0000';
    const inputs: readonly (readonly [operation: string, input: unknown])[] = [
      ['DescribeKey', { KeyId: `alias/${nul}` }],
      ['DescribeKey', { KeyId: `arn:aws:kms:us-east-1:${nul}:key/${keyId}` }],
      ['DescribeKey', { KeyId: `arn:aws:kms:us-east-1:${nul}:alias/a` }],
      ['DescribeKey', { KeyId: `arn:aws:kms:us-east-1:000000000000:alias/${nul}` }],
      ['Encrypt', { KeyId: `alias/a${nul}b`, Plaintext: 'YQ==' }],
      ['CreateKey', { Description: `${nul}\ud800` }],
      ['CreateKey', { Tags: [{ TagKey: `a${nul}`, TagValue: '\udfff' }] }],
      ['ListKeys', { Marker: Buffer.from(`kg1:${nul}`).toString('base64url') }],
      ['ListKeys', { Marker: Buffer.from('6b67313aff', 'hex').toString('base64url') }],
      ['ListAliases', { Marker: Buffer.from(`kg1:alias/${nul}`).toString('base64url') }],
      ['ListAliases', { KeyId: `arn:aws:kms:us-east-1:${nul}:key/${keyId}` }],
      [
        'CreateAlias',
        { AliasName: 'alias/a', TargetKeyId: `arn:aws:kms:us-east-1:${nul}:key/${keyId}` },
      ],
    ];
    for (const [operation, input] of inputs) {
      const target = { 'x-amz-target': `TrentService.${operation}` };
      expect([200, 400], `${operation} ${JSON.stringify(input)}`).toContain(
        await status('/', target, input),
      );
    }
    const query = `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%00/20261124/us-east-1/kms/aws4_request&X-Amz-Signature=a&X-Amz-SignedHeaders=host&X-Amz-Date=20261124T000000Z`;
    expect([200, 400]).toContain(
      await status(`/${query}`, { 'x-amz-target': 'TrentService.ListKeys' }, {}),
    );
    const deleted = await fetch(`${url}/_keyglot/credentials/aws/%00`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${gateway.adminToken}` },
    });
    expect([400, 404]).toContain(deleted.status);
    const listed = await fetch(`${url}/_keyglot/credentials?after=%00`, {
      headers: { authorization: `Bearer ${gateway.adminToken}` },
    });
    expect([200, 400]).toContain(listed.status);
  });
});
