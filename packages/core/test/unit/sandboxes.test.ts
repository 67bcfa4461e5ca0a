import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import {
  createSandbox,
  listSandboxes,
  MAIN_SANDBOX,
  requireSandbox,
} from '../../src/vault/sandboxes.js';
import { fakeClock } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import { ask, scopeOf, type TestVault, testVault } from '../support/vault.js';

const enter = (vault: TestVault, name: string, implicit: boolean): Promise<void> => {
  const scope = scopeOf(vault, name);
  return ask(vault, () => requireSandbox(vault, scope, implicit), scope);
};

describe('requireSandbox', () => {
  it('always lets into main, without the store', async () => {
    const vault = await testVault();
    expect(requireSandbox(vault, scopeOf(vault, MAIN_SANDBOX), false)).toBeUndefined();
  });

  it('refuses a sandbox that was not made, and lets in once it was', async () => {
    const vault = await testVault();
    expect(await faultOf(enter(vault, 'ci-1', false))).toMatchObject({
      code: 'InputInvalid',
      details: { reason: 'There is no sandbox ci-1.' },
    });
    expect(await createSandbox(vault, 'ci-1')).toBe(true);
    expect(await createSandbox(vault, 'ci-1')).toBe(false);
    await enter(vault, 'ci-1', false);
    expect(requireSandbox(vault, scopeOf(vault, 'ci-1'), false)).toBeUndefined();
  });

  it('makes a sandbox on first use, once for all requests that come at once', async () => {
    const vault = await testVault();
    await Promise.all(Array.from({ length: 20 }, () => enter(vault, 'ci-1', true)));
    expect(await listSandboxes(vault)).toEqual(['main', 'ci-1']);
  });

  it('takes one that another process has just made, though its absence is in memory', async () => {
    const memory = createMemoryStore();
    const clock = fakeClock();
    const here = await testVault({ store: observedStore(memory), clock });
    const there = await testVault({ store: observedStore(memory), clock });
    expect((await faultOf(enter(here, 'ci-1', false))).code).toBe('InputInvalid');
    await enter(there, 'ci-1', true);
    await enter(here, 'ci-1', true);
    expect(requireSandbox(here, scopeOf(here, 'ci-1'), false)).toBeUndefined();
  });
});

describe('createSandbox', () => {
  it('says when the store cannot be reached', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    store.unreachable = true;
    expect((await faultOf(createSandbox(vault, 'ci-1'))).code).toBe('Unavailable');
    expect((await faultOf(enter(vault, 'ci-1', true))).code).toBe('Unavailable');
  });
});

describe('listSandboxes', () => {
  it('gives all of them, main first, over as many pages as it takes', async () => {
    const vault = await testVault();
    const names = Array.from({ length: 1_001 }, (_, at) => `s${String(at).padStart(4, '0')}`);
    for (const name of names) await createSandbox(vault, name);
    expect(await listSandboxes(vault)).toEqual(['main', ...names]);
  });
});
