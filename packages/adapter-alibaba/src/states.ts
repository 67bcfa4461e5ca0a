import { fault, type KeyRecord, type KeyState } from '@keyglot/core';
import { alibabaFault } from './faults.js';

/** What a state does to an operation: nothing, a refusal that names the state, or one that does not. @internal */
export type StateRule = 'allowed' | 'rejected' | 'not modifiable';

/** One row of the table "key states and operations". @internal */
export type StateRow = { readonly [State in KeyState]: StateRule };

const all = (rule: StateRule): StateRow => ({
  creating: rule,
  enabled: rule,
  disabled: rule,
  'pending-import': rule,
  'pending-deletion': rule,
  unavailable: rule,
  updating: rule,
});

// https://www.alibabacloud.com/help/doc-detail/44211.htm

/** Operations that read or describe a key in any state. @internal */
export const ANY_STATE: StateRow = Object.freeze(all('allowed'));

/** Cryptographic operations and rotation; asymmetric ones and ReEncrypt are not in the page's table. @internal */
export const USE: StateRow = Object.freeze<StateRow>({ ...all('rejected'), enabled: 'allowed' });

/** EnableKey and DisableKey; repeating either is no error. @internal */
export const TOGGLE: StateRow = Object.freeze<StateRow>({
  ...all('not modifiable'),
  enabled: 'allowed',
  disabled: 'allowed',
});

/** ScheduleKeyDeletion and CreateAlias. @internal */
export const NOT_DELETED: StateRow = Object.freeze<StateRow>({
  ...all('allowed'),
  'pending-deletion': 'not modifiable',
});

/** The new target of UpdateAlias. @internal */
export const ALIAS_TARGET: StateRow = Object.freeze<StateRow>({
  ...all('allowed'),
  'pending-deletion': 'rejected',
});

/** CancelKeyDeletion. @internal */
export const CANCEL_DELETION: StateRow = Object.freeze<StateRow>({
  ...all('not modifiable'),
  'pending-deletion': 'allowed',
});

/**
 * Refuses an operation on a key in the wrong state.
 *
 * @throws KmsFault KeyDisabled, KeyStateInvalid, StateNotModifiable
 * @internal
 */
export function requireState(key: KeyRecord, row: StateRow): void {
  const rule = row[key.state];
  if (rule === 'allowed') return;
  const id = key.wireId;
  if (rule === 'not modifiable') throw alibabaFault('StateNotModifiable', { id });
  if (key.state === 'disabled') throw fault('KeyDisabled', { id });
  throw fault('KeyStateInvalid', { id, state: key.state });
}
