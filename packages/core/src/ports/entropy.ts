import type { KeySpec } from '../suites/keySpecs.js';

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
  /**
   * There when the source repeats itself: a private key in PKCS#8 DER that follows from it, for kinds
   * of keys that are otherwise drawn by OpenSSL.
   */
  keyPair?(spec: KeySpec): Promise<Buffer>;
}
