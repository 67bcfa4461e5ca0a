import type { KeyRecord } from '../model/key.js';
import type { KeyUse } from '../model/keyUse.js';
import type { KeyRef, Store } from '../ports/store.js';

/** Keys whose latest use waits to be written, at most. */
const MOST_WAITING = 20_000;

type Waiting = Map<string, Map<string, KeyUse>>;

/**
 * Remembers when keys were used last. A use is noted in memory, and what was noted is written in one
 * batch by {@link KeyUses.flush}, which somebody calls every {@link FLUSH_MS}. A process that ends
 * without a last flush loses the uses of that time; so does one whose store is away while more than
 * 20,000 keys are in use.
 *
 * @public
 */
export class KeyUses {
  readonly #store: Store;
  #waiting: Waiting = new Map();
  #count = 0;
  /** What a flush is writing, so that it can be read meanwhile. */
  #writing: Waiting = new Map();

  /** @internal */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Notes a use. Costs no query and no promise. */
  note(key: KeyRecord, operation: string, atMs: number, requestId: string): void {
    const { sandbox, id: keyId } = key;
    this.#put({ sandbox, keyId, operation, atMs: Math.floor(atMs), requestId }, true);
  }

  /** The latest use of a key. @throws KmsFault Unavailable */
  async latest({ sandbox, id }: KeyRef): Promise<KeyUse | undefined> {
    const noted = this.#waiting.get(sandbox)?.get(id) ?? this.#writing.get(sandbox)?.get(id);
    return noted ?? this.#store.readUse({ sandbox, id });
  }

  /** Writes what was noted; after a failure it waits for the next time. @throws KmsFault Unavailable */
  async flush(): Promise<void> {
    if (this.#count === 0 || this.#writing.size > 0) return;
    this.#writing = this.#waiting;
    this.#waiting = new Map();
    this.#count = 0;
    const uses = [...this.#writing.values()].flatMap((keys) => [...keys.values()]);
    try {
      await this.#store.recordUses(uses);
    } catch (error) {
      for (const keys of this.#writing.values()) {
        for (const use of keys.values()) this.#put(use, false);
      }
      throw error;
    } finally {
      this.#writing = new Map();
    }
  }

  /** Forgets what waits of a sandbox. @internal */
  forgetSandbox(sandbox: string): void {
    this.#count -= this.#waiting.get(sandbox)?.size ?? 0;
    this.#waiting.delete(sandbox);
    this.#writing.delete(sandbox);
  }

  #put(use: KeyUse, newer: boolean): void {
    let keys = this.#waiting.get(use.sandbox);
    if (keys === undefined) {
      keys = new Map();
      this.#waiting.set(use.sandbox, keys);
    }
    if (keys.has(use.keyId)) {
      if (newer) keys.set(use.keyId, use);
      return;
    }
    if (this.#count >= MOST_WAITING) return;
    this.#count += 1;
    keys.set(use.keyId, use);
  }
}

/** How often the uses of keys are written, in milliseconds: what a crash can lose. @public */
export const FLUSH_MS = 1_000;
