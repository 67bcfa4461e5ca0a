import { type Envelope, fault, type LoadedKey } from '@keyglot/core';
import type { YandexCall } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { requireUsableKey, requireUsableVersion } from '../states.js';

/**
 * Takes a ciphertext apart and judges key and version. The key's id is not in the blob, so a wrong key
 * shows only in that it has no such version; that is the same fault as a broken ciphertext.
 *
 * @throws KmsFault KeyDisabled, CiphertextInvalid, VersionStateInvalid
 * @internal
 */
export function openable(key: LoadedKey, ciphertext: Buffer, call: YandexCall): Envelope {
  requireUsableKey(key.record);
  const envelope = YANDEX_LAYOUT.parse(ciphertext);
  const version = key.record.versions.find(({ wireId }) => wireId === envelope?.versionWireId);
  if (envelope === undefined || version === undefined) throw fault('CiphertextInvalid', {});
  requireUsableVersion(version, call.nowMs);
  return envelope;
}
