import { type Scope, settle, type Vault } from '@keyglot/core';
import type { WireRequest } from '@keyglot/dialect';
import { ncpFault } from './faults.js';

const KIND = 'ncp-acl';

/** Which addresses may use the tokens of one key. @internal */
export interface Acl {
  readonly isEnabled: boolean;
  /** IPv4 addresses in the order in which they were added. */
  readonly addresses: readonly string[];
  /** Stored version; 0 before the first change. */
  readonly version: number;
}

const NONE: Acl = { isEnabled: false, addresses: [], version: 0 };

/** The list of a key; a `Miss` when it is not in memory. @internal */
export function aclOf(vault: Vault, scope: Scope, keyTag: string): Acl {
  const found = vault.resources.byId(scope, scope.sandbox, KIND, keyTag)?.record;
  if (found === undefined) return NONE;
  const { isEnabled, addresses } = found.body;
  return {
    isEnabled: isEnabled === true,
    addresses: Array.isArray(addresses) ? addresses.map(String) : [],
    version: found.version,
  };
}

/** @throws KmsFault AlreadyExists, Conflict when somebody else changes it at the same moment @internal */
export async function writeAcl(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  { isEnabled, addresses, version }: Acl,
): Promise<void> {
  await vault.resources.write({
    sandbox: scope.sandbox,
    kind: KIND,
    id: keyTag,
    parent: keyTag,
    body: { isEnabled, addresses },
    version: version + 1,
  });
  await settle(vault);
}

/** Forgets the list of a key that is no more. @internal */
export async function dropAcl(vault: Vault, scope: Scope, keyTag: string): Promise<void> {
  await vault.resources.delete(scope.sandbox, KIND, keyTag);
}

/**
 * Refuses a token request from an address that is not on the key's list. An empty list that is switched
 * on refuses everybody.
 *
 * @throws KmsFault AddressRefused
 * @internal
 */
export function requireAllowedAddress(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  request: WireRequest,
): void {
  const { isEnabled, addresses } = aclOf(vault, scope, keyTag);
  if (!isEnabled) return;
  // A socket that listens on IPv6 shows IPv4 clients like this.
  const peer = (request.peerAddress ?? '').replace(/^::ffff:/i, '');
  if (!addresses.includes(peer)) throw ncpFault('AddressRefused', {});
}
