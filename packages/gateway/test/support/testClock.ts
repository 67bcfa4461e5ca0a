import type { Clock } from '@keyglot/core';

/** A clock that stands still until a test moves it; only virtual time moves. */
export interface TestClock extends Clock {
  /** Virtual time, milliseconds since 1970. */
  nowMs: number;
}

/** 2023-11-14T22:13:20.123Z, with a fraction of a second that shows in timestamps. */
export const START_MS = 1_700_000_000_123;

export function createTestClock(): TestClock {
  return {
    nowMs: START_MS,
    virtualMs(): number {
      return this.nowMs;
    },
    realMs: () => START_MS,
    monotonicMs: () => 0,
  };
}

export const DAY_MS = 86_400_000;
