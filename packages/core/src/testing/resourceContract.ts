import { expect, it } from 'vitest';
import type { Json } from '../model/json.js';
import type { ContractContext } from './storeContract.js';
import {
  FIRST_PAGE,
  faultOf,
  HOSTILE_NAMES,
  hex,
  newResource,
  outcomes,
  sorted,
  UNSTORABLE_NAMES,
} from './storeFixtures.js';

/** Tests of resources and their unique index. @internal */
export function resourceContract({ store, sandbox }: ContractContext): void {
  it('gives a resource back exactly as it was written', async () => {
    const at = sandbox();
    const body: { readonly [name: string]: Json } = JSON.parse(
      '{"z":[1,{"__proto__":null}],"a":"\\u0000\\ud83d\\ude00","__proto__":{"x":1}}',
    );
    const sealed = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);
    const written = newResource(at, 'r', { parent: 'p', body, sealed });
    await store().writeResource(written, []);
    const found = await store().readResource(at, 'grant', 'r');
    expect({ ...found, sealed: hex(found?.sealed ?? new Uint8Array()) }).toEqual({
      ...written,
      sealed: hex(sealed),
    });
    expect(JSON.stringify(found?.body)).toBe(JSON.stringify(body));
    const plain = newResource(at, 'plain');
    await store().writeResource(plain, []);
    expect(await store().readResource(at, 'grant', 'plain')).toEqual(plain);
  });

  it('finds nothing under another id, kind or sandbox', async () => {
    const at = sandbox();
    await store().writeResource(newResource(at, 'r'), [{ name: 'token', value: 't' }]);
    expect(await store().readResource(at, 'grant', 'other')).toBeUndefined();
    expect(await store().readResource(at, 'secret', 'r')).toBeUndefined();
    expect(await store().readResource(sandbox(), 'grant', 'r')).toBeUndefined();
    const find = (place: string, kind: string, name: string, value: string): Promise<unknown> =>
      store().findResource(place, kind, { name, value });
    expect(await find(at, 'grant', 'token', 't')).toMatchObject({ id: 'r' });
    expect(await find(at, 'grant', 'token', 'u')).toBeUndefined();
    expect(await find(at, 'grant', 'name', 't')).toBeUndefined();
    expect(await find(at, 'secret', 'token', 't')).toBeUndefined();
    expect(await find(sandbox(), 'grant', 'token', 't')).toBeUndefined();
  });

  it('refuses a new resource whose id is taken', async () => {
    const at = sandbox();
    await store().writeResource(newResource(at, 'r', { body: { of: 1 } }), []);
    const second = newResource(at, 'r', { body: { of: 2 } });
    const refused = await faultOf(store().writeResource(second, [{ name: 'n', value: 'v' }]));
    expect([refused.code, refused.details]).toEqual(['AlreadyExists', { kind: 'grant', id: 'r' }]);
    expect((await store().readResource(at, 'grant', 'r'))?.body).toEqual({ of: 1 });
    expect(await store().findResource(at, 'grant', { name: 'n', value: 'v' })).toBeUndefined();
    await store().writeResource(newResource(at, 'r', { kind: 'secret' }), []);
  });

  it('refuses an index entry that another resource has, and writes nothing', async () => {
    const at = sandbox();
    const entry = { name: 'token', value: 't' };
    await store().writeResource(newResource(at, 'one'), [entry]);
    const two = newResource(at, 'two');
    const refused = await faultOf(store().writeResource(two, [entry]));
    expect([refused.code, refused.details]).toEqual([
      'AlreadyExists',
      { kind: 'grant', id: 'two' },
    ]);
    expect(await store().readResource(at, 'grant', 'two')).toBeUndefined();

    const own = { name: 'token', value: 'u' };
    await store().writeResource(two, [own]);
    const changed = { ...two, version: 2, body: { changed: true } };
    expect((await faultOf(store().writeResource(changed, [entry]))).code).toBe('AlreadyExists');
    expect(await store().readResource(at, 'grant', 'two')).toEqual(two);
    expect((await store().findResource(at, 'grant', own))?.id).toBe('two');
    expect((await store().findResource(at, 'grant', entry))?.id).toBe('one');
    // The same value is free under another name, kind or sandbox.
    await store().writeResource(newResource(at, 'three'), [{ name: 'other', value: 't' }]);
    await store().writeResource(newResource(at, 'one', { kind: 'secret' }), [entry]);
    await store().writeResource(newResource(sandbox(), 'one'), [entry]);
  });

  it('replaces a resource and its index entries', async () => {
    const at = sandbox();
    const [a, b, c] = ['a', 'b', 'c'].map((value) => ({ name: 'n', value }));
    if (!(a && b && c)) throw new Error('three entries are needed');
    await store().writeResource(newResource(at, 'r', { sealed: Uint8Array.of(1) }), [a, b]);
    const second = newResource(at, 'r', { version: 2, parent: 'p', body: { x: 1 } });
    await store().writeResource(second, [b, c]);
    expect(await store().readResource(at, 'grant', 'r')).toEqual(second);
    expect(await store().findResource(at, 'grant', a)).toBeUndefined();
    expect(await store().findResource(at, 'grant', b)).toEqual(second);
    expect(await store().findResource(at, 'grant', c)).toEqual(second);
    await store().writeResource(newResource(at, 'other'), [a]);
  });

  it('refuses to replace a version that is not the current one', async () => {
    const at = sandbox();
    await store().writeResource(newResource(at, 'r'), []);
    await store().writeResource(newResource(at, 'r', { version: 2, body: { of: 2 } }), []);
    for (const version of [2, 4]) {
      const stale = newResource(at, 'r', { version, body: { of: 'stale' } });
      const refused = await faultOf(store().writeResource(stale, [{ name: 'n', value: 'v' }]));
      expect([refused.code, refused.details]).toEqual(['Conflict', { what: 'grant' }]);
    }
    const missing = newResource(at, 'none', { version: 2 });
    expect((await faultOf(store().writeResource(missing, []))).code).toBe('Conflict');
    expect((await store().readResource(at, 'grant', 'r'))?.body).toEqual({ of: 2 });
    expect(await store().findResource(at, 'grant', { name: 'n', value: 'v' })).toBeUndefined();
  });

  it('lets one of several writers win', async () => {
    const at = sandbox();
    const create = Array.from({ length: 4 }, (_, by) =>
      store().writeResource(newResource(at, 'r', { body: { by } }), [{ name: 'n', value: 'v' }]),
    );
    expect(await outcomes(create)).toEqual({ done: 1, codes: Array(3).fill('AlreadyExists') });
    const replace = Array.from({ length: 4 }, (_, by) =>
      store().writeResource(newResource(at, 'r', { version: 2, body: { by } }), [
        { name: 'n', value: `v${by}` },
      ]),
    );
    expect(await outcomes(replace)).toEqual({ done: 1, codes: Array(3).fill('Conflict') });
    const winner = await store().readResource(at, 'grant', 'r');
    const entry = { name: 'n', value: `v${winner?.body['by']}` };
    expect(await store().findResource(at, 'grant', entry)).toEqual(winner);
    const take = Array.from({ length: 4 }, (_, by) =>
      store().writeResource(newResource(at, `t${by}`), [{ name: 'taken', value: 'once' }]),
    );
    expect(await outcomes(take)).toEqual({ done: 1, codes: Array(3).fill('AlreadyExists') });
  });

  it('deletes a resource with its index entries', async () => {
    const at = sandbox();
    const entry = { name: 'n', value: 'v' };
    await store().writeResource(newResource(at, 'r'), [entry]);
    expect(await store().deleteResource(at, 'secret', 'r')).toBe(false);
    expect(await store().deleteResource(sandbox(), 'grant', 'r')).toBe(false);
    expect(await store().deleteResource(at, 'grant', 'r')).toBe(true);
    expect(await store().deleteResource(at, 'grant', 'r')).toBe(false);
    expect(await store().readResource(at, 'grant', 'r')).toBeUndefined();
    expect(await store().findResource(at, 'grant', entry)).toBeUndefined();
    await store().writeResource(newResource(at, 'r'), [entry]);
  });

  it('leaves no index entry when a resource is replaced and deleted at once', async () => {
    const at = sandbox();
    for (let round = 0; round < 6; round += 1) {
      const id = `r${round}`;
      const entry = { name: 'n', value: id };
      await store().writeResource(newResource(at, id), []);
      await outcomes([
        store().writeResource(newResource(at, id, { version: 2 }), [entry]),
        store().deleteResource(at, 'grant', id),
      ]);
      await store().deleteResource(at, 'grant', id);
      await store().writeResource(newResource(at, `other${round}`), [entry]);
    }
  });

  it('lists resources by id, all or those of one parent, page by page', async () => {
    const at = sandbox();
    const ids = ['b', 'B', 'a', 'a1', '\u{1F511}', '\uFFFD', 'z'];
    for (const [index, id] of ids.entries()) {
      const parent = index % 2 ? 'odd' : '';
      await store().writeResource(newResource(at, id, { parent }), []);
    }
    await store().writeResource(newResource(at, 'c', { kind: 'secret' }), []);
    const list = async (
      parent: string | undefined,
      after: string | undefined,
      limit: number,
    ): Promise<readonly string[]> =>
      (await store().listResources(at, 'grant', parent, { after, limit })).map(({ id }) => id);
    const all = sorted(ids);
    expect(await list(undefined, undefined, 10)).toEqual(all);
    expect(await list(undefined, undefined, 3)).toEqual(all.slice(0, 3));
    expect(await list(undefined, all[2], 3)).toEqual(all.slice(3, 6));
    const odd = sorted(ids.filter((_, index) => index % 2));
    expect(await list('odd', undefined, 10)).toEqual(odd);
    expect(await list('odd', odd[0], 1)).toEqual([odd[1]]);
    expect(await list('', undefined, 10)).toEqual(
      sorted(ids.filter((_, index) => index % 2 === 0)),
    );
    expect(await store().listResources(sandbox(), 'grant', undefined, FIRST_PAGE)).toEqual([]);
  });

  it('takes hostile names as ordinary ones, and refuses those that no store can keep', async () => {
    const at = sandbox();
    for (const name of HOSTILE_NAMES) {
      const written = newResource(at, name, { kind: name, parent: name, body: { [name]: name } });
      await store().writeResource(written, [{ name, value: name }]);
      expect(await store().readResource(at, name, name)).toEqual(written);
      expect(await store().findResource(at, name, { name, value: name })).toEqual(written);
      expect(await store().listResources(at, name, name, FIRST_PAGE)).toEqual([written]);
    }
    for (const name of UNSTORABLE_NAMES) {
      for (const [resource, entry] of [
        [newResource(at, name), []],
        [newResource(at, 'r', { kind: name }), []],
        [newResource(at, 'r', { parent: name }), []],
        [newResource(at, 'r'), [{ name: 'n', value: name }]],
        [newResource(at, 'r'), [{ name, value: 'v' }]],
      ] as const) {
        expect((await faultOf(store().writeResource(resource, entry))).code).toBe('InputInvalid');
      }
      expect(await store().readResource(at, 'grant', name)).toBeUndefined();
      expect(await store().findResource(at, 'grant', { name: 'n', value: name })).toBeUndefined();
      expect(await store().deleteResource(at, 'grant', name)).toBe(false);
    }
    expect(await store().readResource(at, 'grant', 'r')).toBeUndefined();
  });

  it('does not let the parts of a name run together', async () => {
    const at = sandbox();
    await store().writeResource(newResource(at, 'z', { kind: 'x\ny' }), [
      { name: 'a\nb', value: 'c' },
    ]);
    await store().writeResource(newResource(at, 'y\nz', { kind: 'x' }), []);
    await store().writeResource(newResource(at, 'w', { kind: 'x\ny' }), [
      { name: 'a', value: 'b\nc' },
    ]);
    const found = await store().findResource(at, 'x\ny', { name: 'a', value: 'b\nc' });
    expect(found?.id).toBe('w');
    expect(await store().readResource(at, 'x\ny', 'z')).toMatchObject({ kind: 'x\ny', id: 'z' });
  });
}
