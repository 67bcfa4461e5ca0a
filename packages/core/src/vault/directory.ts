import { isGone, type KeyVersion, type Locator, type Realm } from '../model/key.js';
import type { Clock } from '../ports/clock.js';
import { type KeyRef, refKey, type Store, type StoredKey } from '../ports/store.js';
import { ByteCache } from './byteCache.js';
import { type LoadedKey, loadedBytes, loadKey } from './loadedKey.js';
import type { RootKey } from './rootKey.js';
import { Miss, type Scope } from './scope.js';

const ENTRY_BYTES = 400;

interface CachedKey {
  readonly ref: KeyRef;
  readonly key: LoadedKey;
  leaseUntilMs: number;
  hot: boolean;
}

interface CachedAlias {
  readonly keyId: string;
  readonly keyRevision: number;
}

interface Loading {
  readonly done: Promise<LoadedKey | undefined>;
  stale: boolean;
}

/** Settings of the directory. @internal */
export interface DirectoryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rootKey: RootKey;
  /** Bytes that keys, locators and aliases may take together. */
  readonly cacheBytes: number;
  /** How long an answer of the store may be used, in milliseconds of monotonic time. */
  readonly leaseMs: number;
}

/**
 * Finds keys by what a wire names them. Look-ups are synchronous: what is not in memory, or is there
 * without a valid lease, throws a {@link Miss}.
 *
 * @public
 */
