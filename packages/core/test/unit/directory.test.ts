import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf, newAlias, newKey } from '../../src/testing/storeFixtures.js';
import { changeKey } from '../../src/vault/changeKey.js';
import { createKey } from '../../src/vault/createKey.js';
import { encrypt } from '../../src/vault/encrypt.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { rotateKey } from '../../src/vault/rotateKey.js';
import { Miss, withLoads } from '../../src/vault/scope.js';
import { DAY_MS, fakeClock } from '../support/fakeClock.js';
import { type ObservedStore, observedStore } from '../support/observedStore.js';
import {
  ask,
  draftOf,
  LEASE_MS,
  newTestKey,
  SANDBOX,
  scopeOf,
  TEST_REALM,
  type TestVault,
  testLayout,
  testVault,
} from '../support/vault.js';

/** Two processes over one store, each with a clock and a cache of its own. */
async function twoProcesses(): Promise<{
  readonly here: TestVault;
  readonly there: TestVault;
  readonly store: ObservedStore;
}> {
  const memory = createMemoryStore();
  const store = observedStore(memory);
  const clock = fakeClock();
  const here = await testVault({ store, clock });
  const there = await testVault({ store: observedStore(memory), clock });
  return { here, there, store };
}

const byId = (vault: TestVault, id: string): Promise<LoadedKey | undefined> =>
  ask(vault, (scope) => vault.keys.byId(scope, id));

const byWireId = (vault: TestVault, wireId: string): Promise<LoadedKey | undefined> =>
  ask(vault, (scope) => vault.keys.byWireId(scope, 'test', wireId, () => true));

const disable = (vault: TestVault, key: LoadedKey): Promise<LoadedKey> =>
  changeKey(vault, key.record, vault.clock.nowMs, () => ({ set: { state: 'disabled' } }));

const enable = (vault: TestVault, key: LoadedKey): Promise<LoadedKey> =>
  changeKey(vault, key.record, vault.clock.nowMs, () => ({ set: { state: 'enabled' } }));

const rotate = (vault: TestVault, key: LoadedKey): Promise<LoadedKey> =>
  rotateKey(vault, key.record, vault.clock.nowMs, {
    check: () => ({}),
    versionWireId: (fingerprint) => fingerprint.toString('hex'),
  });

const stateOf = async (vault: TestVault, id: string): Promise<string | undefined> =>
  (await byId(vault, id))?.record.state;

describe('leases', () => {
  it('spare the store and the promise while they last', async () => {
    const { here, there, store } = await twoProcesses();
    const { record } = await newTestKey(there);
    await byId(here, record.id);
    expect(store.calls('readKey')).toBe(1);
    here.clock.passedMs += LEASE_MS;
    expect(here.keys.byId(scopeOf(here), record.id)?.record).toEqual(record);
    expect(store.calls('readKey')).toBe(1);
  });

  it('end: then the key is read anew, with what others have changed', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    await byId(here, key.record.id);
    await disable(there, key);
    here.clock.passedMs += LEASE_MS;
    expect(await stateOf(here, key.record.id)).toBe('enabled');
    here.clock.passedMs += 1;
    expect(() => here.keys.byId(scopeOf(here), key.record.id)).toThrow(Miss);
    expect(await stateOf(here, key.record.id)).toBe('disabled');
    expect(store.calls('readKey')).toBe(2);
  });

  it('count from the moment of asking, not from that of the answer', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    const gate = store.hold('readKey');
    const asked = byId(here, key.record.id);
    await gate.reached(1);
    here.clock.passedMs += LEASE_MS + 1;
    gate.open();
    expect((await asked)?.record).toEqual(key.record);
    expect(() => here.keys.byId(scopeOf(here), key.record.id)).toThrow(Miss);
  });

  it('end in Unavailable when the store cannot be reached, and never in the old state', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    await byId(here, key.record.id);
    await disable(there, key);
    store.unreachable = true;
    expect(await stateOf(here, key.record.id)).toBe('enabled');
    here.clock.passedMs += LEASE_MS + 1;
    expect((await faultOf(byId(here, key.record.id))).code).toBe('Unavailable');
    expect((await faultOf(byId(here, key.record.id))).code).toBe('Unavailable');
    store.unreachable = false;
    expect(await stateOf(here, key.record.id)).toBe('disabled');
  });

  it('never end where nobody else writes', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const { record } = await newTestKey(vault);
    vault.clock.passedMs += 1_000 * LEASE_MS;
    expect(vault.keys.byId(scopeOf(vault), record.id)?.record).toEqual(record);
    await vault.keys.renewLeases();
    expect([store.calls('readKey'), store.calls('revisions')]).toEqual([0, 0]);
  });
});

