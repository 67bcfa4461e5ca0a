import { type DialectFace, decodeBase64Strict, type Inspection } from '@keyglot/dialect';
import { ALIBABA_LAYOUT } from './envelope.js';

const TAG_BYTES = 16;
const INSTANCE_HEADER_BYTES = 3;
/** A UUID, or a key id of 25 characters with 10 more; the layout itself would take many a text in base64. */
const VERSION_ID =
  /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|key-[0-9a-z]{21}-[0-9a-z]{10})$/;

/**
 * What the service encrypts, and the limits of Encrypt and Decrypt. Plaintexts are texts, counted in
 * bytes of UTF-8; no limit of Decrypt is documented.
 *
 * @see https://www.alibabacloud.com/help/en/kms/developer-reference/api-encrypt
 * @internal
 */
export const ALIBABA_SIZES: Pick<
  DialectFace,
  'plaintextIsText' | 'maxPlaintextBytes' | 'maxCiphertextBytes'
> = Object.freeze({
  plaintextIsText: true,
  maxPlaintextBytes: 6_144,
  maxCiphertextBytes: undefined,
});

/**
 * Reads what a symmetric ciphertext in strict base64 tells without any key: the id of the key version
 * and the size of the plaintext text. Ciphertexts of dedicated instances, which have three bytes more
 * in front, count too.
 *
 * @see https://github.com/aliyun/alibabacloud-dkms-transfer-java-sdk
 * @returns undefined for any other layout
 * @internal
 */
export function inspectAlibaba(ciphertext: string): Inspection | undefined {
  const blob = decodeBase64Strict(ciphertext.trim());
  const envelope = blob && ALIBABA_LAYOUT.parse(withoutInstanceHeader(blob));
  if (envelope === undefined || !VERSION_ID.test(envelope.versionWireId)) return undefined;
  return { key: envelope.versionWireId, plaintextBytes: envelope.body.length - TAG_BYTES };
}

/** `$`, a byte of version and padding, a byte of algorithm: 2 is AES-GCM. */
function withoutInstanceHeader(blob: Buffer): Buffer {
  const [first, , algorithm] = blob;
  return first === 0x24 && algorithm === 2 ? blob.subarray(INSTANCE_HEADER_BYTES) : blob;
}
