import type { LoadedKey } from '@keyglot/core';
import type { AwsCall } from '../call.js';
import { awsFault } from '../faults.js';
import { GRANT_KIND, type Grant, grantOf } from './grant.js';

const GRANT_ID = /^[0-9a-f]{64}$/;

/** A grant of a key, as a request names it. @internal */
export interface KeyAndGrant {
  readonly key: LoadedKey;
  readonly grant: Grant;
}

/** @throws KmsFault GrantIdInvalid for a text that no grant has as its id @internal */
export function requireGrantId(id: string): void {
  if (!GRANT_ID.test(id)) throw awsFault('GrantIdInvalid', {});
}

/**
 * Finds a grant of a key.
 *
 * @throws KmsFault GrantIdInvalid, GrantNotFound
 * @throws Miss
 * @internal
 */
export function namedGrant({ vault, scope }: AwsCall, key: LoadedKey, id: string): Grant {
  requireGrantId(id);
  const found = vault.resources.byId(scope, scope.sandbox, GRANT_KIND, id)?.record;
  if (found?.parent !== key.record.id) throw awsFault('GrantNotFound', { id });
  return grantOf(found);
}
