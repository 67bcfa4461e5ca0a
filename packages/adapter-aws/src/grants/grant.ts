import type { Json, LoadedKey, Realm, ResourceIndexEntry, ResourceRecord } from '@keyglot/core';
import type { AwsCall } from '../call.js';

/** Kind of the resources that are grants; their parent is the key. @internal */
export const GRANT_KIND = 'aws-grant';

/** Pairs of an encryption context, in the order of the request. @internal */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** What a grant asks of the requests that it allows. @internal */
export interface GrantConstraints {
  readonly encryptionContextEquals?: Pairs;
  readonly encryptionContextSubset?: Pairs;
  readonly sourceArn?: string;
}

/** A grant as it is kept, all members read. @internal */
export interface Grant {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Where its key lives, and the id that the key shows. */
  readonly realm: Realm;
  readonly keyWireId: string;
  /** Empty when it has none. */
  readonly name: string;
  /** Virtual time, milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Account of whoever made it. */
  readonly issuingAccount: string;
  readonly operations: readonly string[];
  readonly granteePrincipal?: string;
  readonly granteeServicePrincipal?: string;
  readonly retiringPrincipal?: string;
  readonly retiringServicePrincipal?: string;
  readonly constraints: GrantConstraints;
}

/** The body of the resource that keeps a grant. @internal */
export function grantBody({ id: _, ...rest }: Grant): { readonly [name: string]: Json } {
  // Every member is of what JSON has; only the types do not say so.
  return rest as unknown as { readonly [name: string]: Json };
}

/** The grant that a resource keeps. @internal */
export function grantOf({ id, body }: ResourceRecord): Grant {
  // Only grantBody() writes such bodies.
  return { ...(body as unknown as Omit<Grant, 'id'>), id };
}

/** Listings that do not go by key alone. @internal */
export type GrantIndex = 'grantee' | 'retiring';

/** Beginning of the index values of all grants of a key for one grantee. @internal */
export function granteePrefix(keyId: string, principal: string): string {
  return `${keyId}\n${principal}\n`;
}

/** Beginning of the index values of all grants that a principal may retire in a region. @internal */
export function retiringPrefix({ dialect, region }: Realm, principal: string): string {
  return `${dialect}\n${region}\n${principal}\n`;
}

/** Index entries of a grant. @internal */
export function grantIndex(grant: Grant, keyId: string, identity: string): ResourceIndexEntry[] {
  const { id, realm, granteePrincipal: grantee, retiringPrincipal: retiring } = grant;
  const index: ResourceIndexEntry[] = [];
  const add = (name: GrantIndex | 'identity', value: string): void => {
    index.push({ name, value });
  };
  if (identity !== '') add('identity', identity);
  if (grantee !== undefined) add('grantee', granteePrefix(keyId, grantee) + id);
  if (retiring !== undefined) add('retiring', retiringPrefix(realm, retiring) + id);
  return index;
}

const read = new WeakMap<readonly ResourceRecord[], readonly Grant[]>();

/**
 * All grants of a key, from memory: the key's lease covers them, and nothing is read twice.
 *
 * @throws Miss
 * @internal
 */
export function grantsOf({ vault, scope }: AwsCall, key: LoadedKey): readonly Grant[] {
  const records = vault.resources.ofKey(scope, key, GRANT_KIND);
  let grants = read.get(records);
  if (grants === undefined) {
    grants = records.map(grantOf);
    read.set(records, grants);
  }
  return grants;
}
