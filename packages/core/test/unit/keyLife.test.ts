import { describe, expect, it } from 'vitest';
import { fault } from '../../src/faults.js';
import { NO_CONTEXT } from '../../src/model/context.js';
import { createMemoryStore } from '../../src/store/memory.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { KEY_SPECS } from '../../src/suites/keySpecs.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { createAlias } from '../../src/vault/aliases.js';
import { changeKey } from '../../src/vault/changeKey.js';
import { createKey } from '../../src/vault/createKey.js';
import { decrypt } from '../../src/vault/decrypt.js';
import { encrypt } from '../../src/vault/encrypt.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { type Rotation, rotateKey } from '../../src/vault/rotateKey.js';
import { tick } from '../../src/vault/tick.js';
import { createTwin } from '../../src/vault/twins.js';
import { DAY_MS, START_MS } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import {
  ask,
  draftOf,
  newTestKey,
  SANDBOX,
  scopeOf,
  TEST_REALM,
  type TestVault,
  testLayout,
  testVault,
} from '../support/vault.js';

const rotation = (check: Rotation['check'] = () => ({})): Rotation => ({
  check,
  versionWireId: (fingerprint) => fingerprint.toString('hex'),
});

const byId = (vault: TestVault, id: string): Promise<LoadedKey | undefined> =>
  ask(vault, (scope) => vault.keys.byId(scope, id));

describe('createKey', () => {
  it('stores a key with one version, found by its wire ids', async () => {
    const vault = await testVault();
    const draft = draftOf({ attributes: { description: 'd' } });
    const { record } = await createKey(vault, draft, START_MS);
    expect(record).toMatchObject({
      sandbox: SANDBOX,
      realm: TEST_REALM,
      wireId: draft.wireId,
      spec: 'aes-256',
      usages: ['encrypt'],
      origin: 'generated',
      state: 'enabled',
      deletionAt: null,
      createdAt: new Date(START_MS),
      revision: 1,
      attributes: { description: 'd' },
    });
    const [version] = record.versions;
    expect(version).toMatchObject({ number: 1, state: 'enabled', id: record.primaryVersion });
    expect(version?.wireId).toMatch(/^[0-9a-f]{64}$/);
    vault.keys.forget(undefined);
    const stored = await byId(vault, record.id);
    expect(stored?.record).toEqual(record);
    const found = await ask(vault, (scope) =>
      vault.keys.byVersion(scope, 'test', version?.wireId ?? '', () => true),
    );
    expect(found?.key.record).toEqual(record);
  });

  it.each(Object.keys(KEY_SPECS).filter((spec) => spec !== 'rsa-3072' && spec !== 'rsa-4096'))(
    'makes usable material of kind %s and stores it sealed',
    async (name) => {
      // Keys of the table are its ids.
      const spec = name as KeySpecId;
      const vault = await testVault();
      const { record } = await createKey(vault, draftOf({ spec }), START_MS);
      vault.keys.forget(undefined);
      const key = await byId(vault, record.id);
      expect(key?.primary().prepared().spec).toBe(spec);
      const stored = await vault.store.readKey({ sandbox: SANDBOX, id: record.id });
      const [material] = stored?.materials ?? [];
      expect(material).toMatchObject({ spec, rootKeyId: vault.rootKey.id });
      const exported = key?.primary().prepared().key;
      const raw =
        exported?.type === 'secret'
          ? exported.export()
          : (exported?.export({ type: 'pkcs8', format: 'der' }) ?? Buffer.alloc(0));
      expect(Buffer.from(material?.wrapped ?? []).includes(raw.subarray(-16))).toBe(false);
    },
  );

  it('refuses a wire id that is taken', async () => {
    const vault = await testVault();
    const draft = draftOf();
    await createKey(vault, draft, START_MS);
    expect(await faultOf(createKey(vault, draft, START_MS))).toMatchObject({
      code: 'AlreadyExists',
      details: { kind: 'key', id: draft.wireId },
    });
  });

  it('leaves nothing in memory when the store refuses', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    store.unreachable = true;
    expect((await faultOf(newTestKey(vault))).code).toBe('Unavailable');
    expect(vault.keys.usage()).toEqual({ keys: 0, bytes: 0 });
  });
});

