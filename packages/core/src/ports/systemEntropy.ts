import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';
import type { Entropy } from './entropy.js';

const POOL_BYTES = 16_384;

/** Random bytes of the operating system. Salts and nonces come from a pool, to spare a call for each. @public */
export function createSystemEntropy(): Entropy {
  let pool = Buffer.alloc(0);
  let at = 0;
  return {
    bytes: (sizeBytes) => randomBytes(sizeBytes),
    pooled(sizeBytes) {
      if (sizeBytes > POOL_BYTES) return randomBytes(sizeBytes);
      if (at + sizeBytes > pool.length) {
        // A new buffer each time: slices of the old one may still be in use.
        pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
        at = 0;
      }
      at += sizeBytes;
      return pool.subarray(at - sizeBytes, at);
    },
    uuid: () => randomUUID(),
  };
}
