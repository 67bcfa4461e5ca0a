import type { Json } from '../model/json.js';
import type { KeyRecord, KeyUsage, Locator, Realm } from '../model/key.js';
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
}

/**
 * Makes a key with generated material and stores it.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @throws KmsFault AlreadyExists when the wire id is taken, Unavailable
 * @public
 */
export async function createKey(vault: Vault, draft: KeyDraft, nowMs: number): Promise<LoadedKey> {
  const id = vault.entropy.uuid();
  const first = await newVersion(vault, { ...draft, id, number: 1 }, nowMs);
  const { sandbox, realm, wireId, spec, usages, attributes } = draft;
  const key: KeyRecord = {
    sandbox,
    id,
    realm,
    wireId,
    spec,
    usages,
    origin: 'generated',
    state: 'enabled',
    deletionAt: null,
    createdAt: new Date(nowMs),
    primaryVersion: first.version.id,
    revision: 1,
    attributes,
    versions: [first.version],
  };
  const readAtMs = vault.clock.monotonicMs();
  const materials = [first.material];
  const locators = [locatorOf(key, 'key', wireId, ''), ...first.locators];
  await vault.store.createKey({ key, materials, locators });
  return vault.keys.remember({ key, materials }, readAtMs);
}

/** What a new version needs to know of its key. @internal */
export type VersionDraft = Pick<KeyRecord, 'sandbox' | 'id' | 'realm' | 'wireId' | 'spec'> & {
  readonly number: number;
  versionWireId(fingerprint: Buffer): string;
};

/** Makes a version with generated material, wrapped and ready to be stored. @internal */
export async function newVersion(
  vault: Vault,
  draft: VersionDraft,
  nowMs: number,
): Promise<NewVersion> {
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

function locatorOf(
  key: Pick<KeyRecord, 'sandbox' | 'realm' | 'id'>,
  kind: Locator['kind'],
  wireId: string,
  versionId: string,
): Locator {
  const { sandbox, realm, id } = key;
  const { dialect, tenant, region } = realm;
  return { sandbox, dialect, kind, wireId, tenant, region, keyId: id, versionId };
}
