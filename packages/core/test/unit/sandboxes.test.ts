import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { createAlias } from '../../src/vault/aliases.js';
import { createKey } from '../../src/vault/createKey.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { resetSandbox } from '../../src/vault/resetSandbox.js';
import { moveClock, readClock } from '../../src/vault/sandboxClock.js';
import { createSandbox, listSandboxes, openScope } from '../../src/vault/sandboxes.js';
import { withLoads } from '../../src/vault/scope.js';
import { fakeClock } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import { ask, draftOf, scopeOf, TEST_REALM, type TestVault, testVault } from '../support/vault.js';

const enter = async (vault: TestVault, name: string, implicit: boolean): Promise<number> => {
  const pinned = new Map<string, unknown>();
  return (await withLoads(() => openScope(vault, name, implicit ? 'make' : 'refuse', pinned)))
    .nowMs;
};
/** Without any load: everything is in memory. */
const known = (vault: TestVault, name: string): string =>
  openScope(vault, name, 'refuse', new Map()).sandbox;

describe('openScope', () => {
  it('always lets into main, at real time, and asks the store once', async () => {
    const vault = await testVault();
    expect(await enter(vault, 'main', false)).toBe(vault.clock.virtualMs('main'));
    expect(known(vault, 'main')).toBe('main');
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
    expect(known(vault, 'ci-1')).toBe('ci-1');
  });

  it('neither makes nor betrays a sandbox while its visitor is not known', async () => {
    const vault = await testVault();
    const pinned = new Map<string, unknown>();
    const scope = await withLoads(() => openScope(vault, 'ci-1', 'ignore', pinned));
    expect(scope).toMatchObject({ sandbox: 'ci-1', nowMs: vault.clock.virtualMs('ci-1') });
    expect(await listSandboxes(vault)).toEqual(['main']);
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
    expect(known(here, 'ci-1')).toBe('ci-1');
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

describe('moveClock', () => {
  const day = 86_400_000;

  it('sets, advances and freezes the clock of one sandbox only', async () => {
    const vault = await testVault();
    await createSandbox(vault, 'ci-1');
    const real = vault.clock.virtualMs('ci-1');
    await moveClock(vault, 'ci-1', { advanceMs: 30 * day });
    expect(await enter(vault, 'ci-1', false)).toBe(real + 30 * day);
    expect(await enter(vault, 'main', false)).toBe(real);
    const frozen = await moveClock(vault, 'ci-1', { setMs: 5 * day, frozen: true });
    expect([frozen.at(real), frozen.at(real + day)]).toEqual([5 * day, 5 * day]);
    const later = await moveClock(vault, 'ci-1', { advanceMs: day });
    expect(later.frozenAtMs).toBe(6 * day);
    const running = await moveClock(vault, 'ci-1', { frozen: false });
    expect([running.at(real), running.at(real + 1)]).toEqual([6 * day, 6 * day + 1]);
    expect((await readClock(vault, 'main')).offsetMs).toBe(0);
  });

  it('removes keys whose time has come on the way', async () => {
    const vault = await testVault();
    const real = vault.clock.virtualMs('main');
    const made = await createKey(vault, draft('main'), real);
    const ref = { sandbox: 'main', id: made.record.id };
    await vault.store.changeKey(ref, () => ({ set: { deletionAt: new Date(real + 7 * day) } }));
    await moveClock(vault, 'main', { advanceMs: 7 * day - 1 });
    expect((await vault.store.readKey(ref))?.key.id).toBe(ref.id);
    await moveClock(vault, 'main', { advanceMs: 1 });
    expect(await vault.store.readKey(ref)).toBeUndefined();
  });

  it('refuses to go back by advancing, and a sandbox that nobody made', async () => {
    const vault = await testVault();
    expect((await faultOf(moveClock(vault, 'main', { advanceMs: -1 }))).code).toBe('InputInvalid');
    expect((await faultOf(moveClock(vault, 'none', { advanceMs: 1 }))).code).toBe('InputInvalid');
  });
});

describe('resetSandbox', () => {
  it('forgets the keys of the sandbox, in memory too, and keeps those of others', async () => {
    const vault = await testVault();
    const real = vault.clock.virtualMs('main');
    await createSandbox(vault, 'ci-1');
    await createKey(vault, draft('ci-1'), real);
    await createKey(vault, draft('main'), real);
    const find = async (sandbox: string) => {
      const pinned = new Map<string, unknown>();
      return withLoads(() => {
        const scope = openScope(vault, sandbox, 'refuse', pinned);
        return vault.keys.byWireId(scope, 'test', 'k', () => true)?.record.wireId;
      });
    };
    expect([await find('ci-1'), await find('main')]).toEqual(['k', 'k']);
    await resetSandbox(vault, 'ci-1');
    expect([await find('ci-1'), await find('main')]).toEqual([undefined, 'k']);
  });
});

function draft(sandbox: string): Parameters<typeof createKey>[1] {
  return {
    sandbox,
    realm: { dialect: 'test', tenant: 't', region: 'r' },
    wireId: 'k',
    spec: 'aes-256',
    usages: ['encrypt'],
    attributes: {},
    versionWireId: () => 'v',
  };
}

describe('a reset', () => {
  it('leaves in memory what other sandboxes use', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const keyIn = (sandbox: string): Promise<LoadedKey> =>
      createKey(vault, draftOf({ sandbox }), 0);
    const [emptied, used] = [await keyIn('ci-1'), await keyIn('ci-10')];
    const look = (key: LoadedKey): Promise<LoadedKey | undefined> =>
      ask(
        vault,
        (scope) => vault.keys.byWireId(scope, 'test', key.record.wireId, () => true),
        scopeOf(vault, key.record.sandbox),
      );
    const alias = (key: LoadedKey): Promise<LoadedKey | undefined> =>
      ask(
        vault,
        (scope) => vault.keys.byAlias(scope, TEST_REALM, 'alias/a'),
        scopeOf(vault, key.record.sandbox),
      );
    for (const key of [emptied, used]) {
      await createAlias(vault, key, 'alias/a', 0, () => {});
      expect([await look(key), await alias(key)]).toEqual([expect.anything(), expect.anything()]);
    }
    await enter(vault, 'ci-10', true);
    await resetSandbox(vault, 'ci-1');
    const calls = store.total();
    expect(await look(used)).toBeDefined();
    expect(await alias(used)).toBeDefined();
    expect(known(vault, 'ci-10')).toBe('ci-10');
    expect(store.total()).toBe(calls);
    expect([await look(emptied), await alias(emptied)]).toEqual([undefined, undefined]);
  });
});
