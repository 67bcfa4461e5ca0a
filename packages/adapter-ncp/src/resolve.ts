import {
  fault,
  type KeyVersion,
  type LoadedKey,
  type LoadedVersion,
  Miss,
  refKey,
} from '@keyglot/core';
import { actionOn, type NcpCall, type OneKey } from './call.js';
import { invalid, ncpFault } from './faults.js';
import { isRotationDue, rotateDue } from './rotation.js';

/**
 * Finds the key of a request by its tag, at the boundary of the host that was called.
 *
 * @throws KmsFault KeyNotFound
 * @internal
 */
export function resolveKey(call: NcpCall): LoadedKey {
  const { vault, scope, route, caller, nowMs } = call;
  const key = vault.keys.byWireId(
    scope,
    'ncp',
    route.keyTag,
    (place) => place.region === caller.region,
  );
  if (key === undefined) throw fault('KeyNotFound', { id: route.keyTag });
  if (isRotationDue(key.record, nowMs)) {
    throw new Miss(async () => {
      await rotateDue(vault, key.record, nowMs);
      // What this request knows of the key is out of date.
      scope.pinned.delete(refKey(key.record));
    });
  }
  return key;
}

/** Resolves the one key of an operation. @internal */
export function oneKey(_input: unknown, call: NcpCall): OneKey {
  return { key: resolveKey(call) };
}

/** An operation on no particular key. @internal */
export function noKey(): Record<never, never> {
  return {};
}

/** The permission of the operation on the one key. @internal */
export function onKey(
  _input: unknown,
  { key }: OneKey,
  call: NcpCall,
): ReturnType<typeof actionOn> {
  return actionOn(call.route.name, key.record);
}

/** The permission of the operation on no particular key. @internal */
export function onNothing(
  _input: unknown,
  _resolved: unknown,
  call: NcpCall,
): ReturnType<typeof actionOn> {
  return actionOn(call.route.name, undefined);
}

/**
 * The version that a ciphertext or signature names.
 *
 * @throws KmsFault RequestInvalid when the key has no such version, StatusInvalid when it is disabled
 * @internal
 */
export function usableVersion(key: LoadedKey, number: number): LoadedVersion {
  const version = versionOf(key, number);
  if (version === undefined) throw invalid('no such version');
  requireEnabled(version);
  return opened(key, version);
}

/** @throws KmsFault StatusInvalid @internal */
export function requireEnabled(version: KeyVersion): void {
  if (version.state !== 'enabled') throw ncpFault('StatusInvalid', {});
}

/** The version with this number. @internal */
export function versionOf(key: LoadedKey, number: number): KeyVersion | undefined {
  return key.record.versions.find((version) => version.number === number);
}

/** A version's material. @internal */
export function opened(key: LoadedKey, version: KeyVersion): LoadedVersion {
  const loaded = key.byWireId(version.wireId);
  if (loaded === undefined) throw fault('Internal', { what: 'a version without material' });
  return loaded;
}
