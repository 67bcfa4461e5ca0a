import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCache } from '../../src/vault/byteCache.js';

const names = (cache: ByteCache<string>): string[] => [...cache.values()].sort();

function filled(limitBytes: number, ...values: readonly string[]): ByteCache<string> {
  const cache = new ByteCache<string>(limitBytes);
  for (const value of values) cache.set(value, value, 10);
  return cache;
}

describe('ByteCache', () => {
  it('keeps what fits and gives nothing for a name it does not have', () => {
    const cache = filled(30, 'a', 'b', 'c');
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['a', 'b', 'c']);
    expect(cache.get('d')).toBeUndefined();
    expect(cache.peek('d')).toBeUndefined();
    expect([cache.count, cache.sizeBytes]).toEqual([3, 30]);
  });

  it('spares what was read since the hand came by and takes what was not', () => {
    const cache = filled(30, 'a', 'b', 'c', 'd');
    expect(names(cache)).toEqual(['b', 'c', 'd']);
    cache.get('b');
    cache.set('e', 'e', 10);
    expect(names(cache)).toEqual(['b', 'd', 'e']);
  });

  it('does not count peeking as reading', () => {
    const cache = filled(30, 'a', 'b', 'c', 'd');
    expect(cache.peek('b')).toBe('b');
    cache.set('e', 'e', 10);
    expect(names(cache)).toEqual(['c', 'd', 'e']);
  });

  it('replaces a value together with its size', () => {
    const cache = filled(30, 'a', 'b');
    cache.set('a', 'new', 15);
    expect([cache.get('a'), cache.sizeBytes, cache.count]).toEqual(['new', 25, 2]);
  });

  it('never takes the value that was just written, even when it is larger than all', () => {
    const cache = filled(30, 'a', 'b', 'c');
    cache.set('huge', 'huge', 1_000);
    expect([names(cache), cache.sizeBytes]).toEqual([['huge'], 1_000]);
    cache.set('d', 'd', 10);
    expect([names(cache), cache.sizeBytes]).toEqual([['d'], 10]);
  });

  it('charges growth to the value that is kept and makes room for it', () => {
    const value = { id: 1 };
    const cache = new ByteCache<{ id: number }>(30);
    cache.set('a', { id: 0 }, 10);
    cache.set('b', value, 10);
    cache.grow('b', value, 15);
    expect([cache.count, cache.sizeBytes, cache.get('b')]).toEqual([1, 25, value]);
  });

  it('does not charge growth of a value that was replaced or deleted', () => {
    const value = { id: 1 };
    const cache = new ByteCache<{ id: number }>(30);
    cache.set('a', value, 10);
    cache.set('a', { id: 2 }, 10);
    cache.grow('a', value, 15);
    cache.grow('gone', value, 15);
    expect(cache.sizeBytes).toBe(10);
  });

  it('goes on where it was after its next victim is deleted, and after it is cleared', () => {
    const cache = filled(30, 'a', 'b', 'c', 'd');
    expect([cache.delete('b'), cache.delete('b')]).toEqual([true, false]);
    cache.set('e', 'e', 10);
    cache.set('f', 'f', 10);
    expect(names(cache)).toEqual(['d', 'e', 'f']);
    cache.clear();
    expect([cache.count, cache.sizeBytes, names(cache)]).toEqual([0, 0, []]);
    cache.set('g', 'g', 10);
    expect(names(cache)).toEqual(['g']);
  });

  it('keeps what is in use while a stream of others goes through', () => {
    const cache = new ByteCache<number>(1_000);
    for (let at = 0; at < 100; at += 1) cache.set(`hot ${at}`, at, 1);
    for (let at = 0; at < 20_000; at += 1) {
      cache.get(`hot ${at % 100}`);
      cache.set(`other ${at}`, at, 1);
    }
    const hot = Array.from({ length: 100 }, (_, at) => cache.peek(`hot ${at}`));
    expect(hot.filter((value) => value === undefined)).toEqual([]);
    expect([cache.count, cache.sizeBytes]).toEqual([1_000, 1_000]);
  });

  it('behaves as a list with a hand does', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const bytes = fc.integer({ min: 1, max: 40 });
    const command = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), name, bytes }),
      fc.record({ kind: fc.constant('get' as const), name, bytes }),
      fc.record({ kind: fc.constant('grow' as const), name, bytes }),
      fc.record({ kind: fc.constant('delete' as const), name, bytes }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const cache = new ByteCache<object>(100);
        const model = new Model(100);
        for (const { kind, name, bytes } of commands) {
          if (kind === 'set') {
            const value = {};
            cache.set(name, value, bytes);
            model.set(name, value, bytes);
          } else if (kind === 'get') {
            expect(cache.get(name)).toBe(model.get(name));
          } else if (kind === 'grow') {
            cache.grow(name, cache.peek(name) ?? {}, bytes);
            model.grow(name, bytes);
          } else {
            expect(cache.delete(name)).toBe(model.delete(name));
          }
          expect(new Set(cache.values())).toEqual(new Set(model.values()));
          expect(cache.sizeBytes).toBe(model.sizeBytes());
          expect(cache.sizeBytes <= 100 || cache.count === 1).toBe(true);
        }
      }),
      { numRuns: 500, seed: 20_261_124 },
    );
  });
});

/** Second chance over an array, as plainly as it can be written. */
class Model {
  readonly limit: number;
  slots: { name: string; value: object; bytes: number; used: boolean }[] = [];
  hand = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  values(): object[] {
    return this.slots.map(({ value }) => value);
  }

  sizeBytes(): number {
    return this.slots.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get(name: string): object | undefined {
    const slot = this.slots.find((one) => one.name === name);
    if (slot !== undefined) slot.used = true;
    return slot?.value;
  }

  set(name: string, value: object, bytes: number): void {
    this.delete(name);
    this.slots.splice(this.hand, 0, { name, value, bytes, used: false });
    this.hand += 1;
    this.evict(name);
  }

  grow(name: string, bytes: number): void {
    const slot = this.slots.find((one) => one.name === name);
    if (slot === undefined) return;
    slot.bytes += bytes;
    this.evict(name);
  }

  delete(name: string): boolean {
    const at = this.slots.findIndex((one) => one.name === name);
    if (at < 0) return false;
    this.slots.splice(at, 1);
    if (at < this.hand) this.hand -= 1;
    return true;
  }

  evict(keep: string): void {
    while (this.sizeBytes() > this.limit && this.slots.length > 1) {
      if (this.hand >= this.slots.length) this.hand = 0;
      const slot = this.slots[this.hand];
      this.hand += 1;
      if (slot === undefined || slot.name === keep) continue;
      if (slot.used) slot.used = false;
      else this.delete(slot.name);
    }
  }
}
