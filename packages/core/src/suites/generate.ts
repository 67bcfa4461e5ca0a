import { generateKeyPair } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { Secret } from '../secret.js';
import { generateEd25519 } from './ed25519.js';
import type { KeySpec, KeySpecId } from './keySpecs.js';
import { KEY_SPECS } from './keySpecs.js';
import { generateMl } from './mlKey.js';
import { generateSm2 } from './sm2Key.js';

/**
 * Makes new key material: raw bytes for AES and HMAC, PKCS#8 DER for RSA (exponent 65537), EC,
 * Ed25519 and SM2.
 *
 * Raw bytes, Ed25519, ML-DSA, ML-KEM and SM2 come from `entropy`. Other key pairs come from OpenSSL's own generator, which takes
 * no source of randomness, unless `entropy` repeats itself and makes them.
 *
 * @throws KmsFault Internal when OpenSSL refuses
 * @internal
 */
export function generateMaterial(spec: KeySpecId, entropy: Entropy): Promise<Secret> {
  const row = KEY_SPECS[spec];
  return GENERATORS[row.family](row, entropy);
}

type Generator = (spec: KeySpec, entropy: Entropy) => Promise<Secret>;

const PRIVATE_DER = { type: 'pkcs8', format: 'der' } as const;
const PUBLIC_DER = { type: 'spki', format: 'der' } as const;

const GENERATORS: { readonly [Family in KeySpec['family']]: Generator } = {
  aes: generateBytes,
  hmac: generateBytes,
  rsa: (spec, entropy) =>
    keyPair(spec, entropy, (done) => {
      generateKeyPair(
        'rsa',
        {
          modulusLength: spec.bits,
          publicExponent: 65537,
          publicKeyEncoding: PUBLIC_DER,
          privateKeyEncoding: PRIVATE_DER,
        },
        done,
      );
    }),
  ed25519: async (_spec, entropy) => takeSecret(generateEd25519(entropy)),
  'ml-dsa': async (spec, entropy) => takeSecret(generateMl(spec, entropy)),
  'ml-kem': async (spec, entropy) => takeSecret(generateMl(spec, entropy)),
  sm2: async (_spec, entropy) => takeSecret(await generateSm2(entropy)),
  ec: (spec, entropy) =>
    keyPair(spec, entropy, (done) => {
      generateKeyPair(
        'ec',
        {
          namedCurve: spec.curve ?? '',
          publicKeyEncoding: PUBLIC_DER,
          privateKeyEncoding: PRIVATE_DER,
        },
        done,
      );
    }),
};

function generateBytes(spec: KeySpec, entropy: Entropy): Promise<Secret> {
  return Promise.resolve(takeSecret(entropy.bytes(spec.bits / 8)));
}

async function keyPair(
  spec: KeySpec,
  entropy: Entropy,
  start: (done: (error: Error | null, publicDer: Buffer, privateDer: Buffer) => void) => void,
): Promise<Secret> {
  if (entropy.keyPair !== undefined) return takeSecret(await entropy.keyPair(spec));
  return new Promise((resolve, reject) => {
    start((error, _publicDer, privateDer) => {
      if (error) reject(fault('Internal', { what: 'key pair generation' }, error));
      else resolve(takeSecret(privateDer));
    });
  });
}

/** Wraps bytes that are ours and clears the original. */
function takeSecret(bytes: Buffer): Secret {
  const secret = new Secret(bytes);
  bytes.fill(0);
  return secret;
}
