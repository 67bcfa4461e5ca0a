import { expect, it } from 'vitest';
import type { Json } from '../model/json.js';
import { refKey } from '../ports/store.js';
import type { ContractContext } from './storeContract.js';
import {
  AT,
  FIRST_PAGE,
  faultOf,
  HOSTILE_NAMES,
  hex,
  newKey,
  outcomes,
  REALM,
  sorted,
  UNSTORABLE_NAMES,
} from './storeFixtures.js';

/** Tests of creating, reading, locating and listing keys. @internal */
export function keyContract({ store, sandbox }: ContractContext): void {
  it('gives a key back exactly as it was created', async () => {
    const at = sandbox();
    const attributes: { readonly [name: string]: Json } = JSON.parse(
      '{"z":1,"a":[null,true,-1.5e-7,"\\u0000\\ud83d\\ude00"],"__proto__":{"toString":"x"},"":{}}',
    );
    const created = newKey(at, 'exact', {
      wrapped: Uint8Array.from({ length: 256 }, (_, index) => index),
      set: {
        usages: ['sign', 'encrypt'],
        origin: 'imported',
        state: 'disabled',
        deletionAt: new Date(AT.getTime() + 1),
        createdAt: new Date(-1),
        revision: 7,
        attributes,
      },
    });
    await store().createKey(created);
    const found = await store().readKey({ sandbox: at, id: 'exact' });
    expect(found?.key).toEqual(created.key);
    expect(JSON.stringify(found?.key.attributes)).toBe(JSON.stringify(attributes));
    expect(Object.hasOwn(found?.key.attributes ?? {}, '__proto__')).toBe(true);
    expect(
      found?.materials.map((material) => ({ ...material, wrapped: hex(material.wrapped) })),
    ).toEqual(
      created.materials.map((material) => ({ ...material, wrapped: hex(material.wrapped) })),
    );
  });

  it('keeps moments to the millisecond, far ones too', async () => {
    const at = sandbox();
    for (const [index, ms] of [0, 1, -62_135_596_800_001, 8.64e15, 1_774_588_867_891].entries()) {
      await store().createKey(newKey(at, `k${index}`, { set: { createdAt: new Date(ms) } }));
      const found = await store().readKey({ sandbox: at, id: `k${index}` });
      expect(found?.key.createdAt.getTime()).toBe(ms);
    }
  });

  it('keeps a key without versions', async () => {
    const at = sandbox();
    const { key } = newKey(at, 'empty', { set: { versions: [], primaryVersion: '' } });
    await store().createKey({ key, materials: [], locators: [] });
    expect(await store().readKey({ sandbox: at, id: 'empty' })).toEqual({ key, materials: [] });
  });

  it('reads nothing for an unknown id or another sandbox', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'here'));
    expect(await store().readKey({ sandbox: at, id: 'there' })).toBeUndefined();
    expect(await store().readKey({ sandbox: sandbox(), id: 'here' })).toBeUndefined();
  });

  it('refuses an id that is taken and leaves the first key as it was', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'k'));
    const second = newKey(at, 'k', { wireId: 'other', materialId: 'other' });
    const refused = await faultOf(store().createKey(second));
    expect(refused.code).toBe('AlreadyExists');
    expect(refused.details).toEqual({ kind: 'key', id: 'other' });
    expect((await store().readKey({ sandbox: at, id: 'k' }))?.key.wireId).toBe('wire-k');
    const where = { sandbox: at, dialect: REALM.dialect, kind: 'key', wireId: 'other' } as const;
    expect(await store().locate(where)).toEqual([]);
  });

  it('refuses a locator that is taken and writes nothing of the key', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'k1', { wireId: 'same' }));
    const refused = await faultOf(store().createKey(newKey(at, 'k2', { wireId: 'same' })));
    expect(refused.code).toBe('AlreadyExists');
    expect(refused.details).toEqual({ kind: 'key', id: 'same' });
    expect(await store().readKey({ sandbox: at, id: 'k2' })).toBeUndefined();
    const where = { sandbox: at, dialect: REALM.dialect, kind: 'version' } as const;
    expect(await store().locate({ ...where, wireId: 'wire-k2-v1' })).toEqual([]);
  });

  it('creates one of several keys with the same id at once', async () => {
    const at = sandbox();
    const calls = Array.from({ length: 6 }, () => store().createKey(newKey(at, 'raced')));
    const { done, codes } = await outcomes(calls);
    expect(done).toBe(1);
    expect(codes).toEqual(Array(5).fill('AlreadyExists'));
  });

  it('keeps sandboxes apart, also with the same ids', async () => {
    const [one, two] = [sandbox(), sandbox()];
    await store().createKey(newKey(one, 'k', { set: { attributes: { of: 1 } } }));
    await store().createKey(newKey(two, 'k', { set: { attributes: { of: 2 } } }));
    await store().changeKey({ sandbox: one, id: 'k' }, () => ({ set: { state: 'disabled' } }));
    const other = await store().readKey({ sandbox: two, id: 'k' });
    expect(other?.key).toMatchObject({ state: 'enabled', revision: 1, attributes: { of: 2 } });
    const where = { sandbox: two, dialect: REALM.dialect, kind: 'key', wireId: 'wire-k' } as const;
    expect(await store().locate(where)).toEqual([
      { ...where, tenant: REALM.tenant, region: REALM.region, keyId: 'k', versionId: '' },
    ]);
  });

  it('locates a wire id in all its regions, and versions by their own ids', async () => {
    const at = sandbox();
    for (const region of ['eu-west-1', 'us-east-1']) {
      const realm = { ...REALM, region };
      await store().createKey(newKey(at, region, { realm, wireId: 'mrk-1' }));
    }
    const where = { sandbox: at, dialect: REALM.dialect, kind: 'key', wireId: 'mrk-1' } as const;
    const places = await store().locate(where);
    expect(places.map(({ region, keyId }) => [region, keyId]).sort()).toEqual([
      ['eu-west-1', 'eu-west-1'],
      ['us-east-1', 'us-east-1'],
    ]);
    const version = { ...where, kind: 'version', wireId: 'wire-us-east-1-v1' } as const;
    expect(await store().locate(version)).toMatchObject([
      { keyId: 'us-east-1', versionId: 'us-east-1-v1', region: 'us-east-1' },
    ]);
    expect(await store().locate({ ...where, wireId: 'mrk-2' })).toEqual([]);
    expect(await store().locate({ ...where, dialect: 'qkms' })).toEqual([]);
    expect(await store().locate({ ...where, kind: 'version' })).toEqual([]);
  });

  it('gives revisions of the keys that exist, over several sandboxes', async () => {
    const [one, two] = [sandbox(), sandbox()];
    await store().createKey(newKey(one, 'a'));
    await store().createKey(newKey(two, 'a', { set: { revision: 5 } }));
    const refs = [one, two].flatMap((at) => ['a', 'b'].map((id) => ({ sandbox: at, id })));
    expect(await store().revisions(refs)).toEqual(
      new Map([
        [refKey({ sandbox: one, id: 'a' }), 1],
        [refKey({ sandbox: two, id: 'a' }), 5],
      ]),
    );
    expect(await store().revisions([])).toEqual(new Map());
  });

  it('lists the keys of one realm by code point, page by page', async () => {
    const at = sandbox();
    const wireIds = ['b', 'B', 'a', '10', '9', 'é', '\uFFFD', '\u{1F511}', 'a-', 'a_', 'aa'];
    for (const [index, wireId] of wireIds.entries()) {
      await store().createKey(newKey(at, `k${index}`, { wireId }));
    }
    for (const [index, realm] of [
      { ...REALM, dialect: 'qkms' },
      { ...REALM, tenant: '111111111111' },
      { ...REALM, region: 'us-east-1' },
    ].entries()) {
      await store().createKey(newKey(at, `other${index}`, { realm, wireId: 'a' }));
    }
    const seen: string[] = [];
    for (let after: string | undefined, page = 0; page < wireIds.length; page += 1) {
      const keys = await store().listKeys(at, REALM, { after, limit: 4 }, 0);
      expect(keys.length).toBeLessThanOrEqual(4);
      seen.push(...keys.map(({ wireId }) => wireId));
      after = keys.at(-1)?.wireId;
      if (after === undefined) break;
    }
    expect(seen).toEqual(sorted(wireIds));
    const rest = await store().listKeys(at, REALM, { after: 'a.', limit: 2 }, 0);
    expect(rest).toEqual([
      { id: 'k9', wireId: 'a_' },
      { id: 'k10', wireId: 'aa' },
    ]);
    expect(await store().listKeys(sandbox(), REALM, FIRST_PAGE, 0)).toEqual([]);
  });

  it('does not list keys that are gone at the given time, and fills the page with others', async () => {
    const at = sandbox();
    const deletionAt = AT;
    await store().createKey(newKey(at, 'a', { wireId: 'a', set: { deletionAt } }));
    await store().createKey(newKey(at, 'b', { wireId: 'b' }));
    const now = AT.getTime();
    const list = async (nowMs: number): Promise<readonly string[]> =>
      (await store().listKeys(at, REALM, { after: undefined, limit: 1 }, nowMs)).map(
        ({ id }) => id,
      );
    expect(await list(now - 1)).toEqual(['a']);
    expect(await list(now)).toEqual(['b']);
  });

  it('takes hostile names as ordinary ones', async () => {
    const at = sandbox();
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      const realm = { dialect: name, tenant: name, region: name };
      const created = newKey(at, `${index} ${name}`, {
        realm,
        wireId: name,
        set: { attributes: { [name]: name } },
      });
      await store().createKey(created);
      const found = await store().readKey({ sandbox: at, id: created.key.id });
      expect(found?.key).toEqual(created.key);
      const where = { sandbox: at, dialect: name, kind: 'key', wireId: name } as const;
      expect(await store().locate(where)).toEqual([created.locators[0]]);
      expect(await store().listKeys(at, realm, FIRST_PAGE, 0)).toEqual([
        { id: created.key.id, wireId: name },
      ]);
    }
  });

  it('does not let the parts of a name run together', async () => {
    const at = sandbox();
    const one = { dialect: 'd', tenant: 'x\ny', region: 'z' };
    const two = { dialect: 'd', tenant: 'x', region: 'y\nz' };
    await store().createKey(newKey(at, 'one', { realm: one, wireId: 'w' }));
    await store().createKey(newKey(at, 'two', { realm: two, wireId: 'w' }));
    expect(await store().listKeys(at, one, FIRST_PAGE, 0)).toEqual([{ id: 'one', wireId: 'w' }]);
    expect(await store().listKeys(at, two, FIRST_PAGE, 0)).toEqual([{ id: 'two', wireId: 'w' }]);
  });

  it('refuses names that no store can keep, and finds nothing under them', async () => {
    const at = sandbox();
    for (const name of UNSTORABLE_NAMES) {
      for (const key of [
        newKey(at, name),
        newKey(at, 'k', { wireId: name }),
        newKey(at, 'k', { realm: { ...REALM, tenant: name } }),
      ]) {
        expect((await faultOf(store().createKey(key))).code).toBe('InputInvalid');
      }
      expect(await store().readKey({ sandbox: at, id: name })).toBeUndefined();
      const where = { sandbox: at, dialect: REALM.dialect, kind: 'key', wireId: name } as const;
      expect(await store().locate(where)).toEqual([]);
      const missing = store().changeKey({ sandbox: at, id: name }, () => undefined);
      expect((await faultOf(missing)).code).toBe('KeyNotFound');
    }
    expect(await store().readKey({ sandbox: at, id: 'k' })).toBeUndefined();
  });

  it('pages by number from the oldest to the newest, counts all, and leaves out gone keys', async () => {
    const at = sandbox();
    const ages: readonly (readonly [id: string, day: number])[] = [
      ['c', 1],
      ['a', 3],
      ['b', 2],
      ['d', 2],
    ];
    for (const [id, day] of ages) {
      await store().createKey(newKey(at, id, { set: { createdAt: new Date(day * 86_400_000) } }));
    }
    const gone = { state: 'pending-deletion', deletionAt: AT } as const;
    await store().createKey(newKey(at, 'gone', { set: gone }));
    const page = (offset: number, limit: number) =>
      store().pageKeys(at, REALM, { offset, limit }, AT.getTime());
    expect(await page(0, 3)).toEqual({
      keys: [
        { id: 'c', wireId: 'wire-c' },
        { id: 'b', wireId: 'wire-b' },
        { id: 'd', wireId: 'wire-d' },
      ],
      total: 4,
    });
    expect(await page(3, 3)).toEqual({ keys: [{ id: 'a', wireId: 'wire-a' }], total: 4 });
    expect(await page(9, 3)).toEqual({ keys: [], total: 4 });
    const elsewhere = { ...REALM, region: 'eu-west-1' };
    const none = await store().pageKeys(at, elsewhere, { offset: 0, limit: 3 }, AT.getTime());
    expect(none).toEqual({ keys: [], total: 0 });
  });
}
