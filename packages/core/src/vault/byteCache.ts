interface Slot<Value> {
  readonly name: string;
  readonly value: Value;
  bytes: number;
  used: boolean;
  before: Slot<Value> | undefined;
  after: Slot<Value> | undefined;
}

/**
 * A map bounded in bytes. Evicts by second chance: a hand goes round over the values, spares what was
 * read since it last came by, and takes what was not. New values come in behind the hand, unread, so
 * that a stream of values which nobody reads twice does not drive out those that are in use. Reading
 * costs one flag, no reordering.
 *
 * The order is a list of its own. A Map's iterator steps over every entry that was deleted in front of
 * it, so one made anew for each eviction makes an insertion cost as much as the cache is large; and one
 * that is kept holds on to every table that the Map has outgrown.
 *
 * @internal
 */
export class ByteCache<Value> {
  readonly #limitBytes: number;
  readonly #slots = new Map<string, Slot<Value>>();
  #bytes = 0;
  #first: Slot<Value> | undefined;
  #last: Slot<Value> | undefined;
  /** The slot that is looked at next; undefined stands for the first one. */
  #hand: Slot<Value> | undefined;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
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
    const after = this.#hand;
    const before = after === undefined ? this.#last : after.before;
    const slot: Slot<Value> = { name, value, bytes, used: false, before, after };
    if (before === undefined) this.#first = slot;
    else before.after = slot;
    if (after === undefined) this.#last = slot;
    else after.before = slot;
    this.#slots.set(name, slot);
    this.#bytes += bytes;
    this.#evict(slot);
  }

  /** Charges more bytes to a value that has grown; does nothing when it is not the one that is kept. */
  grow(name: string, value: Value, bytes: number): void {
    const slot = this.#slots.get(name);
    if (slot?.value !== value) return;
    slot.bytes += bytes;
    this.#bytes += bytes;
    this.#evict(slot);
  }

  /** @returns whether there was such a value */
  delete(name: string): boolean {
    const slot = this.#slots.get(name);
    if (slot === undefined) return false;
    this.#drop(slot);
    return true;
  }

  /** Removes the values whose names the test accepts; looks at every name. */
  deleteWhere(test: (name: string) => boolean): void {
    for (const slot of this.#slots.values()) if (test(slot.name)) this.#drop(slot);
  }

  clear(): void {
    this.#slots.clear();
    this.#bytes = 0;
    this.#first = undefined;
    this.#last = undefined;
    this.#hand = undefined;
  }

  values(): Value[] {
    return Array.from(this.#slots.values(), ({ value }) => value);
  }

  /** A value larger than the whole limit is still kept while it is the only one. */
  #evict(keep: Slot<Value>): void {
    while (this.#bytes > this.#limitBytes && this.#slots.size > 1) {
      const slot = this.#hand ?? this.#first;
      this.#hand = slot?.after;
      if (slot === undefined || slot === keep) continue;
      if (slot.used) slot.used = false;
      else this.#drop(slot);
    }
  }

  #drop(slot: Slot<Value>): void {
    const { name, bytes, before, after } = slot;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    if (this.#hand === slot) this.#hand = after;
    this.#slots.delete(name);
    this.#bytes -= bytes;
  }
}
