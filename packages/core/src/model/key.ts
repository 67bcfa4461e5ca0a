import type { KeySpecId } from '../suites/keySpecs.js';
import type { Json } from './json.js';

/** Where a key lives: a provider, an account or folder of it, and a region. @public */
export interface Realm {
  readonly dialect: string;
  readonly tenant: string;
  readonly region: string;
}

/** What a key may be used for. @public */
export type KeyUsage = 'encrypt' | 'sign' | 'mac' | 'agree' | 'encapsulate';

/** Who made the material of a key. @public */
export type KeyOrigin = 'generated' | 'imported' | 'external';

/** Stored state. Deletion by time is not stored: see {@link isGone}. @public */
export type KeyState =
  | 'creating'
  | 'enabled'
  | 'disabled'
  | 'pending-import'
  | 'pending-deletion'
  | 'unavailable'
  | 'updating';

/** One generation of a key's material. @public */
export interface KeyVersion {
  readonly id: string;
  /** 1 for the first version, then counting up. */
  readonly number: number;
  /** What the dialect calls this version, for instance 64 hexadecimal digits. */
  readonly wireId: string;
  readonly state: 'enabled' | 'disabled' | 'pending-destruction';
  readonly createdAt: Date;
  /** Empty while the material of this version is not here: imported material may be taken away again. */
  readonly materialId: string;
  readonly attributes: { readonly [name: string]: Json };
}

/** A key without its material. Immutable; every change makes a new record with a higher revision. @public */
export interface KeyRecord {
  readonly sandbox: string;
  /** Internal id, never shown on a wire. */
  readonly id: string;
  readonly realm: Realm;
  /** The id that the dialect shows, for instance a UUID. */
  readonly wireId: string;
  readonly spec: KeySpecId;
  readonly usages: readonly KeyUsage[];
  readonly origin: KeyOrigin;
  readonly state: KeyState;
  /** Virtual time from which on the key does not exist any more. */
  readonly deletionAt: Date | null;
  /**
   * Virtual time from which on the key's dialect has something to do to the key, like a rotation; no
   * look-up gives a key before that is done. See `catchUp`.
   */
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  /** Id of the version that new ciphertexts use; empty while there is no material. */
  readonly primaryVersion: string;
  readonly revision: number;
  /** Name of the group of keys that share all material with this one, or empty. */
  readonly twinGroup: string;
  /** Members that only the key's dialect understands. */
  readonly attributes: { readonly [name: string]: Json };
  readonly versions: readonly KeyVersion[];
}

/** Wrapped key material. Several versions may refer to one material. @public */
export interface MaterialRecord {
  readonly sandbox: string;
  readonly id: string;
  readonly spec: KeySpecId;
  /** Bytes sealed under the root key, bound to sandbox, id, spec and root key id. */
  readonly wrapped: Uint8Array;
  readonly rootKeyId: string;
}

/** Maps an id on the wire to a key, and to a version where the id names one. @public */
export interface Locator {
  readonly sandbox: string;
  readonly dialect: string;
  readonly kind: 'key' | 'version';
  readonly wireId: string;
  readonly tenant: string;
  readonly region: string;
  readonly keyId: string;
  /** Empty for `kind: 'key'`. */
  readonly versionId: string;
}

/** A name that stands for a key of the same realm. @public */
export interface AliasRecord {
  readonly sandbox: string;
  readonly realm: Realm;
  readonly name: string;
  readonly keyId: string;
  /** Wire id of the key, so that a listing needs no second look-up. */
  readonly keyWireId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Whether the key's deletion time has passed at the virtual time `nowMs` (milliseconds since 1970). @public */
export function isGone(key: KeyRecord, nowMs: number): boolean {
  return key.deletionAt !== null && key.deletionAt.getTime() <= nowMs;
}
