import { setTimeout as delay } from 'node:timers/promises';
import type { Belief } from './belief.js';
import type { Call, Outcome } from './client.js';
import { createRandom } from './random.js';
import { createWorker, type Done } from './worker.js';

/** Workers that use a gateway until they are told to stop. */
export interface Load {
  acknowledged(): number;
  /** Operations that came through since the last call of {@link Load.expectTrouble}. */
  writesSince(): number;
  /** From now on requests may fail. */
  expectTrouble(): void;
  /** From now on they may not, once more. */
  expectCalm(): void;
  /** Fulfilled when this many requests have been acknowledged, or all workers have ended, or in vain. */
  reached(acknowledged: number): Promise<void>;
  stop(): Promise<void>;
  /** What went wrong, one line each. */
  readonly problems: string[];
}

/** What a load works on. */
export interface LoadOptions {
  readonly call: Call;
  readonly belief: Belief;
  readonly seed: number;
  readonly round: number;
  readonly workers: number;
  /** Whether workers go on when requests fail: only the database is killed. */
  readonly survives: boolean;
}

const PAUSE_MS = 20;
const REACH_MS = 30_000;
const MAX_PROBLEMS = 20;

/** Starts the workers. */
export function startLoad(options: LoadOptions): Load {
  const { belief, seed, round, survives } = options;
  const problems: string[] = [];
  let acknowledged = 0;
  let writes = 0;
  let stopped = false;
  let trouble = false;
  let waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  const notice = (problem: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };

  const call = async (operation: string, input: object): Promise<Outcome> => {
    const calm = !trouble;
    const outcome = await options.call(operation, input);
    if (outcome.kind === 'unknown') {
      const { why } = outcome;
      const bad = /^(hung|defect)/.test(why) || (survives && why !== 'DependencyTimeoutException');
      if (bad || (calm && !trouble)) notice(`${operation} failed: ${why}`);
      return outcome;
    }
    acknowledged += 1;
    if (waiting !== undefined && acknowledged >= waiting.count) waiting.resolve();
    return outcome;
  };

  const run = async (number: number): Promise<void> => {
    const random = createRandom(seed * 1_000_003 + round * 1_009 + number);
    const act = createWorker({ call, belief, number, round, random });
    while (!stopped) {
      const done: Done = await act();
      if (done.kind === 'problem') {
        notice(done.text);
        return;
      }
      if (done.kind === 'wrote') writes += 1;
      if (done.kind !== 'unknown') continue;
      if (!survives) return;
      await delay(PAUSE_MS);
    }
  };

  const all = Promise.all(Array.from({ length: options.workers }, (_, number) => run(number)));
  return {
    problems,
    acknowledged: () => acknowledged,
    writesSince: () => writes,
    expectTrouble() {
      trouble = true;
      writes = 0;
    },
    expectCalm() {
      trouble = false;
    },
    async reached(count) {
      const there = new Promise<void>((resolve) => {
        waiting = { count, resolve };
        if (acknowledged >= count) resolve();
      });
      const inVain = delay(REACH_MS, 'in vain', { ref: false });
      const how = await Promise.race([there, all, inVain]);
      waiting = undefined;
      if (how === 'in vain')
        notice(`${acknowledged} of ${count} requests were acknowledged in time`);
    },
    async stop() {
      stopped = true;
      await all;
    },
  };
}
