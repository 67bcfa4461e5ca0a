import { fault } from '../faults.js';
import type { KeyRecord, KeyVersion } from '../model/key.js';
import type { KeyChange } from '../ports/store.js';
import { type MadeVersion, newVersion, versionOn } from './createKey.js';
import type { LoadedKey } from './loadedKey.js';
import { writeGroup } from './twinGroup.js';
import type { Vault } from './vault.js';

/** What a dialect decides about a rotation. @public */
export interface Rotation {
  /** Sees the key under its lock; throws to refuse. May change attributes along with the rotation. */
  check(current: KeyRecord): KeyChange['set'];
  /** What changes in a twin along with it, given what changes in the key itself. */
  twin?(twin: KeyRecord, set: KeyChange['set']): KeyChange['set'];
  versionWireId(fingerprint: Buffer): string;
  /** Attributes of the new version, on the key and on twins of the same dialect. */
  readonly versionAttributes?: KeyVersion['attributes'];
}

/**
 * Adds a version with new material and makes it the primary one, on the key and on all its twins in
 * one transaction. Older ciphertexts still open.
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
  const versionWireId = (value: Buffer): string => rotation.versionWireId(value);
  // Made before anything is locked: generating an RSA key takes long.
  const made = await newVersion(vault, { ...key, number: 0, versionWireId }, nowMs);
  const added = withAttributes(made, rotation.versionAttributes);
  const ref = { sandbox: key.sandbox, id: key.id };
  return vault.keys.change(ref, async () => {
    const written = await writeGroup(vault, key, nowMs, key.id, (current, group) => {
      const set = rotation.check(current.key);
      const changes = new Map<string, KeyChange>();
      for (const { key: twin } of group) {
        const own = twin.id === key.id;
        const version = own ? numbered(added, twin) : twinVersion(vault, twin, key, added);
        const wanted = { ...(own ? set : rotation.twin?.(twin, set)) };
        changes.set(twin.id, {
          set: { ...wanted, primaryVersion: version.version.id },
          addVersions: [version],
        });
      }
      return { changes };
    });
    const rotated = written.find((stored) => stored.key.id === key.id);
    if (rotated === undefined) throw fault('Internal', { what: 'a rotation that changed nothing' });
    return rotated;
  });
}

function numbered(added: MadeVersion, current: KeyRecord): MadeVersion {
  return { ...added, version: { ...added.version, number: current.versions.length + 1 } };
}

/** The same material as a version of a twin, under the name that the twin's dialect gives it. */
function twinVersion(
  vault: Vault,
  twin: KeyRecord,
  key: KeyRecord,
  { version, material }: MadeVersion,
): MadeVersion {
  const number = twin.versions.length + 1;
  return versionOn(vault, twin, material, { ...version, number }, key.realm);
}

function withAttributes(
  added: MadeVersion,
  attributes: KeyVersion['attributes'] = {},
): MadeVersion {
  return { ...added, version: { ...added.version, attributes } };
}
