import { fault, type KeyRecord, type KeyVersion, type LoadedKey, rotateKey } from '@keyglot/core';
import { isSymmetric } from '../algorithms.js';
import type { AlibabaOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { alibabaFault } from '../faults.js';
import type {
  CreateKeyVersionRequest,
  DescribeKeyVersionRequest,
  ListKeyVersionsRequest,
} from '../generated/inputs.js';
import { keyVersion } from '../metadata.js';
import { pageMembers, windowOf } from '../paging.js';
import { onKey, requireVersion, resolveKey } from '../resolve.js';
import { rotated } from '../rotation.js';
import { requireState, USE } from '../states.js';
import { DAY_MS, documentedOperation } from './shared.js';

const MAX_VERSIONS = 50;
const REST_MS = 7 * DAY_MS;

/**
 * CreateKeyVersion. A symmetric key seals under the new version from then on; asymmetric keys have no
 * primary version. The pages contradict each other on which keys may: both kinds do here.
 *
 * @internal
 */
export const createKeyVersion: AlibabaOperation<CreateKeyVersionRequest, OneKey> = {
  name: 'CreateKeyVersion',
  evidence: documentedOperation('CreateKeyVersion'),
  resolve: (input, call) => ({ key: resolveKey(call, input.KeyId, 'any') }),
  actions: onKey,
  checks: [state(USE), ({ key }, _input, call) => requireRest(key.record, call.nowMs)],
  async handle(_input, { key }, call) {
    const { vault, nowMs } = call;
    const changed = await rotateKey(vault, key.record, nowMs, {
      check(current) {
        requireState(current, USE);
        requireRest(current, nowMs);
        const { rotatedAt: _, ...attributes } = current.attributes;
        return { attributes };
      },
      versionWireId: () => vault.entropy.uuid(),
    });
    return { KeyVersion: keyVersion(changed.record, newest(changed.record)) };
  },
};

/** DescribeKeyVersion. @internal */
export const describeKeyVersion: AlibabaOperation<
  DescribeKeyVersionRequest,
  OneKey & { readonly version: KeyVersion }
> = {
  name: 'DescribeKeyVersion',
  evidence: documentedOperation('DescribeKeyVersion'),
  resolve(input, call) {
    const key = rotated(call, resolveKey(call, input.KeyId, 'any'));
    return requireVersion(call, key, input.KeyVersionId);
  },
  actions: onKey,
  checks: [],
  handle: (_input, { key, version }) => ({ KeyVersion: keyVersion(key.record, version) }),
};

/** ListKeyVersions: from the oldest to the newest (inferred). @internal */
export const listKeyVersions: AlibabaOperation<ListKeyVersionsRequest, OneKey> = {
  name: 'ListKeyVersions',
  evidence: documentedOperation('ListKeyVersions'),
  resolve: (input, call) => ({ key: rotated(call, resolveKey(call, input.KeyId, 'any')) }),
  actions: onKey,
  checks: [],
  handle(input, { key }) {
    const page = windowOf(input);
    const { versions } = key.record;
    const shown = versions.slice(page.offset, page.offset + page.size);
    return {
      KeyVersions: { KeyVersion: shown.map((version) => keyVersion(key.record, version)) },
      ...pageMembers(page, versions.length),
    };
  },
};

/** Asymmetric keys: seven days between versions, and fifty of them. */
function requireRest(key: KeyRecord, nowMs: number): void {
  if (isSymmetric(key)) return;
  if (nowMs < newest(key).createdAt.getTime() + REST_MS) {
    throw alibabaFault('OperationRejected', { id: key.wireId });
  }
  if (key.versions.length >= MAX_VERSIONS) {
    throw fault('LimitExceeded', { what: 'versions of a key', limit: MAX_VERSIONS });
  }
}

function newest(key: LoadedKey['record']): KeyVersion {
  const version = key.versions.at(-1);
  if (version === undefined) throw fault('Internal', { what: 'a key without versions' });
  return version;
}
