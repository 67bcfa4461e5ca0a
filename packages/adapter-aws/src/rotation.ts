import {
  changeKey,
  type Duty,
  fault,
  type Json,
  type KeyChange,
  type KeyRecord,
  type KeyState,
  type KeyVersion,
  KmsFault,
  rotateKey,
} from '@keyglot/core';
import { DAY_MS } from './operations/shared.js';

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
 * Whether a key is to be shown as one that rotates by itself: "while a KMS key is pending deletion, its
 * key rotation status is false".
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
 * @internal
 */
export function rotates(key: KeyRecord): boolean {
  return key.state !== 'pending-deletion' && scheduleOf(key) !== undefined;
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

/** The rotation that made a version current, or undefined for the first version. @internal */
export function rotationOf(
  key: KeyRecord,
  version: KeyVersion,
): { readonly type: RotationType; readonly at: Date } | undefined {
  if (version.id === key.versions[0]?.id) return undefined;
  // A rotation that began at a twin in another dialect is nothing that a schedule of this key did.
  const type = version.attributes['rotationType'] === 'AUTOMATIC' ? 'AUTOMATIC' : 'ON_DEMAND';
  return { type, at: version.createdAt };
}

/**
 * Rotations of one catching-up. A clock that jumps further makes no earlier ones: 100 take at least 24
 * years.
 */
const MOST_ROTATIONS = 100;

/** Does an automatic rotation that is due, dated to when it was due. @internal */
export const rotateDue: Duty = async (vault, key, nowMs) => {
  const schedule = scheduleOf(key);
  const dueMs = key.dueAt?.getTime();
  if (schedule === undefined || dueMs === undefined || key.state !== 'enabled') {
    await changeKey(vault, key, dueMs ?? nowMs, (current) =>
      current.revision === key.revision ? { set: { dueAt: null } } : undefined,
    );
    return;
  }
  const periodMs = schedule.periodDays * DAY_MS;
  const left = Math.floor((nowMs - dueMs) / periodMs);
  const atMs = dueMs + Math.max(0, left + 1 - MOST_ROTATIONS) * periodMs;
  try {
    await rotateKey(vault, key, atMs, {
      check(current): KeyChange['set'] {
        if (current.revision !== key.revision) throw fault('Conflict', { what: 'a rotation' });
        return scheduled(current, { ...schedule, nextMs: atMs + periodMs }, current.state, atMs);
      },
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
      versionAttributes: rotationAttributes('AUTOMATIC'),
    });
  } catch (error) {
    // Somebody else has changed the key meanwhile; whoever asked looks again.
    if (!(error instanceof KmsFault) || error.code !== 'Conflict') throw error;
  }
};

function toJson({ periodDays, nextMs }: RotationSchedule): Json {
  return { periodDays, nextMs };
}
