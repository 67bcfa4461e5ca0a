/** Source of unpredictable bytes and ids. @public */
export interface Entropy {
  /** Fresh random bytes which the caller owns. */
  bytes(sizeBytes: number): Buffer;
  /**
   * Random bytes for salts and nonces, possibly a slice of a larger pool. Never make a key of them,
   * and never write into them.
   */
  pooled(sizeBytes: number): Buffer;
  /** A version 4 UUID in lower case. */
  uuid(): string;
}
