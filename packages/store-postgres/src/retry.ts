import { setTimeout as wait } from 'node:timers/promises';
import { SqlFailure, toFault } from './failure.js';

const AGAIN_LIMIT = 6;
const AGAIN_WAIT_MS = 4;

/** How {@link withRetry} behaves. @internal */
export interface RetryLimits {
  /** How often a lost connection may be replaced; each try removes one from the pool. */
  readonly lost: number;
}

/**
 * Runs `once`, and runs it again when the server asks for that (serialisation, deadlock) or the
 * connection broke. `once` must reject with `lost` only when it is certain that nothing was written.
 *
 * @throws KmsFault Conflict after too many tries, Unavailable when the database cannot be reached, and
 * whatever else `once` throws
 * @internal
 */
export async function withRetry<T>(
  what: string,
  limits: RetryLimits,
  once: () => Promise<T>,
): Promise<T> {
  let again = 0;
  let lost = 0;
  for (;;) {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      if (error.kind === 'again' && again < AGAIN_LIMIT) {
        again += 1;
        await wait(AGAIN_WAIT_MS * again);
      } else if (error.kind === 'lost' && lost < limits.lost) {
        lost += 1;
      } else {
        throw toFault(error, what);
      }
    }
  }
}