describe('renewal of leases', () => {
  it('asks once for all keys in use and keeps them without another reading', async () => {
    const { here, there, store } = await twoProcesses();
    const ids = await Promise.all(
      Array.from({ length: 40 }, async () => (await newTestKey(there)).record.id),
    );
    for (const id of ids) await byId(here, id);
    for (let round = 0; round < 5; round += 1) {
      here.clock.passedMs += LEASE_MS - 1;
      for (const id of ids) expect(here.keys.byId(scopeOf(here), id)?.record.id).toBe(id);
      await here.keys.renewLeases();
    }
    expect([store.calls('readKey'), store.calls('revisions')]).toEqual([40, 5]);
  });

  it('evicts keys that others changed or removed', async () => {
    const { here, there, store } = await twoProcesses();
    const [changed, removed, same] = [
      await newTestKey(there),
      await newTestKey(there),
      await newTestKey(there),
    ];
    for (const { record } of [changed, removed, same]) await byId(here, record.id);
    await disable(there, changed);
    await changeKey(there, removed.record, there.clock.nowMs, () => ({
      set: { deletionAt: new Date(there.clock.nowMs + 1) },
    }));
    await there.store.purgeKeys(SANDBOX, there.clock.nowMs + 1, 10);
    await here.keys.renewLeases();
    expect(here.keys.usage().keys).toBe(1);
    expect(await stateOf(here, changed.record.id)).toBe('disabled');
    expect(await stateOf(here, removed.record.id)).toBeUndefined();
    expect(here.keys.byId(scopeOf(here), same.record.id)?.record.state).toBe('enabled');
    expect(store.calls('readKey')).toBe(5);
  });

  it('leaves out keys that nobody used since', async () => {
    const { here, there, store } = await twoProcesses();
    const { record } = await newTestKey(there);
    await byId(here, record.id);
    await here.keys.renewLeases();
    await here.keys.renewLeases();
    expect(store.calls('revisions')).toBe(1);
    here.clock.passedMs += LEASE_MS + 1;
    expect(() => here.keys.byId(scopeOf(here), record.id)).toThrow(Miss);
  });

  it('counts from the moment of asking', async () => {
    const { here, there, store } = await twoProcesses();
    const { record } = await newTestKey(there);
    await byId(here, record.id);
    const gate = store.hold('revisions');
    const renewing = here.keys.renewLeases();
    await gate.reached(1);
    here.clock.passedMs += LEASE_MS + 1;
    gate.open();
    await renewing;
    expect(() => here.keys.byId(scopeOf(here), record.id)).toThrow(Miss);
  });

  it('does not shorten a lease, nor evict a newer state, when its answer comes late', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    await byId(here, key.record.id);
    const gate = store.hold('revisions');
    const renewing = here.keys.renewLeases();
    await gate.reached(1);
    here.clock.passedMs += LEASE_MS + 1;
    await disable(here, key);
    gate.open();
    await renewing;
    here.clock.passedMs += LEASE_MS;
    expect(here.keys.byId(scopeOf(here), key.record.id)?.record.state).toBe('disabled');
  });

  it('that fails lets leases run out', async () => {
    const { here, there, store } = await twoProcesses();
    const { record } = await newTestKey(there);
    await byId(here, record.id);
    store.unreachable = true;
    expect((await faultOf(here.keys.renewLeases())).code).toBe('Unavailable');
    expect(here.keys.byId(scopeOf(here), record.id)?.record.id).toBe(record.id);
    here.clock.passedMs += LEASE_MS + 1;
    expect((await faultOf(byId(here, record.id))).code).toBe('Unavailable');
  });
});

