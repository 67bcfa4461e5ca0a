import { expect } from 'vitest';
import { type Answer, repeat, watch } from './replica.js';

/**
 * Makes sure that an old answer is in memory, makes a change, and says how long after the change was
 * acknowledged a request began that still got the old answer.
 */
export async function overstayed<T>(
  ask: () => Promise<T>,
  isNew: (answer: T) => boolean,
  change: () => Promise<unknown>,
): Promise<number> {
  for (const answer of await repeat(3, ask)) expect(isNew(answer)).toBe(false);
  await change();
  const acknowledgedMs = performance.now();
  const { lastOldMs } = await watch(ask, isNew);
  for (const answer of await repeat(20, ask)) expect(isNew(answer)).toBe(true);
  return lastOldMs - acknowledgedMs;
}

/** An answer that must be a success. */
export async function done(answer: Promise<Answer>): Promise<Answer> {
  const { status, code, output } = await answer;
  expect([status, code]).toEqual([200, 'ok']);
  return { status, code, output };
}

/** Says whether an answer has an error code, or `ok`. */
export const hasCode =
  (code: string) =>
  (answer: Answer): boolean =>
    answer.code === code;
