import { expect, it } from 'vitest';
import type { NewVersion, StoredKey } from '../ports/store.js';
import type { ContractContext } from './storeContract.js';
import { AT, faultOf, hex, newKey, newVersion, outcomes, REALM } from './storeFixtures.js';

/** Tests of changing keys. @internal */
export function keyChangeContract({ store, sandbox }: ContractContext): void {
  it('writes what is set, keeps the rest and raises the revision by one', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    const created = newKey(at, 'k', { set: { attributes: { kept: 'yes' } } });
    await store().createKey(created);
    const first = await store().changeKey(ref, () => ({
      set: { state: 'pending-deletion', deletionAt: AT },
    }));
    expect(first.key).toEqual({
      ...created.key,
      state: 'pending-deletion',
      deletionAt: AT,
      revision: 2,
    });
    expect((await store().readKey(ref))?.key).toEqual(first.key);
    const second = await store().changeKey(ref, () => ({
      set: { state: 'enabled', deletionAt: null, attributes: { b: 1, a: 2 } },
    }));
    expect(second.key).toEqual({ ...created.key, attributes: { b: 1, a: 2 }, revision: 3 });
    expect(Object.keys((await store().readKey(ref))?.key.attributes ?? {})).toEqual(['b', 'a']);
    expect(await store().revisions([ref])).toEqual(new Map([[`${at}\nk`, 3]]));
    expect(second.materials.map(({ id }) => id)).toEqual(['material-k-v1']);
  });

  it('changes state and attributes of the named versions only, along with an added one', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    await store().createKey(newKey(at, 'k'));
    const added = newVersion(at, 'k', 2);
    await store().changeKey(ref, () => ({ addVersions: [added] }));
    const [first, second] = (await store().readKey(ref))?.key.versions ?? [];
    if (first === undefined || second === undefined) throw new Error('two versions are missing');
    const changed = await store().changeKey(ref, () => ({
      setVersions: [{ id: first.id, state: 'disabled', attributes: { why: 'test' } }],
    }));
    const expected = [{ ...first, state: 'disabled', attributes: { why: 'test' } }, second];
    expect(changed.key.versions).toEqual(expected);
    expect(changed.key.revision).toBe(3);
    expect((await store().readKey(ref))?.key.versions).toEqual(expected);
    const third = newVersion(at, 'k', 3);
    const both = await store().changeKey(ref, () => ({
      addVersions: [third],
      setVersions: [{ id: second.id, state: 'pending-destruction', attributes: {} }],
    }));
    expect(both.key.versions.map(({ id, state }) => [id, state])).toEqual([
      [first.id, 'disabled'],
      [second.id, 'pending-destruction'],
      [third.version.id, 'enabled'],
    ]);
  });

  it('takes the material of a version away and gives it other material', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    await store().createKey(newKey(at, 'k'));
    await store().changeKey(ref, () => ({ addVersions: [newVersion(at, 'k', 2)] }));
    const version = { id: 'k-v1', state: 'enabled', attributes: {} } as const;
    const emptied = await store().changeKey(ref, () => ({
      setVersions: [{ ...version, material: null }],
    }));
    const ids = (stored: StoredKey | undefined) => [
      stored?.key.versions.map(({ materialId }) => materialId),
      stored?.materials.map(({ id }) => id),
    ];
    const without = [['', 'material-k-v2'], ['material-k-v2']];
    expect(ids(emptied)).toEqual(without);
    expect(ids(await store().readKey(ref))).toEqual(without);
    // Gone for good: the same id holds what is written now.
    const wrapped = Uint8Array.of(9, 9);
    const { material } = newVersion(at, 'k', 1, { wrapped });
    for (const given of [material, { ...material, id: 'other' }, { ...material, id: 'other' }]) {
      const filled = await store().changeKey(ref, () => ({
        setVersions: [{ ...version, material: given }],
      }));
      expect(filled.key.versions.map(({ materialId }) => materialId)).toEqual([
        given.id,
        'material-k-v2',
      ]);
      const found = await store().readKey(ref);
      expect(found?.materials.map(({ id }) => id).sort()).toEqual(
        [given.id, 'material-k-v2'].sort(),
      );
      expect(found?.materials.map((one) => hex(one.wrapped))).toContain('0909');
    }
    const kept = await store().changeKey(ref, () => ({ setVersions: [version] }));
    expect(kept.key.versions[0]?.materialId).toBe('other');
  });

  it('keeps material that is taken from one key and that another one uses', async () => {
    const at = sandbox();
    for (const id of ['one', 'two']) {
      await store().createKey(newKey(at, id, { materialId: 'shared' }));
    }
    const take = (id: string) =>
      store().changeKey({ sandbox: at, id }, () => ({
        setVersions: [{ id: `${id}-v1`, state: 'enabled', attributes: {}, material: null }],
      }));
    await take('one');
    const two = await store().readKey({ sandbox: at, id: 'two' });
    expect(two?.materials.map(({ id }) => id)).toEqual(['shared']);
    await take('two');
    await take('two');
    expect((await store().readKey({ sandbox: at, id: 'two' }))?.materials).toEqual([]);
    await store().createKey(newKey(at, 'new', { materialId: 'shared', wrapped: Uint8Array.of(2) }));
    const fresh = await store().readKey({ sandbox: at, id: 'new' });
    expect(fresh?.materials.map((material) => hex(material.wrapped))).toEqual(['02']);
  });

  it('keeps versions without material, of a new key and of one that gets another', async () => {
    const at = sandbox();
    const bare = (number: number): NewVersion => {
      const { version, locators } = newVersion(at, 'k', number);
      return { version: { ...version, materialId: '' }, material: null, locators };
    };
    const whole = newKey(at, 'k');
    const key = { ...whole.key, versions: [bare(1).version] };
    await store().createKey({ ...whole, key, materials: [] });
    const ref = { sandbox: at, id: 'k' };
    const changed = await store().changeKey(ref, () => ({ addVersions: [bare(2)] }));
    expect(changed.key.versions.map(({ materialId }) => materialId)).toEqual(['', '']);
    expect(await store().readKey(ref)).toEqual({ ...changed, materials: [] });
    const where = { sandbox: at, dialect: REALM.dialect, kind: 'version' } as const;
    expect(await store().locate({ ...where, wireId: 'wire-k-v2' })).toHaveLength(1);
  });

  it('keeps a key without any version', async () => {
    const at = sandbox();
    const whole = newKey(at, 'k');
    const key = { ...whole.key, versions: [], primaryVersion: '' };
    await store().createKey({ key, materials: [], locators: whole.locators.slice(0, 1) });
    const stored = await store().readKey({ sandbox: at, id: 'k' });
    expect(stored).toEqual({ key, materials: [] });
  });

  it('hands the current record to the decision', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    const { key, materials, locators } = newKey(at, 'k');
    await store().createKey({ key, materials, locators });
    await store().changeKey(ref, () => ({ set: { attributes: { step: 1 } } }));
    await store().changeKey(ref, (current) => {
      expect(current).toEqual({ ...key, attributes: { step: 1 }, revision: 2 });
      return undefined;
    });
  });

  it('writes nothing when the decision is undefined', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    const { key, materials, locators } = newKey(at, 'k');
    await store().createKey({ key, materials, locators });
    const unchanged = await store().changeKey(ref, () => undefined);
    expect(unchanged.key).toEqual(key);
    expect(unchanged.materials.map(({ id }) => id)).toEqual(['material-k-v1']);
    expect((await store().readKey(ref))?.key).toEqual(key);
  });

  it('throws on what the decision throws, and writes nothing', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    const { key, materials, locators } = newKey(at, 'k');
    await store().createKey({ key, materials, locators });
    const thrown = new RangeError('not today');
    const change = store().changeKey(ref, () => {
      throw thrown;
    });
    await expect(change).rejects.toBe(thrown);
    expect((await store().readKey(ref))?.key).toEqual(key);
    // Nothing is left locked.
    await store().changeKey(ref, () => ({ set: { state: 'disabled' } }));
  });

  it('refuses to change a key that does not exist', async () => {
    const at = sandbox();
    const missing = await faultOf(store().changeKey({ sandbox: at, id: 'none' }, () => ({})));
    expect(missing.code).toBe('KeyNotFound');
    expect(missing.details).toEqual({ id: 'none' });
  });

  it('adds versions with their material and locators', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    const created = newKey(at, 'k');
    await store().createKey(created);
    const added = [2, 3].map((number) => newVersion(at, 'k', number));
    const changed = await store().changeKey(ref, () => ({
      addVersions: added,
      set: { primaryVersion: 'k-v3' },
    }));
    expect(changed.key).toEqual({
      ...created.key,
      primaryVersion: 'k-v3',
      revision: 2,
      versions: [...created.key.versions, ...added.map(({ version }) => version)],
    });
    const found = await store().readKey(ref);
    expect(found?.key).toEqual(changed.key);
    expect(found?.materials.map(({ id, wrapped }) => [id, hex(wrapped)]).sort()).toEqual([
      ['material-k-v1', '0100ff0a5c27'],
      ['material-k-v2', '0200ff0a5c27'],
      ['material-k-v3', '0300ff0a5c27'],
    ]);
    const where = { sandbox: at, dialect: REALM.dialect, kind: 'version' } as const;
    const places = await store().locate({ ...where, wireId: 'wire-k-v3' });
    expect(places).toEqual(added[1]?.locators);
  });

  it('refuses a version whose locator is taken, and writes nothing of the change', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    const { key, materials, locators } = newKey(at, 'k');
    await store().createKey({ key, materials, locators });
    const second = newVersion(at, 'k', 2);
    const change = store().changeKey(ref, () => ({
      set: { state: 'disabled' },
      addVersions: [{ ...second, locators: newVersion(at, 'k', 1).locators }],
    }));
    const refused = await faultOf(change);
    expect(refused.code).toBe('AlreadyExists');
    expect(refused.details).toEqual({ kind: 'version', id: 'k' });
    const found = await store().readKey(ref);
    expect(found?.key).toEqual(key);
    expect(found?.materials.map(({ id }) => id)).toEqual(['material-k-v1']);
  });

  it('counts every one of many changes made at once', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    await store().createKey(newKey(at, 'k', { set: { attributes: { count: 0 } } }));
    const calls = Array.from({ length: 24 }, () =>
      store().changeKey(ref, ({ attributes }) => ({
        set: { attributes: { count: Number(attributes['count']) + 1 } },
      })),
    );
    expect(await outcomes(calls)).toEqual({ done: 24, codes: [] });
    const found = await store().readKey(ref);
    expect(found?.key.attributes).toEqual({ count: 24 });
    expect(found?.key.revision).toBe(25);
  });

  it('shows every decision the versions that the change before it added', async () => {
    const at = sandbox();
    const ref = { sandbox: at, id: 'k' };
    await store().createKey(newKey(at, 'k'));
    const calls = Array.from({ length: 8 }, () =>
      store().changeKey(ref, ({ versions }) => {
        const next = newVersion(at, 'k', versions.length + 1);
        return { addVersions: [next], set: { primaryVersion: next.version.id } };
      }),
    );
    expect(await outcomes(calls)).toEqual({ done: 8, codes: [] });
    const found = await store().readKey(ref);
    expect(found?.key.versions.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(found?.key.primaryVersion).toBe('k-v9');
    expect(found?.materials.length).toBe(9);
  });

  it('changes named keys and their twins together, and makes a key on their material', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'a'));
    await store().createKey(newKey(at, 'b'));
    await store().createKey(newKey(at, 'other'));
    const seen: string[][] = [];
    const shared = newKey(at, 'c', {
      materialId: 'material-a-v1',
      set: { twinGroup: 'g' },
      realm: { ...REALM, dialect: 'yandex' },
    });
    const made = await store().changeKeys(
      at,
      { ids: ['b', 'a', 'none'], twinGroup: '' },
      (keys) => {
        seen.push(keys.map(({ key }) => key.id));
        return {
          changes: new Map([
            ['a', { set: { twinGroup: 'g' } }],
            ['b', { set: { twinGroup: 'g' } }],
          ]),
          create: shared,
        };
      },
    );
    expect(made.map(({ key }) => [key.id, key.twinGroup, key.revision])).toEqual([
      ['a', 'g', 2],
      ['b', 'g', 2],
      ['c', 'g', 1],
    ]);
    const twin = await store().readKey({ sandbox: at, id: 'c' });
    expect(twin?.materials.map(({ id }) => id)).toEqual(['material-a-v1']);
    const nothing = await store().changeKeys(at, { ids: [], twinGroup: 'g' }, (keys) => {
      seen.push(keys.map(({ key }) => key.id));
      return undefined;
    });
    expect(nothing).toEqual([]);
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
    await store().changeKeys(at, { ids: [], twinGroup: 'g' }, (keys) => ({
      changes: new Map(
        keys.map(({ key }) => {
          const added = newVersion(at, key.id, 2, { materialId: 'material-g-2', realm: key.realm });
          return [key.id, { addVersions: [added], set: { primaryVersion: added.version.id } }];
        }),
      ),
    }));
    for (const id of ['a', 'b', 'c']) {
      const stored = await store().readKey({ sandbox: at, id });
      expect(stored?.key.versions.map(({ materialId }) => materialId).at(-1)).toBe('material-g-2');
      expect(stored?.key.primaryVersion).toBe(stored?.key.versions.at(-1)?.id);
    }
    expect((await store().readKey({ sandbox: at, id: 'other' }))?.key.revision).toBe(1);
  });

  it('shows every decision about a group the keys that the changes before it added', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'first', { set: { twinGroup: 'g' } }));
    const seen: number[] = [];
    const calls = Array.from({ length: 12 }, (_, n) =>
      store().changeKeys(at, { ids: ['first'], twinGroup: 'g' }, (keys) => {
        seen[n] = keys.length;
        return {
          changes: new Map([['first', { set: { attributes: { n } } }]]),
          create: newKey(at, `twin-${n}`, { set: { twinGroup: 'g' } }),
        };
      }),
    );
    expect(await outcomes(calls)).toEqual({ done: 12, codes: [] });
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  });

  it('writes nothing of a group change when its new key is taken or the decision throws', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'a'));
    await store().createKey(newKey(at, 'b'));
    const which = { ids: ['a'], twinGroup: '' };
    const changes = new Map([['a', { set: { twinGroup: 'g' } }]]);
    const taken = store().changeKeys(at, which, () => ({ changes, create: newKey(at, 'b') }));
    expect(await faultOf(taken)).toMatchObject({ code: 'AlreadyExists' });
    const thrown = new RangeError('not today');
    const refused = store().changeKeys(at, which, () => {
      throw thrown;
    });
    await expect(refused).rejects.toBe(thrown);
    const left = (await store().readKey({ sandbox: at, id: 'a' }))?.key;
    expect([left?.twinGroup, left?.revision]).toEqual(['', 1]);
  });
}
