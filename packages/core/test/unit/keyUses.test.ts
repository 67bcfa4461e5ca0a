import { describe, expect, test } from 'vitest';
import { createMemoryStore, type KeyUse, KeyUses, KmsFault, type Store } from '../../src/index.js';
import { newKey } from '../../src/testing/index.js';

/** A store that says what it was given, and can be away. */
async function recording(keys: readonly string[]): Promise<{
  readonly store: Store;
  readonly batches: (readonly KeyUse[])[];
  away: boolean;
}> {
  const store = createMemoryStore();
  for (const id of keys) await store.createKey(newKey('main', id));
  const batches: (readonly KeyUse[])[] = [];
  const told = {
    away: false,
    batches,
    store: {
      ...store,
      async recordUses(uses: readonly KeyUse[]) {
        if (told.away) throw new KmsFault('Unavailable', { what: 'gone' });
        batches.push(uses);
        await store.recordUses(uses);
      },
    },
  };
  return told;
}

const keyOf = (id: string, sandbox = 'main') => newKey(sandbox, id).key;
const refOf = (id: string, sandbox = 'main') => ({ sandbox, id });

describe('uses of keys', () => {
  test('are read back before and after they are written', async () => {
    const { store, batches } = await recording(['k']);
    const uses = new KeyUses(store);
    expect(await uses.latest(refOf('k'))).toBeUndefined();
    uses.note(keyOf('k'), 'Encrypt', 10.7, 'r1');
    uses.note(keyOf('k'), 'Sign', 5, 'r2');
    const expected = {
      ...{ sandbox: 'main', keyId: 'k', operation: 'Sign' },
      ...{ atMs: 5, requestId: 'r2' },
    };
    expect(await uses.latest(refOf('k'))).toEqual(expected);
    expect(batches).toEqual([]);
    const flushing = uses.flush();
    expect(await uses.latest(refOf('k'))).toEqual(expected);
    await flushing;
    expect(batches).toEqual([[expected]]);
    expect(await uses.latest(refOf('k'))).toEqual(expected);
    expect(await new KeyUses(store).latest(refOf('k'))).toEqual(expected);
  });

  test('cost one batch, whatever their number, and none when there are none', async () => {
    const { store, batches } = await recording(['k', 'l']);
    const uses = new KeyUses(store);
    for (let n = 0; n < 1_000; n += 1) {
      uses.note(keyOf(n % 2 === 0 ? 'k' : 'l'), 'Encrypt', n, `r${n}`);
    }
    await Promise.all([uses.flush(), uses.flush()]);
    await uses.flush();
    expect(batches.map((batch) => batch.map(({ requestId }) => requestId))).toEqual([
      ['r998', 'r999'],
    ]);
  });

  test('wait for a store that is away, and newer ones win', async () => {
    const told = await recording(['k', 'l']);
    const uses = new KeyUses(told.store);
    uses.note(keyOf('k'), 'Encrypt', 1, 'old');
    uses.note(keyOf('l'), 'Encrypt', 1, 'only');
    told.away = true;
    const failing = uses.flush();
    uses.note(keyOf('k'), 'Encrypt', 2, 'new');
    await expect(failing).rejects.toMatchObject({ code: 'Unavailable' });
    told.away = false;
    await uses.flush();
    expect(told.batches.flat().map(({ requestId }) => requestId)).toEqual(['new', 'only']);
  });

  test('need memory for 20,000 keys at most', async () => {
    const told = await recording([]);
    const uses = new KeyUses(told.store);
    for (let n = 0; n < 20_010; n += 1) uses.note(keyOf(`k${n}`), 'Encrypt', n, 'r');
    uses.note(keyOf('k7'), 'Sign', 0, 'late');
    await uses.flush();
    expect(told.batches.map((batch) => [batch.length, batch[7]?.requestId])).toEqual([
      [20_000, 'late'],
    ]);
  });

  test('go with their sandbox', async () => {
    const told = await recording(['k']);
    const uses = new KeyUses(told.store);
    uses.note(keyOf('k'), 'Encrypt', 1, 'stays');
    uses.note(keyOf('k', 'other'), 'Encrypt', 1, 'goes');
    uses.forgetSandbox('other');
    expect(await uses.latest(refOf('k', 'other'))).toBeUndefined();
    await uses.flush();
    expect(told.batches.flat().map(({ requestId }) => requestId)).toEqual(['stays']);
  });
});
