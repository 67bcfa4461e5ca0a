import { fault } from '../faults.js';
import type { ResourceIndexEntry, ResourceRecord } from '../model/resource.js';
import type { IndexedResource, Store } from '../ports/store.js';
import { insertSorted, pageOf, prefixed, removeSorted, text } from './sorted.js';

type ResourceMethods = Pick<
  Store,
  | 'readResource'
  | 'findResource'
  | 'listResources'
  | 'listIndexed'
  | 'writeResource'
  | 'deleteResource'
>;

/** What the part that keeps keys does with the resources of a key. @internal */
export interface MemoryChildren {
  countChildren(sandbox: string, kind: string, parent: string): number;
  /** Removes the resources of these parents. */
  removeChildren(sandbox: string, parents: ReadonlySet<string>): void;
  clearResources(sandbox: string): void;
}

/** The part of the memory store that keeps resources and their index. @internal */
export function createMemoryResources(): ResourceMethods & MemoryChildren {
  const rows = new Map<string, ResourceRecord>();
  const ids = new Map<string, string[]>();
  const idsOfParent = new Map<string, string[]>();
  const index = new Map<string, string>();
  const values = new Map<string, string[]>();
  const entriesOf = new Map<string, readonly ResourceIndexEntry[]>();

  const indexKey = (sandbox: string, kind: string, entry: ResourceIndexEntry): string =>
    `${sandbox}\0${kind}\0${entry.name}\0${entry.value}`;

  const remove = (sandbox: string, kind: string, id: string): boolean => {
    const at = `${sandbox}\0${kind}\0${id}`;
    const row = rows.get(at);
    for (const { name, value } of entriesOf.get(at) ?? []) {
      index.delete(indexKey(sandbox, kind, { name, value }));
      take(values, `${sandbox}\0${kind}\0${name}`, value);
    }
    entriesOf.delete(at);
    take(ids, `${sandbox}\0${kind}`, id);
    if (row !== undefined) take(idsOfParent, `${sandbox}\0${kind}\0${row.parent}`, id);
    return rows.delete(at);
  };
  const removeWhere = (test: (row: ResourceRecord) => boolean): void => {
    for (const row of [...rows.values()]) if (test(row)) remove(row.sandbox, row.kind, row.id);
  };

  return {
    countChildren: (sandbox, kind, parent) =>
      idsOfParent.get(`${sandbox}\0${kind}\0${parent}`)?.length ?? 0,
    removeChildren(sandbox, parents) {
      if (parents.size > 0) {
        removeWhere((row) => row.sandbox === sandbox && parents.has(row.parent));
      }
    },
    clearResources: (sandbox) => removeWhere((row) => row.sandbox === sandbox),
    async readResource(sandbox, kind, id) {
      return rows.get(`${sandbox}\0${kind}\0${id}`);
    },
    async findResource(sandbox, kind, entry) {
      const id = index.get(indexKey(sandbox, kind, entry));
      return id === undefined ? undefined : rows.get(`${sandbox}\0${kind}\0${id}`);
    },
    async listResources(sandbox, kind, parent, page) {
      const all =
        parent === undefined
          ? ids.get(`${sandbox}\0${kind}`)
          : idsOfParent.get(`${sandbox}\0${kind}\0${parent}`);
      const found: ResourceRecord[] = [];
      for (const id of pageOf(all ?? [], page.after)) {
        const row = rows.get(`${sandbox}\0${kind}\0${id}`);
        if (row !== undefined) found.push(row);
        if (found.length >= page.limit) break;
      }
      return found;
    },
    async listIndexed(sandbox, kind, name, prefix, page) {
      const found: IndexedResource[] = [];
      const all = values.get(`${sandbox}\0${kind}\0${name}`) ?? [];
      for (const value of prefixed(all, prefix, page.after)) {
        const id = index.get(indexKey(sandbox, kind, { name, value }));
        const resource = rows.get(`${sandbox}\0${kind}\0${id}`);
        if (resource !== undefined) found.push({ value, resource });
        if (found.length >= page.limit) break;
      }
      return found;
    },
    async writeResource(resource, entries) {
      const { sandbox, kind, id } = resource;
      text(sandbox, kind, id, resource.parent);
      text(...entries.flatMap(({ name, value }) => [name, value]));
      const at = `${sandbox}\0${kind}\0${id}`;
      const current = rows.get(at);
      if (resource.version === 1 && current !== undefined) {
        throw fault('AlreadyExists', { kind, id });
      }
      if (resource.version !== 1 && current?.version !== resource.version - 1) {
        throw fault('Conflict', { what: kind });
      }
      const keys = entries.map((entry) => indexKey(sandbox, kind, entry));
      if (keys.some((key) => (index.get(key) ?? id) !== id)) {
        throw fault('AlreadyExists', { kind, id });
      }
      remove(sandbox, kind, id);
      rows.set(at, resource);
      put(ids, `${sandbox}\0${kind}`, id);
      put(idsOfParent, `${sandbox}\0${kind}\0${resource.parent}`, id);
      entriesOf.set(at, entries);
      for (const key of keys) index.set(key, id);
      for (const { name, value } of entries) put(values, `${sandbox}\0${kind}\0${name}`, value);
    },
    async deleteResource(sandbox, kind, id) {
      return remove(sandbox, kind, id);
    },
  };
}

function put(lists: Map<string, string[]>, name: string, value: string): void {
  lists.set(name, insertSorted(lists.get(name) ?? [], value));
}

function take(lists: Map<string, string[]>, name: string, value: string): void {
  const list = lists.get(name);
  if (list === undefined) return;
  removeSorted(list, value);
  if (list.length === 0) lists.delete(name);
}
