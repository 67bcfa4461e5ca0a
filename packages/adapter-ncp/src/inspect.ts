import type { DialectFace, Inspection } from '@keyglot/dialect';
import { KEY_TYPES } from './algorithms.js';
import { OVERHEAD_BYTES, readText } from './envelope.js';

const { plaintextBytes: MAX_PLAINTEXT_BYTES } = KEY_TYPES.AES256;

/**
 * What the service encrypts with AES256 keys, and the limits of Encrypt and Decrypt. What Decrypt takes
 * is limited by what is in it.
 *
 * @see https://api.ncloud-docs.com/docs/en/security-kms-encrypt
 * @internal
 */
export const NCP_SIZES: Pick<
  DialectFace,
  'plaintextIsText' | 'maxPlaintextBytes' | 'maxCiphertextBytes'
> = Object.freeze({
  plaintextIsText: false,
  maxPlaintextBytes: MAX_PLAINTEXT_BYTES,
  maxCiphertextBytes: MAX_PLAINTEXT_BYTES + OVERHEAD_BYTES,
});

/**
 * Reads what a ciphertext `ncpkms:v{n}:…` tells without any key: the number of the key version, as
 * `v{n}`, and the size of the plaintext as if an AES256 key had made it. Ciphertexts of RSA2048 keys
 * (256 bytes) and signatures have the same form; nothing in them says so.
 *
 * @returns undefined for any other form
 * @internal
 */
export function inspectNcp(ciphertext: string): Inspection | undefined {
  const found = readText(ciphertext.trim());
  if (found === undefined || found.payload.length < OVERHEAD_BYTES) return undefined;
  return { key: `v${found.version}`, plaintextBytes: found.payload.length - OVERHEAD_BYTES };
}
