interface Slot<Value> {
  readonly value: Value;
  bytes: number;
  used: boolean;
}

/**
 * A map bounded in bytes. Evicts by second chance: a value that was read since the last sweep stays,
 * and reading costs one flag, no reordering.
 *
 * @internal
 */
export class ByteCache<Value> {
  readonly #limitBytes: number;
  readonly #slots = new Map<string, Slot<Value>>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#slots.size;
  }

  get(name: string): Value | undefined {
    const slot = this.#slots.get(name);
    if (slot === undefined) return undefined;
    slot.used = true;
    return slot.value;
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

  entries(): IterableIterator<[string, Value]> {
    return mapValues(this.#slots);
  }

  /** A value larger than the whole limit is still kept while it is the only one. */
  #evict(keep: string): void {
    while (this.#bytes > this.#limitBytes && this.#slots.size > 1) {
      for (const [name, slot] of this.#slots) {
        if (this.#bytes <= this.#limitBytes) return;
        if (name === keep) continue;
        if (slot.used) {
          slot.used = false;
          // To the end, so that a sweep begins where the last one stopped.
          this.#slots.delete(name);
          this.#slots.set(name, slot);
        } else {
          this.#bytes -= slot.bytes;
          this.#slots.delete(name);
        }
      }
    }
  }
}

function* mapValues<Value>(slots: Map<string, Slot<Value>>): IterableIterator<[string, Value]> {
  for (const [name, slot] of slots) yield [name, slot.value];
}
