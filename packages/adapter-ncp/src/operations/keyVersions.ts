import { type KeyChange, rotateKey as rotate } from '@keyglot/core';
import type { NcpOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { invalid, ncpFault } from '../faults.js';
import { currentVersion } from '../keyView.js';
import { oneKey, onKey } from '../resolve.js';
import { versionWireId } from '../rotation.js';
import type { OperationName } from '../routes.js';
import { ENABLED, requireState } from '../states.js';
import { change, documentedOperation, NO_INPUT } from './shared.js';

/** Rotate Key: a new version; the date of the next automatic rotation stays. @internal */
export const rotateKey: NcpOperation<unknown, OneKey> = {
  name: 'Rotate Key',
  evidence: documentedOperation('Rotate Key'),
  input: NO_INPUT,
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED)],
  async handle(_input, { key }, call) {
    const { record } = await rotate(call.vault, key.record, call.nowMs, {
      check(current): KeyChange['set'] {
        requireState(current, ENABLED);
        return {};
      },
      versionWireId,
    });
    return { keyTag: record.wireId, version: currentVersion(record), rotatedDate: call.nowMs };
  },
};

/** Enable and Disable Key Version; doing either twice is refused (inferred). */
function versionState(
  name: OperationName,
  wanted: 'enabled' | 'disabled',
  status: string,
): NcpOperation<unknown, OneKey> {
  return {
    name,
    evidence: documentedOperation(name),
    input: NO_INPUT,
    resolve: oneKey,
    actions: onKey,
    checks: [state(ENABLED)],
    async handle(_input, { key }, call) {
      const number = numberOf(call.route.version);
      const { nowMs } = call;
      await change(call, key, ENABLED, (current) => {
        const version = current.versions.find((one) => one.number === number);
        if (version === undefined) throw ncpFault('VersionNotFound', {});
        const isNewest = version.id === current.primaryVersion;
        if (version.state === wanted || (isNewest && wanted === 'disabled')) {
          throw ncpFault('StatusInvalid', {});
        }
        const attributes = { ...version.attributes, statusDate: nowMs };
        return { setVersions: [{ id: version.id, state: wanted, attributes }] };
      });
      return { version: number, status, statusDate: nowMs };
    },
  };
}

function numberOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalid('a version is a number');
  return Number(text);
}

/** Enable Key Version. @internal */
export const enableKeyVersion: NcpOperation<unknown, OneKey> = versionState(
  'Enable Key Version',
  'enabled',
  'ENABLE',
);

/** Disable Key Version: not the newest one. @internal */
export const disableKeyVersion: NcpOperation<unknown, OneKey> = versionState(
  'Disable Key Version',
  'disabled',
  'DISABLE',
);
