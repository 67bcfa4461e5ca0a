import type { KeyRecord, KeyState } from '@keyglot/core';
import { ncpFault } from './faults.js';

/** `status` on the wire. @internal */
export type KeyStatus = 'ENABLE' | 'DISABLE' | 'REVOKE';

const STATUSES: { readonly [State in KeyState]: KeyStatus } = {
  creating: 'DISABLE',
  enabled: 'ENABLE',
  disabled: 'DISABLE',
  'pending-import': 'DISABLE',
  'pending-deletion': 'REVOKE',
  unavailable: 'DISABLE',
  updating: 'ENABLE',
};

/** The status of a key. @internal */
export function statusOf(key: KeyRecord): KeyStatus {
  return STATUSES[key.state];
}

/** The statuses in which an operation is allowed. @internal */
export type StateRow = { readonly [Status in KeyStatus]: boolean };

const row = (...allowed: readonly KeyStatus[]): StateRow =>
  Object.freeze({
    ENABLE: allowed.includes('ENABLE'),
    DISABLE: allowed.includes('DISABLE'),
    REVOKE: allowed.includes('REVOKE'),
  });

// https://guide.ncloud-docs.com/docs/en/kms-status; which cells are inferred is in GAPS.md.

/** Reading and naming a key. @internal */
export const ANY_STATE: StateRow = row('ENABLE', 'DISABLE', 'REVOKE');

/** Cryptographic operations, public key, rotation, states of versions, disabling. @internal */
export const ENABLED: StateRow = row('ENABLE');

/** Enable Key. @internal */
export const DISABLED: StateRow = row('DISABLE');

/** Request Key Deletion, changes of settings. @internal */
export const NOT_REVOKED: StateRow = row('ENABLE', 'DISABLE');

/** Cancel Key Deletion, Delete Key. @internal */
export const REVOKED: StateRow = row('REVOKE');

/**
 * Refuses an operation on a key in the wrong state.
 *
 * @throws KmsFault StatusInvalid
 * @internal
 */
export function requireState(key: KeyRecord, allowed: StateRow): void {
  if (!allowed[statusOf(key)]) throw ncpFault('StatusInvalid', {});
}
