import {
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  encrypt,
  type LoadedKey,
  NO_CONTEXT,
  openVault,
  type Realm,
  rotateKey,
  Secret,
  type Store,
  type Vault,
  withLoads,
} from '@keyglot/core';
import { describe, expect, it } from 'vitest';
import type { AwsCall } from '../../src/call.js';
import { createAwsLayout } from '../../src/envelope.js';
import { AWS_PROFILE } from '../../src/profiles/aws.js';
import { checkSource, resolveSource, type Source, SYMMETRIC } from '../../src/source.js';

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const REALM: Realm = { dialect: 'aws', tenant: '000000000000', region: 'eu-central-1' };
const entropy = createSystemEntropy();

/** One of several processes over the same records. */
function processOver(memory: Store): Promise<Vault> {
  return openVault({
    store: { ...memory, shared: true },
    clock: { virtualMs: () => NOW_MS, realMs: () => NOW_MS, monotonicMs: () => 0 },
    entropy,
    rootKey: createRootKey(new Secret(Buffer.alloc(32, 3)), entropy),
  });
}

const fingerprinted = { versionWireId: (fingerprint: Buffer) => fingerprint.toString('hex') };

function newKey(vault: Vault): Promise<LoadedKey> {
  const draft = { sandbox: 'main', realm: REALM, wireId: entropy.uuid(), attributes: {} };
  return createKey(
    vault,
    { ...draft, spec: 'aes-256', usages: ['encrypt'], ...fingerprinted },
    NOW_MS,
  );
}

function callOf(vault: Vault): AwsCall {
  const caller = {
    dialect: 'aws',
    sandbox: 'main',
    audit: '',
    profile: AWS_PROFILE,
    account: REALM.tenant,
    region: REALM.region,
    arn: 'arn:aws:iam::000000000000:root',
    userId: REALM.tenant,
    realm: REALM,
  };
  const scope = { sandbox: 'main', nowMs: NOW_MS, pinned: new Map<string, unknown>() };
  const call = { vault, caller, profile: AWS_PROFILE, realm: REALM, scope, nowMs: NOW_MS };
  return { ...call, operation: 'Decrypt', requestId: 'request', auth: 'open' };
}

async function source(vault: Vault, blob: Buffer, keyId: string | undefined): Promise<Source> {
  const call = callOf(vault);
  const input = { blob, keyId, algorithm: SYMMETRIC, permissionOnly: false };
  return withLoads(() => {
    const found = resolveSource(input, { keyId: 'KeyId', action: 'kms:Decrypt' }, call);
    checkSource(found, input, call);
    return found;
  });
}

describe('the key of a ciphertext', () => {
  it('is up to date with a rotation that another process has just done, named or not', async () => {
    const memory = createMemoryStore();
    const [here, there] = [await processOver(memory), await processOver(memory)];
    for (const named of [true, false]) {
      const key = await newKey(there);
      const keyId = named ? key.record.wireId : undefined;
      const seal = (under: LoadedKey): Buffer =>
        encrypt(there, under, createAwsLayout('aws'), NO_CONTEXT, Buffer.from('x'));
      // In memory here from now on, under a lease that does not end.
      await source(here, seal(key), keyId);
      const rotated = await rotateKey(there, key.record, NOW_MS, {
        check: () => ({}),
        ...fingerprinted,
      });
      const found = await source(here, seal(rotated), keyId);
      expect(found.key.record.versions.map(({ number }) => number)).toEqual([1, 2]);
    }
  });

  it('is refused when the one that is named did not make it', async () => {
    const memory = createMemoryStore();
    const [here, there] = [await processOver(memory), await processOver(memory)];
    const [key, other] = [await newKey(there), await newKey(there)];
    const blob = encrypt(there, other, createAwsLayout('aws'), NO_CONTEXT, Buffer.from('x'));
    await expect(source(here, blob, key.record.wireId)).rejects.toMatchObject({
      code: 'KeyMismatch',
      details: { id: `arn:aws:kms:eu-central-1:000000000000:key/${key.record.wireId}` },
    });
  });
});
