import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyRecord } from '../../src/model/key.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { changeKey } from '../../src/vault/changeKey.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { tick } from '../../src/vault/tick.js';
import { DAY_MS, START_MS } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import {
  ask,
  newTestKey,
  SANDBOX,
  scopeOf,
  TEST_REALM,
  type TestVault,
  testVault,
} from '../support/vault.js';

let vault: TestVault;
/** What was done: key and days since the start. */
let done: [wireId: string, day: number][];

/** Every thing that is due to a key makes the next one due `days` later. */
function everyFewDays(of: TestVault, days: number): void {
  of.duties.set(TEST_REALM.dialect, async (_vault, key) => {
    const dueMs = key.dueAt?.getTime() ?? 0;
    await changeKey(of, key, dueMs, (current) => {
      if (current.revision !== key.revision) return undefined;
      done.push([current.wireId, (dueMs - START_MS) / DAY_MS]);
      return { set: { dueAt: new Date(dueMs + days * DAY_MS) } };
    });
  });
}

async function due(of: TestVault, day: number, more: Partial<KeyRecord> = {}): Promise<LoadedKey> {
  const { record } = await newTestKey(of);
  const dueAt = new Date(START_MS + day * DAY_MS);
  const { deletionAt = null } = more;
  return changeKey(of, record, START_MS, () => ({ set: { dueAt, deletionAt } }));
}

const look = (of: TestVault, key: LoadedKey): Promise<LoadedKey | undefined> =>
  ask(of, (scope) => of.keys.byId(scope, key.record.id));

beforeEach(async () => {
  vault = await testVault();
  done = [];
  everyFewDays(vault, 10);
});

describe('a look-up', () => {
  it('does everything that is due to a key before it gives it, each thing at its own time', async () => {
    const key = await due(vault, 5);
    vault.clock.nowMs = START_MS + 5 * DAY_MS - 1;
    expect((await look(vault, key))?.record).toEqual(key.record);
    vault.clock.nowMs = START_MS + 25 * DAY_MS;
    const found = await look(vault, key);
    expect(done.map(([, day]) => day)).toEqual([5, 15, 25]);
    expect(found?.record.dueAt).toEqual(new Date(START_MS + 35 * DAY_MS));
    expect(vault.keys.byId(scopeOf(vault), key.record.id)?.record).toEqual(found?.record);
  });

  it('of several keys does so too', async () => {
    const keys = [await due(vault, 5), await due(vault, 50)];
    vault.clock.nowMs = START_MS + 5 * DAY_MS;
    const ids = keys.map(({ record }) => record.id);
    const found = await vault.keys.many(scopeOf(vault), ids);
    expect(found.map(({ record }) => record.revision)).toEqual([3, 2]);
    expect(done).toEqual([[keys[0]?.record.wireId, 5]]);
  });

  it('does a thing once when many look at once', async () => {
    const key = await due(vault, 5);
    vault.clock.nowMs = START_MS + 5 * DAY_MS;
    const found = await Promise.all(Array.from({ length: 8 }, () => look(vault, key)));
    expect(done).toHaveLength(1);
    expect(new Set(found.map((one) => one?.record.revision))).toEqual(new Set([3]));
  });

  it('finds no key whose deletion came first or together with what was due', async () => {
    const at = new Date(START_MS + 5 * DAY_MS);
    const key = await due(vault, 5, { deletionAt: at });
    vault.clock.nowMs = at.getTime();
    expect(await look(vault, key)).toBeUndefined();
    expect(done).toEqual([]);
  });

  it('sees what another process did, although its own key is older', async () => {
    const store = createMemoryStore();
    const here = await testVault({ store: observedStore(store) });
    const there = await testVault({ store: observedStore(store), clock: here.clock });
    for (const one of [here, there]) everyFewDays(one, 10);
    const key = await due(here, 5);
    await look(there, key);
    here.clock.nowMs = START_MS + 5 * DAY_MS;
    expect((await look(here, key))?.record.revision).toBe(3);
    expect((await look(there, key))?.record.revision).toBe(3);
    expect(done).toHaveLength(1);
  });

  it('loads dialects for what they have to do', async () => {
    const key = await due(vault, 5);
    const duty = vault.duties.get(TEST_REALM.dialect);
    vault.duties.clear();
    vault.clock.nowMs = START_MS + 5 * DAY_MS;
    expect((await faultOf(look(vault, key))).details).toEqual({
      what: 'a dialect without due work',
    });
    vault.loadDialects = async () => {
      if (duty !== undefined) vault.duties.set(TEST_REALM.dialect, duty);
    };
    // The look-up's own vault is the one that was opened, without the clock of the test.
    await tick(vault, SANDBOX, vault.clock.nowMs);
    expect(done).toHaveLength(1);
    expect((await look(vault, key))?.record.revision).toBe(3);
  });

  it('is a defect when a dialect does not do what is due, and nobody waits for ever', async () => {
    const key = await due(vault, 5);
    vault.clock.nowMs = START_MS + 5 * DAY_MS;
    vault.duties.set(TEST_REALM.dialect, async () => undefined);
    const idle = await faultOf(look(vault, key));
    expect([idle.code, idle.details]).toEqual([
      'Internal',
      { what: 'due work that changed nothing' },
    ]);
    vault.duties.set(TEST_REALM.dialect, async (_vault, record) => {
      await changeKey(vault, record, START_MS, () => ({ set: {} }));
    });
    const endless = await faultOf(look(vault, key));
    expect(endless.details).toEqual({
      what: 'a key to which there is always something to be done',
    });
  });
});

describe('tick', () => {
  it('does what is due to all keys in order of time', async () => {
    const [a, b] = [await due(vault, 5), await due(vault, 8)];
    await tick(vault, SANDBOX, START_MS + 20 * DAY_MS);
    const [x, y] = [a.record.wireId, b.record.wireId];
    expect(done).toEqual([
      [x, 5],
      [y, 8],
      [x, 15],
      [y, 18],
    ]);
    await tick(vault, SANDBOX, START_MS + 20 * DAY_MS);
    expect(done).toHaveLength(4);
  });

  it('removes keys at their time, not after what became due later', async () => {
    const removed: number[] = [];
    const dying = await newTestKey(vault);
    const deletionAt = new Date(START_MS + 7 * DAY_MS);
    await changeKey(vault, dying.record, START_MS, () => ({ set: { deletionAt } }));
    const key = await due(vault, 5);
    vault.duties.set(TEST_REALM.dialect, async (_vault, record, nowMs) => {
      const ref = { sandbox: SANDBOX, id: dying.record.id };
      removed.push((await vault.store.readKey(ref)) === undefined ? 1 : 0);
      const dueAt = new Date((record.dueAt?.getTime() ?? 0) + 2 * DAY_MS);
      await changeKey(vault, record, nowMs, () => ({ set: { dueAt } }));
    });
    expect(await tick(vault, SANDBOX, START_MS + 9 * DAY_MS)).toBe(1);
    expect(removed).toEqual([0, 1, 1]);
    expect((await look(vault, key))?.record.dueAt).toEqual(new Date(START_MS + 11 * DAY_MS));
  });

  it('leaves keys alone whose deletion came before what is due', async () => {
    await due(vault, 5, { deletionAt: new Date(START_MS + 4 * DAY_MS) });
    await due(vault, 5, { deletionAt: new Date(START_MS + 6 * DAY_MS) });
    expect(await tick(vault, SANDBOX, START_MS + 20 * DAY_MS)).toBe(2);
    expect(done.map(([, day]) => day)).toEqual([5]);
  });
});
