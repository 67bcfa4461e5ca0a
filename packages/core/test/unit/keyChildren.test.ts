import { describe, expect, it } from 'vitest';
import type { KeyRecord } from '../../src/model/key.js';
import type { ResourceRecord } from '../../src/model/resource.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { attachResource, detachResource } from '../../src/vault/keyResources.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { resetSandbox } from '../../src/vault/resetSandbox.js';
import { Miss } from '../../src/vault/scope.js';
import { fakeClock } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import {
  ask,
  LEASE_MS,
  newTestKey,
  SANDBOX,
  scopeOf,
  type TestVault,
  testVault,
} from '../support/vault.js';

const KIND = 'permit';

const keyOf = async (vault: TestVault, id: string): Promise<LoadedKey> => {
  const key = await ask(vault, (scope) => vault.keys.byId(scope, id));
  if (key === undefined) throw new Error('the key is not there');
  return key;
};

const attach = async (vault: TestVault, keyId: string, id: string): Promise<void> =>
  attachResource(
    vault,
    await keyOf(vault, keyId),
    { kind: KIND, id, body: { id } },
    0,
    () => undefined,
  );

const list = async (vault: TestVault, keyId: string): Promise<readonly string[]> => {
  const found = await ask(vault, (scope) => {
    const key = vault.keys.byId(scope, keyId);
    return key && vault.resources.ofKey(scope, key, KIND);
  });
  return (found ?? []).map(({ id }) => id);
};

const listNow = (vault: TestVault, keyId: string): readonly ResourceRecord[] => {
  const scope = scopeOf(vault);
  const key = vault.keys.byId(scope, keyId);
  if (key === undefined) throw new Error('the key is not there');
  return vault.resources.ofKey(scope, key, KIND);
};

describe('resources of a key', () => {
  it('are read once and then come from memory, without a promise', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const { id } = (await newTestKey(vault)).record;
    await attach(vault, id, 'b');
    await attach(vault, id, 'a');
    expect(await list(vault, id)).toEqual(['a', 'b']);
    const before = store.total();
    expect(listNow(vault, id).map((one) => one.id)).toEqual(['a', 'b']);
    expect(listNow(vault, id)).toBe(listNow(vault, id));
    expect(store.total()).toBe(before);
  });

  it('remember that there are none', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const { id } = (await newTestKey(vault)).record;
    expect(await list(vault, id)).toEqual([]);
    expect(listNow(vault, id)).toEqual([]);
    expect(store.calls('listResources')).toBe(1);
  });

  it('change here at once, and elsewhere with the lease of the key', async () => {
    const memory = createMemoryStore();
    const clock = fakeClock();
    const here = await testVault({ store: observedStore(memory), clock });
    const there = await testVault({ store: observedStore(memory), clock });
    const { id } = (await newTestKey(here)).record;
    await attach(here, id, 'first');
    expect([await list(here, id), await list(there, id)]).toEqual([['first'], ['first']]);

    await attach(here, id, 'second');
    expect(await list(here, id)).toEqual(['first', 'second']);
    clock.passedMs += LEASE_MS;
    expect(listNow(there, id).map((one) => one.id)).toEqual(['first']);
    clock.passedMs += 1;
    expect(() => listNow(there, id)).toThrow(Miss);
    expect(await list(there, id)).toEqual(['first', 'second']);

    const { record } = await keyOf(here, id);
    expect(await detachResource(here, record, KIND, 'first')).toBe(true);
    expect(await detachResource(here, record, KIND, 'first')).toBe(false);
    expect(await list(here, id)).toEqual(['second']);
    await there.keys.renewLeases();
    expect(await list(there, id)).toEqual(['second']);
  });

  it('need no question of their own when the lease of the key is renewed', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const { id } = (await newTestKey(vault)).record;
    await attach(vault, id, 'a');
    await list(vault, id);
    const asked = store.calls('listResources');
    for (let n = 0; n < 3; n += 1) {
      vault.clock.passedMs += LEASE_MS - 1;
      await vault.keys.renewLeases();
      expect(listNow(vault, id).length).toBe(1);
    }
    expect(store.calls('listResources')).toBe(asked);
  });

  it('do not come back from an answer that was on its way when they changed', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const { id } = (await newTestKey(vault)).record;
    await attach(vault, id, 'a');
    const gate = store.hold('listResources');
    const old = list(vault, id);
    await gate.reached(1);
    await attach(vault, id, 'b');
    const fresh = list(vault, id);
    await gate.reached(2);
    gate.release(1);
    expect(await fresh).toEqual(['a', 'b']);
    gate.open();
    expect(await old).toEqual(['a']);
    expect(await list(vault, id)).toEqual(['a', 'b']);
  });

  it('are forgotten when an answer to a change is lost', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const { id } = (await newTestKey(vault)).record;
    expect(await list(vault, id)).toEqual([]);
    store.loseNext('attachResource');
    expect((await faultOf(attach(vault, id, 'a'))).code).toBe('Unavailable');
    expect(await list(vault, id)).toEqual(['a']);
    store.loseNext('detachResource');
    const { record } = await keyOf(vault, id);
    expect((await faultOf(detachResource(vault, record, KIND, 'a'))).code).toBe('Unavailable');
    expect(await list(vault, id)).toEqual([]);
  });

  it('are read in pages when there are many', async () => {
    const store = createMemoryStore();
    const vault = await testVault({ store });
    const { id } = (await newTestKey(vault)).record;
    for (let n = 0; n < 2_001; n += 1) {
      const record = {
        sandbox: SANDBOX,
        kind: KIND,
        id: `r${n}`,
        parent: id,
        body: {},
        sealed: null,
      };
      await store.writeResource({ ...record, version: 1 }, []);
    }
    expect((await list(vault, id)).length).toBe(2_001);
  });

  it('see the key under its lock, and not one whose time has passed', async () => {
    const vault = await testVault({ store: createMemoryStore() });
    const key = await newTestKey(vault);
    const seen: KeyRecord[] = [];
    const draft = { kind: KIND, id: 'a', body: {} };
    await attachResource(vault, key, draft, 0, (current) => void seen.push(current));
    expect(seen.map(({ id }) => id)).toEqual([key.record.id]);
    const ref = { sandbox: SANDBOX, id: key.record.id };
    await vault.store.changeKey(ref, () => ({ set: { deletionAt: new Date(5) } }));
    const late = attachResource(vault, key, { ...draft, id: 'b' }, 5, () => undefined);
    expect((await faultOf(late)).code).toBe('KeyNotFound');
  });

  it('go with their sandbox', async () => {
    const vault = await testVault({ store: createMemoryStore() });
    const key = await newTestKey(vault);
    await attach(vault, key.record.id, 'a');
    const current = await keyOf(vault, key.record.id);
    await ask(vault, (scope) => vault.resources.ofKey(scope, current, KIND));
    await resetSandbox(vault, SANDBOX);
    expect(await ask(vault, (scope) => vault.resources.ofKey(scope, current, KIND))).toEqual([]);
  });
});
