import type { Clock } from './clock.js';

/** The clock of this machine; virtual time is real time. @public */
export function createSystemClock(): Clock {
  return {
    virtualMs: () => Date.now(),
    realMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  };
}