describe('a reading under way while somebody commits', () => {
  it('is never kept, yet gives every waiting request its key', async () => {
    const { here, there, store } = await twoProcesses();
    const keys = await Promise.all(Array.from({ length: 200 }, () => newTestKey(there)));
    const gate = store.hold('readKey');
    const asked = keys.map(({ record }) => byId(here, record.id));
    await gate.reached(keys.length);
    for (const key of keys) await disable(there, key);
    store.tell(keys.map(({ record }) => ({ sandbox: SANDBOX, id: record.id })));
    gate.open();
    const found = await Promise.all(asked);
    expect(found.map((key) => key?.record.id)).toEqual(keys.map(({ record }) => record.id));
    expect(here.keys.usage().keys).toBe(0);
    for (const { record } of keys) expect(await stateOf(here, record.id)).toBe('disabled');
  });

  it('is not kept either when everything is forgotten', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    const gate = store.hold('readKey');
    const asked = byId(here, key.record.id);
    await gate.reached(1);
    await disable(there, key);
    store.tell(undefined);
    gate.open();
    expect((await asked)?.record.state).toBe('enabled');
    expect(await stateOf(here, key.record.id)).toBe('disabled');
  });

  it('is not joined by a request that came after the change', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    const gate = store.hold('readKey');
    const before = byId(here, key.record.id);
    await gate.reached(1);
    await disable(there, key);
    store.tell([{ sandbox: SANDBOX, id: key.record.id }]);
    const after = byId(here, key.record.id);
    await gate.reached(2);
    // The answer that was asked for first arrives last.
    gate.release(1);
    expect((await after)?.record.state).toBe('disabled');
    gate.open();
    expect((await before)?.record.state).toBe('enabled');
    expect(here.keys.byId(scopeOf(here), key.record.id)?.record.state).toBe('disabled');
  });

  it('is joined by requests within a lease, and by none after it', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    const gate = store.hold('readKey');
    const first = byId(here, key.record.id);
    here.clock.passedMs += LEASE_MS;
    const second = byId(here, key.record.id);
    await gate.reached(1);
    expect(store.calls('readKey')).toBe(1);
    await disable(there, key);
    here.clock.passedMs += 1;
    const third = byId(here, key.record.id);
    await gate.reached(2);
    gate.release(1);
    expect((await third)?.record.state).toBe('disabled');
    gate.open();
    expect([(await first)?.record.state, (await second)?.record.state]).toEqual([
      'enabled',
      'enabled',
    ]);
    expect(here.keys.byId(scopeOf(here), key.record.id)?.record.state).toBe('disabled');
  });

  it('that fails fails for all who wait, and is asked anew by the next', async () => {
    const { here, there, store } = await twoProcesses();
    const { record } = await newTestKey(there);
    store.unreachable = true;
    const codes = await Promise.all(
      [1, 2, 3].map(async () => (await faultOf(byId(here, record.id))).code),
    );
    expect([codes, store.calls('readKey')]).toEqual([
      ['Unavailable', 'Unavailable', 'Unavailable'],
      1,
    ]);
    store.unreachable = false;
    expect((await byId(here, record.id))?.record.id).toBe(record.id);
  });
});

