import { KINDS, type Kind, runRound } from './round.js';
import { createSite, type Site } from './site.js';

/** What to do. */
export interface SeriesOptions {
  readonly rounds: number;
  readonly seed: number;
  /** The first round; the others follow. To see a round once more, start with it. */
  readonly first?: number;
  readonly kinds?: readonly Kind[];
  /** Leaves the data folders of failed rounds. */
  readonly keep?: boolean;
  /** Told one line for each round, and one for each thing that is wrong. */
  readonly say: (line: string) => void;
}

/** How many rounds went well. */
export interface SeriesResult {
  readonly passed: number;
  readonly failed: number;
}

/** Runs rounds of all kinds in turn on one data folder; a new one follows a failure. */
export async function runSeries(options: SeriesOptions): Promise<SeriesResult> {
  const { rounds, seed, first = 1, kinds = KINDS, keep = false, say } = options;
  const counts = new Map<Kind, { passed: number; failed: number }>();
  let site: Site | undefined;
  let failed = 0;
  for (let index = 0; index < rounds; index += 1) {
    const kind = kinds[index % kinds.length] ?? 'both';
    const round = first + index;
    const ownSite = kind === 'first' ? createSite() : undefined;
    site ??= createSite();
    const at = ownSite ?? site;
    const startedAt = performance.now();
    const full = round === first + rounds - 1 || kind === 'first';
    let bad = true;
    try {
      const { problems, summary } = await runRound({ site: at, kind, round, seed, full });
      bad = problems.length > 0;
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      const verdict = bad ? 'FAILED' : 'passed';
      say(`round ${index + 1}/${rounds} ${kind}: ${verdict} in ${seconds} s: ${summary}`);
      for (const problem of problems) say(`  ${problem}`);
      if (bad && keep) say(`  data folder: ${at.folder}`);
    } finally {
      if (bad || ownSite !== undefined) await at.remove(bad && keep);
      if (bad && ownSite === undefined) site = undefined;
    }
    const count = counts.get(kind) ?? { passed: 0, failed: 0 };
    count[bad ? 'failed' : 'passed'] += 1;
    counts.set(kind, count);
    if (bad) failed += 1;
  }
  await site?.remove(false);
  for (const [kind, count] of counts)
    say(`${kind}: ${count.passed} passed, ${count.failed} failed`);
  return { passed: rounds - failed, failed };
}
