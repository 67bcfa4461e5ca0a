import { fault, type KeyChange, type KeyRecord, rotateKey } from '@keyglot/core';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { RotateKeyOnDemandRequest } from '../generated/inputs.js';
import { requireNoReplica, shareWith } from '../multiRegion.js';
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
    ({ key }, _input, call) => requireRoom(key.record, call),
    ({ key }, _input, call) => requireDistance(key.record, call),
  ],
  async handle(_input, { key }, call) {
    const rotated = await rotateKey(call.vault, key.record, call.nowMs, {
      check(current): KeyChange['set'] {
        requireState(current, ROTATE, call);
        requireNoReplica(current, call);
        requireRoom(current, call);
        requireDistance(current, call);
        return {
          attributes: { ...current.attributes, onDemandRotations: rotationsOf(current) + 1 },
        };
      },
      twin: shareWith(key.record),
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
      versionAttributes: rotationAttributes('ON_DEMAND'),
    });
    return { KeyId: keyArn(call, rotated.record) };
  },
};

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
