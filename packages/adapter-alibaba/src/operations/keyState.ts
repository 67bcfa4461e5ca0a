import { changeKey, type KeyChange } from '@keyglot/core';
import type { AlibabaCall, AlibabaOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import type { EnableKeyRequest, ScheduleKeyDeletionRequest } from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { CANCEL_DELETION, NOT_DELETED, requireState, type StateRow, TOGGLE } from '../states.js';
import { DAY_MS, documentedOperation } from './shared.js';

type KeyInput = EnableKeyRequest;

type NewState = NonNullable<KeyChange['set']>;

/** Changes the key's state, which is judged again under the key's lock. */
function transition<Input extends KeyInput>(
  name: string,
  row: StateRow,
  set: (input: Input, call: AlibabaCall) => NewState,
): AlibabaOperation<Input, OneKey> {
  return {
    name,
    evidence: documentedOperation(name),
    resolve: oneKey('key'),
    actions: onKey,
    checks: [state(row)],
    async handle(input, { key }, call) {
      await changeKey(call.vault, key.record, call.nowMs, (current) => {
        requireState(current, row);
        return { set: set(input, call) };
      });
      return undefined;
    },
  };
}

/** EnableKey. @internal */
export const enableKey: AlibabaOperation<KeyInput, OneKey> = transition(
  'EnableKey',
  TOGGLE,
  () => ({ state: 'enabled' }),
);

/** DisableKey. @internal */
export const disableKey: AlibabaOperation<KeyInput, OneKey> = transition(
  'DisableKey',
  TOGGLE,
  () => ({ state: 'disabled' }),
);

/** ScheduleKeyDeletion. @internal */
export const scheduleKeyDeletion: AlibabaOperation<ScheduleKeyDeletionRequest, OneKey> = transition(
  'ScheduleKeyDeletion',
  NOT_DELETED,
  ({ PendingWindowInDays: days }: ScheduleKeyDeletionRequest, { nowMs }) => ({
    state: 'pending-deletion',
    deletionAt: new Date(nowMs + days * DAY_MS),
  }),
);

/** CancelKeyDeletion: the key comes back enabled. @internal */
export const cancelKeyDeletion: AlibabaOperation<KeyInput, OneKey> = transition(
  'CancelKeyDeletion',
  CANCEL_DELETION,
  () => ({ state: 'enabled', deletionAt: null }),
);