export class KeyDirectory {
  readonly #options: DirectoryOptions;
  readonly #keys: ByteCache<CachedKey>;
  readonly #locators: ByteCache<readonly Locator[]>;
  readonly #aliases: ByteCache<CachedAlias>;
  readonly #loading = new Map<string, Loading>();

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#keys = new ByteCache(options.cacheBytes * 0.8);
    this.#locators = new ByteCache(options.cacheBytes * 0.1);
    this.#aliases = new ByteCache(options.cacheBytes * 0.1);
  }

  /** Keys in memory and bytes charged for everything. */
  usage(): { readonly keys: number; readonly bytes: number } {
    const bytes = this.#keys.sizeBytes + this.#locators.sizeBytes + this.#aliases.sizeBytes;
    return { keys: this.#keys.count, bytes };
  }

  /** The key with this internal id, or undefined when it does not exist (any more). */
  byId(scope: Scope, id: string): LoadedKey | undefined {
    const ref = { sandbox: scope.sandbox, id };
    const name = refKey(ref);
    const pinned = scope.pinned.get(name);
    // Only this method pins under key names.
    const key = pinned === undefined ? this.#leased(name) : (pinned as LoadedKey | null);
    if (key === undefined) {
      throw new Miss(async () => {
        scope.pinned.set(name, (await this.#load(ref)) ?? null);
      });
    }
    return key === null || isGone(key.record, scope.nowMs) ? undefined : key;
  }

  /** Keys by internal id, in the order given, read from the store where need be; those that are gone are left out. */
  async many(scope: Scope, ids: readonly string[]): Promise<readonly LoadedKey[]> {
    const found = await Promise.all(
      ids.map(async (id) => {
        const ref = { sandbox: scope.sandbox, id };
        return this.#leased(refKey(ref)) ?? (await this.#load(ref));
      }),
    );
    return found.flatMap((key) => (key && !isGone(key.record, scope.nowMs) ? [key] : []));
  }

  /** The key with this wire id, at the first of its places that `here` accepts. */
  byWireId(
    scope: Scope,
    dialect: string,
    wireId: string,
    here: (place: Locator) => boolean,
  ): LoadedKey | undefined {
    const place = this.#places(scope, dialect, 'key', wireId).find(here);
    return place && this.byId(scope, place.keyId);
  }

  /** The key whose version has this wire id, with that version. */
  byVersion(
    scope: Scope,
    dialect: string,
    versionWireId: string,
    here: (place: Locator) => boolean,
  ): { readonly key: LoadedKey; readonly version: KeyVersion } | undefined {
    const place = this.#places(scope, dialect, 'version', versionWireId).find(here);
    const key = place && this.byId(scope, place.keyId);
    const version = key?.record.versions.find(({ id }) => id === place?.versionId);
    return key && version && { key, version };
  }

  /** The key behind an alias of this realm. */
  byAlias(scope: Scope, realm: Realm, name: string): LoadedKey | undefined {
    const at = `alias\n${scope.sandbox}\n${realm.dialect}\n${realm.tenant}\n${realm.region}\n${name}`;
    const pinned = scope.pinned.get(at) as string | null | undefined;
    if (pinned === null) return undefined;
    if (pinned !== undefined) return this.byId(scope, pinned);
    const cached = this.#aliases.get(at);
    const key = cached && this.byId(scope, cached.keyId);
    // Every change of an alias raises its key's revision, so the key's lease covers the alias too.
    if (key && cached && key.record.revision === cached.keyRevision) return key;
    throw new Miss(() => this.#loadAlias(scope, realm, name, at));
  }

  /** Forgets keys that were changed here or elsewhere; loads under way do not bring the old state back. */
  forget(refs: readonly KeyRef[] | undefined): void {
    if (refs === undefined) {
      this.#keys.clear();
      for (const loading of this.#loading.values()) loading.stale = true;
      this.#loading.clear();
      return;
    }
    for (const name of refs.map(refKey)) {
      this.#keys.delete(name);
      const loading = this.#loading.get(name);
      if (loading !== undefined) loading.stale = true;
      this.#loading.delete(name);
    }
  }

  /** Replaces what is known of a key by its state after a change made here. */
  remember(stored: StoredKey, readAtMs: number): LoadedKey {
    const ref = { sandbox: stored.key.sandbox, id: stored.key.id };
    const cached = this.#keys.get(refKey(ref));
    // Answers of two changes may arrive in the wrong order.
    if (cached && cached.key.record.revision > stored.key.revision) return cached.key;
    this.forget([ref]);
    return this.#keep(ref, stored, readAtMs);
  }

  /** Renews the leases of the keys that were used since the last call, with one query. */
  async renewLeases(): Promise<void> {
    const { store, clock, leaseMs } = this.#options;
    if (!store.shared) return;
    const hot: CachedKey[] = [];
    for (const [, cached] of this.#keys.entries()) {
      if (cached.hot) hot.push(cached);
      cached.hot = false;
    }
    if (hot.length === 0) return;
    const askedAtMs = clock.monotonicMs();
    const revisions = await store.revisions(hot.map(({ ref }) => ref));
    for (const cached of hot) {
      if (revisions.get(refKey(cached.ref)) === cached.key.record.revision) {
        cached.leaseUntilMs = askedAtMs + leaseMs;
      } else if (this.#keys.get(refKey(cached.ref)) === cached) {
        this.forget([cached.ref]);
      }
    }
  }

  #leased(name: string): LoadedKey | undefined {
    const cached = this.#keys.get(name);
    if (cached === undefined) return undefined;
    if (cached.leaseUntilMs < this.#options.clock.monotonicMs()) return undefined;
    cached.hot = true;
    return cached.key;
  }

  #places(
    scope: Scope,
    dialect: string,
    kind: Locator['kind'],
    wireId: string,
  ): readonly Locator[] {
    const { sandbox } = scope;
    const at = `${kind}\n${sandbox}\n${dialect}\n${wireId}`;
    // A place never changes, and the key behind it is read under its own lease. Absence is not kept.
    const places =
      this.#locators.get(at) ?? (scope.pinned.get(at) as readonly Locator[] | undefined);
    if (places !== undefined) return places;
    throw new Miss(async () => {
      const found = await this.#options.store.locate({ sandbox, dialect, kind, wireId });
      if (found.length > 0) this.#locators.set(at, found, ENTRY_BYTES * found.length);
      scope.pinned.set(at, found);
    });
  }

  async #loadAlias(scope: Scope, realm: Realm, name: string, at: string): Promise<void> {
    const found = await this.#options.store.readAlias(scope.sandbox, realm, name);
    scope.pinned.set(at, found?.alias.keyId ?? null);
    if (found === undefined) {
      this.#aliases.delete(at);
      return;
    }
    const { keyId } = found.alias;
    this.#aliases.set(at, { keyId, keyRevision: found.keyRevision }, ENTRY_BYTES + name.length * 2);
    const cached = this.#keys.get(refKey({ sandbox: scope.sandbox, id: keyId }));
    if (cached && cached.key.record.revision < found.keyRevision) this.forget([cached.ref]);
  }

  #load(ref: KeyRef): Promise<LoadedKey | undefined> {
    const name = refKey(ref);
    const under = this.#loading.get(name);
    if (under !== undefined) return under.done;
    const readAtMs = this.#options.clock.monotonicMs();
    const loading: Loading = {
      stale: false,
      done: this.#options.store.readKey(ref).then((stored) => {
        if (stored === undefined) return undefined;
        if (loading.stale) return loadKey(stored, this.#options.rootKey, () => undefined);
        return this.#keep(ref, stored, readAtMs);
      }),
    };
    this.#loading.set(name, loading);
    const finish = (): void => {
      if (this.#loading.get(name) === loading) this.#loading.delete(name);
    };
    loading.done.then(finish, finish);
    return loading.done;
  }

  #keep(ref: KeyRef, stored: StoredKey, readAtMs: number): LoadedKey {
    const name = refKey(ref);
    const { store, leaseMs, rootKey } = this.#options;
    const key = loadKey(stored, rootKey, (_, bytes) => this.#keys.grow(name, cached, bytes));
    const leaseUntilMs = store.shared ? readAtMs + leaseMs : Number.POSITIVE_INFINITY;
    const cached: CachedKey = { ref, key, leaseUntilMs, hot: true };
    this.#keys.set(name, cached, loadedBytes(stored));
    return key;
  }
}
