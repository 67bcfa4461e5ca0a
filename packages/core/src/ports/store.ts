import type {
  AliasRecord,
  KeyRecord,
  KeyVersion,
  Locator,
  MaterialRecord,
  Realm,
} from '../model/key.js';
import type { KeyUse } from '../model/keyUse.js';
import type { ResourceIndexEntry, ResourceRecord } from '../model/resource.js';

/** A key with the wrapped material of all its versions, as of one moment. @public */
export interface StoredKey {
  readonly key: KeyRecord;
  readonly materials: readonly MaterialRecord[];
}

/** A key that is to be written with all that belongs to it, in one transaction. @public */
export interface NewKey extends StoredKey {
  readonly locators: readonly Locator[];
}

/** A version that a change adds to a key. @public */
export interface NewVersion {
  readonly version: KeyVersion;
  /** Null for a version whose material is not here; its `materialId` is empty then. */
  readonly material: MaterialRecord | null;
  readonly locators: readonly Locator[];
}

/** What a change writes; members left out stay as they are. @public */
export interface KeyChange {
  readonly set?: Partial<
    Pick<
      KeyRecord,
      'state' | 'deletionAt' | 'dueAt' | 'primaryVersion' | 'attributes' | 'twinGroup'
    >
  >;
  readonly addVersions?: readonly NewVersion[];
  readonly setVersions?: readonly VersionChange[];
}

/** New state and attributes of a version that a key has. @public */
export interface VersionChange extends Pick<KeyVersion, 'id' | 'state' | 'attributes'> {
  /**
   * Material that the version gets in place of what it has, or null to take that away; it stays when
   * this is left out. Material that no version refers to any more is removed.
   */
  readonly material?: MaterialRecord | null;
}

/** An alias together with the revision that its key had at the same moment. @public */
export interface AliasReading {
  readonly alias: AliasRecord;
  readonly keyRevision: number;
}

/** What a change of several keys writes. @public */
export interface GroupChange {
  /** Changes by key id. */
  readonly changes: ReadonlyMap<string, KeyChange>;
  /** A key to be made along with them. */
  readonly create?: NewKey;
}

/** A page of keys and the number of keys on all pages. @public */
export interface KeyPage {
  readonly keys: readonly { readonly id: string; readonly wireId: string }[];
  readonly total: number;
}

/** A key to which something is to be done, and since when. @public */
export interface DueKey {
  readonly id: string;
  readonly dueAt: Date;
}

/** A resource and the index value under which it was found. @public */
export interface IndexedResource {
  readonly value: string;
  readonly resource: ResourceRecord;
}

/** Names one key. @public */
export interface KeyRef {
  readonly sandbox: string;
  readonly id: string;
}

/** A page of a listing, in ascending order of `after`'s kind. @public */
export interface Page {
  /** Exclusive start: the last item of the page before, or undefined for the first page. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Check value by which a store recognises its root key. @public */
export interface RootKeyRecord {
  readonly id: string;
  readonly check: Uint8Array;
}

/**
 * Where the vault keeps its records. Every method that writes is one transaction: when its promise is
 * fulfilled the write is durable, when it is rejected nothing of it is visible.
 *
 * All methods reject with a `KmsFault` of code `Unavailable` when the store cannot be reached, and
 * never with a driver's own error.
 *
 * @public
 */
export interface Store {
  /** Whether other processes may write to the same records; then cached keys need leases. */
  readonly shared: boolean;

  readKey(ref: KeyRef): Promise<StoredKey | undefined>;
  /** All places to which a wire id leads; several for a key that lives in several regions. */
  locate(
    where: Pick<Locator, 'sandbox' | 'dialect' | 'kind' | 'wireId'>,
  ): Promise<readonly Locator[]>;
  /** Current revisions of the named keys; keys that do not exist are left out. Key of the map: {@link refKey}. */
  revisions(refs: readonly KeyRef[]): Promise<ReadonlyMap<string, number>>;
  /** @throws KmsFault AlreadyExists when the id or a locator is taken */
  createKey(key: NewKey): Promise<void>;
  /**
   * Locks the key, hands its current record to `decide`, writes what that returns and raises the
   * revision by one. What `decide` throws ends the transaction and is thrown on; when it returns
   * undefined nothing is written.
   *
   * @returns the key after the change
   * @throws KmsFault KeyNotFound when there is no such key
   */
  changeKey(ref: KeyRef, decide: (key: KeyRecord) => KeyChange | undefined): Promise<StoredKey>;
  /**
   * Changes keys of one sandbox together, and may add one that uses their material. Locks the keys
   * named and all of the named group in order of id, hands them to `decide` by ascending id (those that
   * do not exist are left out), and writes what it returns. All or nothing, as {@link Store.changeKey};
   * when `decide` returns undefined nothing is written.
   *
   * @returns the keys that were changed or created
   * @throws KmsFault AlreadyExists when the id or a locator of the new key is taken
   */
  changeKeys(
    sandbox: string,
    which: { readonly ids: readonly string[]; readonly twinGroup: string },
    decide: (keys: readonly StoredKey[]) => GroupChange | undefined,
  ): Promise<readonly StoredKey[]>;
  /** Keys of a realm by ascending wire id, without those that are gone at `nowMs` (virtual time). */
  listKeys(
    sandbox: string,
    realm: Realm,
    page: Page,
    nowMs: number,
  ): Promise<readonly { readonly id: string; readonly wireId: string }[]>;
  /**
   * A page by number, for providers that count pages: keys of a realm from the oldest to the newest,
   * without those that are gone at `nowMs` (virtual time), and how many there are in all.
   */
  pageKeys(
    sandbox: string,
    realm: Realm,
    page: { readonly offset: number; readonly limit: number },
    nowMs: number,
  ): Promise<KeyPage>;
  /**
   * Removes keys whose deletion time is not after `nowMs`, with versions, locators, aliases, the
   * resources whose parent they are, and material that nothing else refers to.
   *
   * @returns the keys removed, at most `limit`
   */
  purgeKeys(sandbox: string, nowMs: number, limit: number): Promise<readonly KeyRef[]>;
  /**
   * Keys to which something was to be done at `nowMs` (virtual time) or before, the earliest first; keys
   * whose deletion time had come by then are left out.
   *
   * @returns at most `limit`
   */
  dueKeys(sandbox: string, nowMs: number, limit: number): Promise<readonly DueKey[]>;