describe('changeKey', () => {
  it('hands the stored key to the decision and gives the key after it', async () => {
    const vault = await testVault();
    const { record } = await newTestKey(vault);
    const attributes = { note: 'n' };
    const changed = await changeKey(vault, record, START_MS, (current) => {
      expect(current).toEqual(record);
      return { set: { state: 'disabled', attributes } };
    });
    expect(changed.record).toEqual({ ...record, state: 'disabled', attributes, revision: 2 });
  });

  it('changes nothing when there is nothing to change', async () => {
    const vault = await testVault();
    const { record } = await newTestKey(vault);
    const same = await changeKey(vault, record, START_MS, () => undefined);
    expect(same.record).toEqual(record);
  });

  it('finds no key that is gone, by time or by name', async () => {
    const vault = await testVault();
    const { record } = await newTestKey(vault);
    await changeKey(vault, record, START_MS, () => ({
      set: { deletionAt: new Date(START_MS + 10) },
    }));
    expect(
      await faultOf(changeKey(vault, record, START_MS + 10, () => ({ set: {} }))),
    ).toMatchObject({ code: 'KeyNotFound', details: { id: record.wireId } });
    const nowhere = { ...record, id: 'nowhere' };
    expect((await faultOf(changeKey(vault, nowhere, START_MS, () => ({})))).code).toBe(
      'KeyNotFound',
    );
  });
});

