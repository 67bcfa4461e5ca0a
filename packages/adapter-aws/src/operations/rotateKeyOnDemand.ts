import { fault, type KeyChange, type KeyRecord, type KeyVersion, rotateKey } from '@keyglot/core';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { RotateKeyOnDemandRequest } from '../generated/inputs.js';
import {
  factsOf,
  importAttributes,
  importOf,
  isImported,
  pendingOf,
  stateWith,
} from '../imports.js';
import { requireNoReplica } from '../multiRegion.js';
import { changeMaterial, isEverywhere } from '../relatedMaterial.js';
import { shareWith } from '../relatives.js';
import { oneKey, onKey } from '../resolve.js';
import { rotationAttributes, scheduleOf } from '../rotation.js';
import { ROTATE, requireState } from '../states.js';
import { requireSymmetric } from './keyRotation.js';
import { documentedOperation } from './shared.js';

type Input = RotateKeyOnDemandRequest;

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const MAX_ROTATIONS = 25;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html#API_RotateKeyOnDemand_Errors */
const TOO_NEAR_MS = 20 * 60_000;

/** State comes before spec: https://github.com/floci-io/floci/pull/3968 */
export const rotateKeyOnDemand: AwsOperation<Input, OneKey> = {
  name: 'RotateKeyOnDemand',
  evidence: documentedOperation('RotateKeyOnDemand'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    state(ROTATE),
    ({ key }) => requireSymmetric(key.record),
    ({ key }, _input, call) => requireNoReplica(key.record, call),
    ({ key: { record } }, _input, call) => {
      if (isImported(record)) requirePending(record, call);
    },
    ({ key }, _input, call) => requireRoom(key.record, call),
    ({ key }, _input, call) => requireDistance(key.record, call),
  ],
  async handle(_input, { key }, call) {
    const rotated = isImported(key.record)
      ? await rotateImported(key.record, call)
      : await rotateGenerated(key.record, call);
    return { KeyId: keyArn(call, rotated) };
  },
};

async function rotateGenerated(key: KeyRecord, call: AwsCall): Promise<KeyRecord> {
  const rotated = await rotateKey(call.vault, key, call.nowMs, {
    check: (current): KeyChange['set'] => ({ attributes: counted(current, call) }),
    twin: shareWith(key),
    versionWireId: (fingerprint) => fingerprint.toString('hex'),
    versionAttributes: rotationAttributes('ON_DEMAND'),
  });
  return rotated.record;
}

/** Makes the material current that was imported for that. */
function rotateImported(key: KeyRecord, call: AwsCall): Promise<KeyRecord> {
  return changeMaterial(call, key, (current) => {
    const attributes = counted(current, call);
    const { id, state: kept, ...version } = requirePending(current, call);
    const facts = { ...importOf(version), role: 'permanent' } as const;
    const rotated = {
      ...importAttributes(version, facts),
      ...rotationAttributes('ON_DEMAND'),
      rotatedAtMs: call.nowMs,
      // Behind the first material and those of the rotations before.
      rank: rotationsOf(current) + 2,
    };
    // Material that expired while it waited rotates too, and then the key waits for it.
    const after = factsOf(current).map((one) => (one.id === id ? { ...one, ...facts } : one));
    return {
      set: { ...stateWith(current, after), attributes, primaryVersion: id },
      setVersions: [{ id, state: kept, attributes: rotated }],
    };
  });
}

/** Judges the key again under its lock, and counts the rotation. */
function counted(current: KeyRecord, call: AwsCall): KeyRecord['attributes'] {
  requireState(current, ROTATE, call);
  requireNoReplica(current, call);
  requireRoom(current, call);
  requireDistance(current, call);
  return { ...current.attributes, onDemandRotations: rotationsOf(current) + 1 };
}

function requirePending(key: KeyRecord, call: AwsCall): KeyVersion {
  const pending = pendingOf(key);
  if (pending === undefined) throw awsFault('NoMaterialPending', { id: keyArn(call, key) });
  if (!isEverywhere(key, pending, call.nowMs)) throw awsFault('MaterialNotEverywhere', {});
  return pending;
}

function requireRoom(key: KeyRecord, call: AwsCall): void {
  if (rotationsOf(key) >= MAX_ROTATIONS) throw awsFault('RotationLimit', { id: keyArn(call, key) });
}

/** Refuses a rotation shortly before an automatic one. */
function requireDistance(key: KeyRecord, call: AwsCall): void {
  const schedule = scheduleOf(key);
  if (schedule !== undefined && schedule.nextMs <= call.nowMs + TOO_NEAR_MS) {
    throw fault('Conflict', { what: 'an automatic rotation' });
  }
}

function rotationsOf(key: KeyRecord): number {
  return Number(key.attributes['onDemandRotations'] ?? 0);
}
