import {
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  fault,
  openVault,
  type Realm,
  type Scope,
  Secret,
  type Vault,
} from '@keyglot/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { confirmName, releaseName, releaseUnwritten, reserveName } from '../../src/names.js';

const realm: Realm = { dialect: 'ncp', tenant: '1', region: 'global' };
const START_MS = 1_700_000_000_000;

let realMs = START_MS;
let vault: Vault;
let scope: Scope;

beforeEach(async () => {
  realMs = START_MS;
  const entropy = createSystemEntropy();
  const clock = { virtualMs: () => START_MS, realMs: () => realMs, monotonicMs: () => 0 };
  const rootKey = createRootKey(new Secret(entropy.bytes(32)), entropy);
  vault = await openVault({ store: createMemoryStore(), clock, entropy, rootKey });
  scope = { sandbox: 'main', nowMs: START_MS, pinned: new Map() };
});

afterEach(() => vault.close());

const reserve = (keyTag: string, at = realm): ReturnType<typeof reserveName> =>
  reserveName(vault, scope, at, 'name', keyTag);
const makeKey = async (wireId: string, keyName: string): Promise<void> => {
  await createKey(
    vault,
    {
      sandbox: 'main',
      realm,
      wireId,
      spec: 'aes-256',
      usages: ['encrypt'],
      attributes: { keyName },
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
    },
    START_MS,
  );
};
const taken = { code: 'AlreadyExists', details: { kind: 'key', id: 'name' } };

test('a reservation keeps others away for a minute while its key is on its way', async () => {
  await reserve('a');
  await expect(reserve('b')).rejects.toMatchObject(taken);
  realMs += 60_000;
  expect(await reserve('b')).toMatchObject({ keyTag: 'b', version: 2 });
});

test('a key keeps its name for as long as it bears it', async () => {
  await makeKey('a', 'name');
  await confirmName(vault, scope, await reserve('a'));
  realMs += 3_600_000;
  await expect(reserve('b')).rejects.toMatchObject(taken);
});

test('a name whose key is not there any more is free at once', async () => {
  await confirmName(vault, scope, await reserve('a'));
  expect(await reserve('b')).toMatchObject({ keyTag: 'b' });
});

test('a name whose key is called otherwise now is free at once', async () => {
  await makeKey('a', 'renamed');
  await confirmName(vault, scope, await reserve('a'));
  expect(await reserve('b')).toMatchObject({ keyTag: 'b' });
});

test('accounts and boundaries have names of their own', async () => {
  await reserve('a');
  await reserve('b', { ...realm, tenant: '2' });
  await reserve('c', { ...realm, region: 'kr' });
});

test('a failure that is certain gives the name back, an uncertain one does not', async () => {
  const first = await reserve('a');
  await releaseUnwritten(vault, scope, first, fault('Unavailable', { what: 'the store' }));
  await expect(reserve('b')).rejects.toMatchObject(taken);
  await releaseUnwritten(vault, scope, first, fault('KeyNotFound', { id: 'a' }));
  await reserve('b');
  await releaseName(vault, scope, realm, 'name');
  await reserve('c');
});
