import { changeTwins, type KeyChange, type KeyRecord, type Rotation } from '@keyglot/core';
import type { AwsCall } from './call.js';
import { isImported } from './imports.js';
import { multiRegionOf, tableAttribute, waitingDays } from './multiRegion.js';
import { DAY_MS } from './operations/shared.js';
import { scheduled, scheduleOf } from './rotation.js';

/** Attributes that all keys of a multi-Region key have in common. */
const SHARED: ReadonlySet<string> = new Set(['onDemandRotations', 'rotation']);

type Attributes = KeyRecord['attributes'];

/** What is decided about the keys of a multi-Region key. @internal */
export interface Decision {
  /** Changes by key id. */
  readonly changes: ReadonlyMap<string, KeyChange>;
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
  { vault, nowMs }: Pick<AwsCall, 'vault' | 'nowMs'>,
  key: KeyRecord,
  decide: (current: KeyRecord, relatives: readonly KeyRecord[]) => Decision,
): Promise<KeyRecord> {
  const written = await changeTwins(vault, key, nowMs, (current, group) => {
    const relatives = relativesOf(current, group);
    const { changes, primary } = decide(current, relatives);
    const changed = relatives.map((one) => ({ ...one, ...changes.get(one.id)?.set }));
    return agreed(changed, primary ?? multiRegionOf(current)?.primary ?? '', changes, nowMs);
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
  changes: ReadonlyMap<string, KeyChange>,
  nowMs: number,
): Map<string, KeyChange> {
  const head = relatives.find(({ realm }) => realm.region === primary);
  const table = tableAttribute(relatives, primary);
  // Every one of them is asked for, so every one has to know. What expires is each key's own.
  const rotation =
    head === undefined || isImported(head)
      ? {}
      : { dueAt: scheduled(head, scheduleOf(head), head.state, nowMs).dueAt ?? null };
  return new Map(
    relatives.map((key) => {
      const change = changes.get(key.id);
      const attributes = { ...withShared(key.attributes, head?.attributes), ...table };
      const waits = key === head && key.state === 'pending-deletion';
      const deletion = waits ? { deletionAt: deletionOf(key, relatives) } : {};
      return [key.id, { ...change, set: { ...change?.set, attributes, ...rotation, ...deletion } }];
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

function withShared(attributes: Attributes, from: Attributes = {}): Attributes {
  const own = Object.entries(attributes).filter(([name]) => !SHARED.has(name));
  const shared = Object.entries(from).filter(([name]) => SHARED.has(name));
  return Object.fromEntries([...own, ...shared]);
}

function deletionOf(primary: KeyRecord, relatives: readonly KeyRecord[]): Date | null {
  const replicas = relatives.filter((key) => key !== primary);
  if (replicas.length === 0) return primary.deletionAt;
  const times = replicas.map(({ deletionAt }) => deletionAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const lastMs = Math.max(...times);
  if (lastMs === Number.POSITIVE_INFINITY) return null;
  return new Date(lastMs + waitingDays(primary) * DAY_MS);
}
