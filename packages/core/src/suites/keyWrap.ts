import { createDecipheriv } from 'node:crypto';
import type { CoreFaults, KmsFault } from '../faults.js';
import { fault } from '../faults.js';
import { KEY_SPECS } from './keySpecs.js';
import type { AsymmetricEncryptionSuite, PreparedMaterial } from './suite.js';

const AES_KEY_BYTES = 32;
const BLOCK_BYTES = 8;
/** RFC 5649, section 3. */
const INITIAL_VALUE = Buffer.from('a65959a6', 'hex');

/**
 * Opens what PKCS#11 calls CKM_RSA_AES_KEY_WRAP: an AES-256 key under RSAES-OAEP, then the content under
 * AES key wrap with padding (RFC 5649).
 *
 * @param oaep - the suite that opens the AES key
 * @param wrapping - RSA material
 * @throws KmsFault CiphertextInvalid, whatever is wrong
 * @internal
 */
export async function unwrapRsaAes(
  oaep: AsymmetricEncryptionSuite,
  wrapping: PreparedMaterial,
  wrapped: Buffer,
): Promise<Buffer> {
  const modulusBytes = KEY_SPECS[wrapping.spec].bits / 8;
  const key = await oaep.decrypt(wrapping, wrapped.subarray(0, modulusBytes));
  try {
    return unwrapPadded(key, wrapped.subarray(modulusBytes));
  } finally {
    key.fill(0);
  }
}

function unwrapPadded(key: Buffer, wrapped: Buffer): Buffer {
  // OpenSSL takes no bytes at all for an empty content.
  const whole = wrapped.length >= 2 * BLOCK_BYTES && wrapped.length % BLOCK_BYTES === 0;
  if (!whole || key.length !== AES_KEY_BYTES) throw refusal();
  const decipher = createDecipheriv('id-aes256-wrap-pad', key, INITIAL_VALUE);
  try {
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    throw refusal();
  }
}

function refusal(): KmsFault<'CiphertextInvalid', CoreFaults['CiphertextInvalid']> {
  return fault('CiphertextInvalid', {});
}
