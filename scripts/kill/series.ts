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
  /** Ends everything that runs, by force. */
  readonly signal?: AbortSignal;
  /** Told one line for each round, and one for each thing that is wrong. */
  readonly say: (line: string) => void;
}

/** How many rounds went well. */
export interface SeriesResult {
  readonly passed: number;
  readonly failed: number;
}

const SHOWN = 20;

/** Runs rounds of all kinds in turn on one data folder; a new one follows a failure. */
export async function runSeries(options: SeriesOptions): Promise<SeriesResult> {
  const { rounds, seed, first = 1, kinds = KINDS, keep = false, signal, say } = options;
  const counts = new Map(kinds.map((kind) => [kind, { passed: 0, failed: 0 }]));
  const sites = new Set<Site>();
  const open = (): Site => {
    const site = createSite();
    sites.add(site);
    return site;
  };
  const close = async (site: Site, kept: boolean): Promise<void> => {
    sites.delete(site);
    await site.remove(kept);
  };
  // Whatever waits for a gateway goes on when that is gone.
  const abort = (): void => {
    for (const site of sites) site.remove(false).catch(() => undefined);
  };
  signal?.addEventListener('abort', abort);

  const kindAt = (index: number): Kind => kinds[index % kinds.length] ?? 'both';
  let shared: Site | undefined;
  for (let index = 0; index < rounds && signal?.aborted !== true; index += 1) {
    const kind = kindAt(index);
    const round = first + index;
    const rest = Array.from({ length: rounds - index - 1 }, (_, more) => kindAt(index + 1 + more));
    if (kind !== 'first') shared ??= open();
    const site = kind === 'first' || shared === undefined ? open() : shared;
    const startedAt = performance.now();
    // The last look at a folder is a look at all of it.
    const full = kind === 'first' || rest.every((other) => other === 'first');
    const { problems, summary } = await runRound({ site, kind, round, seed, full });
    const bad = problems.length > 0;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const verdict = bad ? 'FAILED' : 'passed';
    say(`round ${index + 1}/${rounds} ${kind}: ${verdict} in ${seconds} s: ${summary}`);
    for (const problem of problems.slice(0, SHOWN)) say(`  ${problem}`);
    if (problems.length > SHOWN) say(`  and ${problems.length - SHOWN} more`);
    if (bad && keep) say(`  data folder: ${site.folder}`);
    if (bad || site !== shared) await close(site, bad && keep);
    if (bad && site === shared) shared = undefined;
    const count = counts.get(kind);
    if (count !== undefined) count[bad ? 'failed' : 'passed'] += 1;
  }
  for (const site of sites) await close(site, false);
  signal?.removeEventListener('abort', abort);
  let [passed, failed] = [0, 0];
  for (const [kind, count] of counts) {
    say(`${kind}: ${count.passed} passed, ${count.failed} failed`);
    passed += count.passed;
    failed += count.failed;
  }
  return { passed, failed };
}
