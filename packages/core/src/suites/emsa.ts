import { createHash, timingSafeEqual } from 'node:crypto';

/** A hash as RSA signatures use it. @internal */
export interface RsaHash {
  /** OpenSSL's name. */
  readonly name: string;
  readonly bytes: number;
  /** DER of DigestInfo up to the digest (RFC 8017, section 9.2, note 1). */
  readonly digestInfoPrefix: Buffer;
}

/** Hashes of the RSA signature suites. @internal */
export const RSA_HASHES: readonly RsaHash[] = Object.freeze([
  rsaHash('sha256', 32, '3031300d060960864801650304020105000420'),
  rsaHash('sha384', 48, '3041300d060960864801650304020205000430'),
  rsaHash('sha512', 64, '3051300d060960864801650304020305000440'),
]);

/**
 * EMSA-PKCS1-v1_5 encoding (RFC 8017, section 9.2) of a ready digest.
 *
 * @param sizeBytes - length of the modulus
 * @internal
 */
export function encodePkcs1(hash: RsaHash, digest: Buffer, sizeBytes: number): Buffer {
  const encoded = Buffer.alloc(sizeBytes, 0xff);
  const infoAt = sizeBytes - hash.digestInfoPrefix.length - digest.length;
  encoded[0] = 0x00;
  encoded[1] = 0x01;
  encoded[infoAt - 1] = 0x00;
  hash.digestInfoPrefix.copy(encoded, infoAt);
  digest.copy(encoded, sizeBytes - digest.length);
  return encoded;
}

/**
 * EMSA-PSS encoding (RFC 8017, section 9.1.1) of a ready digest, with the digest's hash in MGF1.
 *
 * @param emBits - bits of the modulus less one
 * @internal
 */
export function encodePss(hash: RsaHash, digest: Buffer, salt: Buffer, emBits: number): Buffer {
  const encoded = Buffer.alloc(Math.ceil(emBits / 8));
  const hashAt = encoded.length - hash.bytes - 1;
  const proof = pssHash(hash, digest, salt);
  encoded[hashAt - salt.length - 1] = 0x01;
  salt.copy(encoded, hashAt - salt.length);
  maskBlock(hash, encoded.subarray(0, hashAt), proof, emBits);
  proof.copy(encoded, hashAt);
  encoded[encoded.length - 1] = 0xbc;
  return encoded;
}

/**
 * EMSA-PSS verification (RFC 8017, section 9.1.2) with a salt as long as the hash.
 *
 * @param encoded - result of the public operation; unmasked in place
 * @param emBits - bits of the modulus less one
 * @internal
 */
export function matchesPss(
  hash: RsaHash,
  digest: Buffer,
  encoded: Buffer,
  emBits: number,
): boolean {
  const hashAt = encoded.length - hash.bytes - 1;
  const saltAt = hashAt - hash.bytes;
  if (encoded.length !== Math.ceil(emBits / 8) || saltAt < 1) return false;
  if (encoded[encoded.length - 1] !== 0xbc) return false;
  if ((encoded.readUInt8(0) & ~topMask(emBits)) !== 0) return false;
  const proof = encoded.subarray(hashAt, hashAt + hash.bytes);
  maskBlock(hash, encoded.subarray(0, hashAt), proof, emBits);
  for (let at = 0; at < saltAt - 1; at += 1) {
    if (encoded[at] !== 0x00) return false;
  }
  if (encoded[saltAt - 1] !== 0x01) return false;
  return timingSafeEqual(proof, pssHash(hash, digest, encoded.subarray(saltAt, hashAt)));
}

function rsaHash(name: string, bytes: number, prefix: string): RsaHash {
  return Object.freeze({ name, bytes, digestInfoPrefix: Buffer.from(prefix, 'hex') });
}

function pssHash(hash: RsaHash, digest: Buffer, salt: Buffer): Buffer {
  return createHash(hash.name).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** Applies MGF1 (RFC 8017, appendix B.2.1) to the data block and clears the bits above `emBits`. */
function maskBlock(hash: RsaHash, block: Buffer, seed: Buffer, emBits: number): void {
  const counter = Buffer.alloc(4);
  for (let start = 0; start < block.length; start += hash.bytes) {
    counter.writeUInt32BE(start / hash.bytes);
    const mask = createHash(hash.name).update(seed).update(counter).digest();
    for (const [index, byte] of mask.subarray(0, block.length - start).entries()) {
      block.writeUInt8(block.readUInt8(start + index) ^ byte, start + index);
    }
  }
  block.writeUInt8(block.readUInt8(0) & topMask(emBits), 0);
}

function topMask(emBits: number): number {
  return 0xff >> (8 * Math.ceil(emBits / 8) - emBits);
}
