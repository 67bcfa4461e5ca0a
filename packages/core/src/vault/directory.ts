import { isGone, type KeyVersion, type Locator, type Realm } from '../model/key.js';
import type { AliasReading, KeyRef, StoredKey } from '../ports/store.js';
import { refKey } from '../ports/store.js';
import { ByteCache } from './byteCache.js';
import { isDue } from './due.js';
import { Flights } from './flights.js';
import { KeyCache, type KeyCacheOptions } from './keyCache.js';
import type { LoadedKey } from './loadedKey.js';
import { Miss, type Scope } from './scope.js';

const ENTRY_BYTES = 400;

interface CachedAlias {
  readonly keyId: string;
  readonly keyRevision: number;
}

/** Settings of the directory. @internal */
export interface KeyDirectoryOptions extends KeyCacheOptions {
  /** Does what is due to a key; the key afterwards, or undefined when it is gone. */
  catchUp(key: LoadedKey, nowMs: number): Promise<LoadedKey | undefined>;
}

/** Says whether a place is the one that a caller means. @public */
export type PlaceFilter = (place: Locator) => boolean;

/**
 * Finds keys by what a wire names them. Look-ups are synchronous: what is not in memory, or is there
 * without a valid lease, throws a {@link Miss}.
 *
 * @public
 */
export class KeyDirectory {
  readonly #options: KeyDirectoryOptions;
  readonly #keys: KeyCache;
  readonly #locators: ByteCache<readonly Locator[]>;
  readonly #aliases: ByteCache<CachedAlias>;
  readonly #aliasReads: Flights<AliasReading | undefined>;

  /**
   * `cacheBytes` are for keys, locators and aliases together.
   *
   * @internal
   */
  constructor(options: KeyDirectoryOptions) {
    const { cacheBytes, clock } = options;
    this.#options = options;
    this.#keys = new KeyCache({ ...options, cacheBytes: cacheBytes * 0.8 });
    this.#locators = new ByteCache(cacheBytes * 0.1);
    this.#aliases = new ByteCache(cacheBytes * 0.1);
    this.#aliasReads = new Flights(clock, 0);
  }

