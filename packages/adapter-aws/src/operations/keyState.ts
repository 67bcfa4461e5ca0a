import type { KeyChange, KeyRecord } from '@keyglot/core';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state } from '../checks.js';
import { stateChange } from '../dueWork.js';
import { awsFault } from '../faults.js';
import type { EnableKeyRequest, ScheduleKeyDeletionRequest } from '../generated/inputs.js';
import { deletionDate, wireState } from '../metadata.js';
import { waiting } from '../multiRegion.js';
import { oneKey, onKey } from '../resolve.js';
import { CANCEL_DELETION, SCHEDULE_DELETION, type StateRow, TOGGLE } from '../states.js';
import { changeWithRelatives } from './change.js';
import { DAY_MS, documentedOperation } from './shared.js';

type KeyInput = EnableKeyRequest;

type ScheduleInput = ScheduleKeyDeletionRequest;

/** Changes the key's state, and what follows from that. */
function changeState(
  call: AwsCall,
  resolved: OneKey,
  row: StateRow,
  set: NonNullable<KeyChange['set']> & Pick<KeyRecord, 'state'>,
  more: KeyRecord['attributes'] = {},
): Promise<KeyRecord> {
  return changeWithRelatives(call, resolved, row, (current) => {
    const attributes = { ...current.attributes, ...more };
    return stateChange({ ...current, attributes }, set, call.nowMs);
  });
}

/** EnableKey and DisableKey: repeating either is no error. */
function toggle(name: string, wanted: 'enabled' | 'disabled'): AwsOperation<KeyInput, OneKey> {
  return {
    name,
    evidence: documentedOperation(name),
    crossAccount: false,
    resolve: oneKey('key'),
    actions: onKey,
    checks: [state(TOGGLE)],
    async handle(_input, resolved, call) {
      await changeState(call, resolved, TOGGLE, { state: wanted });
      return undefined;
    },
  };
}

/** EnableKey. @internal */
export const enableKey: AwsOperation<KeyInput, OneKey> = toggle('EnableKey', 'enabled');

/** DisableKey. @internal */
export const disableKey: AwsOperation<KeyInput, OneKey> = toggle('DisableKey', 'disabled');

const MIN_DAYS = 7;
const MAX_DAYS = 30;

/** ScheduleKeyDeletion. @internal */
export const scheduleKeyDeletion: AwsOperation<ScheduleInput, OneKey> = {
  name: 'ScheduleKeyDeletion',
  evidence: documentedOperation('ScheduleKeyDeletion'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [windowDays, state(SCHEDULE_DELETION)],
  async handle(input, resolved, call) {
    const days = input.PendingWindowInDays ?? MAX_DAYS;
    const deletionAt = new Date(call.nowMs + days * DAY_MS);
    const set = { state: 'pending-deletion', deletionAt } as const;
    const record = await changeState(call, resolved, SCHEDULE_DELETION, set, waiting(days));
    return {
      KeyId: keyArn(call, record),
      ...deletionDate(record, call.nowMs),
      KeyState: wireState(record, call.nowMs),
      PendingWindowInDays: days,
    };
  },
};

/** CancelKeyDeletion: the key comes back disabled, or waiting for its material. @internal */
export const cancelKeyDeletion: AwsOperation<KeyInput, OneKey> = {
  name: 'CancelKeyDeletion',
  evidence: documentedOperation('CancelKeyDeletion'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [state(CANCEL_DELETION)],
  async handle(_input, resolved, call) {
    const record = await changeState(call, resolved, CANCEL_DELETION, {
      state: 'disabled',
      deletionAt: null,
    });
    return { KeyId: keyArn(call, record) };
  },
};

/** Text recorded: https://github.com/Skyscanner/kms-issuer/issues/8 */
function windowDays(_resolved: OneKey, { PendingWindowInDays: days }: ScheduleInput): void {
  if (days !== undefined && (days < MIN_DAYS || days > MAX_DAYS)) {
    throw awsFault('Validation', { message: 'PendingWindowInDays must be between 7 and 30' });
  }
}
