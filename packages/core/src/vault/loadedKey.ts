import { createHash, createHmac } from 'node:crypto';
import { fault } from '../faults.js';
import type { KeyRecord, KeyVersion, MaterialRecord } from '../model/key.js';
import type { StoredKey } from '../ports/store.js';
import type { Secret } from '../secret.js';
import { type AeadKey, deriveSubkey, prepareAead } from '../suites/aesGcm.js';
import { KEY_SPECS } from '../suites/keySpecs.js';
import { prepareMaterial } from '../suites/prepare.js';
import type { PreparedMaterial } from '../suites/suite.js';
import type { RootKey } from './rootKey.js';

/** Measured cost of a key object, its kept cipher and their handles. */
const OPENED_BYTES = 7_000;
const RECORD_BYTES = 1_500;
const NONCE_BYTES = 12;

/** A version of a loaded key, ready for use. @public */
export interface LoadedVersion {
  readonly version: KeyVersion;
  /**
   * Key for the envelopes of one dialect: a subkey of generated material, so that no key serves two
   * layouts, and imported material itself.
   *
   * @throws KmsFault Internal when the material is not symmetric
   */
  aead(dialect: string): AeadKey;
  /**
   * Key and nonce that follow from a context and a plaintext alone, for keys that give the same
   * ciphertext for the same input. Both are derived under labels of their own.
   *
   * @throws KmsFault Internal when the material is not symmetric
   */
  convergent(dialect: string, context: Buffer): ConvergentKey;
  /** Key object for asymmetric and MAC suites. */
  prepared(): PreparedMaterial;
}

/** What seals and opens the messages of one context. @public */
export interface ConvergentKey {
  readonly aead: AeadKey;
  /** 12 bytes. */
  nonce(plaintext: Buffer): Buffer;
}

/** A key with its material at hand; unwrapped on first use and kept as long as the cache keeps the key. @public */
export interface LoadedKey {
  readonly record: KeyRecord;
  /** @throws KmsFault Internal when the key has no material */
  primary(): LoadedVersion;
  /** Undefined when the key has no such version, or no material for it at present. */
  byWireId(versionWireId: string): LoadedVersion | undefined;
}

/** What binds wrapped material to its place. @internal */
export function materialBinding(
  material: Pick<MaterialRecord, 'sandbox' | 'id' | 'spec'>,
): string[] {
  return ['material', material.sandbox, material.id, material.spec];
}

/** Value that identifies material under a key without giving it away. @internal */
export function fingerprint(keyWireId: string, material: Secret): Buffer {
  return createHmac('sha256', material.expose()).update(`keyglot/material/${keyWireId}`).digest();
}

/**
 * Makes a stored key usable.
 *
 * @param onGrow called with the bytes of memory that opening a version costs
 * @internal
 */
export function loadKey(
  stored: StoredKey,
  rootKey: RootKey,
  onGrow: (key: LoadedKey, bytes: number) => void,
): LoadedKey {
  const { key: record } = stored;
  const materials = new Map(stored.materials.map((material) => [material.id, material]));
  const opened = new Map<string, LoadedVersion>();

  const openVersion = (version: KeyVersion): LoadedVersion => {
    const kept = opened.get(version.id);
    if (kept !== undefined) return kept;
    const material = materials.get(version.materialId);
    if (material === undefined) throw fault('Internal', { what: 'a key version has no material' });
    const loaded = loadVersion(version, material, rootKey, record.origin === 'imported');
    opened.set(version.id, loaded);
    onGrow(key, OPENED_BYTES);
    return loaded;
  };
  const key: LoadedKey = {
    record,
    primary() {
      const version = record.versions.find(({ id }) => id === record.primaryVersion);
      if (version === undefined) throw fault('Internal', { what: 'a key has no primary version' });
      return openVersion(version);
    },
    byWireId(versionWireId) {
      const version = record.versions.find(({ wireId }) => wireId === versionWireId);
      return version && version.materialId !== '' ? openVersion(version) : undefined;
    },
  };
  return key;
}

/** Bytes of memory that a key takes in the cache before it is used. @internal */
export function loadedBytes(stored: StoredKey): number {
  let bytes = RECORD_BYTES + JSON.stringify(stored.key.attributes).length * 2;
  for (const material of stored.materials) bytes += 600 + material.wrapped.length;
  return bytes;
}

function loadVersion(
  version: KeyVersion,
  material: MaterialRecord,
  rootKey: RootKey,
  isImported: boolean,
): LoadedVersion {
  let prepared: PreparedMaterial | undefined;
  const aeads = new Map<string, AeadKey>();
  const unwrap = (): Secret => rootKey.unwrap(material.wrapped, materialBinding(material));
  const symmetric = (): Buffer => {
    if (KEY_SPECS[material.spec].family !== 'aes') {
      throw fault('Internal', { what: `an envelope under ${material.spec} material` });
    }
    return unwrap().expose();
  };
  const subkey = (label: string): Buffer => deriveSubkey(symmetric(), label);
  const aeadOf = (bytes: Buffer): AeadKey => {
    const key = prepareAead(bytes);
    bytes.fill(0);
    return key;
  };
  return {
    version,
    aead(dialect) {
      let key = aeads.get(dialect);
      if (key === undefined) {
        key = aeadOf(isImported ? symmetric() : subkey(`${dialect}/envelope`));
        aeads.set(dialect, key);
      }
      return key;
    },
    convergent(dialect, context) {
      // A digest, because the label of a derivation has at most 1,024 bytes and a context has more.
      const digest = createHash('sha256').update(context).digest('hex');
      const label = `${dialect}/convergent/${digest}`;
      const nonceKey = subkey(`${label}/nonce`);
      return {
        aead: aeadOf(subkey(`${label}/key`)),
        nonce: (plaintext) =>
          createHmac('sha256', nonceKey).update(plaintext).digest().subarray(0, NONCE_BYTES),
      };
    },
    prepared() {
      prepared ??= prepareMaterial(material.spec, unwrap());
      return prepared;
    },
  };
}
