import { expect, it } from 'vitest';
import { fault } from '../faults.js';
import type { ContractContext } from './storeContract.js';
import {
  AT,
  FIRST_PAGE,
  faultOf,
  HOSTILE_NAMES,
  newKey,
  newResource,
  outcomes,
  sorted,
} from './storeFixtures.js';

const fine = (): void => undefined;

/** Tests of resources that belong to a key, and of listings by index. @internal */
export function keyResourceContract({ store, sandbox }: ContractContext): void {
  const revisionOf = async (at: string, id: string): Promise<number | undefined> =>
    (await store().readKey({ sandbox: at, id }))?.key.revision;
  const idsOf = async (at: string, parent: string): Promise<readonly string[]> =>
    (await store().listResources(at, 'grant', parent, FIRST_PAGE)).map(({ id }) => id);

  it('writes a resource of a key with its index, and raises the revision of the key', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'k'));
    const resource = newResource(at, 'r', { parent: 'k', body: { a: [1] } });
    const entry = { name: 'n', value: 'v' };
    const seen: unknown[] = [];
    await store().attachResource(resource, [entry], ({ id, revision }, count) => {
      seen.push(id, revision, count);
    });
    expect(seen).toEqual(['k', 1, 0]);
    expect(await store().readResource(at, 'grant', 'r')).toEqual(resource);
    expect(await store().findResource(at, 'grant', entry)).toEqual(resource);
    expect(await revisionOf(at, 'k')).toBe(2);
    expect((await store().revisions([{ sandbox: at, id: 'k' }])).get(`${at}\nk`)).toBe(2);
  });

  it('counts the resources of this kind and key alone', async () => {
    const at = sandbox();
    for (const id of ['k', 'other']) await store().createKey(newKey(at, id));
    const counts: number[] = [];
    const attach = (id: string, parent: string, kind = 'grant'): Promise<void> =>
      store().attachResource(newResource(at, id, { parent, kind }), [], (_key, count) => {
        counts.push(count);
      });
    await attach('a', 'k');
    await attach('b', 'k');
    await attach('c', 'other');
    await attach('d', 'k', 'secret');
    await store().writeResource(newResource(at, 'e', { parent: 'k' }), []);
    await attach('f', 'k');
    expect(counts).toEqual([0, 1, 0, 0, 3]);
  });

  it('writes nothing when the check throws, the key is missing, or id or entry is taken', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'k'));
    const entry = { name: 'n', value: 'v' };
    await store().attachResource(newResource(at, 'taken', { parent: 'k' }), [entry], fine);
    const attach = (id: string, value: string, parent = 'k', check = fine): Promise<void> =>
      store().attachResource(newResource(at, id, { parent }), [{ name: 'n', value }], check);
    const refuse = (): void => {
      throw fault('LimitExceeded', { what: 'resources', limit: 1 });
    };
    const codes = [];
    for (const attempt of [
      () => attach('new', 'x', 'k', refuse),
      () => attach('new', 'x', 'nobody'),
      () => attach('taken', 'x'),
      () => attach('new', 'v'),
    ]) {
      codes.push((await faultOf(attempt())).code);
    }
    expect(codes).toEqual(['LimitExceeded', 'KeyNotFound', 'AlreadyExists', 'AlreadyExists']);
    expect(await idsOf(at, 'k')).toEqual(['taken']);
    expect(await store().findResource(at, 'grant', { name: 'n', value: 'x' })).toBeUndefined();
    expect(await revisionOf(at, 'k')).toBe(2);
  });

  it('lets one writer after the other see what the one before wrote', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'k'));
    const counts: number[] = [];
    const limit = 3;
    const tries = Array.from({ length: 6 }, (_, n) =>
      store().attachResource(newResource(at, `r${n}`, { parent: 'k' }), [], (_key, count) => {
        if (count >= limit) throw fault('LimitExceeded', { what: 'resources', limit });
        counts.push(count);
      }),
    );
    expect(await outcomes(tries)).toEqual({
      done: limit,
      codes: Array(3).fill('LimitExceeded'),
    });
    expect((await idsOf(at, 'k')).length).toBe(limit);
    expect(await revisionOf(at, 'k')).toBe(1 + limit);
  });

  it('deletes a resource of the key that is named, and raises its revision', async () => {
    const at = sandbox();
    for (const id of ['k', 'other']) await store().createKey(newKey(at, id));
    const entry = { name: 'n', value: 'v' };
    await store().attachResource(newResource(at, 'r', { parent: 'k' }), [entry], fine);
    const detach = (key: string, kind: string, id: string): Promise<boolean> =>
      store().detachResource({ sandbox: at, id: key }, kind, id);
    expect(await detach('other', 'grant', 'r')).toBe(false);
    expect(await detach('k', 'secret', 'r')).toBe(false);
    expect(await detach('k', 'grant', 'none')).toBe(false);
    expect(await detach('nobody', 'grant', 'r')).toBe(false);
    expect(await revisionOf(at, 'k')).toBe(2);
    expect(await detach('k', 'grant', 'r')).toBe(true);
    expect(await detach('k', 'grant', 'r')).toBe(false);
    expect(await revisionOf(at, 'k')).toBe(3);
    expect(await revisionOf(at, 'other')).toBe(1);
    expect(await store().readResource(at, 'grant', 'r')).toBeUndefined();
    expect(await store().findResource(at, 'grant', entry)).toBeUndefined();
    await store().attachResource(newResource(at, 'r', { parent: 'k' }), [entry], fine);
  });

  it('removes the resources of a key with the key, and leaves those of others', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'gone', { set: { deletionAt: AT } }));
    await store().createKey(newKey(at, 'stays'));
    const of = (parent: string, kind: string) =>
      store().attachResource(
        newResource(at, `${parent}-${kind}`, { parent, kind }),
        [{ name: 'n', value: parent }],
        fine,
      );
    for (const kind of ['a', 'grant', 'z']) {
      await of('gone', kind);
      await of('stays', kind);
    }
    await store().writeResource(newResource(at, 'nobody', { parent: '' }), []);
    await store().purgeKeys(at, AT.getTime(), 10);
    for (const kind of ['a', 'grant', 'z']) {
      expect(await store().readResource(at, kind, `gone-${kind}`)).toBeUndefined();
      expect(await store().findResource(at, kind, { name: 'n', value: 'gone' })).toBeUndefined();
      const left = await store().findResource(at, kind, { name: 'n', value: 'stays' });
      expect(left?.id).toBe(`stays-${kind}`);
    }
    expect((await store().readResource(at, 'grant', 'nobody'))?.id).toBe('nobody');
    expect((await faultOf(of('gone', 'grant'))).code).toBe('KeyNotFound');
  });

  it('lists by index: what begins with a text, page by page', async () => {
    const at = sandbox();
    const values = ['a', 'a/', 'a/1', 'a/2', 'a/\u{10FFFF}', 'a/\uFFFD', 'a0', 'b/1', 'B', '/', ''];
    for (const [n, value] of values.entries()) {
      await store().writeResource(newResource(at, `r${n}`), [
        { name: 'n', value },
        { name: 'other', value: `a/${n}` },
      ]);
    }
    await store().writeResource(newResource(at, 'r', { kind: 'secret' }), [
      { name: 'n', value: 'a/9' },
    ]);
    const list = async (
      prefix: string,
      after: string | undefined,
      limit: number,
    ): Promise<readonly string[]> => {
      const found = await store().listIndexed(at, 'grant', 'n', prefix, { after, limit });
      for (const { value, resource } of found) {
        expect(resource.id).toBe(`r${values.indexOf(value)}`);
      }
      return found.map(({ value }) => value);
    };
    const below = sorted(values.filter((value) => value.startsWith('a/')));
    expect(await list('a/', undefined, 10)).toEqual(below);
    expect(await list('a/', undefined, 2)).toEqual(below.slice(0, 2));
    expect(await list('a/', below[1], 2)).toEqual(below.slice(2, 4));
    expect(await list('a/', below.at(-1), 2)).toEqual([]);
    expect(await list('', undefined, 20)).toEqual(sorted(values));
    expect(await list('c', undefined, 20)).toEqual([]);
    expect(await store().listIndexed(sandbox(), 'grant', 'n', '', FIRST_PAGE)).toEqual([]);
    for (const end of ['\u{10FFFF}', '\uD7FF', 'x\u{10FFFF}']) {
      expect(await list(end, undefined, 20)).toEqual([]);
    }
    await store().deleteResource(at, 'grant', 'r2');
    expect(await list('a/', undefined, 10)).toEqual(below.filter((value) => value !== 'a/1'));
  });

  it('takes hostile texts as ordinary ones in listings by index', async () => {
    const at = sandbox();
    for (const name of HOSTILE_NAMES) {
      await store().writeResource(newResource(at, name, { kind: name }), [{ name, value: name }]);
      const found = await store().listIndexed(at, name, name, name, FIRST_PAGE);
      expect(found.map(({ value, resource }) => [value, resource.id])).toEqual([[name, name]]);
    }
    expect(await store().listIndexed(at, 'grant', 'n', 'a\0b', FIRST_PAGE)).toEqual([]);
  });
}