  /**
   * Records the latest use of each key named; those of keys that do not exist are left out. Must not
   * name a key twice.
   */
  recordUses(uses: readonly KeyUse[]): Promise<void>;
  readUse(ref: KeyRef): Promise<KeyUse | undefined>;

  /** Removes all keys, aliases and resources of a sandbox, in one transaction. */
  clearSandbox(sandbox: string): Promise<void>;

  /** An alias and its key's revision, both as of one moment, so that the pair can be cached. */
  readAlias(sandbox: string, realm: Realm, name: string): Promise<AliasReading | undefined>;
  /**
   * Creates an alias. Locks the target key and raises its revision. `check` sees the target and how
   * many aliases it has, and may throw.
   *
   * @throws KmsFault AlreadyExists, KeyNotFound
   */
  createAlias(
    alias: AliasRecord,
    check: (target: KeyRecord, aliasCount: number) => void,
  ): Promise<void>;
  /**
   * Points an alias to another key of its realm. Locks both keys (in order of id) and raises both
   * revisions. A current key that no longer exists is given as undefined.
   *
   * @throws KmsFault AliasNotFound, KeyNotFound
   */
  moveAlias(
    sandbox: string,
    realm: Realm,
    name: string,
    targetId: string,
    at: Date,
    check: (current: KeyRecord | undefined, target: KeyRecord, aliasCount: number) => void,
  ): Promise<readonly KeyRef[]>;
  /** Deletes an alias and raises its key's revision. @throws KmsFault AliasNotFound */
  deleteAlias(sandbox: string, realm: Realm, name: string): Promise<readonly KeyRef[]>;
  /** Aliases by ascending name, of one key when `keyId` is given. */
  listAliases(
    sandbox: string,
    realm: Realm,
    keyId: string | undefined,
    page: Page,
  ): Promise<readonly AliasRecord[]>;

  readResource(sandbox: string, kind: string, id: string): Promise<ResourceRecord | undefined>;
  /** The one resource with this unique index entry. */
  findResource(
    sandbox: string,
    kind: string,
    entry: ResourceIndexEntry,
  ): Promise<ResourceRecord | undefined>;
  /** Resources by ascending id, of one parent when it is given. */
  listResources(
    sandbox: string,
    kind: string,
    parent: string | undefined,
    page: Page,
  ): Promise<readonly ResourceRecord[]>;
  /**
   * Writes a resource: new when `version` is 1, else replacing version − 1. Index entries are unique
   * within sandbox, kind and name, and replace those of the former version.
   *
   * @throws KmsFault AlreadyExists when id or index entry is taken, Conflict when the version before is not the current one
   */
  writeResource(resource: ResourceRecord, index: readonly ResourceIndexEntry[]): Promise<void>;
  /** @returns whether there was such a resource */
  deleteResource(sandbox: string, kind: string, id: string): Promise<boolean>;

  /** Resources by ascending value of an index entry, of those values that begin with `prefix`. */
  listIndexed(
    sandbox: string,
    kind: string,
    name: string,
    prefix: string,
    page: Page,
  ): Promise<readonly IndexedResource[]>;
  /**
   * Writes a new resource of a key, whose id is the resource's parent. Locks the key and raises its
   * revision, so that whoever holds the key under a lease holds its resources too. `check` sees the key
   * and how many resources of the kind it has, and may throw.
   *
   * @throws KmsFault KeyNotFound, AlreadyExists when id or index entry is taken
   */
  attachResource(
    resource: ResourceRecord,
    index: readonly ResourceIndexEntry[],
    check: (key: KeyRecord, count: number) => void,
  ): Promise<void>;
  /** Deletes a resource of a key and raises the key's revision. @returns whether there was such a resource of this key */
  detachResource(ref: KeyRef, kind: string, id: string): Promise<boolean>;

  readRootKey(): Promise<RootKeyRecord | undefined>;
  /** Writes the record if there is none. @returns the record that is stored now */
  claimRootKey(record: RootKeyRecord): Promise<RootKeyRecord>;

  /** Calls `listener` with keys that may have been changed by others; `undefined` means any key. Only speeds up what leases guarantee. */
  onForeignChange(listener: (refs: readonly KeyRef[] | undefined) => void): void;
  /** Whether the store answers at this moment. @throws KmsFault Unavailable */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A string that names a key uniquely over all sandboxes. @public */
export function refKey(ref: KeyRef): string {
  return `${ref.sandbox}\n${ref.id}`;
}
