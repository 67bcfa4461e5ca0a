import type { KeyVersion } from '@keyglot/core';
import type { NcpCall, NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { invalid } from '../faults.js';
import { currentVersion, keyInfo, listedKey } from '../keyView.js';
import { noKey, oneKey, onKey, onNothing, opened, requireEnabled, versionOf } from '../resolve.js';
import { ENABLED } from '../states.js';
import { body, documentedOperation, NO_INPUT } from './shared.js';

interface ListInput {
  readonly pageNo?: number;
  readonly pageSize?: number;
}

const DEFAULT_PAGE_SIZE = 100;

/** Get Key List: all keys of the account at one boundary, oldest first (inferred). @internal */
export const getKeyList: NcpOperation<ListInput, Record<never, never>> = {
  name: 'Get Key List',
  evidence: documentedOperation('Get Key List'),
  input: { from: 'query', shape: () => 'GetKeyList' },
  resolve: noKey,
  actions: onNothing,
  checks: [],
  async handle({ pageNo = 1, pageSize = DEFAULT_PAGE_SIZE }, _resolved, call) {
    const { vault, scope, realm, nowMs } = call;
    const page = { offset: (pageNo - 1) * pageSize, limit: pageSize };
    const { keys, total } = await vault.store.pageKeys(scope.sandbox, realm, page, nowMs);
    const ids = keys.map(({ id }) => id);
    const loaded = await vault.keys.many(scope, ids);
    return {
      keyList: loaded.map(({ record }) => listedKey(record)),
      currentPageNo: pageNo,
      totalPageNo: Math.ceil(total / pageSize),
      totalCount: total,
    };
  },
};

/** Get Key Info. @internal */
export const getKeyInfo: NcpOperation<unknown, OneKey> = {
  name: 'Get Key Info',
  evidence: documentedOperation('Get Key Info'),
  input: NO_INPUT,
  resolve: oneKey,
  actions: onKey,
  checks: [],
  handle: (_input, { key }, call) => keyInfo(key.record, call.caller.baseUrl),
};

/** Get Key Version List, oldest first (inferred). @internal */
export const getKeyVersionList: NcpOperation<unknown, OneKey> = {
  name: 'Get Key Version List',
  evidence: documentedOperation('Get Key Version List'),
  input: NO_INPUT,
  resolve: oneKey,
  actions: onKey,
  checks: [],
  handle: (_input, { key: { record } }) => ({
    keyTag: record.wireId,
    currentVersion: currentVersion(record),
    versionList: record.versions.map((version) => ({
      version: version.number,
      status: version.state === 'enabled' ? 'ENABLE' : 'DISABLE',
      statusDate: statusDate(version),
      rotatedDate: version.createdAt.getTime(),
    })),
  }),
};

function statusDate({ attributes, createdAt }: KeyVersion): number {
  const changed = attributes['statusDate'];
  return typeof changed === 'number' ? changed : createdAt.getTime();
}

interface PublicKeyInput {
  readonly keyVersion?: number;
}

/** Get Public Key, of the newest version unless another one is named. @internal */
export const getPublicKey: NcpOperation<PublicKeyInput, OneKey> = {
  name: 'Get Public Key',
  evidence: documentedOperation('Get Public Key'),
  input: body('GetPublicKey'),
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('sign')],
  handle(input, { key }, _call: NcpCall) {
    const version = versionOf(key, input.keyVersion ?? currentVersion(key.record));
    if (version === undefined) throw invalid('no such version');
    requireEnabled(version);
    const { publicKey } = opened(key, version).prepared();
    if (publicKey === undefined) throw invalid('the key has no public part');
    return { publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })) };
  },
};
