import { fault } from '../faults.js';

/**
 * What one request sees: its sandbox, its moment of virtual time, and everything it has loaded. A
 * loaded object belongs to the request even if somebody invalidates it meanwhile; looking it up again
 * could give a false "not found".
 *
 * @public
 */
export interface Scope {
  readonly sandbox: string;
  /** Virtual time of the request, milliseconds since 1970. */
  readonly nowMs: number;
  readonly pinned: Map<string, unknown>;
}

/**
 * Thrown by a look-up whose answer is not in memory. The pipeline waits for `load` and runs the
 * handler again, which keeps the hot path free of promises. Only thrown before any side effect.
 *
 * @public
 */
export class Miss {
  readonly load: () => Promise<void>;

  constructor(load: () => Promise<void>) {
    this.load = load;
  }
}

/** A key has at most this many look-ups before its request counts as broken. */
const MAX_MISSES = 32;

/**
 * Runs `work`, and runs it again after each {@link Miss} until it has all it needs.
 *
 * @throws what `work` throws otherwise, synchronously when nothing was missing
 * @throws KmsFault Internal when it still misses something after 32 loads
 * @public
 */
export function withLoads<Result>(work: () => Result | Promise<Result>): Result | Promise<Result> {
  try {
    const result = work();
    return result instanceof Promise
      ? result.catch((error: unknown) => retry(work, error))
      : result;
  } catch (error) {
    if (!(error instanceof Miss)) throw error;
    return retry(work, error);
  }
}

async function retry<Result>(
  work: () => Result | Promise<Result>,
  thrown: unknown,
): Promise<Result> {
  let error = thrown;
  for (let misses = 0; misses < MAX_MISSES; misses += 1) {
    if (!(error instanceof Miss)) throw error;
    await error.load();
    try {
      return await work();
    } catch (next) {
      error = next;
    }
  }
  throw fault('Internal', { what: 'a request kept missing its data' });
}
