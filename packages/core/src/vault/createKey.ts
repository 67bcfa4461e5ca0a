import { fault } from '../faults.js';
import type { Json } from '../model/json.js';
import type {
  KeyRecord,
  KeyUsage,
  KeyVersion,
  Locator,
  MaterialRecord,
  Realm,
} from '../model/key.js';
import type { NewVersion } from '../ports/store.js';
import { generateMaterial } from '../suites/generate.js';
import type { KeySpecId } from '../suites/keySpecs.js';
import { fingerprint, type LoadedKey, materialBinding } from './loadedKey.js';
import type { Vault } from './vault.js';

/** What a dialect decides about a key that is to be made. @public */
export interface KeyDraft {
  readonly sandbox: string;
  readonly realm: Realm;
  readonly wireId: string;
  readonly spec: KeySpecId;
  readonly usages: readonly KeyUsage[];
  readonly attributes: { readonly [name: string]: Json };
  /** Names a version by a value that identifies its material: 32 bytes that give nothing away. */
  versionWireId(fingerprint: Buffer): string;
  /** `imported` makes a key that waits for material from outside; `generated` when not given. */
  readonly origin?: 'generated' | 'imported';
}

/**
 * Makes a key, with generated material unless it waits for material from outside, and stores it.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @throws KmsFault AlreadyExists when the wire id is taken, Unavailable
 * @public
 */
export async function createKey(vault: Vault, draft: KeyDraft, nowMs: number): Promise<LoadedKey> {
  const id = vault.entropy.uuid();
  const { sandbox, realm, wireId, spec, usages, attributes, origin = 'generated' } = draft;
  const first =
    origin === 'generated'
      ? await newVersion(vault, { ...draft, id, number: 1 }, nowMs)
      : undefined;
  const key: KeyRecord = {
    sandbox,
    id,
    realm,
    wireId,
    spec,
    usages,
    origin,
    state: first === undefined ? 'pending-import' : 'enabled',
    deletionAt: null,
    dueAt: null,
    createdAt: new Date(nowMs),
    primaryVersion: first?.version.id ?? '',
    revision: 1,
    twinGroup: '',
    attributes,
    versions: first === undefined ? [] : [first.version],
  };
  const materials = first === undefined ? [] : [first.material];
  const locators = [locatorOf(key, 'key', wireId, ''), ...(first?.locators ?? [])];
  return vault.keys.change({ sandbox, id }, async () => {
    await vault.store.createKey({ key, materials, locators });
    return { key, materials };
  });
}

/** What a new version needs to know of its key. @internal */
export type VersionDraft = Pick<KeyRecord, 'sandbox' | 'id' | 'realm' | 'wireId' | 'spec'> & {
  readonly number: number;
  versionWireId(fingerprint: Buffer): string;
};

/** A new version whose material is here. @public */
export type MadeVersion = NewVersion & { readonly material: MaterialRecord };

/** Makes a version with generated material, wrapped and ready to be stored. @internal */
export async function newVersion(
  vault: Vault,
  draft: VersionDraft,
  nowMs: number,
): Promise<MadeVersion> {
  const { sandbox, spec } = draft;
  const secret = await generateMaterial(spec, vault.entropy);
  const material = { sandbox, id: vault.entropy.uuid(), spec };
  const version = {
    id: vault.entropy.uuid(),
    number: draft.number,
    wireId: draft.versionWireId(fingerprint(draft.wireId, secret)),
    state: 'enabled' as const,
    createdAt: new Date(nowMs),
    materialId: material.id,
    attributes: {},
  };
  return {
    version,
    material: {
      ...material,
      wrapped: vault.rootKey.wrap(secret, materialBinding(material)),
      rootKeyId: vault.rootKey.id,
    },
    locators: [locatorOf(draft, 'version', version.wireId, version.id)],
  };
}

/** @internal */
export function locatorOf(
  key: Pick<KeyRecord, 'sandbox' | 'realm' | 'id'>,
  kind: Locator['kind'],
  wireId: string,
  versionId: string,
): Locator {
  const { sandbox, realm, id } = key;
  const { dialect, tenant, region } = realm;
  return { sandbox, dialect, kind, wireId, tenant, region, keyId: id, versionId };
}

/**
 * A version of a key on material that exists already, named by the key's own dialect.
 *
 * @param from realm of the key that has such a version already
 * @throws KmsFault Internal when that dialect has not said how it names versions
 * @internal
 */
export function versionOn(
  vault: Vault,
  key: Pick<KeyRecord, 'sandbox' | 'id' | 'realm' | 'wireId'> & Partial<KeyRecord>,
  material: MaterialRecord,
  { number, createdAt, attributes }: Pick<KeyVersion, 'number' | 'createdAt' | 'attributes'>,
  from: Realm,
): MadeVersion {
  const name = vault.namings.get(key.realm.dialect);
  if (name === undefined) throw fault('Internal', { what: 'a dialect without version names' });
  const secret = vault.rootKey.unwrap(material.wrapped, materialBinding(material));
  // A name depends on what a dialect sees of a key, which a draft has as well.
  const wireId = name(key as KeyRecord, number, fingerprint(key.wireId, secret));
  const version = {
    id: vault.entropy.uuid(),
    number,
    wireId,
    state: 'enabled' as const,
    createdAt,
    materialId: material.id,
    // They are words of a dialect.
    attributes: from.dialect === key.realm.dialect ? attributes : {},
  };
  return { version, material, locators: [locatorOf(key, 'version', wireId, version.id)] };
}

/**
 * A version without material, like one of another key with the same id.
 *
 * @public
 */
export function bareVersion(
  vault: Vault,
  key: Pick<KeyRecord, 'sandbox' | 'id' | 'realm'>,
  { number, wireId, state, createdAt }: KeyVersion,
  attributes: KeyVersion['attributes'],
): NewVersion {
  const id = vault.entropy.uuid();
  return {
    version: { id, number, wireId, state, createdAt, materialId: '', attributes },
    material: null,
    locators: [locatorOf(key, 'version', wireId, id)],
  };
}
