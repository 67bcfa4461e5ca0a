import type { Json, KeyChange, KeyRecord, KeyState, KeyVersion } from '@keyglot/core';
import { importOf } from './imports.js';

/** Automatic rotation of a key that has it switched on. @internal */
export interface RotationSchedule {
  /** 90 to 2,560. */
  readonly periodDays: number;
  /** Virtual time of the next rotation, milliseconds since 1970. */
  readonly nextMs: number;
}

/** `RotationType` of a version that was not imported and is not the first. @internal */
export type RotationType = 'AUTOMATIC' | 'ON_DEMAND';

/** The automatic rotation of a key, or undefined when it is off. @internal */
export function scheduleOf({ attributes }: KeyRecord): RotationSchedule | undefined {
  const stored = attributes['rotation'];
  // Only scheduled() writes the attribute.
  return stored === undefined || stored === null
    ? undefined
    : (stored as unknown as RotationSchedule);
}

/**
 * A change that gives a key this schedule and this state. A key that is not enabled does not rotate; once
 * it is enabled again, a rotation that it missed is done at once.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
 * @param nowMs - virtual time, milliseconds since 1970
 * @internal
 */
export function scheduled(
  key: KeyRecord,
  schedule: RotationSchedule | undefined,
  state: KeyState,
  nowMs: number,
): NonNullable<KeyChange['set']> {
  const { rotation: _, ...others } = key.attributes;
  const rotates = schedule !== undefined && state === 'enabled';
  return {
    attributes: schedule === undefined ? others : { ...others, rotation: toJson(schedule) },
    dueAt: rotates ? new Date(Math.max(schedule.nextMs, nowMs)) : null,
  };
}

/** What a version remembers of the rotation that made it. @internal */
export function rotationAttributes(type: RotationType): { readonly rotationType: RotationType } {
  return { rotationType: type };
}

/** Place of a version among the materials of its key, in the order in which they became current. @internal */
export function rankOf(version: KeyVersion): number {
  if (importOf(version).role === 'pending') return Number.MAX_SAFE_INTEGER;
  // Material that was taken back and imported again has an older number.
  return Number(version.attributes['rank'] ?? version.number);
}

/** The rotation that made a version current, or undefined for the first version. @internal */
export function rotationOf(
  key: KeyRecord,
  version: KeyVersion,
): { readonly type: RotationType; readonly at: Date } | undefined {
  if (version.id === key.versions[0]?.id || importOf(version).role !== 'permanent') {
    return undefined;
  }
  // A rotation that began at a twin in another dialect is nothing that a schedule of this key did.
  const type = version.attributes['rotationType'] === 'AUTOMATIC' ? 'AUTOMATIC' : 'ON_DEMAND';
  const rotatedAtMs = version.attributes['rotatedAtMs'];
  const at = typeof rotatedAtMs === 'number' ? new Date(rotatedAtMs) : version.createdAt;
  return { type, at };
}

function toJson({ periodDays, nextMs }: RotationSchedule): Json {
  return { periodDays, nextMs };
}
