import { expect, test } from 'vitest';
import type { KeyRecord } from '../../src/model/key.js';
import { changeKey } from '../../src/vault/changeKey.js';
import { createKey } from '../../src/vault/createKey.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { rotateKey } from '../../src/vault/rotateKey.js';
import { changeTwins } from '../../src/vault/twinGroup.js';
import { createTwin, type TwinDraft } from '../../src/vault/twins.js';
import { ask, draftOf, TEST_REALM, type TestVault, testVault } from '../support/vault.js';

const twinDraft = (set: Partial<TwinDraft> = {}): TwinDraft => ({
  realm: { ...TEST_REALM, region: 'elsewhere' },
  wireId: 'twin',
  usages: ['encrypt'],
  attributes: {},
  ...set,
});

async function newVault(): Promise<TestVault> {
  const vault = await testVault();
  vault.namings.set(TEST_REALM.dialect, (key, number) => `${key.wireId}-${number}`);
  return vault;
}

async function twins(vault: TestVault): Promise<readonly [LoadedKey, LoadedKey]> {
  const nowMs = vault.clock.virtualMs('main');
  const source = await createKey(vault, draftOf({ wireId: 'source' }), nowMs);
  return [source, await createTwin(vault, source, twinDraft(), nowMs)];
}

/** The key as a new request finds it. */
async function now(vault: TestVault, key: LoadedKey): Promise<KeyRecord> {
  const found = await ask(vault, (scope) => vault.keys.byId(scope, key.record.id));
  if (found === undefined) throw new Error('the key is gone');
  return found.record;
}

test('a change of twins is written to all of them, and seen at once', async () => {
  const vault = await newVault();
  const [source, twin] = await twins(vault);
  // Both are in memory in the state before.
  await Promise.all([source, twin].map((key) => now(vault, key)));
  // The record is from before it joined the group, as another process could still hold it.
  expect(source.record.twinGroup).toBe('');
  const changed = await changeTwins(
    vault,
    source.record,
    vault.clock.virtualMs('main'),
    (current, group) => {
      expect(current.wireId).toBe('source');
      return new Map(
        group.map(({ id, wireId }) => [id, { set: { attributes: { seen: wireId } } }]),
      );
    },
  );
  expect(changed.record.attributes).toEqual({ seen: 'source' });
  expect((await now(vault, source)).attributes).toEqual({ seen: 'source' });
  expect((await now(vault, twin)).attributes).toEqual({ seen: 'twin' });
});

test('a change of a key without twins is one of the key', async () => {
  const vault = await newVault();
  const nowMs = vault.clock.virtualMs('main');
  const key = await createKey(vault, draftOf(), nowMs);
  const { record } = await changeTwins(vault, key.record, nowMs, (current, group) => {
    expect(group.map(({ id }) => id)).toEqual([current.id]);
    return new Map([[current.id, { set: { state: 'disabled' } }]]);
  });
  expect([record.state, record.twinGroup]).toEqual(['disabled', '']);
});

test('what a decision throws leaves all twins as they were', async () => {
  const vault = await newVault();
  const [source, twin] = await twins(vault);
  const before = await Promise.all([source, twin].map((key) => now(vault, key)));
  const refused = changeTwins(vault, source.record, vault.clock.virtualMs('main'), () => {
    throw new RangeError('not today');
  });
  await expect(refused).rejects.toThrow('not today');
  expect(await Promise.all([source, twin].map((key) => now(vault, key)))).toEqual(before);
});

test('a key that is gone takes no part, and cannot be changed', async () => {
  const vault = await newVault();
  const [source, twin] = await twins(vault);
  const nowMs = vault.clock.virtualMs('main');
  await changeKey(vault, twin.record, nowMs, () => ({ set: { deletionAt: new Date(nowMs + 1) } }));
  const { record } = await changeTwins(vault, source.record, nowMs + 1, (current, group) => {
    expect(group.map(({ id }) => id)).toEqual([source.record.id]);
    return new Map([[current.id, { set: { state: 'disabled' } }]]);
  });
  expect(record.state).toBe('disabled');
  const gone = changeTwins(vault, twin.record, nowMs + 1, () => new Map());
  await expect(gone).rejects.toMatchObject({ code: 'KeyNotFound' });
});

test('a new twin and those that are there can agree on something in one transaction', async () => {
  const vault = await newVault();
  const [source, twin] = await twins(vault);
  const third = await createTwin(
    vault,
    source,
    twinDraft({
      wireId: 'third',
      realm: { ...TEST_REALM, region: 'third' },
      agree: (group) => {
        const attributes = { known: group.map(({ wireId }) => wireId).sort() };
        return { twin: { attributes }, sets: new Map(group.map(({ id }) => [id, { attributes }])) };
      },
    }),
    vault.clock.virtualMs('main'),
  );
  const seen = await Promise.all([source, twin, third].map((key) => now(vault, key)));
  expect(seen.map(({ attributes }) => attributes)).toEqual(
    seen.map(() => ({ known: ['source', 'twin'] })),
  );
  expect(new Set(seen.map(({ twinGroup }) => twinGroup)).size).toBe(1);
});

test('a twin that cannot be made leaves the others as they were', async () => {
  const vault = await newVault();
  const [source, twin] = await twins(vault);
  const before = await now(vault, twin);
  const taken = twinDraft({
    agree: (group) => ({
      twin: {},
      sets: new Map(group.map(({ id }) => [id, { attributes: { lost: true } }])),
    }),
  });
  const nowMs = vault.clock.virtualMs('main');
  await expect(createTwin(vault, source, taken, nowMs)).rejects.toMatchObject({
    code: 'AlreadyExists',
  });
  expect(await now(vault, twin)).toEqual(before);
});

test('a rotation can change its twins along with the key', async () => {
  const vault = await newVault();
  const [source, twin] = await twins(vault);
  const { record } = await rotateKey(vault, source.record, vault.clock.virtualMs('main'), {
    check: () => ({ attributes: { rotations: 1 } }),
    twin: (other, set) => ({ attributes: { ...other.attributes, ...set?.attributes, of: 'twin' } }),
    versionWireId: () => 'source-2',
  });
  expect(record.attributes).toEqual({ rotations: 1 });
  const changed = await now(vault, twin);
  expect(changed.attributes).toEqual({ rotations: 1, of: 'twin' });
  expect(changed.versions.map(({ wireId }) => wireId)).toEqual(['twin-1', 'twin-2']);
});
