import { fault, type KeyRecord, type KeyVersion } from '@keyglot/core';
import { yandexFault } from './faults.js';
import { type VersionStatus, versionStatus } from './key.js';

/** Whether a key in this state may encrypt and decrypt. The page says only "cannot be used". */
const USABLE_KEYS: ReadonlySet<KeyRecord['state']> = new Set(['enabled', 'updating']);

/** https://yandex.cloud/en/docs/kms/concepts/version; the codes are inferred. */
const USABLE_VERSIONS: { readonly [Status in VersionStatus]: boolean } = {
  ACTIVE: true,
  SCHEDULED_FOR_DESTRUCTION: false,
  DESTROYED: false,
};

/** @throws KmsFault KeyDisabled @internal */
export function requireUsableKey(key: KeyRecord): void {
  if (!USABLE_KEYS.has(key.state)) throw fault('KeyDisabled', { id: key.wireId });
}

/** @throws KmsFault VersionStateInvalid @internal */
export function requireUsableVersion(version: KeyVersion, nowMs: number): void {
  const state = versionStatus(version, nowMs);
  if (!USABLE_VERSIONS[state]) {
    throw yandexFault('VersionStateInvalid', { versionId: version.wireId, state });
  }
}
