import {
  bareVersion,
  changeKey,
  type Json,
  type KeyChange,
  type KeyRecord,
  type KeyVersion,
  type NewVersion,
  type Vault,
  type VersionChange,
} from '@keyglot/core';
import type { AwsCall } from './call.js';
import { importAttributes, importOf, isPresent, stateWith } from './imports.js';
import { isReplica, multiRegionOf, regionsOf } from './multiRegion.js';
import { changeRelatives } from './relatives.js';

/** Attribute of a version that waits for its rotation: the regions that have it, and when it expires there. */
const PLACES = 'places';

/**
 * Changes the material of a key. The keys of a multi-Region key have the same materials in the same
 * roles and with the same descriptions, which are those of the primary key; each has to be given each of
 * them by an import of its own.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
 * @param where - virtual time, milliseconds since 1970, and the vault
 * @throws KmsFault KeyNotFound, Unavailable, and what `decide` throws
 * @internal
 */
export async function changeMaterial(
  where: Pick<AwsCall, 'vault' | 'nowMs'>,
  key: KeyRecord,
  decide: (current: KeyRecord) => KeyChange | undefined,
): Promise<KeyRecord> {
  const { vault, nowMs } = where;
  if (multiRegionOf(key) === undefined) {
    return (await changeKey(vault, key, nowMs, decide)).record;
  }
  return changeRelatives(where, key, (current, relatives) => {
    const own = decide(current) ?? {};
    const changes = new Map([[current.id, own]]);
    if (!isReplica(current)) {
      for (const replica of relatives) {
        if (replica.id !== current.id)
          changes.set(replica.id, follow(vault, replica, current, own));
      }
    }
    return { changes: withPlaces(relatives, changes) };
  });
}

/** Whether all keys of a multi-Region key have been given a material that waits for its rotation. @internal */
export function isEverywhere(key: KeyRecord, { attributes }: KeyVersion, nowMs: number): boolean {
  const multiRegion = multiRegionOf(key);
  if (multiRegion === undefined) return true;
  // Written by withPlaces.
  const places = new Map((attributes[PLACES] ?? []) as unknown as [string, number | null][]);
  return regionsOf(multiRegion, nowMs).every((region) => {
    const validToMs = places.get(region);
    return validToMs === null || (validToMs !== undefined && validToMs > nowMs);
  });
}

/** What a change of the primary key makes of a replica key: the same versions, roles and descriptions. */
function follow(vault: Vault, replica: KeyRecord, primary: KeyRecord, own: KeyChange): KeyChange {
  const addVersions: NewVersion[] = [];
  const setVersions: VersionChange[] = [];
  const versions = versionsAfter(primary, own);
  for (const version of versions) {
    const { role, description } = importOf(version);
    const known = replica.versions.find(({ wireId }) => wireId === version.wireId);
    if (known === undefined) {
      addVersions.push(bareVersion(vault, replica, version, bareAttributes(version)));
      continue;
    }
    const { validToMs, ...before } = importOf(known);
    if (before.role === role && before.description === description) continue;
    const gone = role === 'discarded';
    const facts = { role, description, validToMs: gone ? null : validToMs };
    const attributes = importAttributes(version, facts);
    const { id, state } = known;
    setVersions.push({ id, state, attributes, ...(gone ? { material: null } : {}) });
  }
  const after = versionsAfter(replica, { addVersions, setVersions });
  const facts = after.map((version) => ({ ...importOf(version), present: isPresent(version) }));
  const currentId = own.set?.primaryVersion ?? primary.primaryVersion;
  const current = versions.find(({ id }) => id === currentId)?.wireId;
  const primaryVersion = after.find(({ wireId }) => wireId === current)?.id ?? '';
  return { addVersions, setVersions, set: { ...stateWith(replica, facts), primaryVersion } };
}

/**
 * Attributes of a version that a replica key gets without its material.
 *
 * @see https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_multi_region.json
 * @internal
 */
export function bareAttributes(version: KeyVersion): KeyVersion['attributes'] {
  return importAttributes(version, { ...importOf(version), validToMs: null });
}

/** Tells all of them which of them have the material that waits for its rotation. */
function withPlaces(
  relatives: readonly KeyRecord[],
  changes: ReadonlyMap<string, KeyChange>,
): ReadonlyMap<string, KeyChange> {
  const after = relatives.map((key) => ({
    key,
    versions: versionsAfter(key, changes.get(key.id)),
  }));
  const waits = ({ attributes }: KeyVersion): boolean =>
    importOf({ attributes }).role === 'pending';
  const wireId = after.flatMap(({ versions }) => versions.filter(waits))[0]?.wireId;
  if (wireId === undefined) return changes;
  const places: Json = after.flatMap(({ key, versions }) =>
    versions
      .filter((version) => version.wireId === wireId && isPresent(version))
      .map((version) => [key.realm.region, importOf(version).validToMs]),
  );
  return new Map(
    after.map(({ key, versions }) => {
      const change = changes.get(key.id) ?? {};
      const version = versions.find((one) => one.wireId === wireId);
      return [key.id, version === undefined ? change : marked(change, version, places)];
    }),
  );
}

function marked(change: KeyChange, { id, state, ...version }: KeyVersion, places: Json): KeyChange {
  const attributes = { ...version.attributes, [PLACES]: places };
  const { addVersions = [], setVersions = [] } = change;
  if (addVersions.some((added) => added.version.id === id)) {
    return {
      ...change,
      addVersions: addVersions.map((added) =>
        added.version.id === id ? { ...added, version: { ...added.version, attributes } } : added,
      ),
    };
  }
  const others = setVersions.filter((one) => one.id !== id);
  const own = setVersions.find((one) => one.id === id);
  return { ...change, setVersions: [...others, { id, state, ...own, attributes }] };
}

/** The versions of a key as a change leaves them. */
function versionsAfter(key: KeyRecord, change: KeyChange = {}): readonly KeyVersion[] {
  const set = new Map(change.setVersions?.map((one) => [one.id, one]));
  const kept = key.versions.map((version) => {
    const wanted = set.get(version.id);
    if (wanted === undefined) return version;
    const { material, ...rest } = wanted;
    const materialId = material === undefined ? version.materialId : (material?.id ?? '');
    return { ...version, ...rest, materialId };
  });
  return [...kept, ...(change.addVersions ?? []).map(({ version }) => version)];
}
