import {
  fault,
  type KeyChange,
  type KeyRecord,
  KmsFault,
  type LoadedKey,
  rotateKey,
  type Vault,
} from '@keyglot/core';
import { attributesOf, DAY_MS, withAttributes } from './attributes.js';
import { statusOf } from './states.js';

/**
 * Wire id of a version. The service numbers versions, but a wire id names one version of all keys.
 *
 * @internal
 */
export function versionWireId(fingerprint: Buffer): string {
  return fingerprint.toString('hex');
}

/** Rotations of one catching-up; the earliest of more are left out. */
const MOST_ROTATIONS = 100;

/**
 * Whether a key should have been rotated by now. A disabled key rotates as well; one that waits for its
 * deletion does not (inferred).
 *
 * @param nowMs - virtual time
 * @see https://guide.ncloud-docs.com/docs/en/kms-version
 * @internal
 */
export function isRotationDue(key: KeyRecord, nowMs: number): boolean {
  const { nextRotationDate } = attributesOf(key);
  return nextRotationDate !== null && nextRotationDate <= nowMs && statusOf(key) !== 'REVOKE';
}

/**
 * Does the rotations that were due up to now, each dated when it was due. Nobody need call it in time:
 * every look-up of a key does, so that no request sees a key that has not been rotated.
 *
 * @throws KmsFault KeyNotFound, Unavailable
 * @internal
 */
export async function rotateDue(vault: Vault, key: KeyRecord, nowMs: number): Promise<void> {
  let current = key;
  for (let done = 0; done < MOST_ROTATIONS && isRotationDue(current, nowMs); done += 1) {
    const dueMs = dueDate(current, nowMs);
    const rotated = await rotateOnce(vault, current, dueMs);
    if (rotated === undefined) return;
    current = rotated.record;
  }
}

function dueDate(key: KeyRecord, nowMs: number): number {
  const { nextRotationDate, rotationPeriod } = attributesOf(key);
  const periodMs = rotationPeriod * DAY_MS;
  const next = nextRotationDate ?? nowMs;
  const missed = Math.floor((nowMs - next) / periodMs);
  return next + Math.max(0, missed - MOST_ROTATIONS + 1) * periodMs;
}

/** Undefined when somebody else has done it meanwhile. */
async function rotateOnce(
  vault: Vault,
  key: KeyRecord,
  dueMs: number,
): Promise<LoadedKey | undefined> {
  const expected = attributesOf(key).nextRotationDate;
  try {
    return await rotateKey(vault, key, dueMs, {
      check(current): KeyChange['set'] {
        const { nextRotationDate, rotationPeriod } = attributesOf(current);
        if (nextRotationDate !== expected) throw fault('Conflict', { what: 'a rotation' });
        const next = dueMs + rotationPeriod * DAY_MS;
        return { attributes: withAttributes(current, { nextRotationDate: next }) };
      },
      versionWireId,
    });
  } catch (error) {
    if (error instanceof KmsFault && error.code === 'Conflict') return undefined;
    throw error;
  }
}
