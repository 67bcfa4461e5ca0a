import type { Clock } from '../ports/clock.js';
import { type KeyRef, refKey, type Store, type StoredKey } from '../ports/store.js';
import { ByteCache } from './byteCache.js';
import { type Flight, Flights } from './flights.js';
import { type LoadedKey, loadedBytes, loadKey } from './loadedKey.js';
import type { RootKey } from './rootKey.js';

interface CachedKey {
  readonly ref: KeyRef;
  readonly key: LoadedKey;
  leaseUntilMs: number;
  /** Whether it was used since the leases were renewed. */
  hot: boolean;
}

/** Settings of the cache. @internal */
export interface KeyCacheOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rootKey: RootKey;
  readonly cacheBytes: number;
  /** How long an answer of the store may be used, in milliseconds of monotonic time. */
  readonly leaseMs: number;
}

/**
 * Loaded keys by internal id, each under a lease, when other processes may write to the store.
 *
 * @internal
 */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  readonly #keys: ByteCache<CachedKey>;
  readonly #flights: Flights<LoadedKey | undefined>;

  constructor(options: KeyCacheOptions) {
    this.#options = options;
    this.#keys = new ByteCache(options.cacheBytes);
    this.#flights = new Flights(options.clock, leaseOf(options));
  }

  get sizeBytes(): number {
    return this.#keys.sizeBytes;
  }

  get count(): number {
    return this.#keys.count;
  }

  /** The key, when it is here under a valid lease. */
  leased(name: string): LoadedKey | undefined {
    const cached = this.#keys.get(name);
    if (cached === undefined) return undefined;
    if (cached.leaseUntilMs < this.#options.clock.monotonicMs()) return undefined;
    cached.hot = true;
    return cached.key;
  }

  /** Reads the key from the store. @throws KmsFault Unavailable */
  load(ref: KeyRef): Promise<LoadedKey | undefined> {
    return this.#flights.join(refKey(ref), async (flight) => {
      const stored = await this.#options.store.readKey(ref);
      return stored && this.#keep(ref, stored, flight);
    });
  }

  /**
   * Makes a change and keeps the state that it gives.
   *
   * @throws what `write` throws; the key is forgotten then, because a write may have succeeded although
   * its answer was lost
   */
  change(ref: KeyRef, write: () => Promise<StoredKey>): Promise<LoadedKey> {
    return this.#flights.run(refKey(ref), async (flight) => {
      try {
        const stored = await write();
        const known = this.#keys.peek(refKey(ref));
        // Answers of two changes may arrive in the wrong order.
        if (known && known.key.record.revision > stored.key.revision) return known.key;
        const { stale } = flight;
        this.forget([ref]);
        return this.#keep(ref, stored, { ...flight, stale });
      } catch (error) {
        this.forget([ref]);
        throw error;
      }
    });
  }

  /** Forgets keys that were changed here or elsewhere; answers under way do not bring them back. */
  forget(refs: readonly KeyRef[] | undefined): void {
    if (refs === undefined) {
      this.#keys.clear();
      this.#flights.spoil();
      return;
    }
    for (const name of refs.map(refKey)) {
      this.#keys.delete(name);
      this.#flights.spoil(name);
    }
  }

  /** Forgets the keys of a sandbox, and whatever is under way. */
  forgetSandbox(sandbox: string): void {
    this.#keys.deleteWhere((name) => name.startsWith(refKey({ sandbox, id: '' })));
    this.#flights.spoil();
  }

  /** Forgets a key that is here in an older state than this revision. */
  outdate(ref: KeyRef, revision: number): void {
    const known = this.#keys.peek(refKey(ref));
    if (known && known.key.record.revision < revision) this.forget([ref]);
  }

  /** Renews the leases of the keys that were used since the last call, with one query. */
  async renewLeases(): Promise<void> {
    const { store, clock, leaseMs } = this.#options;
    if (!store.shared) return;
    const hot: CachedKey[] = [];
    for (const cached of this.#keys.values()) {
      if (cached.hot) hot.push(cached);
      cached.hot = false;
    }
    if (hot.length === 0) return;
    const askedAtMs = clock.monotonicMs();
    const revisions = await store.revisions(hot.map(({ ref }) => ref));
    for (const cached of hot) {
      const name = refKey(cached.ref);
      if (revisions.get(name) === cached.key.record.revision) {
        cached.leaseUntilMs = Math.max(cached.leaseUntilMs, askedAtMs + leaseMs);
      } else if (this.#keys.peek(name) === cached) {
        this.forget([cached.ref]);
      }
    }
  }

  #keep(ref: KeyRef, stored: StoredKey, flight: Flight): LoadedKey {
    const name = refKey(ref);
    const key = loadKey(stored, this.#options.rootKey, (_, bytes) =>
      this.#keys.grow(name, cached, bytes),
    );
    const leaseUntilMs = flight.askedAtMs + leaseOf(this.#options);
    const cached: CachedKey = { ref, key, leaseUntilMs, hot: true };
    if (!flight.stale) this.#keys.set(name, cached, loadedBytes(stored));
    return key;
  }
}

/** How long an answer holds: for ever when nobody else writes. @internal */
export function leaseOf({
  store,
  leaseMs,
}: {
  readonly store: Store;
  readonly leaseMs: number;
}): number {
  return store.shared ? leaseMs : Number.POSITIVE_INFINITY;
}
