import type { RequestHead } from '@keyglot/dialect';
import type { Mount } from './place.js';

const SHARED = /^\/(?:kms\/v1\/)?keys(?:\/([^/]+)(?:\/versions)?)?$/;
const YANDEX_ID = /^abj[0-9a-v]{17}$/;
const NCP_TAG = /^[0-9a-f]{64}$/;

/**
 * Path shapes that Yandex and NAVER share, told apart by the id's alphabet, then by names in the
 * query; undefined when neither tells.
 *
 * @internal
 */
export function sharedPath(head: RequestHead): Mount | undefined {
  const found = SHARED.exec(head.path);
  if (found === null) return undefined;
  const id = found[1] ?? '';
  if (YANDEX_ID.test(id)) return 'yandex';
  if (NCP_TAG.test(id)) return 'ncp';
  const query = new URLSearchParams(head.query);
  if (query.has('folderId') || query.has('pageToken')) return 'yandex';
  return query.has('pageNo') ? 'ncp' : undefined;
}