describe('changes made here', () => {
  it('are seen at once, without asking the store again', async () => {
    const { here, store } = await twoProcesses();
    const key = await newTestKey(here);
    await disable(here, key);
    expect(here.keys.byId(scopeOf(here), key.record.id)?.record.state).toBe('disabled');
    expect(store.calls('readKey')).toBe(0);
  });

  it('spoil readings that began before them', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const key = await newTestKey(vault);
    vault.keys.forget(undefined);
    const gate = store.hold('readKey');
    const asked = byId(vault, key.record.id);
    await gate.reached(1);
    await disable(vault, key);
    gate.open();
    expect((await asked)?.record.state).toBe('enabled');
    expect(vault.keys.byId(scopeOf(vault), key.record.id)?.record.state).toBe('disabled');
  });

  it.each([
    ['the newer first', [1, 0]],
    ['the older first', [0, 0]],
  ])('may be answered out of order, %s', async (_, order) => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const key = await newTestKey(vault);
    const gate = store.hold('changeKey');
    const first = disable(vault, key);
    const second = enable(vault, key);
    await gate.reached(2);
    gate.release(order[0]);
    await (order[0] === 1 ? second : first);
    gate.release(order[1]);
    const [a, b] = await Promise.all([first, second]);
    expect(b.record).toMatchObject({ state: 'enabled', revision: 3 });
    // A late answer may show the newer state, never an older one than it made.
    expect(a.record.revision).toBeGreaterThanOrEqual(2);
    expect(await byId(vault, key.record.id)).toMatchObject({
      record: { state: 'enabled', revision: 3 },
    });
  });

  it('whose answer is older than a forgetting are not kept', async () => {
    // Nobody else writes here, so a kept answer would stay for good.
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const key = await newTestKey(vault);
    const gate = store.hold('changeKey');
    const older = disable(vault, key);
    const newer = enable(vault, key);
    await gate.reached(2);
    gate.release(1);
    await newer;
    vault.keys.forget([{ sandbox: SANDBOX, id: key.record.id }]);
    gate.release();
    expect((await older).record).toMatchObject({ state: 'disabled', revision: 2 });
    expect(await byId(vault, key.record.id)).toMatchObject({
      record: { state: 'enabled', revision: 3 },
    });
  });

  it('whose answer is lost are seen by the next request', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const key = await newTestKey(vault);
    store.loseNext('changeKey');
    expect((await faultOf(disable(vault, key))).code).toBe('Unavailable');
    expect(await stateOf(vault, key.record.id)).toBe('disabled');
  });

  it('that were refused show what is stored', async () => {
    const { here, there } = await twoProcesses();
    const key = await newTestKey(there);
    await byId(here, key.record.id);
    await disable(there, key);
    const refusal = new Error('refused');
    await expect(
      changeKey(here, key.record, here.clock.nowMs, (current) => {
        expect(current.state).toBe('disabled');
        throw refusal;
      }),
    ).rejects.toBe(refusal);
    expect(await stateOf(here, key.record.id)).toBe('disabled');
  });
});

describe('a key pinned by a request', () => {
  it('stays what it was for that request and for no other', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    const scope = scopeOf(here);
    const look = (): LoadedKey | undefined => here.keys.byId(scope, key.record.id);
    const pinned = await ask(here, look, scope);
    await disable(there, key);
    store.tell([{ sandbox: SANDBOX, id: key.record.id }]);
    expect(look()).toBe(pinned);
    expect(await stateOf(here, key.record.id)).toBe('disabled');
  });

  it('that does not exist stays absent for that request and for no other', async () => {
    const { here, there } = await twoProcesses();
    const draft = draftOf();
    const scope = scopeOf(here);
    const look = (): LoadedKey | undefined =>
      here.keys.byWireId(scope, 'test', draft.wireId, () => true);
    expect(await ask(here, look, scope)).toBeUndefined();
    const made = await createKey(there, draft, there.clock.nowMs);
    expect(look()).toBeUndefined();
    expect((await byWireId(here, draft.wireId))?.record.id).toBe(made.record.id);
  });
});

describe('byWireId', () => {
  it('takes the first place that the caller means', async () => {
    const { here, there } = await twoProcesses();
    const [west, east] = ['west', 'east'].map((region) => ({ ...TEST_REALM, region }));
    if (west === undefined || east === undefined) throw new Error('two realms');
    const draft = draftOf({ wireId: 'mrk-1', realm: west });
    const inWest = await createKey(there, draft, there.clock.nowMs);
    const find = (region: string): Promise<LoadedKey | undefined> =>
      ask(here, (scope) =>
        here.keys.byWireId(scope, 'test', 'mrk-1', (place) => place.region === region),
      );
    expect((await find('west'))?.record.id).toBe(inWest.record.id);
    expect(await find('east')).toBeUndefined();
    // A place that is added later is found although others are in memory.
    const inEast = await createKey(there, { ...draft, realm: east }, there.clock.nowMs);
    expect((await find('east'))?.record.id).toBe(inEast.record.id);
    expect((await find('west'))?.record.id).toBe(inWest.record.id);
  });

  it('finds a key whose wire id belonged to one that is gone', async () => {
    const { here, there } = await twoProcesses();
    const draft = draftOf();
    const first = await createKey(there, draft, there.clock.nowMs);
    await byWireId(here, draft.wireId);
    await changeKey(there, first.record, there.clock.nowMs, () => ({
      set: { deletionAt: new Date(there.clock.nowMs + DAY_MS) },
    }));
    here.clock.nowMs += DAY_MS;
    await there.store.purgeKeys(SANDBOX, here.clock.nowMs, 10);
    here.clock.passedMs += LEASE_MS + 1;
    expect(await byWireId(here, draft.wireId)).toBeUndefined();
    const second = await createKey(there, draft, here.clock.nowMs);
    expect((await byWireId(here, draft.wireId))?.record.id).toBe(second.record.id);
  });

  it('finds nothing of another sandbox or dialect', async () => {
    const { here, there } = await twoProcesses();
    const { record } = await newTestKey(there);
    expect(
      await ask(
        here,
        (scope) => here.keys.byWireId(scope, 'test', record.wireId, () => true),
        scopeOf(here, 'other'),
      ),
    ).toBeUndefined();
    expect(
      await ask(here, (scope) => here.keys.byWireId(scope, 'other', record.wireId, () => true)),
    ).toBeUndefined();
  });
});

