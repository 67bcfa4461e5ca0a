import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { createAlias, deleteAlias, moveAlias } from '../../src/vault/aliases.js';
import { changeKey } from '../../src/vault/changeKey.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { Miss } from '../../src/vault/scope.js';
import { fakeClock } from '../support/fakeClock.js';
import { type ObservedStore, observedStore } from '../support/observedStore.js';
import {
  ask,
  LEASE_MS,
  newTestKey,
  SANDBOX,
  scopeOf,
  TEST_REALM,
  type TestVault,
  testVault,
} from '../support/vault.js';

const NAME = 'alias/app';
const accept = (): void => undefined;

const find = (vault: TestVault): Promise<LoadedKey | undefined> =>
  ask(vault, (scope) => vault.keys.byAlias(scope, TEST_REALM, NAME));

const findNow = (vault: TestVault): LoadedKey | undefined =>
  vault.keys.byAlias(scopeOf(vault), TEST_REALM, NAME);

const create = (vault: TestVault, target: LoadedKey): Promise<void> =>
  createAlias(vault, target, NAME, vault.clock.nowMs, accept);

const move = (vault: TestVault, target: LoadedKey): Promise<void> =>
  moveAlias(vault, target, NAME, vault.clock.nowMs, accept);

const remove = (vault: TestVault): Promise<void> => deleteAlias(vault, SANDBOX, TEST_REALM, NAME);

/** One process whose store nobody else writes to, so that what it keeps, it keeps for good. */
async function alone(): Promise<{
  readonly vault: TestVault;
  readonly store: ObservedStore;
  readonly one: LoadedKey;
  readonly two: LoadedKey;
}> {
  const store = observedStore(createMemoryStore(), false);
  const vault = await testVault({ store });
  return { vault, store, one: await newTestKey(vault), two: await newTestKey(vault) };
}

describe('byAlias', () => {
  it('finds the key, then without the store', async () => {
    const { vault, store, one } = await alone();
    await create(vault, one);
    expect((await find(vault))?.record.id).toBe(one.record.id);
    const calls = store.total();
    expect(findNow(vault)?.record.id).toBe(one.record.id);
    expect(store.total()).toBe(calls);
  });

  it('finds nothing in another realm or sandbox, and nothing under a part of the name', async () => {
    const { vault, one } = await alone();
    await create(vault, one);
    for (const [sandbox, realm, name] of [
      ['other', TEST_REALM, NAME],
      [SANDBOX, { ...TEST_REALM, dialect: 'other' }, NAME],
      [SANDBOX, { ...TEST_REALM, tenant: 'other' }, NAME],
      [SANDBOX, { ...TEST_REALM, region: 'other' }, NAME],
      [SANDBOX, TEST_REALM, 'alias/ap'],
    ] as const) {
      const scope = scopeOf(vault, sandbox);
      expect(await ask(vault, () => vault.keys.byAlias(scope, realm, name), scope)).toBeUndefined();
    }
  });

  it('reads the alias again whenever its key has changed, and is never wrong meanwhile', async () => {
    const { vault, store, one } = await alone();
    await create(vault, one);
    await find(vault);
    await changeKey(vault, one.record, vault.clock.nowMs, () => ({ set: { state: 'disabled' } }));
    expect(() => findNow(vault)).toThrow(Miss);
    expect((await find(vault))?.record.state).toBe('disabled');
    expect(store.calls('readAlias')).toBe(2);
    expect(findNow(vault)?.record.state).toBe('disabled');
  });

  it('finds nothing when the key is gone, though its row is still there', async () => {
    const { vault, one } = await alone();
    await create(vault, one);
    await changeKey(vault, one.record, vault.clock.nowMs, () => ({
      set: { deletionAt: new Date(vault.clock.nowMs + 5) },
    }));
    expect((await find(vault))?.record.id).toBe(one.record.id);
    vault.clock.nowMs += 5;
    expect(await find(vault)).toBeUndefined();
  });

  it('stays with what it found for the rest of a request', async () => {
    const { vault, one, two } = await alone();
    await create(vault, one);
    const scope = scopeOf(vault);
    const look = (): LoadedKey | undefined => vault.keys.byAlias(scope, TEST_REALM, NAME);
    await ask(vault, look, scope);
    await move(vault, two);
    expect(look()?.record.id).toBe(one.record.id);
    expect((await find(vault))?.record.id).toBe(two.record.id);
  });
});

