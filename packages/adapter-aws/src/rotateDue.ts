import { changeKey, type Duty, fault, type KeyChange, KmsFault, rotateKey } from '@keyglot/core';
import { multiRegionOf } from './multiRegion.js';
import { DAY_MS } from './operations/shared.js';
import { shareWith } from './relatives.js';
import { rotationAttributes, scheduled, scheduleOf } from './rotation.js';

/**
 * Rotations of one catching-up. A clock that jumps further makes no earlier ones: 100 take at least 24
 * years.
 */
const MOST_ROTATIONS = 100;

/** Does an automatic rotation that is due, dated to when it was due. @internal */
export const rotateDue: Duty = async (vault, key, nowMs) => {
  const schedule = scheduleOf(key);
  const dueMs = key.dueAt?.getTime();
  // Of a multi-Region key all keys are due when the primary key is, whatever states the others have.
  const rotates = key.state === 'enabled' || multiRegionOf(key) !== undefined;
  if (schedule === undefined || dueMs === undefined || !rotates) {
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
        return scheduled(current, { ...schedule, nextMs: atMs + periodMs }, 'enabled', atMs);
      },
      twin: shareWith(key),
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
      versionAttributes: rotationAttributes('AUTOMATIC'),
    });
  } catch (error) {
    // Somebody else has changed the key meanwhile; whoever asked looks again.
    if (!(error instanceof KmsFault) || error.code !== 'Conflict') throw error;
  }
};
