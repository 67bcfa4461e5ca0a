import { type DialectFace, decodeBase64Strict, type Inspection } from '@keyglot/dialect';
import { createAwsLayout } from './envelope.js';

const LAYOUT = createAwsLayout('aws');
const TAG_BYTES = 16;

/**
 * What AWS KMS and QKMS encrypt, and the limits of Encrypt and Decrypt.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 * @internal
 */
export const AWS_SIZES: Pick<
  DialectFace,
  'plaintextIsText' | 'maxPlaintextBytes' | 'maxCiphertextBytes'
> = Object.freeze({
  plaintextIsText: false,
  maxPlaintextBytes: 4_096,
  maxCiphertextBytes: 6_144,
});

/**
 * Reads what a symmetric ciphertext in strict base64 tells without any key: the 32 bytes that name the
 * key material, in hexadecimal, and the size of the plaintext. QKMS has the same layout, so the two
 * cannot be told apart.
 *
 * @returns undefined for any other layout, that of 2014 (`0a 20`) included
 * @internal
 */
export function inspectAws(ciphertext: string): Inspection | undefined {
  const blob = decodeBase64Strict(ciphertext.trim());
  // No ciphertext of the service is larger, and the layout keeps a template for each length it sees.
  if (blob === undefined || blob.length > (AWS_SIZES.maxCiphertextBytes ?? 0)) return undefined;
  const envelope = LAYOUT.parse(withUsualPrefix(blob));
  if (envelope === undefined) return undefined;
  const plaintextBytes = envelope.body.length - LAYOUT.innerPrefix.length - TAG_BYTES;
  return { key: envelope.versionWireId, plaintextBytes };
}

/** The service's own ciphertexts begin with 01 02 02, 01 02 03 or, older ones, 01 01 02; ours with the first. */
function withUsualPrefix(blob: Buffer): Buffer {
  const [first, second, third] = blob;
  const other = (second === 2 && third === 3) || (second === 1 && third === 2);
  if (first !== 1 || !other) return blob;
  const copy = Buffer.from(blob);
  copy[1] = 2;
  copy[2] = 2;
  return copy;
}