describe('rotateKey', () => {
  it('adds a primary version with material of its own; older ciphertexts still open', async () => {
    const vault = await testVault();
    let key = await newTestKey(vault);
    const layout = testLayout();
    const blobs: Buffer[] = [];
    for (let turn = 1; turn <= 6; turn += 1) {
      blobs.push(encrypt(vault, key, layout, NO_CONTEXT, Buffer.from(`version ${turn}`)));
      key = await rotateKey(vault, key.record, START_MS + turn, rotation());
    }
    expect(key.record.versions.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(key.record.primaryVersion).toBe(key.record.versions[6]?.id);
    expect(key.record.versions[6]?.createdAt).toEqual(new Date(START_MS + 6));
    expect(new Set(key.record.versions.map(({ materialId }) => materialId)).size).toBe(7);
    vault.keys.forget(undefined);
    const again = await byId(vault, key.record.id);
    if (again === undefined) throw new Error('the key is gone');
    const envelopes = blobs.map((blob) => layout.parse(blob));
    expect(new Set(envelopes.map((one) => one?.versionWireId)).size).toBe(6);
    for (const [at, envelope] of envelopes.entries()) {
      if (envelope === undefined) throw new Error('not our layout');
      expect(decrypt(again, layout, envelope, NO_CONTEXT).toString()).toBe(`version ${at + 1}`);
    }
  });

  it('keeps both versions when two rotate at once, each with a number of its own', async () => {
    const vault = await testVault();
    const key = await newTestKey(vault);
    const seen: number[] = [];
    const count = rotation((current) => {
      seen.push(current.versions.length);
      return { attributes: { rotations: seen.length } };
    });
    const both = await Promise.all([
      rotateKey(vault, key.record, START_MS, count),
      rotateKey(vault, key.record, START_MS, count),
    ]);
    const now = await byId(vault, key.record.id);
    expect(now?.record.versions.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(now?.record).toMatchObject({ revision: 3, attributes: { rotations: 2 } });
    expect(seen).toEqual([1, 2]);
    expect(both.every(({ record }) => record.revision >= 2)).toBe(true);
    expect(now?.primary().version.number).toBe(3);
  });

  it('leaves the key alone when its check refuses under the lock', async () => {
    const vault = await testVault();
    const key = await newTestKey(vault);
    const refusal = fault('KeyDisabled', { id: 'k' });
    await expect(
      rotateKey(
        vault,
        key.record,
        START_MS,
        rotation(() => {
          throw refusal;
        }),
      ),
    ).rejects.toBe(refusal);
    expect((await byId(vault, key.record.id))?.record).toEqual(key.record);
  });

  it('whose answer was lost is seen at once, on the key and on its twins', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    vault.namings.set('other', (twin, number) => `${twin.wireId}-${number}`);
    const key = await newTestKey(vault);
    const draft = { realm: { ...TEST_REALM, dialect: 'other' }, wireId: 'twin' };
    store.loseNext('changeKeys');
    const lost = createTwin(
      vault,
      key,
      { ...draft, usages: ['encrypt'], attributes: {} },
      START_MS,
    );
    expect((await faultOf(lost)).code).toBe('Unavailable');
    const twin = await ask(vault, (scope) =>
      vault.keys.byWireId(scope, 'other', 'twin', () => true),
    );
    if (twin === undefined) throw new Error('no twin');
    const joined = await byId(vault, key.record.id);
    expect(joined?.record.twinGroup).toBe(twin.record.twinGroup);
    store.loseNext('changeKeys');
    const rotated = rotateKey(vault, joined?.record ?? key.record, START_MS, rotation());
    expect((await faultOf(rotated)).code).toBe('Unavailable');
    for (const { record } of [key, twin]) {
      expect((await byId(vault, record.id))?.record.versions.length).toBe(2);
    }
  });

  it('finds no key that is gone', async () => {
    const vault = await testVault();
    const { record } = await newTestKey(vault);
    await changeKey(vault, record, START_MS, () => ({ set: { deletionAt: new Date(START_MS) } }));
    expect((await faultOf(rotateKey(vault, record, START_MS, rotation()))).code).toBe(
      'KeyNotFound',
    );
  });
});

describe('tick', () => {
  it('removes what is due in its sandbox, in as many turns as it takes', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const due = START_MS + DAY_MS;
    for (let at = 0; at < 205; at += 1) {
      const { record } = await createKey(vault, draftOf({ spec: 'hmac-256' }), START_MS);
      await changeKey(vault, record, START_MS, () => ({ set: { deletionAt: new Date(due) } }));
    }
    const other = await createKey(vault, draftOf({ sandbox: 'other' }), START_MS);
    await changeKey(vault, other.record, START_MS, () => ({ set: { deletionAt: new Date(due) } }));
    const stays = await newTestKey(vault);
    expect(await tick(vault, SANDBOX, due - 1)).toBe(0);
    expect(await tick(vault, SANDBOX, due)).toBe(205);
    expect(await tick(vault, SANDBOX, due)).toBe(0);
    expect(store.calls('purgeKeys')).toBe(5);
    expect(vault.keys.usage().keys).toBe(2);
    expect((await byId(vault, stays.record.id))?.record).toEqual(stays.record);
    const page = { after: undefined, limit: 10 };
    expect(await store.listKeys('other', TEST_REALM, page, START_MS)).toHaveLength(1);
  });

  it('takes the aliases of a key along', async () => {
    const vault = await testVault();
    const key = await newTestKey(vault);
    await createAlias(vault, key, 'alias/a', START_MS, () => undefined);
    const find = (): Promise<LoadedKey | undefined> =>
      ask(vault, (scope) => vault.keys.byAlias(scope, TEST_REALM, 'alias/a'));
    expect((await find())?.record.id).toBe(key.record.id);
    await changeKey(vault, key.record, START_MS, () => ({
      set: { deletionAt: new Date(START_MS) },
    }));
    expect(await tick(vault, SANDBOX, START_MS)).toBe(1);
    expect(await find()).toBeUndefined();
    await createAlias(vault, await newTestKey(vault), 'alias/a', START_MS, () => undefined);
    expect((await find())?.record.id).not.toBe(key.record.id);
  });
});

describe('openVault', () => {
  it('listens to what the store hears of others', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    const { record } = await newTestKey(vault);
    expect(vault.keys.byId(scopeOf(vault), record.id)?.record.id).toBe(record.id);
    store.tell([{ sandbox: SANDBOX, id: record.id }]);
    expect(vault.keys.usage().keys).toBe(0);
  });

  it('closes its store', async () => {
    const store = observedStore(createMemoryStore());
    const vault = await testVault({ store });
    await vault.close();
    expect(store.calls('close')).toBe(1);
  });
});
