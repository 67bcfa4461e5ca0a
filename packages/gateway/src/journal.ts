import type { Journal, JournalEntry } from '@keyglot/core';

/** A journal that can be read. @internal */
export interface ReadableJournal extends Journal {
  /** The latest entries of a sandbox, newest first. */
  latest(sandbox: string, limit: number): readonly JournalEntry[];
  /** How often a member was sent to a sandbox that the provider ignores, by `dialect operation member`. */
  ignoredCounts(sandbox: string): ReadonlyMap<string, number>;
}

// Names of members and of sandboxes come from clients, so the number of both is bounded.
const MAX_NAMES = 1_000;
const MAX_SANDBOXES = 100;
const NONE: ReadonlyMap<string, number> = new Map();

/** Keeps the latest requests of all sandboxes in a ring of `size` entries. @internal */
export function createJournal(size = 2_000): ReadableJournal {
  const ring: JournalEntry[] = new Array(size);
  const ignored = new Map<string, Map<string, number>>();
  let next = 0;

  const countsOf = (sandbox: string): Map<string, number> => {
    const counts = ignored.get(sandbox) ?? new Map<string, number>();
    // Put last: the first one is the one that was counted for longest ago.
    ignored.delete(sandbox);
    ignored.set(sandbox, counts);
    const [oldest] = ignored.keys();
    if (ignored.size > MAX_SANDBOXES && oldest !== undefined) ignored.delete(oldest);
    return counts;
  };

  return {
    record(entry) {
      ring[next % size] = entry;
      next += 1;
      if (entry.ignored.length === 0) return;
      const counts = countsOf(entry.sandbox);
      for (const member of entry.ignored) {
        const name = `${entry.dialect} ${entry.operation} ${member}`;
        if (counts.size < MAX_NAMES || counts.has(name)) {
          counts.set(name, (counts.get(name) ?? 0) + 1);
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
    ignoredCounts: (sandbox) => ignored.get(sandbox) ?? NONE,
  };
}
