import { patternSource } from './pattern.js';
import { type PatternNode, parsePattern } from './patternTree.js';

const MOST_POSITIONS = 1000;

/** Enough characters to tell the classes of models apart: Latin up to U+017F and two far ones. */
const SAMPLES = [
  ...Array.from({ length: 0x180 }, (_, code) => String.fromCodePoint(code)),
  '\u2603',
  '\u{1F600}',
];

/** The automaton of a pattern: one position for each character that the pattern spells out. */
interface Automaton {
  /** What each position matches, as one bit for each sample. */
  readonly matches: bigint[];
  /** Which positions may come next, and in how many ways. */
  readonly next: Map<number, number>[];
}

interface Fragment {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly nullable: boolean;
}

/**
 * Tells whether a backtracking matcher may need exponential time for a pattern: whether some loop can
 * read the same text in two ways. Patterns that it does not understand count as such.
 * Time that grows with the square of the text is not excluded: the maximum length, which is checked
 * before the pattern, bounds it.
 *
 * For generators and tests; a table of shapes with such a pattern must not be used.
 *
 * @public
 */
export function hasAmbiguousLoop(pattern: string): boolean {
  const tree = parsePattern(pattern);
  if (tree === undefined) return true;
  const automaton: Automaton = { matches: [], next: [] };
  build(tree, automaton);
  if (automaton.matches.length > MOST_POSITIONS) return true;
  return automaton.next.some((_, position) => readsTwice(automaton, position));
}

/** Whether two different ways lead from a position back to itself over the same text. */
function readsTwice({ matches, next }: Automaton, start: number): boolean {
  const loop = loopOf(next, start);
  if (!loop.has(start)) return false;
  const step = ([a, b]: readonly [number, number]): (readonly [number, number])[] => {
    const out: (readonly [number, number])[] = [];
    for (const x of next[a]?.keys() ?? []) {
      for (const y of next[b]?.keys() ?? []) {
        const common = (matches[x] ?? 0n) & (matches[y] ?? 0n);
        if (loop.has(x) && loop.has(y) && common !== 0n) out.push([x, y]);
      }
    }
    return out;
  };
  for (const from of loop) {
    // The same step by two loops, as in (a+)+.
    for (const [to, ways] of next[from] ?? []) if (loop.has(to) && ways > 1) return true;
  }
  return reachable([start, start], step).some(
    ([a, b]) => a !== b && reachable([a, b], step).some(([x, y]) => x === start && y === start),
  );
}

/** The positions that lie on a way from a position back to itself. */
function loopOf(next: Automaton['next'], start: number): ReadonlySet<number> {
  const from = (position: number): Set<number> => {
    const seen = new Set<number>();
    const open = [position];
    for (let p = open.pop(); p !== undefined; p = open.pop()) {
      for (const q of next[p]?.keys() ?? []) {
        if (!seen.has(q)) {
          seen.add(q);
          open.push(q);
        }
      }
    }
    return seen;
  };
  return new Set([...from(start)].filter((position) => from(position).has(start)));
}

function reachable(
  start: readonly [number, number],
  step: (pair: readonly [number, number]) => (readonly [number, number])[],
): (readonly [number, number])[] {
  const seen = new Map<string, readonly [number, number]>();
  const open = [start];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    for (const to of step(pair)) {
      const key = to.join();
      if (!seen.has(key)) {
        seen.set(key, to);
        open.push(to);
      }
    }
  }
  return [...seen.values()];
}

function build(node: PatternNode, automaton: Automaton): Fragment {
  if (automaton.matches.length > MOST_POSITIONS) return { first: [], last: [], nullable: true };
  switch (node.kind) {
    case 'atom': {
      const test = new RegExp(patternSource(node.source), 'u');
      const position = automaton.matches.length;
      automaton.next.push(new Map());
      automaton.matches.push(
        SAMPLES.reduce((bits, sample) => (bits << 1n) | (test.test(sample) ? 1n : 0n), 0n),
      );
      return { first: [position], last: [position], nullable: false };
    }
    case 'choice': {
      const parts = node.parts.map((part) => build(part, automaton));
      return {
        first: parts.flatMap((part) => part.first),
        last: parts.flatMap((part) => part.last),
        nullable: parts.some((part) => part.nullable),
      };
    }
    case 'sequence':
      return node.parts.reduce<Fragment>(
        (before, part) => join(before, build(part, automaton), automaton),
        { first: [], last: [], nullable: true },
      );
    case 'repeat':
      return repeat(node, automaton);
  }
}

function repeat(
  { part, min, max }: PatternNode & { kind: 'repeat' },
  automaton: Automaton,
): Fragment {
  let out: Fragment = { first: [], last: [], nullable: true };
  const copies = max === Infinity ? Math.max(min, 1) : max;
  for (let i = 1; i <= copies && automaton.matches.length <= MOST_POSITIONS; i++) {
    const copy = build(part, automaton);
    if (max === Infinity && i === copies) connect(copy.last, copy.first, automaton);
    out = join(out, i > min ? { ...copy, nullable: true } : copy, automaton);
  }
  return out;
}

function join(a: Fragment, b: Fragment, automaton: Automaton): Fragment {
  connect(a.last, b.first, automaton);
  return {
    first: a.nullable ? [...a.first, ...b.first] : a.first,
    last: b.nullable ? [...a.last, ...b.last] : b.last,
    nullable: a.nullable && b.nullable,
  };
}

function connect(from: readonly number[], to: readonly number[], automaton: Automaton): void {
  for (const a of from) {
    const ways = automaton.next[a];
    for (const b of to) ways?.set(b, (ways.get(b) ?? 0) + 1);
  }
}
