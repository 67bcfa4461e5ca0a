import { fault } from '../faults.js';
import type { Json } from '../model/json.js';
import { isGone, type KeyRecord, type KeyUsage, type Realm } from '../model/key.js';
import type { KeyChange, NewKey, NewVersion, StoredKey } from '../ports/store.js';
import { locatorOf, versionOn } from './createKey.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** How a key is to be seen from another realm. @public */
export interface TwinDraft {
  readonly realm: Realm;
  readonly wireId: string;
  readonly usages: readonly KeyUsage[];
  readonly attributes: { readonly [name: string]: Json };
}

/**
 * Makes a key in another realm whose versions use the material of `source`, version by version. From
 * then on a rotation of either adds a version to both; state, policy and deletion stay separate.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @throws KmsFault KeyNotFound when the source is gone, AlreadyExists when the wire id is taken, Unavailable
 * @public
 */
export async function createTwin(
  vault: Vault,
  source: LoadedKey,
  draft: TwinDraft,
  nowMs: number,
): Promise<LoadedKey> {
  const { sandbox, id } = source.record;
  const twinId = vault.entropy.uuid();
  const freshGroup = vault.entropy.uuid();
  return vault.keys.change({ sandbox, id: twinId }, async () => {
    const which = { ids: [id], twinGroup: '' };
    const writing = vault.store.changeKeys(sandbox, which, (locked) => {
      const current = locked[0];
      if (current === undefined || isGone(current.key, nowMs)) {
        throw fault('KeyNotFound', { id: source.record.wireId });
      }
      // The source is locked, and with it every rotation of its group.
      const twinGroup = current.key.twinGroup || freshGroup;
      const changes = new Map<string, KeyChange>([[id, { set: { twinGroup } }]]);
      const key = { sandbox, id: twinId, twinGroup, createdAt: new Date(nowMs), ...draft };
      return { changes, create: twinOf(vault, current, key) };
    });
    // Also after a failure: it may have been written although its answer was lost.
    const written = await writing.finally(() => vault.keys.forget([{ sandbox, id }]));
    const twin = written.find((stored) => stored.key.id === twinId);
    if (twin === undefined) throw fault('Internal', { what: 'a twin that was not written' });
    return twin;
  });
}

type TwinKey = TwinDraft & Pick<KeyRecord, 'sandbox' | 'id' | 'twinGroup' | 'createdAt'>;

function twinOf(vault: Vault, { key, materials }: StoredKey, twin: TwinKey): NewKey {
  const versions = key.versions.map((version): NewVersion => {
    const material = materials.find(({ id }) => id === version.materialId);
    if (material === undefined) throw fault('Internal', { what: 'a key version has no material' });
    return versionOn(vault, twin, material, version);
  });
  const primary = versions[key.versions.findIndex(({ id }) => id === key.primaryVersion)];
  const record: KeyRecord = {
    ...twin,
    spec: key.spec,
    origin: key.origin,
    state: 'enabled',
    deletionAt: null,
    primaryVersion: primary?.version.id ?? '',
    revision: 1,
    versions: versions.map(({ version }) => version),
  };
  return {
    key: record,
    materials,
    locators: [
      locatorOf(record, 'key', record.wireId, ''),
      ...versions.flatMap(({ locators }) => locators),
    ],
  };
}