describe('a change of an alias', () => {
  it('is seen at once where it was made', async () => {
    const { vault, one, two } = await alone();
    expect(await find(vault)).toBeUndefined();
    await create(vault, one);
    expect((await find(vault))?.record.id).toBe(one.record.id);
    await move(vault, two);
    expect((await find(vault))?.record.id).toBe(two.record.id);
    await move(vault, one);
    expect((await find(vault))?.record.id).toBe(one.record.id);
    await remove(vault);
    expect(await find(vault)).toBeUndefined();
  });

  it('is seen elsewhere when the lease of its key ends, and the old pair is never mixed up', async () => {
    const memory = createMemoryStore();
    const clock = fakeClock();
    const here = await testVault({ store: observedStore(memory), clock });
    const there = await testVault({ store: observedStore(memory), clock });
    const [one, two] = [await newTestKey(there), await newTestKey(there)];
    await create(there, one);
    expect((await find(here))?.record.id).toBe(one.record.id);
    await move(there, two);
    expect(findNow(here)?.record.id).toBe(one.record.id);
    clock.passedMs += LEASE_MS + 1;
    expect((await find(here))?.record.id).toBe(two.record.id);
    await remove(there);
    await here.keys.renewLeases();
    expect(await find(here)).toBeUndefined();
  });

  it('made elsewhere shows that the key in memory is old', async () => {
    const memory = createMemoryStore();
    const store = observedStore(memory);
    const here = await testVault({ store });
    const there = await testVault({ store: observedStore(memory) });
    const one = await newTestKey(there);
    await ask(here, (scope) => here.keys.byId(scope, one.record.id));
    await create(there, one);
    expect((await find(here))?.record.revision).toBe(2);
    expect(findNow(here)?.record.revision).toBe(2);
    expect(store.calls('readAlias')).toBe(1);
  });

  it('whose answer was lost is seen at once where it was made', async () => {
    const { vault, store, one, two } = await alone();
    store.loseNext('createAlias');
    expect((await faultOf(create(vault, one))).code).toBe('Unavailable');
    expect((await find(vault))?.record.id).toBe(one.record.id);
    store.loseNext('moveAlias');
    expect((await faultOf(move(vault, two))).code).toBe('Unavailable');
    expect((await find(vault))?.record.id).toBe(two.record.id);
    store.loseNext('deleteAlias');
    expect((await faultOf(remove(vault))).code).toBe('Unavailable');
    expect(await find(vault)).toBeUndefined();
  });

  it('whose answer was lost is not undone by a reading from before it', async () => {
    const { vault, store, one, two } = await alone();
    await create(vault, one);
    const gate = store.hold('readAlias');
    const asked = find(vault);
    await gate.reached(1);
    store.loseNext('moveAlias');
    expect((await faultOf(move(vault, two))).code).toBe('Unavailable');
    gate.open();
    expect((await asked)?.record.id).toBe(one.record.id);
    expect((await find(vault))?.record.id).toBe(two.record.id);
  });

  it('that is acknowledged is not undone by a reading from before it', async () => {
    const { vault, store, one, two } = await alone();
    await create(vault, one);
    const gate = store.hold('readAlias');
    const asked = find(vault);
    await gate.reached(1);
    await move(vault, two);
    gate.open();
    await asked;
    expect((await find(vault))?.record.id).toBe(two.record.id);
  });

  it('is refused by its check, which sees the key and the number of its aliases', async () => {
    const { vault, one, two } = await alone();
    await create(vault, one);
    const refusal = new Error('refused');
    const check = (...seen: readonly unknown[]): never => {
      throw Object.assign(refusal, { seen });
    };
    const nowMs = vault.clock.nowMs;
    await expect(createAlias(vault, one, 'alias/more', nowMs, check)).rejects.toBe(refusal);
    expect(refusal).toMatchObject({ seen: [{ id: one.record.id }, 1] });
    await expect(moveAlias(vault, two, NAME, nowMs, check)).rejects.toBe(refusal);
    expect(refusal).toMatchObject({ seen: [{ id: one.record.id }, { id: two.record.id }, 0] });
    expect((await find(vault))?.record.id).toBe(one.record.id);
  });

  it('is refused for a name that is taken or unknown', async () => {
    const { vault, one, two } = await alone();
    await create(vault, one);
    expect(await faultOf(create(vault, two))).toMatchObject({
      code: 'AlreadyExists',
      details: { kind: 'alias', id: NAME },
    });
    await remove(vault);
    expect(await faultOf(move(vault, two))).toMatchObject({
      code: 'AliasNotFound',
      details: { name: NAME },
    });
    expect((await faultOf(remove(vault))).code).toBe('AliasNotFound');
  });
});
