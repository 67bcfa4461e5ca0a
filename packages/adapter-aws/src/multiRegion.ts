import type { Json, KeyRecord } from '@keyglot/core';
import { type AwsCall, keyArn } from './call.js';
import { awsFault } from './faults.js';

const ATTRIBUTE = 'multiRegion';
const WINDOW_ATTRIBUTE = 'pendingWindowInDays';

type Attributes = KeyRecord['attributes'];

/** Where the keys of a multi-Region key are. Each of them has it among its attributes, the same in all. @internal */
export interface MultiRegion {
  /** Region of the primary key. */
  readonly primary: string;
  /** All regions in order, each with the virtual time at which the key there will be gone, or null. */
  readonly regions: readonly (readonly [region: string, deletionAtMs: number | null])[];
}

/** Undefined for a single-Region key. @internal */
export function multiRegionOf(key: KeyRecord): MultiRegion | undefined {
  // Written by tableAttribute.
  return key.attributes[ATTRIBUTE] as MultiRegion | undefined;
}

/** Attributes of a multi-Region key that is the only one of its id. @internal */
export function firstOfItsId(region: string): Attributes {
  return { [ATTRIBUTE]: { primary: region, regions: [[region, null]] } };
}

/** Whether the key is a replica key. @internal */
export function isReplica(key: KeyRecord): boolean {
  const multiRegion = multiRegionOf(key);
  return multiRegion !== undefined && multiRegion.primary !== key.realm.region;
}

/** Regions of the replica keys that exist. @internal */
export function replicaRegions(multiRegion: MultiRegion, nowMs: number): readonly string[] {
  return regionsOf(multiRegion, nowMs).filter((region) => region !== multiRegion.primary);
}

/** Whether there is a key with the id of this one in a region. @internal */
export function hasKeyIn(key: KeyRecord, region: string, nowMs: number): boolean {
  const multiRegion = multiRegionOf(key);
  return multiRegion !== undefined && regionsOf(multiRegion, nowMs).includes(region);
}

/** Regions of all keys that exist. @internal */
export function regionsOf({ regions }: MultiRegion, nowMs: number): readonly string[] {
  return regions
    .filter(([, goneMs]) => goneMs === null || goneMs > nowMs)
    .map(([region]) => region);
}

/**
 * Whether the key is a primary key that will be deleted, but waits for its replica keys to go first.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
 * @internal
 */
export function awaitsReplicas(key: KeyRecord, nowMs: number): boolean {
  const multiRegion = multiRegionOf(key);
  if (multiRegion === undefined || key.state !== 'pending-deletion') return false;
  return multiRegion.primary === key.realm.region && replicaRegions(multiRegion, nowMs).length > 0;
}

/** The members of `KeyMetadata` about multi-Region keys. @internal */
export function multiRegionMembers(call: AwsCall, key: KeyRecord): Record<string, unknown> {
  const multiRegion = multiRegionOf(key);
  if (multiRegion === undefined) return { MultiRegion: false };
  const { primary } = multiRegion;
  const member = (Region: string): object => ({ Arn: keyArn(call, keyAt(key, Region)), Region });
  return {
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: key.realm.region === primary ? 'PRIMARY' : 'REPLICA',
      PrimaryKey: member(primary),
      ReplicaKeys: replicaRegions(multiRegion, call.nowMs).map(member),
    },
    ...(awaitsReplicas(key, call.nowMs) ? { PendingDeletionWindowInDays: waitingDays(key) } : {}),
  };
}

/** As far as an ARN tells, the key with the same id in another region. @internal */
export function keyAt(key: KeyRecord, region: string): KeyRecord {
  return { ...key, realm: { ...key.realm, region } };
}

/**
 * Refuses what only a multi-Region primary key can do. Text recorded in LocalStack's snapshot of
 * ReplicateKey on a replica.
 *
 * @throws KmsFault NotPrimary
 * @internal
 */
export function requirePrimary(key: KeyRecord, call: AwsCall): MultiRegion {
  const multiRegion = multiRegionOf(key);
  if (multiRegion?.primary !== key.realm.region) {
    throw awsFault('NotPrimary', { id: keyArn(call, key) });
  }
  return multiRegion;
}

/**
 * Refuses rotation, which is the primary key's, of a replica key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 * @throws KmsFault ReplicaNotAllowed
 * @internal
 */
export function requireNoReplica(key: KeyRecord, call: AwsCall): void {
  if (isReplica(key)) throw awsFault('ReplicaNotAllowed', { id: keyArn(call, key) });
}

/** The attribute that tells each of these keys of all. @internal */
export function tableAttribute(relatives: readonly KeyRecord[], primary: string): Attributes {
  const regions = relatives.map(
    ({ realm, deletionAt }) => [realm.region, deletionAt?.getTime() ?? null] as const,
  );
  const table: Json = { primary, regions: regions.sort(([a], [b]) => (a < b ? -1 : 1)) };
  return { [ATTRIBUTE]: table };
}

/** Attributes of a key whose deletion is scheduled, for the case that it has to wait. @internal */
export function waiting(days: number): Attributes {
  return { [WINDOW_ATTRIBUTE]: days };
}

/** For how many days a key will be pending deletion once its replica keys are gone. @internal */
export function waitingDays({ attributes }: KeyRecord): number {
  return Number(attributes[WINDOW_ATTRIBUTE]);
}
