import type { Clock } from '../../src/ports/clock.js';

/** A clock whose three times stand still until a test moves them. */
export interface FakeClock extends Clock {
  nowMs: number;
  passedMs: number;
}

export const START_MS: number = Date.UTC(2026, 10, 24, 12);
export const DAY_MS = 86_400_000;

export function fakeClock(): FakeClock {
  return {
    nowMs: START_MS,
    passedMs: 1_000,
    virtualMs() {
      return this.nowMs;
    },
    realMs: () => START_MS,
    monotonicMs() {
      return this.passedMs;
    },
  };
}
