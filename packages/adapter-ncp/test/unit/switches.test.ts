import {
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  openVault,
  Secret,
  type Vault,
} from '@keyglot/core';
import type { Dialect, WireRequest } from '@keyglot/dialect';
import { afterEach, expect, test } from 'vitest';
import { createNcpDialect } from '../../src/dialect.js';
import type { NcpSettings } from '../../src/settings.js';

const NOW_MS = 1_700_000_000_000;
const vaults: Vault[] = [];

afterEach(async () => {
  for (const vault of vaults.splice(0)) await vault.close();
});

async function dialectWith(settings: Partial<NcpSettings>): Promise<Dialect> {
  const entropy = createSystemEntropy();
  const clock = { virtualMs: () => NOW_MS, realMs: () => NOW_MS, monotonicMs: () => 0 };
  const rootKey = createRootKey(new Secret(entropy.bytes(32)), entropy);
  const vault = await openVault({ store: createMemoryStore(), clock, entropy, rootKey });
  vaults.push(vault);
  const onDefect = (error: unknown): void => {
    throw error;
  };
  const services = { vault, journal: { record: () => undefined }, onDefect };
  return createNcpDialect(services, { auth: 'open', account: '1', ...settings });
}

async function send(dialect: Dialect, path: string, body: unknown): Promise<Sent> {
  const head = { method: 'POST', rawPath: path, path, query: '', headers: {}, hostname: '' };
  const request: WireRequest = {
    head,
    body: Buffer.from(JSON.stringify(body)),
    requestId: 'id',
    receivedAtMs: NOW_MS,
    sandbox: 'main',
    mount: '',
  };
  const { status, body: text } = await dialect.handle(request);
  return { status, ...JSON.parse(text) };
}

interface Sent {
  readonly status: number;
  readonly code: string;
  readonly data: Record<string, unknown>;
}

async function keyOf(dialect: Dialect): Promise<string> {
  const key = { keyName: 'key', keyType: 'AES256', protectionType: 'BASIC' };
  const { data } = await send(dialect, '/kms/v1/keys', key);
  return String(data['keyTag']);
}

test('refuseUnusedContext refuses a context for a key that is not convergent', async () => {
  const dialect = await dialectWith({ refuseUnusedContext: true });
  const path = `/kms/v1/keys/${await keyOf(dialect)}/encrypt`;
  const refused = await send(dialect, path, { plaintext: 'YQ==', context: 'YQ==' });
  expect(refused).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  expect(await send(dialect, path, { plaintext: 'YQ==' })).toMatchObject({ status: 200 });
});

test('legacyListNames doubles arrays of the API 1.0 under their old names, and nothing else', async () => {
  const dialect = await dialectWith({ legacyListNames: true });
  const tag = await keyOf(dialect);
  const first = `/keys/v1/${tag}`;
  const sealed = await send(dialect, `${first}/encrypt`, { plaintext: ['YQ==', 'Yg=='] });
  const { ciphertext } = sealed.data;
  expect(sealed.data).toEqual({ ciphertext, ciphertextList: ciphertext });
  expect((await send(dialect, `${first}/decrypt`, { ciphertext })).data).toEqual({
    plaintext: ['YQ==', 'Yg=='],
    plaintextList: ['YQ==', 'Yg=='],
  });
  const moved = await send(dialect, `${first}/reencrypt`, { ciphertext });
  expect(Object.keys(moved.data)).toEqual(['newCiphertext', 'newCiphertextList']);
  const one = await send(dialect, `${first}/encrypt`, { plaintext: 'YQ==' });
  expect(Object.keys(one.data)).toEqual(['ciphertext']);
  const second = await send(dialect, `/kms/v1/keys/${tag}/decrypt`, { ciphertext });
  expect(Object.keys(second.data)).toEqual(['plaintext']);
});