describe('byVersion', () => {
  const byVersion = (
    vault: TestVault,
    versionWireId: string,
  ): Promise<ReturnType<TestVault['keys']['byVersion']>> =>
    ask(vault, (scope) => vault.keys.byVersion(scope, 'test', versionWireId, () => true));

  it('gives key and version', async () => {
    const { here, there } = await twoProcesses();
    const key = await newTestKey(there);
    const rotated = await rotate(there, key);
    for (const version of rotated.record.versions) {
      const found = await byVersion(here, version.wireId);
      expect([found?.key.record.id, found?.version]).toEqual([key.record.id, version]);
    }
    expect(await byVersion(here, 'ab'.repeat(32))).toBeUndefined();
  });

  it('finds a version that another process has just added, within the lease of the key', async () => {
    const { here, there } = await twoProcesses();
    const key = await newTestKey(there);
    await byId(here, key.record.id);
    const rotated = await rotate(there, key);
    const blob = encrypt(
      there,
      rotated,
      testLayout(),
      { kind: 'none' },
      Buffer.from('fresh from there'),
    );
    const wireId = testLayout().parse(blob)?.versionWireId ?? '';
    const found = await byVersion(here, wireId);
    expect(found?.version.number).toBe(2);
    // And the others see the new state too.
    expect(here.keys.byId(scopeOf(here), key.record.id)?.record.versions.length).toBe(2);
  });

  it('gives up on a place without its version after one reading', async () => {
    const memory = createMemoryStore();
    const store = observedStore(memory);
    const here = await testVault({ store });
    const key = newKey(SANDBOX, 'k1');
    const broken = { ...key.key, versions: [] };
    await memory.createKey({ ...key, key: broken });
    const scope = scopeOf(here);
    const look = (): unknown => here.keys.byVersion(scope, 'aws', 'wire-k1-v1', () => true);
    expect(await ask(here, look, scope)).toBeUndefined();
    expect(look()).toBeUndefined();
    expect([store.calls('locate'), store.calls('readKey')]).toEqual([1, 2]);
  });
});

describe('withVersion', () => {
  it('gives the newer key when another process has just added the version', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    const old = await byId(here, key.record.id);
    const rotated = await rotate(there, key);
    if (old === undefined) throw new Error('no key');
    const wireId = rotated.primary().version.wireId;
    const found = await ask(here, (scope) => here.keys.withVersion(scope, old, wireId));
    expect(found.record).toEqual(rotated.record);
    const calls = store.total();
    expect(here.keys.withVersion(scopeOf(here), found, wireId)).toBe(found);
    expect(store.total()).toBe(calls);
  });

  it('gives the key at hand when the version is not one of its own', async () => {
    const { here, there } = await twoProcesses();
    const [key, other] = [await newTestKey(there), await newTestKey(there)];
    for (const wireId of [other.primary().version.wireId, 'ab'.repeat(32)]) {
      expect(await ask(here, (scope) => here.keys.withVersion(scope, key, wireId))).toBe(key);
    }
  });

  it('does not ask where nobody else writes', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const key = await newTestKey(vault);
    expect(vault.keys.withVersion(scopeOf(vault), key, 'ab'.repeat(32))).toBe(key);
    expect(store.calls('locate')).toBe(0);
  });
});

