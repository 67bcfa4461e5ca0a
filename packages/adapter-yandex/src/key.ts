import type { Json, KeyRecord, KeyVersion, Realm } from '@keyglot/core';
import { yandexFault } from './faults.js';
import type { Duration, Values } from './schema.js';

/** The one region of this dialect's realms: no request names one. */
const REGION = 'ru-central1';

/** Where the keys of a folder live. @internal */
export function realmOf(folderId: string): Realm {
  return { dialect: 'yandex', tenant: folderId, region: REGION };
}

/** What this dialect keeps of a key beside core's members. @internal */
export interface KeyAttributes {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly (readonly [string, string])[];
  /** Algorithm of versions that are to be made. */
  readonly defaultAlgorithm: string;
  readonly rotationPeriod: Duration | null;
  readonly deletionProtection: boolean;
  /** Algorithm of the first version. */
  readonly firstAlgorithm: string;
  /** Algorithms of later versions, by wire id. */
  readonly algorithms: { readonly [versionId: string]: string };
}

const NO_ATTRIBUTES: KeyAttributes = Object.freeze<KeyAttributes>({
  name: '',
  description: '',
  labels: [],
  defaultAlgorithm: 'AES_256',
  rotationPeriod: null,
  deletionProtection: false,
  firstAlgorithm: 'AES_256',
  algorithms: {},
});

/** Reads a key's attributes; a key that another dialect made has none of its own yet. @internal */
export function attributesOf({ attributes }: Pick<KeyRecord, 'attributes'>): KeyAttributes {
  // Written by toAttributes only, with all members.
  return { ...NO_ATTRIBUTES, ...(attributes as unknown as Partial<KeyAttributes>) };
}

/** The form in which core keeps attributes. @internal */
export function toAttributes(attributes: KeyAttributes): { readonly [name: string]: Json } {
  const { rotationPeriod, ...rest } = attributes;
  return { ...rest, rotationPeriod: rotationPeriod === null ? null : { ...rotationPeriod } };
}

/** Algorithm of a version; one that a twin's rotation made has the key's default. @internal */
export function algorithmOf(key: KeyRecord, version: KeyVersion): string {
  const { algorithms, firstAlgorithm, defaultAlgorithm } = attributesOf(key);
  if (Object.hasOwn(algorithms, version.wireId)) return algorithms[version.wireId] ?? '';
  return version.number === 1 ? firstAlgorithm : defaultAlgorithm;
}

/** The version that was made last. @internal */
export function newestVersion(key: KeyRecord): KeyVersion | undefined {
  return key.versions.reduce<KeyVersion | undefined>(
    (latest, one) => (latest !== undefined && latest.number > one.number ? latest : one),
    undefined,
  );
}

/** Status of a version on the wire at a moment of virtual time. @internal */
export type VersionStatus = 'ACTIVE' | 'SCHEDULED_FOR_DESTRUCTION' | 'DESTROYED';

/** Destruction by time is not stored: a late tick never leaves a version usable. @internal */
export function versionStatus(version: KeyVersion, nowMs: number): VersionStatus {
  if (version.state !== 'pending-destruction') return 'ACTIVE';
  const at = destroyAtMs(version);
  return at !== undefined && at <= nowMs ? 'DESTROYED' : 'SCHEDULED_FOR_DESTRUCTION';
}

function destroyAtMs({ attributes }: KeyVersion): number | undefined {
  const at = attributes['destroyAt'];
  return typeof at === 'number' ? at : undefined;
}

/**
 * A version of a key by its wire id.
 *
 * @throws KmsFault VersionNotFound
 * @internal
 */
export function findVersion(key: KeyRecord, versionId: string): KeyVersion {
  const version = key.versions.find(({ wireId }) => wireId === versionId);
  if (version === undefined) throw yandexFault('VersionNotFound', { keyId: key.wireId, versionId });
  return version;
}

/** A key as the interface shows it. @internal */
export function keyValues(key: KeyRecord, nowMs: number): Values {
  const attributes = attributesOf(key);
  const primary = key.versions.find(({ id }) => id === key.primaryVersion);
  return {
    id: key.wireId,
    folderId: key.realm.tenant,
    createdAt: key.createdAt,
    name: attributes.name,
    description: attributes.description,
    labels: labelsOf(attributes),
    status: keyStatus(key),
    primaryVersion: primary && versionValues(key, primary, nowMs),
    defaultAlgorithm: attributes.defaultAlgorithm,
    rotatedAt: newestVersion(key)?.createdAt,
    rotationPeriod: attributes.rotationPeriod ?? undefined,
    deletionProtection: attributes.deletionProtection,
  };
}

/** A version as the interface shows it. @internal */
export function versionValues(key: KeyRecord, version: KeyVersion, nowMs: number): Values {
  const algorithm = algorithmOf(key, version);
  const at = version.state === 'pending-destruction' ? destroyAtMs(version) : undefined;
  return {
    id: version.wireId,
    keyId: key.wireId,
    status: versionStatus(version, nowMs),
    algorithm,
    createdAt: version.createdAt,
    primary: version.id === key.primaryVersion,
    destroyAt: at === undefined ? undefined : new Date(at),
    hostedByHsm: algorithm === 'AES_256_HSM',
  };
}

function labelsOf({ labels }: KeyAttributes): ReadonlyMap<string, string> | undefined {
  return labels.length === 0 ? undefined : new Map(labels);
}

function keyStatus({ state }: KeyRecord): string {
  if (state === 'enabled') return 'ACTIVE';
  return state === 'creating' ? 'CREATING' : 'INACTIVE';
}
