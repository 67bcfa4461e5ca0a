import type { KeyRecord } from '../model/key.js';
import type { KeyChange } from '../ports/store.js';
import { changeKey } from './changeKey.js';
import { newVersion } from './createKey.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** What a dialect decides about a rotation. @public */
export interface Rotation {
  /** Sees the key under its lock; throws to refuse. May change attributes along with the rotation. */
  check(current: KeyRecord): KeyChange['set'];
  versionWireId(fingerprint: Buffer): string;
}

/**
 * Adds a version with new material and makes it the primary one. Older ciphertexts still open.
 *
 * @throws KmsFault KeyNotFound, Unavailable, and what `rotation.check` throws
 * @public
 */
export async function rotateKey(
  vault: Vault,
  key: KeyRecord,
  nowMs: number,
  rotation: Rotation,
): Promise<LoadedKey> {
  const draft = {
    ...key,
    number: key.versions.length + 1,
    versionWireId: (value: Buffer) => rotation.versionWireId(value),
  };
  // Made before the key is locked: generating an RSA key takes long.
  const added = await newVersion(vault, draft, nowMs);
  return changeKey(vault, key, nowMs, (current) => {
    const set = rotation.check(current);
    const version = { ...added.version, number: current.versions.length + 1 };
    return {
      set: { ...set, primaryVersion: version.id },
      addVersions: [{ ...added, version }],
    };
  });
}
