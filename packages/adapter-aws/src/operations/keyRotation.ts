import { fault, type KeyRecord } from '@keyglot/core';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { isSymmetric, state } from '../checks.js';
import { awsFault } from '../faults.js';
import type {
  DisableKeyRotationRequest,
  EnableKeyRotationRequest,
  GetKeyRotationStatusRequest,
} from '../generated/inputs.js';
import { isImported } from '../imports.js';
import { rotates, seconds } from '../metadata.js';
import { requireNoReplica } from '../multiRegion.js';
import { oneKey, onKey } from '../resolve.js';
import { type RotationSchedule, scheduled, scheduleOf } from '../rotation.js';
import { AUTO_ROTATE } from '../states.js';
import { changeWithRelatives } from './change.js';
import { DAY_MS, documentedOperation } from './shared.js';

const DEFAULT_DAYS = 365;

/** EnableKeyRotation. State comes before spec, spec before origin: https://github.com/floci-io/floci/pull/3968 @internal */
export const enableKeyRotation: AwsOperation<EnableKeyRotationRequest, OneKey> = {
  name: 'EnableKeyRotation',
  evidence: documentedOperation('EnableKeyRotation'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    state(AUTO_ROTATE),
    ({ key }) => requireSymmetric(key.record),
    requireGenerated,
    ({ key }, _input, call) => requireNoReplica(key.record, call),
  ],
  async handle({ RotationPeriodInDays: wanted }, resolved, call) {
    await changeSchedule(resolved, call, (before) => {
      // Recorded: the default is for a key that does not rotate yet; another one keeps its period.
      const periodDays = wanted ?? before?.periodDays ?? DEFAULT_DAYS;
      if (before?.periodDays === periodDays) return before;
      return { periodDays, nextMs: call.nowMs + periodDays * DAY_MS };
    });
    return undefined;
  },
};

/** DisableKeyRotation. A key that cannot rotate at all is no error: https://github.com/floci-io/floci/pull/3968 @internal */
export const disableKeyRotation: AwsOperation<DisableKeyRotationRequest, OneKey> = {
  name: 'DisableKeyRotation',
  evidence: documentedOperation('DisableKeyRotation'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    state(AUTO_ROTATE),
    (resolved, input, call) => {
      if (isSymmetric(resolved.key.record)) requireGenerated(resolved, input, call);
    },
    ({ key }, _input, call) => requireNoReplica(key.record, call),
  ],
  async handle(_input, resolved, call) {
    await changeSchedule(resolved, call, () => undefined);
    return undefined;
  },
};

/** GetKeyRotationStatus. An on-demand rotation is over at once, so that none is ever in progress. @internal */
export const getKeyRotationStatus: AwsOperation<GetKeyRotationStatusRequest, OneKey> = {
  name: 'GetKeyRotationStatus',
  evidence: documentedOperation('GetKeyRotationStatus'),
  crossAccount: true,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [],
  handle(_input, { key }, call) {
    const answer = {
      KeyId: keyArn(call, key.record),
      KeyRotationEnabled: rotates(key.record, call.nowMs),
    };
    const schedule = scheduleOf(key.record);
    if (!answer.KeyRotationEnabled || schedule === undefined) return answer;
    return {
      ...answer,
      RotationPeriodInDays: schedule.periodDays,
      NextRotationDate: seconds(new Date(schedule.nextMs)),
    };
  },
};

/** @throws KmsFault Unsupported @internal */
export function requireSymmetric(key: KeyRecord): void {
  if (!isSymmetric(key)) throw fault('Unsupported', { what: 'rotation of such a key' });
}

function requireGenerated({ key }: OneKey, _input: unknown, call: AwsCall): void {
  if (isImported(key.record)) {
    throw awsFault('OriginInvalid', { id: keyArn(call, key.record), origin: 'EXTERNAL' });
  }
}

/** Changes the key's schedule. */
async function changeSchedule(
  resolved: OneKey,
  call: AwsCall,
  decide: (before: RotationSchedule | undefined) => RotationSchedule | undefined,
): Promise<void> {
  await changeWithRelatives(call, resolved, AUTO_ROTATE, (current) => {
    requireNoReplica(current, call);
    return scheduled(current, decide(scheduleOf(current)), current.state, call.nowMs);
  });
}
