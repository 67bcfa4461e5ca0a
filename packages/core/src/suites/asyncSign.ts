import type { SignKeyObjectInput, VerifyKeyObjectInput } from 'node:crypto';
import { sign, verify } from 'node:crypto';
import { fault } from '../faults.js';

/**
 * Signs a message on a thread of libuv's pool.
 *
 * @param hash - null where the scheme has its own
 * @throws KmsFault Internal when OpenSSL refuses the key
 * @internal
 */
export function signAsync(
  hash: string | null,
  message: Buffer,
  key: SignKeyObjectInput,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(hash, message, key, (error, signature) => {
      if (error) reject(fault('Internal', { what: `sign with ${hash ?? 'no hash'}` }, error));
      else resolve(signature);
    });
  });
}

/**
 * Verifies a signature over a message on a thread of libuv's pool. Whatever goes wrong is false.
 *
 * @internal
 */
export function verifyAsync(
  hash: string | null,
  message: Buffer,
  key: VerifyKeyObjectInput,
  signature: Buffer,
): Promise<boolean> {
  return new Promise((resolve) => {
    // With an error `valid` is left out, which is no yes.
    verify(hash, message, key, signature, (_error, valid) => resolve(valid === true));
  });
}
