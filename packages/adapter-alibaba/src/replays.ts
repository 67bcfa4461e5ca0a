/** Remembers nonces for as long as a request with them could still be taken. @internal */
export interface Replays {
  /** @returns whether the nonce is new; remembers it */
  take(accessKeyId: string, nonce: string, nowMs: number): boolean;
}

/**
 * Makes a memory for nonces, of this process alone.
 *
 * @param windowMs how long a nonce counts
 * @param most nonces kept; beyond it the oldest are forgotten before their time
 * @internal
 */
export function createReplays(windowMs: number, most = 100_000): Replays {
  // In the order of arrival, which is the order of expiry.
  const seen = new Map<string, number>();
  return {
    take(accessKeyId, nonce, nowMs) {
      for (const [name, untilMs] of seen) {
        if (untilMs > nowMs && seen.size < most) break;
        seen.delete(name);
      }
      const name = `${accessKeyId}\n${nonce}`;
      if (seen.has(name)) return false;
      seen.set(name, nowMs + windowMs);
      return true;
    },
  };
}
