import type { KeyChange } from '@keyglot/core';
import { dropAcl } from '../acl.js';
import { attributesOf, DAY_MS } from '../attributes.js';
import type { NcpCall, NcpOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { dropGenerator } from '../generator.js';
import { releaseName } from '../names.js';
import { oneKey, onKey } from '../resolve.js';
import type { OperationName } from '../routes.js';
import {
  DISABLED,
  ENABLED,
  NOT_REVOKED,
  REVOKED,
  requireState,
  type StateRow,
  statusOf,
} from '../states.js';
import { change, documentedOperation, NO_INPUT } from './shared.js';

/** https://guide.ncloud-docs.com/docs/en/kms-create-delete */
const DELETION_WAIT_MS = 3 * DAY_MS;

/** An operation that does nothing but change the key's status. */
function transition(
  name: OperationName,
  row: StateRow,
  set: (call: NcpCall) => NonNullable<KeyChange['set']>,
): NcpOperation<unknown, OneKey> {
  return {
    name,
    evidence: documentedOperation(name),
    input: NO_INPUT,
    resolve: oneKey,
    actions: onKey,
    checks: [state(row)],
    async handle(_input, { key }, call) {
      const changed = await change(call, key, row, () => ({ set: set(call) }));
      return { keyTag: changed.wireId, status: statusOf(changed), statusDate: call.nowMs };
    },
  };
}

/** Enable Key. @internal */
export const enableKey: NcpOperation<unknown, OneKey> = transition('Enable Key', DISABLED, () => ({
  state: 'enabled',
}));

/** Disable Key. @internal */
export const disableKey: NcpOperation<unknown, OneKey> = transition('Disable Key', ENABLED, () => ({
  state: 'disabled',
}));

/** Request Key Deletion: the key ends 72 hours later. @internal */
export const requestKeyDeletion: NcpOperation<unknown, OneKey> = transition(
  'Request Key Deletion',
  NOT_REVOKED,
  ({ nowMs }) => ({
    state: 'pending-deletion',
    deletionAt: new Date(nowMs + DELETION_WAIT_MS),
  }),
);

/** Cancel Key Deletion: the key comes back disabled. @internal */
export const cancelKeyDeletion: NcpOperation<unknown, OneKey> = transition(
  'Cancel Key Deletion',
  REVOKED,
  () => ({ state: 'disabled', deletionAt: null }),
);

/** Delete Key: ends a key that waits for its deletion. @internal */
export const deleteKey: NcpOperation<unknown, OneKey> = {
  name: 'Delete Key',
  evidence: documentedOperation('Delete Key'),
  input: NO_INPUT,
  resolve: oneKey,
  actions: onKey,
  checks: [({ key }) => requireState(key.record, REVOKED)],
  async handle(_input, { key }, call) {
    const { vault, scope, nowMs } = call;
    const { realm, wireId } = key.record;
    await change(call, key, REVOKED, () => ({ set: { deletionAt: new Date(nowMs) } }));
    // What is left of it when this breaks off is harmless: no key will have its tag again.
    await releaseName(vault, scope, realm, attributesOf(key.record).keyName);
    await dropGenerator(vault, scope, wireId);
    await dropAcl(vault, scope, wireId);
    return null;
  },
};
