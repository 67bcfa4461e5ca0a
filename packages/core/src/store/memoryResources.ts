import { fault } from '../faults.js';
import type { ResourceIndexEntry, ResourceRecord } from '../model/resource.js';
import type { Store } from '../ports/store.js';
import { insertSorted, pageOf, removeSorted, text } from './sorted.js';

type ResourceMethods = Pick<
  Store,
  'readResource' | 'findResource' | 'listResources' | 'writeResource' | 'deleteResource'
>;

/** The part of the memory store that keeps resources and their index. @internal */
export function createMemoryResources(): ResourceMethods & {
  clearResources(sandbox: string): void;
} {
  const rows = new Map<string, ResourceRecord>();
  const ids = new Map<string, string[]>();
  const index = new Map<string, string>();
  const entriesOf = new Map<string, readonly string[]>();

  const indexKey = (sandbox: string, kind: string, entry: ResourceIndexEntry): string =>
    `${sandbox}\0${kind}\0${entry.name}\0${entry.value}`;

  const remove = (sandbox: string, kind: string, id: string): boolean => {
    const at = `${sandbox}\0${kind}\0${id}`;
    for (const entry of entriesOf.get(at) ?? []) index.delete(entry);
    entriesOf.delete(at);
    removeSorted(ids.get(`${sandbox}\0${kind}`) ?? [], id);
    return rows.delete(at);
  };

  return {
    clearResources(sandbox) {
      for (const row of [...rows.values()]) {
        if (row.sandbox === sandbox) remove(row.sandbox, row.kind, row.id);
      }
    },
    async readResource(sandbox, kind, id) {
      return rows.get(`${sandbox}\0${kind}\0${id}`);
    },
    async findResource(sandbox, kind, entry) {
      const id = index.get(indexKey(sandbox, kind, entry));
      return id === undefined ? undefined : rows.get(`${sandbox}\0${kind}\0${id}`);
    },
    async listResources(sandbox, kind, parent, page) {
      const found: ResourceRecord[] = [];
      for (const id of pageOf(ids.get(`${sandbox}\0${kind}`) ?? [], page.after)) {
        const row = rows.get(`${sandbox}\0${kind}\0${id}`);
        if (row !== undefined && (parent === undefined || row.parent === parent)) found.push(row);
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
      ids.set(`${sandbox}\0${kind}`, insertSorted(ids.get(`${sandbox}\0${kind}`) ?? [], id));
      entriesOf.set(at, keys);
      for (const key of keys) index.set(key, id);
    },
    async deleteResource(sandbox, kind, id) {
      return remove(sandbox, kind, id);
    },
  };
}
