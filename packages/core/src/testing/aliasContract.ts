import { expect, it } from 'vitest';
import type { KeyRecord } from '../model/key.js';
import type { ContractContext } from './storeContract.js';
import {
  AT,
  FIRST_PAGE,
  faultOf,
  HOSTILE_NAMES,
  newAlias,
  newKey,
  outcomes,
  REALM,
  sorted,
  UNSTORABLE_NAMES,
} from './storeFixtures.js';

const allow = (): void => undefined;
const LATER = new Date(AT.getTime() + 86_400_001);

/** Tests of aliases. @internal */
export function aliasContract({ store, sandbox }: ContractContext): void {
  const createKey = async (at: string, id: string, realm = REALM): Promise<KeyRecord> => {
    const created = newKey(at, id, { realm });
    await store().createKey(created);
    return created.key;
  };
  const revisionOf = async (at: string, id: string): Promise<number | undefined> =>
    (await store().readKey({ sandbox: at, id }))?.key.revision;

  it('gives an alias back with the revision of its key, which it has raised', async () => {
    const at = sandbox();
    const alias = newAlias('alias/a', await createKey(at, 'k'));
    await store().createAlias(alias, allow);
    expect(await store().readAlias(at, REALM, 'alias/a')).toEqual({ alias, keyRevision: 2 });
    expect(await revisionOf(at, 'k')).toBe(2);
    await store().changeKey({ sandbox: at, id: 'k' }, () => ({ set: { state: 'disabled' } }));
    expect((await store().readAlias(at, REALM, 'alias/a'))?.keyRevision).toBe(3);
  });

  it('finds an alias only in its own realm and sandbox', async () => {
    const at = sandbox();
    await store().createAlias(newAlias('alias/a', await createKey(at, 'k')), allow);
    for (const realm of [
      { ...REALM, dialect: 'qkms' },
      { ...REALM, tenant: '111111111111' },
      { ...REALM, region: 'us-east-1' },
    ]) {
      expect(await store().readAlias(at, realm, 'alias/a')).toBeUndefined();
      expect(await store().listAliases(at, realm, undefined, FIRST_PAGE)).toEqual([]);
      const missing = await faultOf(store().deleteAlias(at, realm, 'alias/a'));
      expect(missing.code).toBe('AliasNotFound');
    }
    expect(await store().readAlias(sandbox(), REALM, 'alias/a')).toBeUndefined();
    const realm = { ...REALM, region: 'us-east-1' };
    await store().createAlias(newAlias('alias/a', await createKey(at, 'k2', realm)), allow);
    expect((await store().readAlias(at, REALM, 'alias/a'))?.alias.keyId).toBe('k');
  });

  it('shows the check the target and how many aliases it has', async () => {
    const at = sandbox();
    const key = await createKey(at, 'k');
    const seen: unknown[] = [];
    for (const name of ['alias/a', 'alias/b']) {
      await store().createAlias(newAlias(name, key), (target, count) => seen.push([target, count]));
    }
    expect(seen).toEqual([
      [key, 0],
      [{ ...key, revision: 2 }, 1],
    ]);
  });

  it('leaves nothing when the check throws', async () => {
    const at = sandbox();
    const key = await createKey(at, 'k');
    const thrown = new Error('refused');
    const created = store().createAlias(newAlias('alias/a', key), () => {
      throw thrown;
    });
    await expect(created).rejects.toBe(thrown);
    expect(await store().readAlias(at, REALM, 'alias/a')).toBeUndefined();
    expect(await revisionOf(at, 'k')).toBe(1);
  });

  it('refuses a name that is taken and a key that does not exist', async () => {
    const at = sandbox();
    const [one, two] = [await createKey(at, 'one'), await createKey(at, 'two')];
    await store().createAlias(newAlias('alias/a', one), allow);
    const taken = await faultOf(store().createAlias(newAlias('alias/a', two), allow));
    expect(taken.code).toBe('AlreadyExists');
    expect(taken.details).toEqual({ kind: 'alias', id: 'alias/a' });
    expect(await revisionOf(at, 'two')).toBe(1);
    const nowhere = newAlias('alias/b', { ...one, id: 'none' });
    const missing = await faultOf(store().createAlias(nowhere, allow));
    expect(missing.code).toBe('KeyNotFound');
    expect(missing.details).toEqual({ id: 'none' });
    expect(await store().readAlias(at, REALM, 'alias/b')).toBeUndefined();
  });

  it('creates one of several aliases with the same name at once', async () => {
    const at = sandbox();
    const keys = await Promise.all(['a', 'b', 'c', 'd'].map((id) => createKey(at, id)));
    const calls = keys.map((key) => store().createAlias(newAlias('alias/raced', key), allow));
    const { done, codes } = await outcomes(calls);
    expect(done).toBe(1);
    expect(codes).toEqual(Array(3).fill('AlreadyExists'));
    const listed = await store().listAliases(at, REALM, undefined, FIRST_PAGE);
    expect(listed.length).toBe(1);
    const revisions = await Promise.all(keys.map(({ id }) => revisionOf(at, id)));
    expect(revisions.sort()).toEqual([1, 1, 1, 2]);
  });

  it('keeps a limit that the check sets, whatever comes at once', async () => {
    const at = sandbox();
    const key = await createKey(at, 'k');
    const calls = Array.from({ length: 9 }, (_, index) =>
      store().createAlias(newAlias(`alias/${index}`, key), (_target, count) => {
        if (count >= 3) throw new Error('full');
      }),
    );
    expect((await outcomes(calls)).done).toBe(3);
    expect((await store().listAliases(at, REALM, 'k', FIRST_PAGE)).length).toBe(3);
    expect(await revisionOf(at, 'k')).toBe(4);
  });

  it('moves an alias to another key and raises the revisions of both', async () => {
    const at = sandbox();
    const [one, two] = [await createKey(at, 'one'), await createKey(at, 'two')];
    const alias = newAlias('alias/a', one);
    await store().createAlias(alias, allow);
    await store().createAlias(newAlias('alias/b', two), allow);
    const seen: unknown[] = [];
    const touched = await store().moveAlias(at, REALM, 'alias/a', 'two', LATER, (...args) => {
      seen.push(args);
    });
    expect(seen).toEqual([[{ ...one, revision: 2 }, { ...two, revision: 2 }, 1]]);
    expect(touched.map(({ sandbox: place, id }) => [place, id]).sort()).toEqual([
      [at, 'one'],
      [at, 'two'],
    ]);
    expect(await store().readAlias(at, REALM, 'alias/a')).toEqual({
      alias: { ...alias, keyId: 'two', keyWireId: 'wire-two', updatedAt: LATER },
      keyRevision: 3,
    });
    expect(await revisionOf(at, 'one')).toBe(3);
  });

  it('moves an alias to the key that it has, which then counts no alias but the others', async () => {
    const at = sandbox();
    const key = await createKey(at, 'k');
    await store().createAlias(newAlias('alias/a', key), allow);
    const counts: number[] = [];
    const touched = await store().moveAlias(at, REALM, 'alias/a', 'k', LATER, (_c, _t, count) => {
      counts.push(count);
    });
    expect(counts).toEqual([0]);
    expect(touched).toEqual([{ sandbox: at, id: 'k' }]);
    expect((await store().readAlias(at, REALM, 'alias/a'))?.alias.updatedAt).toEqual(LATER);
    expect(await revisionOf(at, 'k')).toBe(3);
  });

  it('leaves an alias where it is when it cannot be moved', async () => {
    const at = sandbox();
    const [one] = [await createKey(at, 'one'), await createKey(at, 'two')];
    const alias = newAlias('alias/a', one);
    await store().createAlias(alias, allow);
    const move = (name: string, to: string, check: () => void): Promise<unknown> =>
      store().moveAlias(at, REALM, name, to, LATER, check);
    const noAlias = await faultOf(move('alias/none', 'two', allow));
    expect([noAlias.code, noAlias.details]).toEqual(['AliasNotFound', { name: 'alias/none' }]);
    const noKey = await faultOf(move('alias/a', 'none', allow));
    expect([noKey.code, noKey.details]).toEqual(['KeyNotFound', { id: 'none' }]);
    const thrown = new Error('refused');
    const refused = move('alias/a', 'two', () => {
      throw thrown;
    });
    await expect(refused).rejects.toBe(thrown);
    expect(await store().readAlias(at, REALM, 'alias/a')).toEqual({ alias, keyRevision: 2 });
    expect(await revisionOf(at, 'two')).toBe(1);
  });

  it('moves aliases between two keys in both directions at once', async () => {
    const at = sandbox();
    const [one, two] = [await createKey(at, 'one'), await createKey(at, 'two')];
    await store().createAlias(newAlias('alias/1', one), allow);
    await store().createAlias(newAlias('alias/2', two), allow);
    const calls = Array.from({ length: 6 }, (_, round) => [
      store().moveAlias(at, REALM, 'alias/1', round % 2 ? 'one' : 'two', LATER, allow),
      store().moveAlias(at, REALM, 'alias/2', round % 2 ? 'two' : 'one', LATER, allow),
    ]).flat();
    expect(await outcomes(calls)).toEqual({ done: 12, codes: [] });
    const listed = await store().listAliases(at, REALM, undefined, FIRST_PAGE);
    expect(listed.map(({ name }) => name)).toEqual(['alias/1', 'alias/2']);
    for (const { keyId, keyWireId } of listed) expect(keyWireId).toBe(`wire-${keyId}`);
  });

  it('deletes an alias and raises the revision of its key', async () => {
    const at = sandbox();
    await store().createAlias(newAlias('alias/a', await createKey(at, 'k')), allow);
    expect(await store().deleteAlias(at, REALM, 'alias/a')).toEqual([{ sandbox: at, id: 'k' }]);
    expect(await store().readAlias(at, REALM, 'alias/a')).toBeUndefined();
    expect(await revisionOf(at, 'k')).toBe(3);
    const missing = await faultOf(store().deleteAlias(at, REALM, 'alias/a'));
    expect([missing.code, missing.details]).toEqual(['AliasNotFound', { name: 'alias/a' }]);
  });

  it('deletes an alias once when that is asked several times at once', async () => {
    const at = sandbox();
    await store().createAlias(newAlias('alias/a', await createKey(at, 'k')), allow);
    const calls = Array.from({ length: 4 }, () => store().deleteAlias(at, REALM, 'alias/a'));
    const { done, codes } = await outcomes(calls);
    expect(done).toBe(1);
    expect(codes).toEqual(Array(3).fill('AliasNotFound'));
  });

  it('lists aliases by name, all or those of one key, page by page', async () => {
    const at = sandbox();
    const [one, two] = [await createKey(at, 'one'), await createKey(at, 'two')];
    const names = ['alias/b', 'alias/B', 'alias/a', 'alias/a1', 'alias/\u{1F511}', 'alias/\uFFFD'];
    for (const [index, name] of names.entries()) {
      await store().createAlias(newAlias(name, index % 2 ? two : one), allow);
    }
    const list = async (
      keyId: string | undefined,
      after: string | undefined,
      limit: number,
    ): Promise<readonly string[]> =>
      (await store().listAliases(at, REALM, keyId, { after, limit })).map(({ name }) => name);
    const all = sorted(names);
    expect(await list(undefined, undefined, 10)).toEqual(all);
    expect(await list(undefined, undefined, 2)).toEqual(all.slice(0, 2));
    expect(await list(undefined, all[1], 3)).toEqual(all.slice(2, 5));
    const ofTwo = sorted(names.filter((_, index) => index % 2));
    expect(await list('two', undefined, 10)).toEqual(ofTwo);
    expect(await list('two', ofTwo[0], 1)).toEqual([ofTwo[1]]);
    expect(await list('none', undefined, 10)).toEqual([]);
    const whole = await store().listAliases(at, REALM, 'two', FIRST_PAGE);
    expect(whole[0]).toEqual(newAlias(ofTwo[0] ?? '', two));
  });

  it('takes hostile names as ordinary ones, and refuses those that no store can keep', async () => {
    const at = sandbox();
    const key = await createKey(at, 'k');
    for (const name of HOSTILE_NAMES) {
      await store().createAlias(newAlias(name, key), allow);
      expect((await store().readAlias(at, REALM, name))?.alias.name).toBe(name);
    }
    for (const name of UNSTORABLE_NAMES) {
      const refused = await faultOf(store().createAlias(newAlias(name, key), allow));
      expect(refused.code).toBe('InputInvalid');
      expect(await store().readAlias(at, REALM, name)).toBeUndefined();
      expect((await faultOf(store().deleteAlias(at, REALM, name))).code).toBe('AliasNotFound');
    }
    const listed = await store().listAliases(at, REALM, undefined, FIRST_PAGE);
    expect(listed.map(({ name }) => name)).toEqual(sorted(HOSTILE_NAMES));
  });
}
