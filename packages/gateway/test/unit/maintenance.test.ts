import {
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  FLUSH_MS,
  openVault,
  ROOT_KEY_BYTES,
  Secret,
} from '@keyglot/core';
import { newKey } from '@keyglot/core/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startMaintenance } from '../../src/maintenance.js';
import { createTestClock } from '../support/testClock.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('the uses of keys are written once a second, and no more once it has stopped', async () => {
  const [store, entropy] = [createMemoryStore(), createSystemEntropy()];
  const rootKey = createRootKey(new Secret(entropy.bytes(ROOT_KEY_BYTES)), entropy);
  const vault = await openVault({ store, clock: createTestClock(), entropy, rootKey });
  const { key } = newKey('main', 'k');
  await store.createKey(newKey('main', 'k'));
  const errors: unknown[] = [];
  const opened = { store, clean: async () => {}, close: () => store.close() };
  const maintenance = startMaintenance(vault, opened, (error) => errors.push(error));
  vault.uses.note(key, 'Encrypt', 1, 'first');
  await vi.advanceTimersByTimeAsync(FLUSH_MS - 1);
  expect(await store.readUse(key)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(await store.readUse(key)).toMatchObject({ requestId: 'first' });
  maintenance.stop();
  vault.uses.note(key, 'Encrypt', 2, 'second');
  await vi.advanceTimersByTimeAsync(10 * FLUSH_MS);
  expect(await store.readUse(key)).toMatchObject({ requestId: 'first' });
  expect(errors).toEqual([]);
  await vault.close();
});
