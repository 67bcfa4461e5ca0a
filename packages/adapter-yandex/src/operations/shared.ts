import { type Context, type LoadedKey, type LoadedVersion, NO_CONTEXT } from '@keyglot/core';
import type { Evidence } from '@keyglot/dialect';
import type { OneKey, YandexCall } from '../call.js';
import { findVersion } from '../key.js';
import { findKey } from '../resolve.js';
import { requireUsableKey, requireUsableVersion } from '../states.js';

const DOCS = 'https://yandex.cloud/en/docs';

/** Service of the crypto operations. @internal */
export const CRYPTO = 'yandex.cloud.kms.v1.SymmetricCryptoService';

/** Service of the key operations. @internal */
export const KEYS = 'yandex.cloud.kms.v1.SymmetricKeyService';

/** Evidence of an operation that is known from a page of the documentation. @internal */
export function documented(page: string): Evidence {
  return { mark: 'documented', date: '2026-11-24', source: `${DOCS}/${page}` };
}

/** The additional authenticated data of a request; an empty one equals none. @internal */
export function contextOf(bytes: Buffer | undefined): Context {
  return bytes === undefined ? NO_CONTEXT : { kind: 'bytes', bytes };
}

/** What Encrypt, GenerateDataKey and the target of ReEncrypt name. @internal */
export interface TargetInput {
  readonly versionId?: string;
}

/**
 * Refuses a key that cannot encrypt under the named version, or the primary one.
 *
 * @throws KmsFault KeyDisabled, VersionNotFound, VersionStateInvalid
 * @internal
 */
export function usableTarget({ key }: OneKey, input: TargetInput, call: YandexCall): void {
  requireUsableKey(key.record);
  requireUsableVersion(targetVersion(key, input).version, call.nowMs);
}

/** Resolves the target of Encrypt and GenerateDataKey; a named version may be younger than the cache. @internal */
export function oneTarget(
  input: TargetInput & { readonly keyId: string },
  call: YandexCall,
): OneKey {
  return { key: findTarget(input, call) };
}

/** @throws KmsFault KeyNotFound @throws Miss @internal */
export function findTarget(
  { keyId, versionId }: TargetInput & { readonly keyId: string },
  call: YandexCall,
): LoadedKey {
  const key = findKey(call, keyId);
  return versionId === undefined ? key : call.vault.keys.withVersion(call.scope, key, versionId);
}

/** The version to encrypt under. @throws KmsFault VersionNotFound @internal */
export function targetVersion(key: LoadedKey, { versionId }: TargetInput): LoadedVersion {
  if (versionId === undefined) return key.primary();
  const { wireId } = findVersion(key.record, versionId);
  return key.byWireId(wireId) ?? key.primary();
}
