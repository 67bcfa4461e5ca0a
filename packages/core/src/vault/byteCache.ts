interface Slot<Value> {
  readonly value: Value;
  bytes: number;
  used: boolean;
}

/**
 * A map bounded in bytes. Evicts by second chance: a hand goes round over the values, spares what was
 * read since it last came by, and takes what was not. Reading costs one flag, no reordering.
 *
 * @internal
 */
export class ByteCache<Value> {
  readonly #limitBytes: number;
  readonly #slots = new Map<string, Slot<Value>>();
  #bytes = 0;
  /**
   * Stays where it is between calls. An iterator made anew would step over every entry that was deleted
   * in front of it, which made an insertion cost as much as the cache is large.
   */
  #hand: Iterator<[string, Slot<Value>]>;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#hand = this.#slots.entries();
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#slots.size;
  }

  /** The value under this name, which then survives the next round of the hand. */
  get(name: string): Value | undefined {
    const slot = this.#slots.get(name);
    if (slot === undefined) return undefined;
    slot.used = true;
    return slot.value;
  }

  /** The value under this name, without counting as a reading. */
  peek(name: string): Value | undefined {
    return this.#slots.get(name)?.value;
  }

  set(name: string, value: Value, bytes: number): void {
    this.delete(name);
    this.#slots.set(name, { value, bytes, used: true });
    this.#bytes += bytes;
    this.#evict(name);
  }

  /** Charges more bytes to a value that has grown; does nothing when it is not the one that is kept. */
  grow(name: string, value: Value, bytes: number): void {
    const slot = this.#slots.get(name);
    if (slot?.value !== value) return;
    slot.bytes += bytes;
    this.#bytes += bytes;
    this.#evict(name);
  }

  delete(name: string): boolean {
    const slot = this.#slots.get(name);
    if (slot === undefined) return false;
    this.#bytes -= slot.bytes;
    return this.#slots.delete(name);
  }

  clear(): void {
    this.#slots.clear();
    this.#bytes = 0;
  }

  *entries(): IterableIterator<[string, Value]> {
    for (const [name, slot] of this.#slots) yield [name, slot.value];
  }

  /** A value larger than the whole limit is still kept while it is the only one. */
  #evict(keep: string): void {
    while (this.#bytes > this.#limitBytes && this.#slots.size > 1) {
      const next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#slots.entries();
        continue;
      }
      const [name, slot] = next.value;
      if (name === keep) continue;
      if (slot.used) slot.used = false;
      else this.delete(name);
    }
  }
}