describe('deletion', () => {
  it('takes a key away at its time by the virtual clock, without any tick or reading', async () => {
    const { here, there, store } = await twoProcesses();
    const key = await newTestKey(there);
    await changeKey(there, key.record, there.clock.nowMs, () => ({
      set: { state: 'pending-deletion', deletionAt: new Date(there.clock.nowMs + 7 * DAY_MS) },
    }));
    const [version] = key.record.versions;
    await byWireId(here, key.record.wireId);
    here.clock.nowMs += 7 * DAY_MS - 1;
    expect((await byWireId(here, key.record.wireId))?.record.state).toBe('pending-deletion');
    here.clock.nowMs += 1;
    expect(here.keys.byId(scopeOf(here), key.record.id)).toBeUndefined();
    expect(await byWireId(here, key.record.wireId)).toBeUndefined();
    expect(
      await ask(here, (scope) =>
        here.keys.byVersion(scope, 'test', version?.wireId ?? '', () => true),
      ),
    ).toBeUndefined();
    expect(await here.keys.many(scopeOf(here), [key.record.id])).toEqual([]);
    expect(store.calls('readKey')).toBe(1);
    // The moment is that of the request, so one that began before still sees the key.
    const before = { ...scopeOf(here), nowMs: here.clock.nowMs - 1 };
    expect(here.keys.byId(before, key.record.id)?.record.id).toBe(key.record.id);
  });
});

describe('many', () => {
  it('gives keys in the order asked for and leaves out those that do not exist', async () => {
    const { here, there, store } = await twoProcesses();
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.push((await newTestKey(there)).record.id);
    await byId(here, ids[2] ?? '');
    const wanted = [ids[3], 'nowhere', ids[2], ids[0]].map(String);
    const found = await here.keys.many(scopeOf(here), wanted);
    expect(found.map(({ record }) => record.id)).toEqual([ids[3], ids[2], ids[0]]);
    expect(store.calls('readKey')).toBe(4);
  });
});

describe('memory', () => {
  it('does not grow by looking for what does not exist', async () => {
    const { here, there, store } = await twoProcesses();
    await newTestKey(there);
    const before = here.keys.usage();
    for (let at = 0; at < 500; at += 1) {
      expect(await byWireId(here, `unknown-${at}`)).toBeUndefined();
      expect(await byId(here, `unknown-${at}`)).toBeUndefined();
      const alias = await ask(here, (scope) => here.keys.byAlias(scope, TEST_REALM, `no-${at}`));
      expect(alias).toBeUndefined();
    }
    expect(here.keys.usage()).toEqual(before);
    expect(store.total()).toBeGreaterThanOrEqual(1_500);
  });

  it('stays within its bound while 100,000 keys go through it', async () => {
    const cacheBytes = 4 * 1024 * 1024;
    const memory = createMemoryStore();
    // A store that has every key and every alias one can ask for.
    const here = await testVault({
      cacheBytes,
      store: {
        ...memory,
        readKey: async ({ id }) => newKey(SANDBOX, id),
        locate: async ({ wireId }) => newKey(SANDBOX, wireId.slice(5)).locators.slice(0, 1),
        readAlias: async (_sandbox, _realm, name) => ({
          alias: newAlias(name, newKey(SANDBOX, name).key),
          keyRevision: 1,
        }),
      },
    });
    let most = 0;
    for (let at = 0; at < 100_000; at += 1) {
      const scope = scopeOf(here);
      const look = (): LoadedKey | undefined =>
        at % 4 === 0
          ? here.keys.byAlias(scope, TEST_REALM, `k${at}`)
          : here.keys.byWireId(scope, 'aws', `wire-k${at}`, () => true);
      const key = await withLoads(look);
      if (key?.record.id !== `k${at}`) throw new Error(`k${at} is not the key that was found`);
      most = Math.max(most, here.keys.usage().bytes);
    }
    expect(most).toBeLessThanOrEqual(cacheBytes);
    expect(most).toBeGreaterThan(cacheBytes * 0.9);
    expect(here.keys.usage().keys).toBeLessThan(2_000);
  });
});
