import { fault, type KeyVersion, type LoadedKey, type Realm } from '@keyglot/core';
import type { Action } from '@keyglot/dialect';
import type { AlibabaCall, OneKey } from './call.js';
import { alibabaFault } from './faults.js';
import { keyArn, parseArn } from './ids.js';

/** Identifier forms that an operation takes: key id, ARN and alias, or key id and key ARN only. @internal */
export type IdentifierForms = 'any' | 'key';

/**
 * Finds the key that an identifier names: key id, alias name, or ARN of either.
 *
 * @throws KmsFault KeyNotFound, AliasNotFound, AliasNotAllowed, ParameterInvalid
 * @internal
 */
export function resolveKey(
  call: AlibabaCall,
  identifier: string,
  forms: IdentifierForms,
  parameter = 'KeyId',
): LoadedKey {
  if (identifier.startsWith('alias/')) {
    if (forms === 'key') throw alibabaFault('AliasNotAllowed', {});
    return byAlias(call, call.realm, identifier);
  }
  if (!identifier.startsWith('acs:')) return byId(call, call.realm, identifier);
  const arn = parseArn(identifier);
  if (arn === undefined) throw alibabaFault('ParameterInvalid', { name: parameter });
  if (arn.kind === 'alias' && forms === 'key') throw alibabaFault('AliasNotAllowed', {});
  // A key of another region is not to be found from here, whatever its ARN says.
  if (arn.region !== call.realm.region) throw fault('KeyNotFound', { id: arn.id });
  const realm = { ...call.realm, tenant: arn.account };
  return arn.kind === 'alias' ? byAlias(call, realm, arn.id) : byId(call, realm, arn.id);
}

function byAlias(call: AlibabaCall, realm: Realm, name: string): LoadedKey {
  const key = call.vault.keys.byAlias(call.scope, realm, name);
  if (key === undefined) throw fault('AliasNotFound', { name });
  return key;
}

function byId(call: AlibabaCall, realm: Realm, id: string): LoadedKey {
  const { dialect, tenant, region } = realm;
  const key = call.vault.keys.byWireId(
    call.scope,
    dialect,
    id,
    (place) => place.tenant === tenant && place.region === region,
  );
  if (key === undefined) throw fault('KeyNotFound', { id });
  return key;
}

/** The key whose version has this id, in the caller's region and of whatever account. @internal */
export function resolveByVersion(
  call: AlibabaCall,
  versionWireId: string,
): { readonly key: LoadedKey; readonly version: KeyVersion } {
  const { dialect, region } = call.realm;
  const found = call.vault.keys.byVersion(
    call.scope,
    dialect,
    versionWireId,
    (place) => place.region === region,
  );
  if (found === undefined) throw fault('KeyNotFound', { id: versionWireId });
  return found;
}

/**
 * A version of a key by its id, with the key as it is now: another process may have just made it.
 *
 * @throws KmsFault KeyVersionNotFound
 * @internal
 */
export function requireVersion(
  call: AlibabaCall,
  found: LoadedKey,
  versionWireId: string,
): { readonly key: LoadedKey; readonly version: KeyVersion } {
  const key = call.vault.keys.withVersion(call.scope, found, versionWireId);
  const version = key.record.versions.find(({ wireId }) => wireId === versionWireId);
  if (version === undefined) throw alibabaFault('KeyVersionNotFound', { id: versionWireId });
  return { key, version };
}

/** Resolves the one key of an operation. @internal */
export function oneKey(
  forms: IdentifierForms,
): (input: { readonly KeyId: string }, call: AlibabaCall) => OneKey {
  return (input, call) => ({ key: resolveKey(call, input.KeyId, forms) });
}

/** An operation on no particular key. @internal */
export function noKey(): Record<never, never> {
  return {};
}

/** The action `kms:<operation>` on the one key. @internal */
export function onKey(_input: unknown, { key }: OneKey, call: AlibabaCall): readonly Action[] {
  return [{ name: `kms:${call.operation}`, resource: keyArn(key.record) }];
}

/** The action `kms:<operation>` on one of the account's containers. @internal */
export function onContainer(
  kind: 'key' | 'alias',
): (input: unknown, resolved: unknown, call: AlibabaCall) => readonly Action[] {
  return (_input, _resolved, { operation, realm }) => [
    { name: `kms:${operation}`, resource: `acs:kms:${realm.region}:${realm.tenant}:${kind}` },
  ];
}
