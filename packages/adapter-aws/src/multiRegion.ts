import {
  changeTwins,
  type Json,
  type KeyChange,
  type KeyRecord,
  type Rotation,
} from '@keyglot/core';
import { type AwsCall, keyArn } from './call.js';
import { awsFault } from './faults.js';
import { DAY_MS } from './operations/shared.js';
import { scheduled, scheduleOf } from './rotation.js';

const ATTRIBUTE = 'multiRegion';
const WINDOW_ATTRIBUTE = 'pendingWindowInDays';
/** Attributes that all keys of a multi-Region key have in common. */
const SHARED: ReadonlySet<string> = new Set(['onDemandRotations', 'rotation']);

type Attributes = KeyRecord['attributes'];
type Sets = NonNullable<KeyChange['set']>;

/** Where the keys of a multi-Region key are. Each of them has it among its attributes, the same in all. @internal */
export interface MultiRegion {
  /** Region of the primary key. */
  readonly primary: string;
  /** All regions in order, each with the virtual time at which the key there will be gone, or null. */
  readonly regions: readonly (readonly [region: string, deletionAtMs: number | null])[];
}

/** Undefined for a single-Region key. @internal */
export function multiRegionOf(key: KeyRecord): MultiRegion | undefined {
  // Written by tableOf.
  return key.attributes[ATTRIBUTE] as MultiRegion | undefined;
}

/** Attributes of a multi-Region key that is the only one of its id. @internal */
export function firstOfItsId(region: string): Attributes {
  return { [ATTRIBUTE]: { primary: region, regions: [[region, null]] } };
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

function regionsOf({ regions }: MultiRegion, nowMs: number): readonly string[] {
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
    ...(awaitsReplicas(key, call.nowMs)
      ? { PendingDeletionWindowInDays: key.attributes[WINDOW_ATTRIBUTE] }
      : {}),
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
 * @throws KmsFault NotPrimary
 * @internal
 */
export function requireNoReplica(key: KeyRecord, call: AwsCall): void {
  if (multiRegionOf(key) !== undefined) requirePrimary(key, call);
}

/** What is decided about the keys of a multi-Region key. @internal */
export interface Decision {
  /** Changes by key id. */
  readonly sets: ReadonlyMap<string, Sets>;
  /** Region of the primary key, when it changes. */
  readonly primary?: string;
}

/**
 * Changes a key of a multi-Region key, and tells the others what they have to know of it. `decide` sees
 * it and all of them, itself included, under their locks.
 *
 * @throws KmsFault KeyNotFound, Unavailable, and what `decide` throws
 * @internal
 */
export async function changeRelatives(
  call: AwsCall,
  key: KeyRecord,
  decide: (current: KeyRecord, relatives: readonly KeyRecord[]) => Decision,
): Promise<KeyRecord> {
  const written = await changeTwins(call.vault, key, call.nowMs, (current, group) => {
    const relatives = relativesOf(current, group);
    const { sets, primary } = decide(current, relatives);
    const changed = relatives.map((one) => ({ ...one, ...sets.get(one.id) }));
    return agreed(changed, primary ?? multiRegionOf(current)?.primary ?? '', sets, call.nowMs);
  });
  return written.record;
}

/** The keys of one multi-Region key among the twins of one of them. @internal */
export function relativesOf(key: KeyRecord, group: readonly KeyRecord[]): readonly KeyRecord[] {
  const { dialect, tenant } = key.realm;
  return group.filter(
    ({ realm, wireId }) =>
      realm.dialect === dialect && realm.tenant === tenant && wireId === key.wireId,
  );
}

/**
 * What is to be written, so that all agree: where they are and which is primary, what they share, when
 * they rotate, and when the primary key goes. Its waiting period begins when the last replica key is
 * gone; that is known as soon as the deletion of all is scheduled.
 *
 * @internal
 */
export function agreed(
  relatives: readonly KeyRecord[],
  primary: string,
  sets: ReadonlyMap<string, Sets>,
  nowMs: number,
): Map<string, Sets> {
  const head = relatives.find(({ realm }) => realm.region === primary);
  const table = tableOf(relatives, primary);
  // Every one of them is asked for, so every one has to know.
  const dueAt = head && (scheduled(head, scheduleOf(head), head.state, nowMs).dueAt ?? null);
  return new Map(
    relatives.map((key) => {
      const attributes = { ...withShared(key.attributes, head?.attributes), [ATTRIBUTE]: table };
      const set = { ...sets.get(key.id), attributes, dueAt: dueAt ?? null };
      if (key !== head || key.state !== 'pending-deletion') return [key.id, set];
      return [key.id, { ...set, deletionAt: deletionOf(key, relatives) }];
    }),
  );
}

/** What a rotation of a key changes in the others of its id: all that they share. @internal */
export function shareWith(key: KeyRecord): NonNullable<Rotation['twin']> {
  return (twin, set) => {
    if (set === undefined || relativesOf(key, [twin]).length === 0) return {};
    const { dueAt } = set;
    return {
      attributes: withShared(twin.attributes, set.attributes),
      ...(dueAt === undefined ? {} : { dueAt }),
    };
  };
}

/** Attributes of a key whose deletion is scheduled, for the case that it has to wait. @internal */
export function waiting(days: number): Attributes {
  return { [WINDOW_ATTRIBUTE]: days };
}

function withShared(attributes: Attributes, from: Attributes = {}): Attributes {
  const own = Object.entries(attributes).filter(([name]) => !SHARED.has(name));
  const shared = Object.entries(from).filter(([name]) => SHARED.has(name));
  return Object.fromEntries([...own, ...shared]);
}

function tableOf(relatives: readonly KeyRecord[], primary: string): Json {
  const regions = relatives.map(
    ({ realm, deletionAt }) => [realm.region, deletionAt?.getTime() ?? null] as const,
  );
  return { primary, regions: regions.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

function deletionOf(primary: KeyRecord, relatives: readonly KeyRecord[]): Date | null {
  const replicas = relatives.filter((key) => key !== primary);
  if (replicas.length === 0) return primary.deletionAt;
  const times = replicas.map(({ deletionAt }) => deletionAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const lastMs = Math.max(...times);
  if (lastMs === Number.POSITIVE_INFINITY) return null;
  return new Date(lastMs + Number(primary.attributes[WINDOW_ATTRIBUTE]) * DAY_MS);
}
