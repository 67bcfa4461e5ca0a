import type { KeyObject } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { Secret } from '../secret.js';
import { signAsync, verifyAsync } from './asyncSign.js';
import type { CryptoThread } from './cryptoThread.js';
import { keep, requirePublic, requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import { KEY_SPECS } from './keySpecs.js';
import type { DigestSignatureSuite } from './suite.js';

/**
 * ECDSA with DER signatures over the NIST curves and secp256k1. A high `s` is neither made low nor
 * refused.
 *
 * @param entropy - additional data of signatures over a ready digest
 * @param thread - does those signatures, because node:crypto would hash a digest again
 * @internal
 */
export function ecdsaSuites(
  entropy: Entropy,
  thread: CryptoThread,
): readonly DigestSignatureSuite[] {
  return [
    ecdsa('ecdsa-p256-sha256', 'ec-p256', { name: 'sha256', bytes: 32 }, entropy, thread),
    ecdsa('ecdsa-p384-sha384', 'ec-p384', { name: 'sha384', bytes: 48 }, entropy, thread),
    ecdsa('ecdsa-p521-sha512', 'ec-p521', { name: 'sha512', bytes: 64 }, entropy, thread),
    ecdsa('ecdsa-secp256k1-sha256', 'ec-secp256k1', { name: 'sha256', bytes: 32 }, entropy, thread),
  ];
}

interface EcdsaHash {
  readonly name: string;
  readonly bytes: number;
}

function ecdsa(
  id: string,
  spec: KeySpecId,
  hash: EcdsaHash,
  entropy: Entropy,
  thread: CryptoThread,
): DigestSignatureSuite {
  const specs = Object.freeze([spec]);

  function requireDigest(digest: Buffer): void {
    if (digest.length !== hash.bytes) throw fault('DigestLengthInvalid', { algorithm: id });
  }

  return Object.freeze<DigestSignatureSuite>({
    kind: 'signature',
    id,
    specs,
    digestBytes: hash.bytes,
    async sign(material, message) {
      requireSpec(id, specs, material.spec);
      return signAsync(hash.name, message, { key: material.key, dsaEncoding: 'der' });
    },
    async signDigest(material, digest) {
      requireSpec(id, specs, material.spec);
      requireDigest(digest);
      const scalar = keep(material, 'ecdsa-scalar', () => readScalar(material.key));
      return thread.signEcdsa(spec, digest, scalar.expose(), entropy.pooled(32));
    },
    async verify(material, message, signature) {
      const { key } = requirePublic(id, specs, material);
      return verifyAsync(hash.name, message, { key, dsaEncoding: 'der' }, signature);
    },
    async verifyDigest(material, digest, signature) {
      const { der } = requirePublic(id, specs, material);
      requireDigest(digest);
      // A SubjectPublicKeyInfo ends with the uncompressed point (SEC 1, section 2.3.3).
      const point = der.subarray(-1 - 2 * Math.ceil(KEY_SPECS[spec].bits / 8));
      return thread.verifyEcdsa(spec, digest, point, signature);
    },
  });
}

/** The private scalar out of an ECPrivateKey (RFC 5915): SEQUENCE { INTEGER 1, OCTET STRING, … }. */
function readScalar(key: KeyObject): Secret {
  const der = key.export({ type: 'sec1', format: 'der' });
  // The sequence of P-256 has a short length, those of the longer curves may have one byte more.
  const versionAt = der.readUInt8(1) < 0x80 ? 2 : 3;
  const scalarAt = versionAt + 5;
  const scalar = new Secret(der.subarray(scalarAt, scalarAt + der.readUInt8(scalarAt - 1)));
  der.fill(0);
  return scalar;
}
