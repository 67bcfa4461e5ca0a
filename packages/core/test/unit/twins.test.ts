import { expect, test } from 'vitest';
import {
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  createTwin,
  type KeyDraft,
  openVault,
  rotateKey,
  Secret,
  tick,
  type Vault,
} from '../../src/index.js';

const NOW = 1_700_000_000_000;
const entropy = createSystemEntropy();

async function newVault(): Promise<Vault> {
  const vault = await openVault({
    store: createMemoryStore(),
    clock: { virtualMs: () => NOW, realMs: () => NOW, monotonicMs: () => 0 },
    entropy,
    rootKey: createRootKey(new Secret(entropy.bytes(32)), entropy),
  });
  vault.namings.set('one', (key, number) => `${key.wireId}-one-${number}`);
  vault.namings.set('two', (key, number) => `${key.wireId}-two-${number}`);
  return vault;
}

const draft = (wireId: string): KeyDraft => ({
  sandbox: 'main',
  realm: { dialect: 'one', tenant: 't', region: 'r' },
  wireId,
  spec: 'aes-256',
  usages: ['encrypt'],
  attributes: {},
  versionWireId: () => `${wireId}-one-1`,
});
const twin = (wireId: string) => ({
  realm: { dialect: 'two', tenant: 'u', region: 's' },
  wireId,
  usages: ['encrypt'] as const,
  attributes: { seen: 'elsewhere' },
});
const materials = async (vault: Vault, id: string): Promise<readonly string[]> =>
  (await vault.store.readKey({ sandbox: 'main', id }))?.key.versions.map(
    ({ materialId }) => materialId,
  ) ?? [];

test('a twin has the versions of its source on the same material, under names of its own', async () => {
  const vault = await newVault();
  const source = await createKey(vault, draft('k'), NOW);
  const made = await createTwin(vault, source, twin('x'), NOW);
  expect(made.record).toMatchObject({
    wireId: 'x',
    spec: 'aes-256',
    state: 'enabled',
    attributes: { seen: 'elsewhere' },
  });
  expect(made.record.versions.map(({ wireId }) => wireId)).toEqual(['x-two-1']);
  expect(await materials(vault, made.record.id)).toEqual(await materials(vault, source.record.id));
});

test('a rotation on either side adds one material to all twins and makes it primary', async () => {
  const vault = await newVault();
  const source = await createKey(vault, draft('k'), NOW);
  const made = await createTwin(vault, source, twin('x'), NOW);
  const third = await createTwin(vault, made, { ...twin('y'), usages: ['encrypt'] }, NOW);
  const rotation = { check: () => ({}), versionWireId: () => 'given' };
  await rotateKey(vault, made.record, NOW, rotation);
  // The record is from before it joined the group, as another process could still hold it.
  const rotated = await rotateKey(vault, source.record, NOW, {
    check: () => ({}),
    versionWireId: () => 'k-third',
  });
  expect(rotated.record.versions.map(({ number }) => number)).toEqual([1, 2, 3]);
  const all = await Promise.all(
    [source, made, third].map(({ record }) => materials(vault, record.id)),
  );
  expect(all[0]).toHaveLength(3);
  expect(all[1]).toEqual(all[0]);
  expect(all[2]).toEqual(all[0]);
  const stored = await vault.store.readKey({ sandbox: 'main', id: third.record.id });
  expect(stored?.key.primaryVersion).toBe(stored?.key.versions.at(-1)?.id);
  expect(stored?.key.versions.map(({ wireId }) => wireId)).toEqual([
    'y-two-1',
    'y-two-2',
    'y-two-3',
  ]);
});

test('deleting one twin leaves the other with its material', async () => {
  const vault = await newVault();
  const source = await createKey(vault, draft('k'), NOW);
  const made = await createTwin(vault, source, twin('x'), NOW);
  const ref = { sandbox: 'main', id: source.record.id };
  await vault.store.changeKey(ref, () => ({ set: { deletionAt: new Date(NOW) } }));
  expect(await tick(vault, 'main', NOW)).toBe(1);
  const left = await vault.store.readKey({ sandbox: 'main', id: made.record.id });
  expect(left?.materials).toHaveLength(1);
});

test('refuses a twin of a key that is gone, and one whose wire id is taken', async () => {
  const vault = await newVault();
  const source = await createKey(vault, draft('k'), NOW);
  await createTwin(vault, source, twin('x'), NOW);
  await expect(createTwin(vault, source, twin('x'), NOW)).rejects.toMatchObject({
    code: 'AlreadyExists',
  });
  const ref = { sandbox: 'main', id: source.record.id };
  await vault.store.changeKey(ref, () => ({ set: { deletionAt: new Date(NOW) } }));
  await expect(createTwin(vault, source, twin('z'), NOW)).rejects.toMatchObject({
    code: 'KeyNotFound',
  });
});

test('whoever drafts a twin sees the whole group under its locks and can refuse to add to it', async () => {
  const vault = await newVault();
  const source = await createKey(vault, draft('k'), NOW);
  await createTwin(vault, source, twin('x'), NOW);
  const seen: string[][] = [];
  const check = (group: readonly { readonly wireId: string }[]): void => {
    seen.push(group.map(({ wireId }) => wireId).sort());
    throw new Error('one is enough');
  };
  // The record is from before it joined the group, as another process could still hold it.
  expect(source.record.twinGroup).toBe('');
  await expect(createTwin(vault, source, { ...twin('y'), check }, NOW)).rejects.toThrow(
    'one is enough',
  );
  expect(seen).toEqual([['k', 'x']]);
  const where = { sandbox: 'main', dialect: 'two', kind: 'key', wireId: 'y' } as const;
  expect(await vault.store.locate(where)).toEqual([]);
});

test('a key that is gone is no part of the group that a check sees', async () => {
  const vault = await newVault();
  const source = await createKey(vault, draft('k'), NOW);
  const gone = await createTwin(vault, source, twin('x'), NOW);
  const ref = { sandbox: 'main', id: gone.record.id };
  await vault.store.changeKey(ref, () => ({ set: { deletionAt: new Date(NOW) } }));
  const seen: string[][] = [];
  await createTwin(
    vault,
    source,
    { ...twin('y'), check: (group) => seen.push(group.map(({ wireId }) => wireId)) },
    NOW,
  );
  expect(seen).toEqual([['k']]);
});
