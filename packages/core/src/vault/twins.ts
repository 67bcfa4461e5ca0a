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
  /** Sees the source and all its twins under their locks; throws to refuse one more. */
  check?(group: readonly KeyRecord[]): void;
}

/** A key joins a group of twins rarely, so that more turns mean a defect. */
const MAX_TURNS = 5;

/**
 * Makes a key in another realm whose versions use the material of `source`, version by version. From
 * then on a rotation of either adds a version to both; state, policy and deletion stay separate.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @throws KmsFault KeyNotFound when the source is gone, AlreadyExists when the wire id is taken,
 *   Unavailable, and what `draft.check` throws
 * @public
 */
export async function createTwin(
  vault: Vault,
  source: LoadedKey,
  draft: TwinDraft,
  nowMs: number,
): Promise<LoadedKey> {
  await vault.loadDialects?.();
  const { sandbox, id } = source.record;
  const twinId = vault.entropy.uuid();
  const freshGroup = vault.entropy.uuid();
  return vault.keys.change({ sandbox, id: twinId }, async () => {
    let { twinGroup } = source.record;
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const request = { source, draft, nowMs, twinId, twinGroup, freshGroup };
      // Also after a failure: it may have been written although its answer was lost.
      const written = await join(vault, request).finally(() =>
        vault.keys.forget([{ sandbox, id }]),
      );
      if (typeof written === 'string') {
        twinGroup = written;
        continue;
      }
      const twin = written.find((stored) => stored.key.id === twinId);
      if (twin !== undefined) return twin;
      break;
    }
    throw fault('Internal', { what: 'a twin that was not written' });
  });
}

interface Joining {
  readonly source: LoadedKey;
  readonly draft: TwinDraft;
  readonly nowMs: number;
  readonly twinId: string;
  /** Group that is to be locked, empty while the source has no twin. */
  readonly twinGroup: string;
  readonly freshGroup: string;
}

/** Writes the twin, or gives the group that the source has joined meanwhile. */
async function join(
  vault: Vault,
  { source, draft, nowMs, twinId, twinGroup, freshGroup }: Joining,
): Promise<readonly StoredKey[] | string> {
  const { sandbox, id, wireId } = source.record;
  let joined: string | undefined;
  const written = await vault.store.changeKeys(sandbox, { ids: [id], twinGroup }, (locked) => {
    const current = locked.find(({ key }) => key.id === id);
    if (current === undefined || isGone(current.key, nowMs)) {
      throw fault('KeyNotFound', { id: wireId });
    }
    // The source is locked, and with it every rotation of its group.
    if (current.key.twinGroup !== twinGroup) {
      joined = current.key.twinGroup;
      return undefined;
    }
    const { check, ...drafted } = draft;
    check?.(locked.map(({ key }) => key).filter((key) => !isGone(key, nowMs)));
    const group = twinGroup || freshGroup;
    const key = { sandbox, id: twinId, twinGroup: group, createdAt: new Date(nowMs), ...drafted };
    const changes = new Map<string, KeyChange>([[id, { set: { twinGroup: group } }]]);
    return { changes, create: twinOf(vault, current, key) };
  });
  return joined ?? written;
}

type TwinKey = Omit<TwinDraft, 'check'> &
  Pick<KeyRecord, 'sandbox' | 'id' | 'twinGroup' | 'createdAt'>;

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
    dueAt: null,
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
