import type { KeyState } from '@keyglot/core';

/**
 * What comes of an operation on a key in some state: `ok`, or the number of the answer in
 * {@link STATE_ANSWERS}; `unknown` where no source tells.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export type StateOutcome = 'ok' | 'unknown' | keyof typeof STATE_ANSWERS;

/** Error code and text behind the key's ARN. */
export const STATE_ANSWERS = {
  1: ['DisabledException', 'is disabled.'],
  3: ['KMSInvalidStateException', 'is pending deletion.'],
  4: ['KMSInvalidStateException', 'is not pending deletion.'],
  5: ['KMSInvalidStateException', 'is pending import.'],
  11: ['KMSInvalidStateException', 'is unavailable.'],
  14: ['KMSInvalidStateException', 'is creating.'],
  15: ['KMSInvalidStateException', 'is updating.'],
  16: ['KMSInvalidStateException', 'is pending replica deletion.'],
} as const;

export type StateColumns = { readonly [State in KeyState]: StateOutcome };

/** Columns in the order of the published table: E D PD PI U C UP. */
function columns(
  enabled: StateOutcome,
  disabled: StateOutcome,
  pendingDeletion: StateOutcome,
  pendingImport: StateOutcome,
  unavailable: StateOutcome,
  creating: StateOutcome,
  updating: StateOutcome,
): StateColumns {
  return {
    enabled,
    disabled,
    'pending-deletion': pendingDeletion,
    'pending-import': pendingImport,
    unavailable,
    creating,
    updating,
  };
}

export const ENCRYPTION: StateColumns = columns('ok', 1, 3, 5, 11, 14, 'ok');
export const SIGNING: StateColumns = columns('ok', 1, 3, 5, 'unknown', 14, 'ok');
export const PUBLIC_KEY: StateColumns = columns('ok', 'ok', 3, 5, 'unknown', 14, 'ok');
export const CANCEL: StateColumns = columns(4, 4, 'ok', 4, 4, 4, 4);
/** CreateAlias, and tags and descriptions. */
export const ALIAS: StateColumns = columns('ok', 'ok', 3, 'ok', 'ok', 'ok', 'ok');
export const ANY: StateColumns = columns('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok');
export const TOGGLE: StateColumns = columns('ok', 'ok', 3, 5, 'ok', 14, 15);
export const ROTATION: StateColumns = columns('ok', 1, 3, 5, 'unknown', 14, 'ok');
export const AUTO_ROTATION: StateColumns = columns('ok', 1, 3, 'unknown', 'unknown', 14, 'ok');
/** Of a primary key that has replica keys. */
export const REPLICATION: StateColumns = columns('ok', 1, 16, 5, 'unknown', 14, 15);
/** Of a primary key that has replica keys. */
export const PRIMARY: StateColumns = columns('ok', 1, 16, 5, 'unknown', 14, 'ok');
export const IMPORT_PARAMETERS: StateColumns = columns('ok', 'ok', 3, 'ok', 'ok', 14, 15);
export const IMPORT: StateColumns = columns('ok', 'ok', 3, 'ok', 'ok', 14, 'ok');
export const DELETE_IMPORTED: StateColumns = columns('ok', 'ok', 'ok', 'ok', 'unknown', 14, 15);
export const GRANT: StateColumns = columns('ok', 1, 3, 5, 'ok', 14, 'ok');
export const SCHEDULE: StateColumns = columns('ok', 'ok', 3, 'ok', 'ok', 'ok', 15);
