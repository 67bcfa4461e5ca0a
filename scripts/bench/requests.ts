import type { Target } from './gateway.js';
import { signedRequest } from './sign.js';

/** Requests of each kind; more than a cache of whole requests would remember by chance. */
export const POOL_SIZE = 4_000;
/** Signatures are dated over the last minute, so that not even their dates are the same. */
const SPREAD_MS = 60_000;

/** Signs the requests of a pool. */
export function signAll(target: Target, operation: string, inputs: readonly object[]): Buffer[] {
  const now = Date.now();
  return inputs.map((input, index) => {
    const atMs = now - Math.floor((index / inputs.length) * SPREAD_MS);
    return signedRequest(target.signer, operation, input, atMs);
  });
}

/** A member of an answer. */
export function member(body: string, name: string): unknown {
  const value: Record<string, unknown> = Object(JSON.parse(body));
  return value[name];
}

/** An element, counted round and round. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('an empty list');
  return found;
}
