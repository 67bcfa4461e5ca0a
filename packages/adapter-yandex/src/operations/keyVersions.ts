import { changeKey, type KeyChange, type KeyRecord, type KeyVersion } from '@keyglot/core';
import type { OneKey, YandexCall, YandexOperation } from '../call.js';
import { yandexFault } from '../faults.js';
import { findVersion, keyValues, versionStatus, versionValues } from '../key.js';
import { runChange } from '../longRunning.js';
import {
  CANCEL_DESTRUCTION_METADATA,
  ROTATE_KEY_METADATA,
  SCHEDULE_DESTRUCTION_METADATA,
  SET_PRIMARY_METADATA,
  SYMMETRIC_KEY,
  SYMMETRIC_KEY_VERSION,
} from '../messages.js';
import { oneKey, onKey } from '../resolve.js';
import { requireRoom, rotate } from '../rotation.js';
import type { Duration } from '../schema.js';
import { requireUsableVersion } from '../states.js';
import { invalidField } from '../validate.js';
import { documented, KEYS } from './shared.js';

interface VersionInput {
  readonly keyId: string;
  readonly versionId: string;
}

interface ScheduleInput extends VersionInput {
  readonly pendingPeriod?: Duration;
}

const DAY_MS = 86_400_000;
/** https://yandex.cloud/en/docs/kms/operations/version */
const USUAL_PERIOD_MS = 7 * DAY_MS;
/** The last moment that a Timestamp can hold. */
const END_OF_TIME_MS = 253_402_300_799_999;

/** Rotate. @internal */
export const rotateKey: YandexOperation<{ readonly keyId: string }, OneKey> = {
  service: KEYS,
  name: 'Rotate',
  evidence: documented('kms/api-ref/SymmetricKey/rotate'),
  resolve: oneKey,
  actions: onKey('kms.keys.rotate'),
  checks: [({ key }) => requireRoom(key.record)],
  handle(_input, { key }, call) {
    const { wireId: keyId } = key.record;
    return runChange(call, { method: 'Rotate', description: 'rotate key', keyId }, async () => {
      const record = await rotate(call, key.record);
      const primary = record.versions.find(({ id }) => id === record.primaryVersion);
      return {
        metadata: ROTATE_KEY_METADATA,
        metadataValues: { keyId, newPrimaryVersionId: primary?.wireId },
        response: SYMMETRIC_KEY,
        responseValues: keyValues(record, call.nowMs),
      };
    });
  },
};

/** Changes one version under the key's lock. */
async function change(
  call: YandexCall,
  { key }: OneKey,
  versionId: string,
  decide: (current: KeyRecord, version: KeyVersion) => KeyChange,
): Promise<KeyRecord> {
  const { record } = await changeKey(call.vault, key.record, call.nowMs, (current) =>
    decide(current, findVersion(current, versionId)),
  );
  return record;
}

/** SetPrimaryVersion. @internal */
export const setPrimaryVersion: YandexOperation<VersionInput, OneKey> = {
  service: KEYS,
  name: 'SetPrimaryVersion',
  evidence: documented('kms/api-ref/SymmetricKey/setPrimaryVersion'),
  resolve: oneKey,
  actions: onKey('kms.keys.setPrimaryVersion'),
  checks: [],
  handle({ keyId, versionId }, resolved, call) {
    const name = { method: 'SetPrimaryVersion', description: 'set primary version', keyId };
    return runChange(call, name, async () => {
      const record = await change(call, resolved, versionId, (_current, version) => {
        requireUsableVersion(version, call.nowMs);
        return { set: { primaryVersion: version.id } };
      });
      return {
        metadata: SET_PRIMARY_METADATA,
        metadataValues: { keyId, versionId },
        response: SYMMETRIC_KEY,
        responseValues: keyValues(record, call.nowMs),
      };
    });
  },
};

/** ScheduleVersionDestruction. @internal */
export const scheduleDestruction: YandexOperation<ScheduleInput, OneKey> = {
  service: KEYS,
  name: 'ScheduleVersionDestruction',
  evidence: documented('kms/api-ref/SymmetricKey/scheduleVersionDestruction'),
  resolve: oneKey,
  actions: onKey('kms.keys.scheduleVersionDestruction'),
  checks: [(_resolved, input, call) => void destroyAtOf(input, call)],
  handle(input, resolved, call) {
    const { keyId, versionId } = input;
    const destroyAt = destroyAtOf(input, call);
    const name = {
      method: 'ScheduleVersionDestruction',
      description: 'schedule version destruction',
      keyId,
    };
    return runChange(call, name, async () => {
      const record = await change(call, resolved, versionId, (current, version) => {
        if (version.id === current.primaryVersion) {
          throw yandexFault('PrimaryVersion', { versionId });
        }
        requireUsableVersion(version, call.nowMs);
        const attributes = { ...version.attributes, destroyAt: destroyAt.getTime() };
        return { setVersions: [{ id: version.id, state: 'pending-destruction', attributes }] };
      });
      return {
        metadata: SCHEDULE_DESTRUCTION_METADATA,
        metadataValues: { keyId, versionId, destroyAt },
        response: SYMMETRIC_KEY_VERSION,
        responseValues: versionValues(record, findVersion(record, versionId), call.nowMs),
      };
    });
  },
};

/** CancelVersionDestruction. @internal */
export const cancelDestruction: YandexOperation<VersionInput, OneKey> = {
  service: KEYS,
  name: 'CancelVersionDestruction',
  evidence: documented('kms/api-ref/SymmetricKey/cancelVersionDestruction'),
  resolve: oneKey,
  actions: onKey('kms.keys.cancelVersionDestruction'),
  checks: [],
  handle({ keyId, versionId }, resolved, call) {
    const name = {
      method: 'CancelVersionDestruction',
      description: 'cancel version destruction',
      keyId,
    };
    return runChange(call, name, async () => {
      const record = await change(call, resolved, versionId, (_current, version) => {
        if (versionStatus(version, call.nowMs) !== 'SCHEDULED_FOR_DESTRUCTION') {
          throw yandexFault('VersionNotScheduled', { versionId });
        }
        const { destroyAt: _, ...attributes } = version.attributes;
        return { setVersions: [{ id: version.id, state: 'enabled', attributes }] };
      });
      return {
        metadata: CANCEL_DESTRUCTION_METADATA,
        metadataValues: { keyId, versionId },
        response: SYMMETRIC_KEY_VERSION,
        responseValues: versionValues(record, findVersion(record, versionId), call.nowMs),
      };
    });
  },
};

/** "At least the next day"; the longest period is not known. */
function destroyAtOf({ pendingPeriod }: ScheduleInput, { nowMs }: YandexCall): Date {
  if (pendingPeriod === undefined) return new Date(nowMs + USUAL_PERIOD_MS);
  const ms = pendingPeriod.seconds * 1_000 + Math.floor(pendingPeriod.nanos / 1_000_000);
  if (ms < DAY_MS || nowMs + ms > END_OF_TIME_MS) {
    throw invalidField('pending_period', 'Value must be at least 1 day');
  }
  return new Date(nowMs + ms);
}
