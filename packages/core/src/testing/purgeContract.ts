import { expect, it } from 'vitest';
import type { ContractContext } from './storeContract.js';
import {
  AT,
  FIRST_PAGE,
  hex,
  newAlias,
  newKey,
  newResource,
  newVersion,
  REALM,
} from './storeFixtures.js';

/** Tests of removing keys whose deletion time has passed. @internal */
export function purgeContract({ store, sandbox }: ContractContext): void {
  const now = AT.getTime();

  it('removes keys from their deletion time on, with all that belongs to them', async () => {
    const at = sandbox();
    const gone = newKey(at, 'gone', { set: { deletionAt: AT } });
    await store().createKey(gone);
    await store().createKey(newKey(at, 'later', { set: { deletionAt: new Date(now + 1) } }));
    await store().createKey(newKey(at, 'stays'));
    await store().createAlias(newAlias('alias/gone', gone.key), () => undefined);
    expect(await store().purgeKeys(at, now - 1, 10)).toEqual([]);
    expect(await store().readKey({ sandbox: at, id: 'gone' })).toBeDefined();

    expect(await store().purgeKeys(at, now, 10)).toEqual([{ sandbox: at, id: 'gone' }]);
    expect(await store().readKey({ sandbox: at, id: 'gone' })).toBeUndefined();
    expect(await store().readAlias(at, REALM, 'alias/gone')).toBeUndefined();
    expect(await store().listAliases(at, REALM, undefined, FIRST_PAGE)).toEqual([]);
    for (const { sandbox: place, dialect, kind, wireId } of gone.locators) {
      expect(await store().locate({ sandbox: place, dialect, kind, wireId })).toEqual([]);
    }
    const listed = await store().listKeys(at, REALM, FIRST_PAGE, 0);
    expect(listed.map(({ id }) => id)).toEqual(['later', 'stays']);
    expect(await store().purgeKeys(at, now, 10)).toEqual([]);
    // All its names are free again.
    await store().createKey(gone);
  });

  it('removes at most as many as it is told', async () => {
    const at = sandbox();
    for (const id of ['a', 'b', 'c']) {
      await store().createKey(newKey(at, id, { set: { deletionAt: AT } }));
    }
    const removed: string[] = [];
    for (const expected of [2, 1, 0]) {
      const refs = await store().purgeKeys(at, now, 2);
      expect(refs.length).toBe(expected);
      removed.push(...refs.map(({ id }) => id));
    }
    expect(removed.sort()).toEqual(['a', 'b', 'c']);
  });

  it('leaves other sandboxes alone', async () => {
    const [one, two] = [sandbox(), sandbox()];
    for (const at of [one, two]) {
      await store().createKey(newKey(at, 'k', { set: { deletionAt: AT } }));
    }
    expect(await store().purgeKeys(one, now, 10)).toEqual([{ sandbox: one, id: 'k' }]);
    expect(await store().readKey({ sandbox: two, id: 'k' })).toBeDefined();
  });

  it('keeps material that another key refers to, and removes it with the last of them', async () => {
    const at = sandbox();
    const wrapped = Uint8Array.of(1, 1, 1);
    const shared = { materialId: 'shared', wrapped, set: { deletionAt: AT } };
    const twinRealm = { ...REALM, region: 'us-east-1' };
    await store().createKey(newKey(at, 'first', shared));
    await store().createKey(
      newKey(at, 'twin', { ...shared, realm: twinRealm, set: { deletionAt: new Date(now + 1) } }),
    );
    await store().purgeKeys(at, now, 10);
    const twin = await store().readKey({ sandbox: at, id: 'twin' });
    expect(twin?.materials.map((material) => hex(material.wrapped))).toEqual(['010101']);

    await store().purgeKeys(at, now + 1, 10);
    await store().createKey(newKey(at, 'new', { materialId: 'shared', wrapped: Uint8Array.of(2) }));
    const fresh = await store().readKey({ sandbox: at, id: 'new' });
    expect(fresh?.materials.map((material) => hex(material.wrapped))).toEqual(['02']);
  });

  it('keeps material that a version of another key was given later', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'old', { materialId: 'm', set: { deletionAt: AT } }));
    await store().createKey(newKey(at, 'young'));
    await store().changeKey({ sandbox: at, id: 'young' }, () => ({
      addVersions: [newVersion(at, 'young', 2, { materialId: 'm' })],
    }));
    await store().purgeKeys(at, now, 10);
    const found = await store().readKey({ sandbox: at, id: 'young' });
    expect(found?.materials.map(({ id }) => id).sort()).toEqual(['m', 'material-young-v1']);
  });

  it('keeps shared material when keys that share it come and go at once', async () => {
    const at = sandbox();
    for (let round = 0; round < 6; round += 1) {
      const materialId = `m${round}`;
      const old = newKey(at, `old${round}`, { materialId, set: { deletionAt: AT } });
      await store().createKey(old);
      await Promise.all([
        store().purgeKeys(at, now, 10),
        store().createKey(newKey(at, `new${round}`, { materialId })),
      ]);
      const found = await store().readKey({ sandbox: at, id: `new${round}` });
      expect(found?.materials.map(({ id }) => id)).toEqual([materialId]);
    }
  });

  it('tells keys to which something is due, the earliest first, and not those gone by then', async () => {
    const [at, other] = [sandbox(), sandbox()];
    const dates: readonly (readonly [id: string, dueMs: number | null, deletionMs?: number])[] = [
      ['b', now],
      ['a', now],
      ['never', null],
      ['first', -1],
      ['later', now + 1],
      ['dies-before', now, now - 1],
      ['dies-with', now, now],
      ['dies-after', now - 1, now],
    ];
    for (const [id, dueMs, deletionMs] of dates) {
      const dueAt = dueMs === null ? null : new Date(dueMs);
      const deletionAt = deletionMs === undefined ? null : new Date(deletionMs);
      await store().createKey(newKey(at, id, { set: { dueAt, deletionAt } }));
    }
    await store().createKey(newKey(other, 'b', { set: { dueAt: AT } }));
    const ids = async (nowMs: number, limit = 10): Promise<readonly string[]> =>
      (await store().dueKeys(at, nowMs, limit)).map(({ id }) => id);
    expect(await ids(-2)).toEqual([]);
    expect(await ids(now)).toEqual(['first', 'dies-after', 'a', 'b']);
    expect(await ids(now + 1)).toEqual(['first', 'dies-after', 'a', 'b', 'later']);
    expect(await ids(now + 1, 2)).toEqual(['first', 'dies-after']);
    expect(await store().dueKeys(other, now, 10)).toEqual([{ id: 'b', dueAt: AT }]);
    const ref = { sandbox: other, id: 'b' };
    const kept = await store().changeKey(ref, () => ({ set: { state: 'disabled' } }));
    expect(kept.key.dueAt).toEqual(AT);
    await store().changeKey(ref, () => ({ set: { dueAt: null } }));
    expect((await store().readKey(ref))?.key.dueAt).toBeNull();
    expect(await store().dueKeys(other, now, 10)).toEqual([]);
  });

  it('clears a sandbox of keys, aliases and resources, and leaves others alone', async () => {
    const [at, other] = [sandbox(), sandbox()];
    for (const name of [at, other]) {
      const created = newKey(name, 'k');
      await store().createKey(created);
      await store().createAlias(newAlias('alias/a', created.key), () => undefined);
      await store().writeResource(newResource(name, 'r'), [{ name: 'n', value: 'v' }]);
    }
    await store().clearSandbox(at);
    const left = async (name: string) => [
      (await store().readKey({ sandbox: name, id: 'k' }))?.key.id,
      (await store().readAlias(name, REALM, 'alias/a'))?.alias.name,
      (await store().readResource(name, 'grant', 'r'))?.id,
      (await store().locate({ sandbox: name, dialect: 'aws', kind: 'key', wireId: 'wire-k' }))
        .length,
    ];
    expect(await left(at)).toEqual([undefined, undefined, undefined, 0]);
    expect(await left(other)).toEqual(['k', 'alias/a', 'r', 1]);
    await store().createKey(newKey(at, 'k'));
    await store().writeResource(newResource(at, 'r'), [{ name: 'n', value: 'v' }]);
    expect(await left(at)).toEqual(['k', undefined, 'r', 1]);
  });
}
