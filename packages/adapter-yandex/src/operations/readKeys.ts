import { fault, type KeyVersion, type LoadedKey } from '@keyglot/core';
import type { OneKey, YandexCall, YandexOperation } from '../call.js';
import { keyValues, realmOf, versionValues } from '../key.js';
import { pageToken, pagingOf } from '../paging.js';
import { nothing, oneKey, onKey } from '../resolve.js';
import { isRotationDue, rotateDue } from '../rotation.js';
import { documented, KEYS } from './shared.js';

interface KeyInput {
  readonly keyId: string;
}

interface PageInput {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** Get. @internal */
export const getKey: YandexOperation<KeyInput, OneKey> = {
  service: KEYS,
  name: 'Get',
  evidence: documented('kms/api-ref/SymmetricKey/get'),
  resolve: oneKey,
  actions: onKey('kms.keys.get'),
  checks: [],
  handle: (_input, { key }, { nowMs }) => keyValues(key.record, nowMs),
};

/** List: the keys of a folder, by id. The service's order is not known. @internal */
export const listKeys: YandexOperation<
  PageInput & { readonly folderId: string },
  Record<never, never>
> = {
  service: KEYS,
  name: 'List',
  evidence: documented('kms/api-ref/SymmetricKey/list'),
  resolve: nothing,
  actions: ({ folderId }) => [{ name: 'kms.keys.list', resource: folderId }],
  checks: [],
  async handle(input, _resolved, call) {
    const { limit, after } = pagingOf(input);
    const { vault, scope, nowMs } = call;
    // One more than asked for tells whether there is another page.
    const page = { after, limit: limit + 1 };
    const realm = realmOf(input.folderId);
    const found = await vault.store.listKeys(scope.sandbox, realm, page, nowMs);
    const shown = found.slice(0, limit);
    const keys = await rotated(
      call,
      shown.map(({ id }) => id),
    );
    return {
      keys: keys.map(({ record }) => keyValues(record, nowMs)),
      nextPageToken: pageToken(found.length > limit ? shown.at(-1)?.wireId : undefined),
    };
  },
};

/** The keys with these internal ids, after the rotations that are due. */
async function rotated(call: YandexCall, ids: readonly string[]): Promise<readonly LoadedKey[]> {
  const { vault, scope, nowMs } = call;
  const keys = await vault.keys.many(scope, ids);
  const due = keys.filter(({ record }) => isRotationDue(record, nowMs));
  for (const { record } of due) await rotateDue(call, record);
  return due.length === 0 ? keys : vault.keys.many(scope, ids);
}

/** ListVersions, newest first as `yc` prints them. @internal */
export const listVersions: YandexOperation<PageInput & KeyInput, OneKey> = {
  service: KEYS,
  name: 'ListVersions',
  evidence: documented('kms/api-ref/SymmetricKey/listVersions'),
  resolve: oneKey,
  actions: onKey('kms.keys.get'),
  checks: [],
  handle(input, { key }, { nowMs }) {
    const { record } = key;
    const { limit, after } = pagingOf(input);
    const versions = [...record.versions].sort((a, b) => b.number - a.number);
    const from = after === undefined ? 0 : indexAfter(versions, after);
    const shown = versions.slice(from, from + limit);
    const more = from + limit < versions.length;
    return {
      keyVersions: shown.map((version) => versionValues(record, version, nowMs)),
      nextPageToken: pageToken(more ? shown.at(-1)?.wireId : undefined),
    };
  },
};

function indexAfter(versions: readonly KeyVersion[], wireId: string): number {
  const at = versions.findIndex((version) => version.wireId === wireId);
  if (at < 0) throw fault('PageTokenInvalid', {});
  return at + 1;
}
