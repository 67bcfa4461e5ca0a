import type { Inspector } from '@keyglot/gateway';
import { classify } from './classify.js';
import {
  bucketOf,
  countKey,
  type KeyCounts,
  type Places,
  placesOf,
  type Range,
  seen,
  widen,
} from './counts.js';
import { type Obstacle, overCiphertextLimit, plaintextObstacle } from './fit.js';
import type { Problem, Sink } from './problems.js';

/** What was seen of one layout. @internal */
export interface LayoutTally {
  readonly inspector: Inspector;
  count: number;
  readonly plaintextBytes: Range;
  readonly ciphertextBytes: Range;
  /** How often by bucket. */
  readonly sizes: Map<number, number>;
  readonly keys: KeyCounts;
  /** What keeps ciphertexts of other layouts from moving here, by theirs. */
  readonly obstacles: Map<Inspector, Map<Obstacle, Places>>;
}

/** Everything that was seen. Its size does not grow with the number of values. @internal */
export interface Tally {
  values: number;
  readonly layouts: readonly LayoutTally[];
  /** Values as long as RSA ciphertexts, by length in bytes. */
  readonly bare: Map<number, Places>;
  readonly problems: Map<Problem, Places>;
}

/** Makes an empty tally. @internal */
export function createTally(inspectors: readonly Inspector[]): Tally {
  return {
    values: 0,
    layouts: inspectors.map((inspector) => ({
      inspector,
      count: 0,
      plaintextBytes: { min: Number.POSITIVE_INFINITY, max: 0 },
      ciphertextBytes: { min: Number.POSITIVE_INFINITY, max: 0 },
      sizes: new Map(),
      keys: { byKey: new Map(), others: 0 },
      obstacles: new Map(),
    })),
    bare: new Map(),
    problems: new Map(),
  };
}

/** Makes the place where readers put values; they are counted and forgotten. @internal */
export function sinkOf(tally: Tally): Sink {
  const inspectors = tally.layouts.map(({ inspector }) => inspector);
  const problem = (name: Problem, line: number): void => {
    tally.values += 1;
    seen(placesOf(tally.problems, name), line);
  };
  return {
    problem,
    value(text, line) {
      const finding = classify(text, inspectors);
      if (finding.kind === 'problem') {
        problem(finding.problem, line);
        return;
      }
      tally.values += 1;
      if (finding.kind === 'bare') {
        seen(placesOf(tally.bare, finding.bytes), line);
        return;
      }
      const layout = tally.layouts[finding.layout];
      if (layout === undefined) return;
      const { key, plaintextBytes } = finding.inspection;
      const bucket = bucketOf(plaintextBytes);
      layout.count += 1;
      widen(layout.plaintextBytes, plaintextBytes);
      widen(layout.ciphertextBytes, finding.ciphertextBytes);
      layout.sizes.set(bucket, (layout.sizes.get(bucket) ?? 0) + 1);
      countKey(layout.keys, key);
      for (const target of tally.layouts) {
        if (target !== layout) {
          compare(layout.inspector, target, plaintextBytes, finding.ciphertextBytes, line);
        }
      }
    },
  };
}

function compare(
  from: Inspector,
  target: LayoutTally,
  plaintextBytes: number,
  ciphertextBytes: number,
  line: number,
): void {
  const obstacle = plaintextObstacle(plaintextBytes, from, target.inspector);
  if (obstacle !== undefined) note(target, from, obstacle, line);
  if (overCiphertextLimit(ciphertextBytes, target.inspector)) {
    note(target, from, 'ciphertext-limit', line);
  }
}

function note({ obstacles }: LayoutTally, from: Inspector, obstacle: Obstacle, line: number): void {
  let ofSource = obstacles.get(from);
  if (ofSource === undefined) {
    ofSource = new Map();
    obstacles.set(from, ofSource);
  }
  seen(placesOf(ofSource, obstacle), line);
}
