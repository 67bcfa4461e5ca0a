import { fault, KmsFault } from '../faults.js';
import { isGone, type KeyRecord, type KeyVersion } from '../model/key.js';
import type { KeyChange, NewVersion, StoredKey } from '../ports/store.js';
import { newVersion, versionOn } from './createKey.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** What a dialect decides about a rotation. @public */
export interface Rotation {
  /** Sees the key under its lock; throws to refuse. May change attributes along with the rotation. */
  check(current: KeyRecord): KeyChange['set'];
  versionWireId(fingerprint: Buffer): string;
  /** Attributes of the new version, on the key and on twins of the same dialect. */
  readonly versionAttributes?: KeyVersion['attributes'];
}

/** A key joins a group of twins rarely, so that more turns mean a defect. */
const MAX_TURNS = 5;

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
    let { twinGroup } = key;
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      if (twinGroup !== '') await vault.loadDialects?.();
      const written = await rotateGroup(vault, { key, twinGroup, nowMs, rotation, added }).catch(
        (error: unknown) => {
          // Only the store knows the twins, and it may have written although its answer was lost.
          if (twinGroup !== '' && isUnavailable(error)) vault.keys.forget(undefined);
          throw error;
        },
      );
      if (typeof written === 'string') {
        twinGroup = written;
        continue;
      }
      const rotated = written.find((stored) => stored.key.id === key.id);
      if (rotated === undefined) break;
      const twins = written.filter((stored) => stored !== rotated);
      vault.keys.forget(twins.map((stored) => ({ sandbox: key.sandbox, id: stored.key.id })));
      return rotated;
    }
    throw fault('Internal', { what: 'a rotation that changed nothing' });
  });
}

interface GroupRotation {
  readonly key: KeyRecord;
  /** Group that is to be locked. */
  readonly twinGroup: string;
  readonly nowMs: number;
  readonly rotation: Rotation;
  readonly added: NewVersion;
}

/** Adds the version to a key and its twins, or gives the group that the key has joined meanwhile. */
async function rotateGroup(
  vault: Vault,
  { key, twinGroup, nowMs, rotation, added }: GroupRotation,
): Promise<readonly StoredKey[] | string> {
  let joined: string | undefined;
  const which = { ids: [key.id], twinGroup };
  const written = await vault.store.changeKeys(key.sandbox, which, (locked) => {
    const current = locked.find((one) => one.key.id === key.id)?.key;
    if (current === undefined || isGone(current, nowMs)) {
      throw fault('KeyNotFound', { id: key.wireId });
    }
    if (current.twinGroup !== twinGroup) {
      joined = current.twinGroup;
      return undefined;
    }
    const set = rotation.check(current);
    const changes = new Map<string, KeyChange>();
    for (const twin of locked) {
      const own = twin.key.id === key.id;
      const version = own ? numbered(added, current) : twinVersion(vault, twin.key, key, added);
      const primaryVersion = version.version.id;
      const wanted = { ...(own ? set : {}), primaryVersion };
      changes.set(twin.key.id, { set: wanted, addVersions: [version] });
    }
    return { changes };
  });
  return joined ?? written;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof KmsFault && error.code === 'Unavailable';
}

function numbered(added: NewVersion, current: KeyRecord): NewVersion {
  return { ...added, version: { ...added.version, number: current.versions.length + 1 } };
}

/** The same material as a version of a twin, under the name that the twin's dialect gives it. */
function twinVersion(
  vault: Vault,
  twin: KeyRecord,
  key: KeyRecord,
  { version, material }: NewVersion,
): NewVersion {
  const { createdAt, attributes } = version;
  const made = versionOn(vault, twin, material, { number: twin.versions.length + 1, createdAt });
  // Attributes are words of a dialect.
  return twin.realm.dialect === key.realm.dialect ? withAttributes(made, attributes) : made;
}

function withAttributes(added: NewVersion, attributes: KeyVersion['attributes'] = {}): NewVersion {
  return { ...added, version: { ...added.version, attributes } };
}
