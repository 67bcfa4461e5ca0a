import { fault, type KeyRecord, type KeyState } from '@keyglot/core';
import { type AwsCall, keyArn } from './call.js';
import { awaitsReplicas } from './multiRegion.js';

/** What an operation makes of a key in some state. @internal */
export type StateRule = 'allowed' | 'disabled' | 'invalid' | 'not pending deletion';

/** One row of the table "key states and operations". @internal */
export type StateRow = { readonly [State in KeyState]: StateRule };

// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
const all = (rule: StateRule): StateRow => ({
  creating: rule,
  enabled: rule,
  disabled: rule,
  'pending-import': rule,
  'pending-deletion': rule,
  unavailable: rule,
  updating: rule,
});

/** Operations that read or administer a key in any state. @internal */
export const ANY_STATE: StateRow = Object.freeze(all('allowed'));

/** Cryptographic operations. @internal */
export const USE: StateRow = Object.freeze<StateRow>({
  ...all('invalid'),
  enabled: 'allowed',
  updating: 'allowed',
  disabled: 'disabled',
});

/** GetPublicKey: as the others, but a disabled key still gives its public key. @internal */
export const READ_PUBLIC: StateRow = Object.freeze<StateRow>({ ...USE, disabled: 'allowed' });

/** RotateKeyOnDemand. @internal */
export const ROTATE: StateRow = Object.freeze<StateRow>({ ...USE, unavailable: 'allowed' });

/** CreateGrant. @internal */
export const GRANT: StateRow = ROTATE;

/** EnableKeyRotation and DisableKeyRotation: a key that waits for material is refused for its origin. @internal */
export const AUTO_ROTATE: StateRow = Object.freeze<StateRow>({
  ...ROTATE,
  'pending-import': 'allowed',
});

/** GetParametersForImport. @internal */
export const GET_IMPORT_PARAMETERS: StateRow = Object.freeze<StateRow>({
  ...all('allowed'),
  'pending-deletion': 'invalid',
  creating: 'invalid',
  updating: 'invalid',
});

/** ImportKeyMaterial. @internal */
export const IMPORT: StateRow = Object.freeze<StateRow>({
  ...GET_IMPORT_PARAMETERS,
  updating: 'allowed',
});

/** DeleteImportedKeyMaterial. @internal */
export const DELETE_IMPORTED: StateRow = Object.freeze<StateRow>({
  ...GET_IMPORT_PARAMETERS,
  'pending-deletion': 'allowed',
});

/** EnableKey and DisableKey. @internal */
export const TOGGLE: StateRow = Object.freeze<StateRow>({
  ...all('invalid'),
  enabled: 'allowed',
  disabled: 'allowed',
  unavailable: 'allowed',
});

/** CreateAlias and the new target of UpdateAlias. @internal */
export const NAME: StateRow = Object.freeze<StateRow>({
  ...all('allowed'),
  'pending-deletion': 'invalid',
});

/** ReplicateKey. @internal */
export const REPLICATE: StateRow = Object.freeze<StateRow>({ ...USE, updating: 'invalid' });

/** ScheduleKeyDeletion. @internal */
export const SCHEDULE_DELETION: StateRow = Object.freeze<StateRow>({
  ...NAME,
  updating: 'invalid',
});

/** CancelKeyDeletion. @internal */
export const CANCEL_DELETION: StateRow = Object.freeze<StateRow>({
  ...all('not pending deletion'),
  'pending-deletion': 'allowed',
});

/**
 * Refuses an operation on a key in the wrong state.
 *
 * @throws KmsFault KeyDisabled, KeyStateInvalid
 * @internal
 */
export function requireState(key: KeyRecord, row: StateRow, call: AwsCall): void {
  const rule = row[key.state];
  if (rule === 'allowed') return;
  const id = keyArn(call, key);
  const state = awaitsReplicas(key, call.nowMs) ? 'pending-replica-deletion' : key.state;
  if (rule === 'disabled') throw fault('KeyDisabled', { id });
  if (rule === 'invalid') throw fault('KeyStateInvalid', { id, state });
  throw fault('KeyStateInvalid', { id, state, needed: 'pending-deletion' });
}
