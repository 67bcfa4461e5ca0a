import type { KeyObject } from 'node:crypto';
import { constants, privateEncrypt, publicDecrypt, timingSafeEqual } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { signAsync, verifyAsync } from './asyncSign.js';
import type { CryptoThread } from './cryptoThread.js';
import type { RsaHash } from './emsa.js';
import { encodePkcs1, encodePss, matchesPss, RSA_HASHES } from './emsa.js';
import { requirePublic, requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import { KEY_SPECS, RSA_SPECS } from './keySpecs.js';
import type { DigestSignatureSuite } from './suite.js';

/**
 * RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017, section 8) with SHA-256, SHA-384 and SHA-512. PSS has a
 * salt as long as the hash and the same hash in MGF1.
 *
 * @param entropy - source of the salts of PSS signatures over a ready digest
 * @param thread - signs ready digests with long keys
 * @internal
 */
export function rsaSignatureSuites(
  entropy: Entropy,
  thread: CryptoThread,
): readonly DigestSignatureSuite[] {
  return RSA_HASHES.flatMap((hash) => [
    rsaSignature(`rsa-pkcs1-${hash.name}`, hash, pkcs1(hash), thread),
    rsaSignature(`rsa-pss-${hash.name}`, hash, pss(hash, entropy), thread),
  ]);
}

/** What tells the two schemes apart. */
interface Scheme {
  readonly options: { readonly padding: number; readonly saltLength?: number };
  encode(digest: Buffer, modulusBits: number): Buffer;
  matches(digest: Buffer, encoded: Buffer, modulusBits: number): boolean;
}

/**
 * Node has only a synchronous form of the bare private operation. Up to this length it takes 0.2 to
 * 0.5 ms and is done at once; with 4096 bits it takes ten times as long.
 */
const MAX_INLINE_BITS = 2048;

function pkcs1(hash: RsaHash): Scheme {
  const encode = (digest: Buffer, modulusBits: number): Buffer =>
    encodePkcs1(hash, digest, modulusBits / 8);
  return {
    options: { padding: constants.RSA_PKCS1_PADDING },
    encode,
    // By encoding anew, never by parsing (RFC 8017, section 8.2.2).
    matches: (digest, encoded, modulusBits) => {
      const expected = encode(digest, modulusBits);
      return encoded.length === expected.length && timingSafeEqual(encoded, expected);
    },
  };
}

function pss(hash: RsaHash, entropy: Entropy): Scheme {
  return {
    options: {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    },
    encode: (digest, modulusBits) =>
      encodePss(hash, digest, entropy.pooled(hash.bytes), modulusBits - 1),
    matches: (digest, encoded, modulusBits) => matchesPss(hash, digest, encoded, modulusBits - 1),
  };
}

function rsaSignature(
  id: string,
  hash: RsaHash,
  scheme: Scheme,
  thread: CryptoThread,
): DigestSignatureSuite {
  function requireDigest(digest: Buffer): void {
    if (digest.length !== hash.bytes) throw fault('DigestLengthInvalid', { algorithm: id });
  }

  return Object.freeze<DigestSignatureSuite>({
    kind: 'signature',
    id,
    specs: RSA_SPECS,
    digestBytes: hash.bytes,
    async sign(material, message) {
      requireSpec(id, RSA_SPECS, material.spec);
      return signAsync(hash.name, message, { key: material.key, ...scheme.options });
    },
    async signDigest(material, digest) {
      requireSpec(id, RSA_SPECS, material.spec);
      requireDigest(digest);
      const { bits } = KEY_SPECS[material.spec];
      const encoded = scheme.encode(digest, bits);
      if (bits > MAX_INLINE_BITS) return thread.rsaPrivate(material.key, encoded);
      return privateEncrypt({ key: material.key, padding: constants.RSA_NO_PADDING }, encoded);
    },
    async verify(material, message, signature) {
      const { key } = requirePublic(id, RSA_SPECS, material);
      if (!hasModulusLength(material.spec, signature)) return false;
      return verifyAsync(hash.name, message, { key, ...scheme.options }, signature);
    },
    async verifyDigest(material, digest, signature) {
      const { key } = requirePublic(id, RSA_SPECS, material);
      requireDigest(digest);
      if (!hasModulusLength(material.spec, signature)) return false;
      const encoded = publicOperation(key, signature);
      if (encoded === undefined) return false;
      return scheme.matches(digest, encoded, KEY_SPECS[material.spec].bits);
    },
  });
}

/** OpenSSL would take a PSS signature without its leading zero bytes. */
function hasModulusLength(spec: KeySpecId, signature: Buffer): boolean {
  return signature.length === KEY_SPECS[spec].bits / 8;
}

/** Undefined when the signature is not below the modulus. */
function publicOperation(key: KeyObject, signature: Buffer): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    return undefined;
  }
}