  /** Keys in memory and bytes charged for everything. */
  usage(): { readonly keys: number; readonly bytes: number } {
    const bytes = this.#keys.sizeBytes + this.#locators.sizeBytes + this.#aliases.sizeBytes;
    return { keys: this.#keys.count, bytes };
  }

  /**
   * The key with this internal id, or undefined when it does not exist (any more). What was due to it is
   * done first.
   *
   * @throws Miss
   */
  byId(scope: Scope, id: string): LoadedKey | undefined {
    const ref = { sandbox: scope.sandbox, id };
    const name = refKey(ref);
    const pinned = scope.pinned.get(name);
    // Only this method pins under key names.
    const key = pinned === undefined ? this.#keys.leased(name) : (pinned as LoadedKey | null);
    if (key === undefined) throw this.#missing(scope, ref);
    if (key === null || isGone(key.record, scope.nowMs)) return undefined;
    if (!isDue(key.record, scope.nowMs)) return key;
    throw new Miss(async () => {
      scope.pinned.set(name, (await this.#options.catchUp(key, scope.nowMs)) ?? null);
    });
  }

  /** The key with this internal id, whatever its time, from memory or the store. @throws KmsFault Unavailable */
  async read(ref: KeyRef): Promise<LoadedKey | undefined> {
    return this.#keys.leased(refKey(ref)) ?? (await this.#keys.load(ref));
  }

  /**
   * Keys by internal id, in the order given, read from the store where need be; those that are gone are
   * left out.
   *
   * @throws KmsFault Unavailable
   */
  async many(scope: Scope, ids: readonly string[]): Promise<readonly LoadedKey[]> {
    const found = await Promise.all(
      ids.map(async (id) => {
        const key = await this.read({ sandbox: scope.sandbox, id });
        if (key === undefined || !isDue(key.record, scope.nowMs)) return key;
        return this.#options.catchUp(key, scope.nowMs);
      }),
    );
    return found.flatMap((key) => (key && !isGone(key.record, scope.nowMs) ? [key] : []));
  }

  /** The key with this wire id, at the first of its places that `here` accepts. @throws Miss */
  byWireId(
    scope: Scope,
    dialect: string,
    wireId: string,
    here: PlaceFilter,
  ): LoadedKey | undefined {
    return this.#find(scope, dialect, 'key', wireId, here)?.key;
  }

  /** The key whose version has this wire id, with that version. @throws Miss */
  byVersion(
    scope: Scope,
    dialect: string,
    versionWireId: string,
    here: PlaceFilter,
  ): { readonly key: LoadedKey; readonly version: KeyVersion } | undefined {
    const found = this.#find(scope, dialect, 'version', versionWireId, here);
    if (found === undefined) return undefined;
    const { key, place } = found;
    const version = key.record.versions.find(({ id }) => id === place.versionId);
    if (version !== undefined) return { key, version };
    // No key loses a version, so somebody else has just added it and the key in memory is older.
    const ref = { sandbox: scope.sandbox, id: place.keyId };
    const again = `again\n${refKey(ref)}`;
    if (scope.pinned.has(again)) return undefined;
    scope.pinned.set(again, true);
    this.forget([ref]);
    throw this.#missing(scope, ref);
  }

  /**
   * The key as it is now, when the one at hand lacks a version that it has: another process may have
   * added the version within the lease of the key. For what was made under a version and names its key.
   *
   * @throws Miss
   */
  withVersion(scope: Scope, key: LoadedKey, versionWireId: string): LoadedKey {
    const { id, realm, versions } = key.record;
    if (!this.#options.store.shared || versions.some(({ wireId }) => wireId === versionWireId)) {
      return key;
    }
    const itself: PlaceFilter = ({ keyId }) => keyId === id;
    return this.byVersion(scope, realm.dialect, versionWireId, itself)?.key ?? key;
  }

  /** The key behind an alias of this realm. @throws Miss */
  byAlias(scope: Scope, realm: Realm, name: string): LoadedKey | undefined {
    const at = aliasKey(scope.sandbox, realm, name);
    const pinned = scope.pinned.get(at) as string | null | undefined;
    if (pinned === null) return undefined;
    if (pinned !== undefined) return this.byId(scope, pinned);
    const cached = this.#aliases.get(at);
    const key = cached && this.byId(scope, cached.keyId);
    // Every change of an alias raises its key's revision, so the key's lease covers the alias too.
    if (key && cached && key.record.revision === cached.keyRevision) return key;
    throw new Miss(() => this.#loadAlias(scope, realm, name, at));
  }

  /**
   * Makes a change of one key and remembers the state that it gives.
   *
   * @param write does it and gives the key as it is stored afterwards
   * @throws what `write` throws
   * @internal
   */
  change(ref: KeyRef, write: () => Promise<StoredKey>): Promise<LoadedKey> {
    return this.#keys.change(ref, write);
  }

  /** Forgets keys that were changed here or elsewhere; undefined stands for all of them. */
  forget(refs: readonly KeyRef[] | undefined): void {
    this.#keys.forget(refs);
  }

  /** Forgets what is in memory of a sandbox. @internal */
  forgetSandbox(sandbox: string): void {
    // Sandbox names have no line breaks; other names that begin the same are read again, no more.
    const inSandbox = (name: string): boolean =>
      name.startsWith(`${sandbox}\n`, name.indexOf('\n') + 1);
    this.#keys.forgetSandbox(sandbox);
    this.#locators.deleteWhere(inSandbox);
    this.#aliases.deleteWhere(inSandbox);
    this.#aliasReads.spoil();
  }

  /** Forgets an alias and the key it leads to, when it may have been changed. @internal */
  forgetAlias(sandbox: string, realm: Realm, name: string): void {
    const at = aliasKey(sandbox, realm, name);
    this.#aliasReads.spoil(at);
    const cached = this.#aliases.peek(at);
    if (cached === undefined) return;
    this.#aliases.delete(at);
    this.forget([{ sandbox, id: cached.keyId }]);
  }

  /**
   * Renews the leases of the keys that were used since the last call, with one query.
   *
   * @throws KmsFault Unavailable
   */
  renewLeases(): Promise<void> {
    return this.#keys.renewLeases();
  }

  #missing(scope: Scope, ref: KeyRef): Miss {
    return new Miss(async () => {
      scope.pinned.set(refKey(ref), (await this.#keys.load(ref)) ?? null);
    });
  }

  #find(
    scope: Scope,
    dialect: string,
    kind: Locator['kind'],
    wireId: string,
    here: PlaceFilter,
  ): { readonly place: Locator; readonly key: LoadedKey } | undefined {
    const { sandbox } = scope;
    const at = `${kind}\n${sandbox}\n${dialect}\n${wireId}`;
    // Only this method pins under such names.
    const pinned = scope.pinned.get(at) as readonly Locator[] | undefined;
    const place = (pinned ?? this.#locators.get(at))?.find(here);
    const key = place && this.byId(scope, place.keyId);
    if (key && place) return { place, key };
    if (pinned !== undefined) return undefined;
    // A wire id may get more places, and may be given again when its key is gone. Absence is not kept.
    throw new Miss(async () => {
      const found = await this.#options.store.locate({ sandbox, dialect, kind, wireId });
      if (found.length > 0) this.#locators.set(at, found, ENTRY_BYTES * found.length);
      else this.#locators.delete(at);
      scope.pinned.set(at, found);
    });
  }

  async #loadAlias(scope: Scope, realm: Realm, name: string, at: string): Promise<void> {
    const { sandbox } = scope;
    const found = await this.#aliasReads.run(at, async (flight) => {
      const reading = await this.#options.store.readAlias(sandbox, realm, name);
      if (reading === undefined) {
        this.#aliases.delete(at);
      } else if (!flight.stale) {
        const { alias, keyRevision } = reading;
        const bytes = ENTRY_BYTES + name.length * 2;
        this.#aliases.set(at, { keyId: alias.keyId, keyRevision }, bytes);
      }
      return reading;
    });
    scope.pinned.set(at, found?.alias.keyId ?? null);
    if (found === undefined) return;
    this.#keys.outdate({ sandbox, id: found.alias.keyId }, found.keyRevision);
  }
}

function aliasKey(sandbox: string, realm: Realm, name: string): string {
  return `alias\n${sandbox}\n${realm.dialect}\n${realm.tenant}\n${realm.region}\n${name}`;
}
