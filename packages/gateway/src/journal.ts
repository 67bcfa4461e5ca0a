import type { Journal, JournalEntry } from '@keyglot/core';

/** A journal that can be read. @internal */
export interface ReadableJournal extends Journal {
  /** The latest entries of a sandbox, newest first. */
  latest(sandbox: string, limit: number): readonly JournalEntry[];
  /** How often a member was sent that the provider ignores, by `dialect operation member`. */
  ignoredCounts(): ReadonlyMap<string, number>;
}

const MAX_NAMES = 1_000;

/** Keeps the latest requests of all sandboxes in a ring of `size` entries. @internal */
export function createJournal(size = 2_000): ReadableJournal {
  const ring: JournalEntry[] = new Array(size);
  const ignored = new Map<string, number>();
  let next = 0;

  return {
    record(entry) {
      ring[next % size] = entry;
      next += 1;
      for (const member of entry.ignored) {
        const name = `${entry.dialect} ${entry.operation} ${member}`;
        // Names come from clients, so their number is bounded.
        if (ignored.size < MAX_NAMES || ignored.has(name)) {
          ignored.set(name, (ignored.get(name) ?? 0) + 1);
        }
      }
    },
    latest(sandbox, limit) {
      const found: JournalEntry[] = [];
      for (let back = 1; back <= Math.min(size, next) && found.length < limit; back += 1) {
        const entry = ring[(next - back) % size];
        if (entry?.sandbox === sandbox) found.push(entry);
      }
      return found;
    },
    ignoredCounts: () => ignored,
  };
}
