import type { ResourceRecord } from '../model/resource.js';
import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import { ByteCache } from './byteCache.js';
import { Flights } from './flights.js';
import { leaseOf } from './keyCache.js';
import type { LoadedKey } from './loadedKey.js';
import { Miss, type Scope } from './scope.js';

const CACHE_BYTES = 16 * 1024 * 1024;
const ENTRY_BYTES = 1_000;
const PAGE = 1_000;

interface Children {
  readonly revision: number;
  readonly records: readonly ResourceRecord[];
}

/** What the cache needs. @internal */
export interface KeyChildrenOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/**
 * Resources of keys, as of a revision of their key. Whoever has the key under a lease has them too,
 * because every change of one raises that revision.
 *
 * @internal
 */
export class KeyChildren {
  readonly #store: Store;
  readonly #cache = new ByteCache<Children>(CACHE_BYTES);
  readonly #flights: Flights<readonly ResourceRecord[]>;

  constructor(options: KeyChildrenOptions) {
    this.#store = options.store;
    this.#flights = new Flights(options.clock, leaseOf(options));
  }

  get sizeBytes(): number {
    return this.#cache.sizeBytes;
  }

  /** All resources of a kind of the key, by ascending id. @throws Miss */
  of(scope: Scope, { record: key }: LoadedKey, kind: string): readonly ResourceRecord[] {
    const name = `${prefixOf(key.sandbox)}${kind}\n${key.id}`;
    const at = `${name}\n${key.revision}`;
    // Only this method pins under such names.
    const pinned = scope.pinned.get(at) as readonly ResourceRecord[] | undefined;
    if (pinned !== undefined) return pinned;
    const cached = this.#cache.get(name);
    if (cached?.revision === key.revision) return cached.records;
    throw new Miss(async () => {
      // Asked after the key was read, so what comes is of this revision or of a later one.
      const records = await this.#flights.join(at, async (flight) => {
        const read = await this.#read(key.sandbox, kind, key.id);
        const known = this.#cache.peek(name)?.revision ?? 0;
        if (!flight.stale && known <= key.revision) {
          this.#cache.set(name, { revision: key.revision, records: read }, bytesOf(read));
        }
        return read;
      });
      scope.pinned.set(at, records);
    });
  }

  forgetSandbox(sandbox: string): void {
    this.#cache.deleteWhere((name) => name.startsWith(prefixOf(sandbox)));
    this.#flights.spoil();
  }

  async #read(sandbox: string, kind: string, keyId: string): Promise<readonly ResourceRecord[]> {
    const all: ResourceRecord[] = [];
    for (;;) {
      const page = { after: all.at(-1)?.id, limit: PAGE };
      const found = await this.#store.listResources(sandbox, kind, keyId, page);
      all.push(...found);
      if (found.length < PAGE) return all;
    }
  }
}

function prefixOf(sandbox: string): string {
  return `children\n${sandbox}\n`;
}

function bytesOf(records: readonly ResourceRecord[]): number {
  return records.reduce((sum, one) => sum + ENTRY_BYTES + resourceBytes(one), ENTRY_BYTES);
}

/** Bytes of memory for what a resource holds. @internal */
export function resourceBytes({ body, sealed }: ResourceRecord): number {
  return 2 * JSON.stringify(body).length + 2 * (sealed?.length ?? 0);
}
