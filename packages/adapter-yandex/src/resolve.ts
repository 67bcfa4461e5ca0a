import { fault, type LoadedKey, Miss } from '@keyglot/core';
import type { Action } from '@keyglot/dialect';
import type { OneKey, YandexCall } from './call.js';
import { isRotationDue, rotateDue } from './rotation.js';

/**
 * Finds a symmetric key by its id, whatever its folder. A rotation that is due is done before anybody
 * sees the key.
 *
 * @throws KmsFault KeyNotFound
 * @throws Miss
 * @internal
 */
export function findKey(call: YandexCall, id: string): LoadedKey {
  const key = call.vault.keys.byWireId(call.scope, 'yandex', id, () => true);
  if (key === undefined || key.record.spec !== 'aes-256') throw fault('KeyNotFound', { id });
  if (isRotationDue(key.record, call.nowMs)) {
    throw new Miss(async () => {
      await rotateDue(call, key.record);
      // What this request found before is out of date.
      call.scope.pinned.clear();
    });
  }
  return key;
}

/** Resolves the one key of an operation. @internal */
export function oneKey(input: { readonly keyId: string }, call: YandexCall): OneKey {
  return { key: findKey(call, input.keyId) };
}

/** An operation on no particular key. @internal */
export function nothing(): Record<never, never> {
  return {};
}

/** One permission on the one key. @internal */
export function onKey(name: string): (input: unknown, resolved: OneKey) => readonly Action[] {
  return (_input, { key }) => [{ name, resource: key.record.wireId }];
}

/** No permission at all. @internal */
export function free(): readonly Action[] {
  return [];
}
