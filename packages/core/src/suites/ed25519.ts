import type { KeyObject } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { Secret } from '../secret.js';
import { signAsync, verifyAsync } from './asyncSign.js';
import type { CryptoThread } from './cryptoThread.js';
import { keep, requirePublic, requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import type { SignatureSuite } from './suite.js';

const SPECS: readonly KeySpecId[] = Object.freeze(['ed25519']);
const PLAIN = 'ed25519';
const PREHASHED = 'ed25519ph';
const KEY_BYTES = 32;

/**
 * Ed25519 and Ed25519ph (RFC 8032, section 5.1), the latter with an empty context. Neither takes a ready
 * digest: Ed25519 has none, and Ed25519ph makes its own.
 *
 * @param thread - does Ed25519ph, which node:crypto lacks
 * @internal
 */
export function ed25519Suites(thread: CryptoThread): readonly SignatureSuite[] {
  return [
    Object.freeze<SignatureSuite>({
      kind: 'signature',
      id: PLAIN,
      specs: SPECS,
      async sign(material, message) {
        requireSpec(PLAIN, SPECS, material.spec);
        return signAsync(null, message, { key: material.key });
      },
      async verify(material, message, signature) {
        const { key } = requirePublic(PLAIN, SPECS, material);
        return verifyAsync(null, message, { key }, signature);
      },
    }),
    Object.freeze<SignatureSuite>({
      kind: 'signature',
      id: PREHASHED,
      specs: SPECS,
      async sign(material, message) {
        requireSpec(PREHASHED, SPECS, material.spec);
        const secret = keep(material, 'ed25519-secret', () => readSecret(material.key));
        return thread.signEd25519ph(message, secret.expose());
      },
      async verify(material, message, signature) {
        const { der } = requirePublic(PREHASHED, SPECS, material);
        // A SubjectPublicKeyInfo ends with the public key (RFC 8410, section 4).
        return thread.verifyEd25519ph(message, der.subarray(-KEY_BYTES), signature);
      },
    }),
  ];
}

/** Makes a private key as PKCS#8 DER (RFC 8410, section 7): any 32 bytes are one. @internal */
export function generateEd25519(entropy: Entropy): Buffer {
  const secret = entropy.bytes(KEY_BYTES);
  const der = Buffer.concat([PKCS8_HEAD, secret]);
  secret.fill(0);
  return der;
}

const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function readSecret(key: KeyObject): Secret {
  const { d } = key.export({ format: 'jwk' });
  if (d === undefined) throw fault('Internal', { what: 'Ed25519 without private key' });
  return new Secret(Buffer.from(d, 'base64url'));
}
