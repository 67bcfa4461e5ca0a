import {
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemClock,
  createSystemEntropy,
  openVault,
  Secret,
  withLoads,
} from '@keyglot/core';
import { expect, it } from 'vitest';

const KEYS = 4_000;
const CACHE_BYTES = 1_048_576;
const REALM = { dialect: 'aws', tenant: '000000000000', region: 'us-east-1' };

it('more keys than fit into memory are all usable, while the cache keeps to its bytes', async () => {
  const clock = createSystemClock();
  const entropy = createSystemEntropy();
  const rootKey = createRootKey(new Secret(entropy.bytes(32)), entropy);
  const store = createMemoryStore();
  const vault = await openVault({ store, clock, entropy, rootKey, cacheBytes: CACHE_BYTES });
  let mostBytes = 0;
  let mostKeys = 0;
  const look = (): void => {
    const { keys, bytes } = vault.keys.usage();
    mostBytes = Math.max(mostBytes, bytes);
    mostKeys = Math.max(mostKeys, keys);
  };
  for (let index = 0; index < KEYS; index += 1) {
    const draft = {
      sandbox: 'main',
      realm: REALM,
      wireId: `key-${index}`,
      spec: 'aes-256' as const,
      usages: ['encrypt' as const],
      attributes: {},
      versionWireId: (fingerprint: Buffer) => fingerprint.toString('hex'),
    };
    await createKey(vault, draft, 0);
    look();
  }
  const found: string[] = [];
  for (let index = 0; index < 2 * KEYS; index += 1) {
    const wireId = `key-${index % KEYS}`;
    const scope = { sandbox: 'main', nowMs: 0, pinned: new Map() };
    const key = await withLoads(() => vault.keys.byWireId(scope, 'aws', wireId, () => true));
    // Unwraps the material, which is what takes most of the memory.
    key?.primary().aead('aws');
    if (key?.record.wireId === wireId) found.push(wireId);
    look();
  }
  expect(found.length).toBe(2 * KEYS);
  expect(mostBytes).toBeLessThanOrEqual(CACHE_BYTES);
  expect(mostBytes).toBeGreaterThan(CACHE_BYTES * 0.8);
  expect(mostKeys).toBeLessThan(KEYS / 4);
  await vault.close();
});
