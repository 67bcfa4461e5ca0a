import { fault } from '../faults.js';
import type { Json } from '../model/json.js';
import {
  isGone,
  type KeyRecord,
  type KeyUsage,
  type KeyVersion,
  type Realm,
} from '../model/key.js';
import type { KeyChange, NewKey, NewVersion, StoredKey } from '../ports/store.js';
import { bareVersion, locatorOf, versionOn } from './createKey.js';
import type { LoadedKey } from './loadedKey.js';
import { writeGroup } from './twinGroup.js';
import type { Vault } from './vault.js';

/** How a key is to be seen from another realm. @public */
export interface TwinDraft {
  readonly realm: Realm;
  readonly wireId: string;
  readonly usages: readonly KeyUsage[];
  readonly attributes: { readonly [name: string]: Json };
  /**
   * Makes a twin that has the versions of the source and waits for their material, which is to be
   * imported; gives the attributes of each. Only for a twin with the dialect and wire id of the source.
   */
  bare?(version: KeyVersion): KeyVersion['attributes'];
  /** Sees the source and all its twins under their locks; throws to refuse one more. */
  check?(group: readonly KeyRecord[]): void;
  /** Sees the same afterwards, and may say what all of them are to have in common. */
  agree?(group: readonly KeyRecord[]): TwinAgreement;
}

/** What is written about a group that a twin joins. @public */
export interface TwinAgreement {
  /** What the twin gets instead of what its draft says. */
  readonly twin: Partial<Pick<KeyRecord, 'attributes' | 'dueAt'>>;
  /** Changes of the source and its other twins by key id. */
  readonly sets: ReadonlyMap<string, NonNullable<KeyChange['set']>>;
}

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
    const written = await writeGroup(vault, source.record, nowMs, twinId, (current, group) => {
      const { check, agree, bare, ...drafted } = draft;
      const living = group.map(({ key }) => key).filter((key) => !isGone(key, nowMs));
      check?.(living);
      const { twin: set, sets } = agree?.(living) ?? {};
      const twinGroup = current.key.twinGroup || freshGroup;
      const key = { sandbox, id: twinId, twinGroup, createdAt: new Date(nowMs), ...drafted };
      const changes = new Map<string, KeyChange>(
        [...(sets ?? [])].map(([twin, set]) => [twin, { set }]),
      );
      changes.set(id, { set: { ...sets?.get(id), twinGroup } });
      return { changes, create: twinOf(vault, current, { ...key, ...set }, bare) };
      // Also after a failure: it may have been written although its answer was lost.
    }).finally(() => vault.keys.forget([{ sandbox, id }]));
    const twin = written.find((stored) => stored.key.id === twinId);
    if (twin === undefined) throw fault('Internal', { what: 'a twin that was not written' });
    return twin;
  });
}

type TwinKey = Omit<TwinDraft, 'check' | 'agree' | 'bare'> &
  Pick<KeyRecord, 'sandbox' | 'id' | 'twinGroup' | 'createdAt'> &
  Partial<Pick<KeyRecord, 'dueAt'>>;

function twinOf(
  vault: Vault,
  { key, materials }: StoredKey,
  twin: TwinKey,
  bare: TwinDraft['bare'],
): NewKey {
  const versions = key.versions.map((version): NewVersion => {
    if (bare !== undefined) return bareVersion(vault, twin, version, bare(version));
    const material = materials.find(({ id }) => id === version.materialId);
    if (material === undefined) throw fault('Internal', { what: 'a key version has no material' });
    return versionOn(vault, twin, material, version, key.realm);
  });
  const primary = versions[key.versions.findIndex(({ id }) => id === key.primaryVersion)];
  const record: KeyRecord = {
    dueAt: null,
    ...twin,
    spec: key.spec,
    origin: key.origin,
    state: bare === undefined ? 'enabled' : 'pending-import',
    deletionAt: null,
    primaryVersion: primary?.version.id ?? '',
    revision: 1,
    versions: versions.map(({ version }) => version),
  };
  return {
    key: record,
    materials: bare === undefined ? materials : [],
    locators: [
      locatorOf(record, 'key', record.wireId, ''),
      ...versions.flatMap(({ locators }) => locators),
    ],
  };
}
