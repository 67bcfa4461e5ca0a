import { fault, type LoadedKey, type PlaceFilter, type Realm } from '@keyglot/core';
import { type AwsCall, keyArn, type OneKey } from './call.js';
import { deniedForeign } from './denied.js';
import { awsFault } from './faults.js';
import { hasKeyIn } from './multiRegion.js';
import type { ParsedArn } from './profile.js';

// Capitals have the form of an id too, although no key has such an id: https://github.com/floci-io/floci/pull/3968
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MULTI_REGION = /^mrk-[0-9a-f]{32}$/;

/** Identifier forms that an operation takes: all four, or key id and key ARN only. @internal */
export type IdentifierForms = 'any' | 'key';

/**
 * Finds the key that an identifier names: key id, key ARN, alias name or alias ARN.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 * @param action - permission that a refusal names
 * @throws KmsFault AccessDenied, KeyNotFound, KeyIdInvalid, AliasNotFound, AliasNotAllowed, ArnForeignRegion, IdentifierMalformed
 * @internal
 */
export function resolveKey(
  call: AwsCall,
  identifier: string,
  forms: IdentifierForms,
  action: string = `kms:${call.operation}`,
): LoadedKey {
  if (identifier.startsWith('alias/')) {
    if (forms === 'key') throw awsFault('AliasNotAllowed', {});
    return byAlias(call, call.realm, identifier);
  }
  if (!identifier.startsWith('arn:')) return byId(call, call.realm, identifier, false);
  const arn = call.profile.parseArn(identifier);
  if (arn === undefined) throw fault('IdentifierMalformed', { id: identifier });
  if (arn.kind === 'alias' && forms === 'key') throw awsFault('AliasNotAllowed', {});
  const realm = realmOf(call, arn);
  // Before any look-up, so that nobody learns which keys another account has.
  if (call.auth === 'enforce' && realm.tenant !== call.caller.account) throw deniedForeign(action);
  const key = arn.kind === 'alias' ? byAlias(call, realm, arn.id) : byId(call, realm, arn.id, true);
  return key;
}

function realmOf(call: AwsCall, arn: ParsedArn): Realm {
  if (arn.region !== undefined && arn.region !== call.caller.region) {
    throw awsFault('ArnForeignRegion', { region: arn.region });
  }
  return { ...call.realm, tenant: arn.account };
}

/** Whether an identifier is an ARN of another Region. @internal */
export function namesOtherRegion(call: AwsCall, identifier: string): boolean {
  const region = call.profile.parseArn(identifier)?.region;
  return region !== undefined && region !== call.caller.region;
}

function byAlias(call: AwsCall, realm: Realm, name: string): LoadedKey {
  const key = call.vault.keys.byAlias(call.scope, realm, name);
  if (key === undefined) throw fault('AliasNotFound', { name: call.profile.arn(realm, name) });
  return (
    nearest(call, (region) =>
      region === realm.region ? key : at(call, realm, key.record.wireId, region),
    ) ?? key
  );
}

function byId(call: AwsCall, realm: Realm, id: string, arn: boolean): LoadedKey {
  if (!UUID.test(id) && !MULTI_REGION.test(id)) throw awsFault('KeyIdInvalid', { id, arn });
  const key = nearest(call, (region) => at(call, realm, id, region));
  if (key === undefined) throw notFound(call, realm, id);
  return key;
}

function at(call: AwsCall, realm: Realm, id: string, region: string): LoadedKey | undefined {
  const here: PlaceFilter = (place) => place.tenant === realm.tenant && place.region === region;
  return call.vault.keys.byWireId(call.scope, realm.dialect, id, here);
}

function notFound(call: AwsCall, realm: Realm, id: string): Error {
  return fault('KeyNotFound', { id: call.profile.arn(realm, `key/${id}`) });
}

/**
 * Picks among the keys of a multi-Region key. Realms of AWS are those of the caller's region. Those of
 * QKMS have one region for all callers, so there the key in the caller's region comes first, if there is
 * one.
 *
 * @internal
 */
export function nearest(
  call: AwsCall,
  find: (region: string) => LoadedKey | undefined,
): LoadedKey | undefined {
  const { realm, caller, nowMs } = call;
  const home = find(realm.region);
  if (caller.region === realm.region) return home;
  if (home !== undefined && !hasKeyIn(home.record, caller.region, nowMs)) return home;
  return find(caller.region) ?? home;
}

/**
 * Finds the key that an alias is to lead to. Aliases live in realms, so that where the caller's region
 * has a key of its own in a realm without that region, it is not this one.
 *
 * @throws what {@link resolveKey} throws
 * @internal
 */
export function resolveAliasTarget(call: AwsCall, identifier: string): LoadedKey {
  const key = resolveKey(call, identifier, 'key');
  const { realm, wireId } = key.record;
  if (realm.region === call.realm.region) return key;
  const target = at(call, realm, wireId, call.realm.region);
  if (target === undefined) throw notFound(call, realm, wireId);
  return target;
}

/** Resolves the one key of an operation. @internal */
export function oneKey(
  forms: IdentifierForms,
): (input: { readonly KeyId: string }, call: AwsCall) => OneKey {
  return (input, call) => ({ key: resolveKey(call, input.KeyId, forms) });
}

/** An operation on no particular key. @internal */
export function noKey(): Record<never, never> {
  return {};
}

/** The action `kms:<operation>` on the one key. @internal */
export function onKey(
  _input: unknown,
  resolved: OneKey,
  call: AwsCall,
): readonly { readonly name: string; readonly resource: string }[] {
  return [{ name: `kms:${call.operation}`, resource: keyArn(call, resolved.key.record) }];
}

/** The action `kms:<operation>` on no particular resource. @internal */
export function onNothing(
  _input: unknown,
  _resolved: unknown,
  call: AwsCall,
): readonly { readonly name: string; readonly resource: string }[] {
  return [{ name: `kms:${call.operation}`, resource: '*' }];
}
