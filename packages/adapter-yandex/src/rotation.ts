import { fault, type KeyChange, type KeyRecord, KmsFault, rotateKey } from '@keyglot/core';
import type { YandexCall } from './call.js';
import { idOf } from './ids.js';
import { attributesOf, newestVersion, toAttributes } from './key.js';

/** https://yandex.cloud/en/docs/kms/concepts/limits */
const MOST_VERSIONS = 100;

/**
 * Adds a version with the key's default algorithm and makes it the primary one.
 *
 * @param check sees the key under its lock; throws to refuse
 * @throws KmsFault LimitExceeded, KeyNotFound, and what `check` throws
 * @internal
 */
export async function rotate(
  call: YandexCall,
  key: KeyRecord,
  check: (current: KeyRecord) => void = () => undefined,
): Promise<KeyRecord> {
  let versionId = '';
  const rotated = await rotateKey(call.vault, key, call.nowMs, {
    check(current): KeyChange['set'] {
      check(current);
      requireRoom(current);
      const attributes = attributesOf(current);
      const algorithms = { ...attributes.algorithms, [versionId]: attributes.defaultAlgorithm };
      return { attributes: toAttributes({ ...attributes, algorithms }) };
    },
    versionWireId(fingerprint) {
      versionId = idOf(fingerprint);
      return versionId;
    },
  });
  return rotated.record;
}

/** @throws KmsFault LimitExceeded @internal */
export function requireRoom(key: KeyRecord): void {
  if (key.versions.length >= MOST_VERSIONS) {
    throw fault('LimitExceeded', { what: 'versions of a key', limit: MOST_VERSIONS });
  }
}

/** Whether a key's automatic rotation is due at a moment of virtual time. @internal */
export function isRotationDue(key: KeyRecord, nowMs: number): boolean {
  // Asked for every request; most keys have no period.
  if ((key.attributes['rotationPeriod'] ?? null) === null || key.state !== 'enabled') return false;
  const { rotationPeriod } = attributesOf(key);
  const newest = newestVersion(key);
  if (rotationPeriod === null || newest === undefined) return false;
  const periodMs = rotationPeriod.seconds * 1_000 + rotationPeriod.nanos / 1_000_000;
  return key.versions.length < MOST_VERSIONS && newest.createdAt.getTime() + periodMs <= nowMs;
}

/** Does an automatic rotation that is due; nothing when somebody else has done it. @internal */
export async function rotateDue(call: YandexCall, key: KeyRecord): Promise<void> {
  try {
    await rotate(call, key, (current) => {
      if (!isRotationDue(current, call.nowMs)) throw fault('Conflict', { what: 'rotation' });
    });
  } catch (error) {
    if (!(error instanceof KmsFault && error.code === 'Conflict')) throw error;
  }
}
