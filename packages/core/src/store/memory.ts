import { fault } from '../faults.js';
import {
  type AliasRecord,
  isGone,
  type KeyRecord,
  type Locator,
  type MaterialRecord,
  type Realm,
} from '../model/key.js';
import type { KeyChange, KeyRef, NewKey, RootKeyRecord, Store, StoredKey } from '../ports/store.js';
import { refKey } from '../ports/store.js';
import { createMemoryResources } from './memoryResources.js';
import { createMemoryUses } from './memoryUses.js';
import { insertSorted, pageOf, removeSorted, text } from './sorted.js';

/**
 * The reference store: keeps everything in the memory of this process and nothing beyond its end.
 *
 * @example
 * const store = createMemoryStore();
 *
 * @public
 */
export function createMemoryStore(): Store {
  const keys = new Map<string, KeyRecord>();
  const materials = new Map<string, MaterialRecord>();
  const locators = new Map<string, Locator[]>();
  const aliases = new Map<string, AliasRecord>();
  const aliasNames = new Map<string, string[]>();
  const keyIds = new Map<string, string[]>();
  const keysByWireId = new Map<string, KeyRecord>();
  const resources = createMemoryResources();
  const { dropUse, ...uses } = createMemoryUses((ref) => keys.has(refKey(ref)));
  let rootKey: RootKeyRecord | undefined;

  const stored = (key: KeyRecord): StoredKey => ({
    key,
    materials: key.versions.flatMap((version) => {
      const material = materials.get(`${key.sandbox}\0${version.materialId}`);
      return material === undefined ? [] : [material];
    }),
  });
  const mustRead = (ref: KeyRef): KeyRecord => {
    const key = keys.get(refKey(ref));
    if (key === undefined) throw fault('KeyNotFound', { id: ref.id });
    return key;
  };
  const replace = (key: KeyRecord): void => {
    keys.set(refKey(key), key);
    keysByWireId.set(`${realmKey(key.sandbox, key.realm)}\0${key.wireId}`, key);
  };
  const touch = (ref: KeyRef): void => {
    const key = keys.get(refKey(ref));
    if (key !== undefined) replace({ ...key, revision: key.revision + 1 });
  };
  const countAliases = (sandbox: string, keyId: string): number => {
    let count = 0;
    for (const alias of aliases.values()) {
      if (alias.sandbox === sandbox && alias.keyId === keyId) count += 1;
    }
    return count;
  };
  const dropAlias = (alias: AliasRecord): void => {
    const realm = realmKey(alias.sandbox, alias.realm);
    aliases.delete(`${realm}\0${alias.name}`);
    removeSorted(aliasNames.get(realm) ?? [], alias.name);
  };
  const addLocators = (added: readonly Locator[]): void => {
    for (const locator of added) {
      const at = locatorKey(locator);
      locators.set(at, [...(locators.get(at) ?? []), locator]);
    }
  };
  const taken = (locator: Locator): boolean =>
    (locators.get(locatorKey(locator)) ?? []).some(
      (other) => other.tenant === locator.tenant && other.region === locator.region,
    );

  const requireFree = ({ key, locators: wanted }: NewKey): void => {
    text(key.id, key.wireId, ...Object.values(key.realm), key.sandbox);
    text(...wanted.flatMap(({ wireId, tenant, region }) => [wireId, tenant, region]));
    if (keys.has(refKey(key)) || wanted.some(taken)) {
      throw fault('AlreadyExists', { kind: 'key', id: key.wireId });
    }
  };
  const add = ({ key, materials: added, locators: wanted }: NewKey): StoredKey => {
    replace(key);
    const realm = realmKey(key.sandbox, key.realm);
    keyIds.set(realm, insertSorted(keyIds.get(realm) ?? [], key.wireId));
    for (const material of added) materials.set(`${key.sandbox}\0${material.id}`, material);
    addLocators(wanted);
    return stored(key);
  };
  /** Drops the material that keys of one sandbox had, when nothing refers to it any more. */
  const dropUnused = (sandbox: string, had: readonly KeyRecord[]): void => {
    const used = new Set(
      [...keys.values()].flatMap((key) =>
        key.versions.map((version) => `${key.sandbox}\0${version.materialId}`),
      ),
    );
    for (const { materialId } of had.flatMap(({ versions }) => versions)) {
      const at = `${sandbox}\0${materialId}`;
      if (!used.has(at)) materials.delete(at);
    }
  };
  const apply = (key: KeyRecord, change: KeyChange): StoredKey => {
    if ((change.addVersions ?? []).some((added) => added.locators.some(taken))) {
      throw fault('AlreadyExists', { kind: 'version', id: key.id });
    }
    replace(changed(key, change));
    for (const added of change.addVersions ?? []) {
      const { material } = added;
      if (material !== null) materials.set(`${key.sandbox}\0${material.id}`, material);
      addLocators(added.locators);
    }
    for (const { material } of change.setVersions ?? []) {
      if (material) materials.set(`${key.sandbox}\0${material.id}`, material);
    }
    if (change.setVersions?.some(({ material }) => material !== undefined))
      dropUnused(key.sandbox, [key]);
    return stored(mustRead(key));
  };

  const remove = (sandbox: string, gone: readonly KeyRecord[]): void => {
    const ids = new Set(gone.map(({ id }) => id));
    for (const key of gone) {
      keys.delete(refKey(key));
      dropUse(key);
      const realm = realmKey(key.sandbox, key.realm);
      keysByWireId.delete(`${realm}\0${key.wireId}`);
      removeSorted(keyIds.get(realm) ?? [], key.wireId);
    }
    for (const [at, rows] of locators) {
      const left = rows.filter((row) => row.sandbox !== sandbox || !ids.has(row.keyId));
      if (left.length === 0) locators.delete(at);
      else if (left.length < rows.length) locators.set(at, left);
    }
    for (const alias of [...aliases.values()]) {
      if (alias.sandbox === sandbox && ids.has(alias.keyId)) dropAlias(alias);
    }
    resources.removeChildren(sandbox, ids);
    dropUnused(sandbox, gone);
  };

  return {
    shared: false,
    ...resources,
    ...uses,
    async readKey(ref) {
      const key = keys.get(refKey(ref));
      return key === undefined ? undefined : stored(key);
    },
    async locate(where) {
      return locators.get(locatorKey(where)) ?? [];
    },
    async revisions(refs) {
      const found = new Map<string, number>();
      for (const ref of refs) {
        const key = keys.get(refKey(ref));
        if (key !== undefined) found.set(refKey(ref), key.revision);
      }
      return found;
    },
    async createKey(created) {
      requireFree(created);
      add(created);
    },
    async changeKey(ref, decide) {
      const key = mustRead(ref);
      const change = decide(key);
      return change === undefined ? stored(key) : apply(key, change);
    },
    async changeKeys(sandbox, { ids, twinGroup }, decide) {
      const found = [...keys.values()]
        .filter((key) => key.sandbox === sandbox)
        .filter((key) => ids.includes(key.id) || (twinGroup !== '' && key.twinGroup === twinGroup))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const wanted = decide(found.map(stored));
      if (wanted === undefined) return [];
      const { changes, create } = wanted;
      if (create !== undefined) requireFree(create);
      const added = [...changes.values()].flatMap((change) => change.addVersions ?? []);
      if (added.some((one) => one.locators.some(taken))) {
        throw fault('AlreadyExists', { kind: 'version', id: '' });
      }
      const written = found.flatMap((key) => {
        const change = changes.get(key.id);
        return change === undefined ? [] : [apply(key, change)];
      });
      return create === undefined ? written : [...written, add(create)];
    },
    async listKeys(sandbox, realm, page, nowMs) {
      const at = realmKey(sandbox, realm);
      const found: { id: string; wireId: string }[] = [];
      for (const wireId of pageOf(keyIds.get(at) ?? [], page.after)) {
        const key = keysByWireId.get(`${at}\0${wireId}`);
        if (key !== undefined && !isGone(key, nowMs)) found.push({ id: key.id, wireId });
        if (found.length >= page.limit) break;
      }
      return found;
    },
    async pageKeys(sandbox, realm, { offset, limit }, nowMs) {
      const at = realmKey(sandbox, realm);
      const all = [...pageOf(keyIds.get(at) ?? [], undefined)]
        .flatMap((wireId) => keysByWireId.get(`${at}\0${wireId}`) ?? [])
        .filter((key) => !isGone(key, nowMs))
        // Stable, so that keys of one moment stay in the order of their wire ids.
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
      const keys = all.slice(offset, offset + limit).map(({ id, wireId }) => ({ id, wireId }));
      return { keys, total: all.length };
    },
    async purgeKeys(sandbox, nowMs, limit) {
      const gone = [...keys.values()]
        .filter((key) => key.sandbox === sandbox && isGone(key, nowMs))
        .slice(0, limit);
      remove(sandbox, gone);
      return gone.map(({ id }) => ({ sandbox, id }));
    },
    async dueKeys(sandbox, nowMs, limit) {
      const due = [...keys.values()].flatMap(({ id, sandbox: at, dueAt, deletionAt }) =>
        at === sandbox &&
        dueAt !== null &&
        dueAt.getTime() <= nowMs &&
        !(deletionAt !== null && deletionAt <= dueAt)
          ? [{ id, dueAt }]
          : [],
      );
      due.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || (a.id < b.id ? -1 : 1));
      return due.slice(0, limit);
    },
    async clearSandbox(sandbox) {
      remove(
        sandbox,
        [...keys.values()].filter((key) => key.sandbox === sandbox),
      );
      resources.clearResources(sandbox);
    },
    async readAlias(sandbox, realm, name) {
      const alias = aliases.get(`${realmKey(sandbox, realm)}\0${name}`);
      const key = alias && keys.get(refKey({ sandbox, id: alias.keyId }));
      return alias && key ? { alias, keyRevision: key.revision } : undefined;
    },
    async createAlias(alias, check) {
      text(alias.name, ...Object.values(alias.realm));
      const realm = realmKey(alias.sandbox, alias.realm);
      const target = mustRead({ sandbox: alias.sandbox, id: alias.keyId });
      if (aliases.has(`${realm}\0${alias.name}`)) {
        throw fault('AlreadyExists', { kind: 'alias', id: alias.name });
      }
      check(target, countAliases(alias.sandbox, alias.keyId));
      aliases.set(`${realm}\0${alias.name}`, alias);
      aliasNames.set(realm, insertSorted(aliasNames.get(realm) ?? [], alias.name));
      touch(target);
    },
    async moveAlias(sandbox, realm, name, targetId, at, check) {
      const where = `${realmKey(sandbox, realm)}\0${name}`;
      const alias = aliases.get(where);
      if (alias === undefined) throw fault('AliasNotFound', { name });
      const target = mustRead({ sandbox, id: targetId });
      const current = keys.get(refKey({ sandbox, id: alias.keyId }));
      const others = countAliases(sandbox, targetId) - (alias.keyId === targetId ? 1 : 0);
      check(current, target, others);
      aliases.set(where, { ...alias, keyId: targetId, keyWireId: target.wireId, updatedAt: at });
      const touched = [...new Set([alias.keyId, targetId])].map((id) => ({ sandbox, id }));
      for (const ref of touched) touch(ref);
      return touched;
    },
    async deleteAlias(sandbox, realm, name) {
      const alias = aliases.get(`${realmKey(sandbox, realm)}\0${name}`);
      if (alias === undefined) throw fault('AliasNotFound', { name });
      dropAlias(alias);
      touch({ sandbox, id: alias.keyId });
      return [{ sandbox, id: alias.keyId }];
    },
    async listAliases(sandbox, realm, keyId, page) {
      const at = realmKey(sandbox, realm);
      const found: AliasRecord[] = [];
      for (const name of pageOf(aliasNames.get(at) ?? [], page.after)) {
        const alias = aliases.get(`${at}\0${name}`);
        if (alias !== undefined && (keyId === undefined || alias.keyId === keyId)) {
          found.push(alias);
        }
        if (found.length >= page.limit) break;
      }
      return found;
    },
    async attachResource(resource, index, check) {
      const { sandbox, kind, parent } = resource;
      const key = mustRead({ sandbox, id: parent });
      check(key, resources.countChildren(sandbox, kind, parent));
      await resources.writeResource(resource, index);
      touch(key);
    },
    async detachResource(ref, kind, id) {
      const found = await resources.readResource(ref.sandbox, kind, id);
      if (found?.parent !== ref.id) return false;
      touch(ref);
      return resources.deleteResource(ref.sandbox, kind, id);
    },
    async readRootKey() {
      return rootKey;
    },
    async claimRootKey(record) {
      rootKey ??= record;
      return rootKey;
    },
    onForeignChange() {
      // Nobody else can write here.
    },
    async ping() {
      // Always there.
    },
    async close() {
      // Nothing to let go of.
    },
  };
}

function changed(key: KeyRecord, change: KeyChange): KeyRecord {
  return {
    ...key,
    ...change.set,
    versions: [
      ...key.versions.map((version) => {
        const wanted = change.setVersions?.find(({ id }) => id === version.id);
        if (wanted === undefined) return version;
        const { material, ...set } = wanted;
        const materialId = material === null ? '' : (material?.id ?? version.materialId);
        return { ...version, ...set, materialId };
      }),
      ...(change.addVersions ?? []).map((added) => added.version),
    ],
    revision: key.revision + 1,
  };
}

// NUL is in no stored text, so parts joined by it never run together.
function realmKey(sandbox: string, realm: Realm): string {
  return `${sandbox}\0${realm.dialect}\0${realm.tenant}\0${realm.region}`;
}

function locatorKey(where: Pick<Locator, 'sandbox' | 'dialect' | 'kind' | 'wireId'>): string {
  return `${where.sandbox}\0${where.dialect}\0${where.kind}\0${where.wireId}`;
}
