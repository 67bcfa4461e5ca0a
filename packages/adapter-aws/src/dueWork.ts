import type { Duty, KeyChange, KeyRecord } from '@keyglot/core';
import { importOf, isComplete, isImported, isPresent, withoutMaterial } from './imports.js';
import { changeMaterial } from './relatedMaterial.js';
import { rotateDue } from './rotateDue.js';
import { scheduled, scheduleOf } from './rotation.js';

/** Does what is due to a key: its automatic rotation, or the expiry of imported material. @internal */
export const doDueWork: Duty = (vault, key, nowMs) =>
  isImported(key) ? expire(vault, key, nowMs) : rotateDue(vault, key, nowMs);

const expire: Duty = async (vault, key, nowMs) => {
  const dueMs = key.dueAt?.getTime() ?? nowMs;
  await changeMaterial({ vault, nowMs: dueMs }, key, (current) => {
    if (current.revision !== key.revision) return undefined;
    const expired = current.versions.filter((version) => {
      const { validToMs } = importOf(version);
      return isPresent(version) && validToMs !== null && validToMs <= dueMs;
    });
    return withoutMaterial(current, expired, 'expired');
  });
};

/**
 * A change that brings a key into a state, with what follows from it: a key that is not enabled does not
 * rotate, and one whose material is not here waits for that instead of being disabled.
 *
 * @param nowMs - virtual time, milliseconds since 1970
 * @internal
 */
export function stateChange(
  current: KeyRecord,
  set: NonNullable<KeyChange['set']> & Pick<KeyRecord, 'state'>,
  nowMs: number,
): NonNullable<KeyChange['set']> {
  if (!isImported(current)) {
    return { ...set, ...scheduled(current, scheduleOf(current), set.state, nowMs) };
  }
  const { attributes } = current;
  return set.state === 'disabled' && !isComplete(current)
    ? { ...set, attributes, state: 'pending-import' }
    : { ...set, attributes };
}
