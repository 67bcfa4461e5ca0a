import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { fault } from '../faults.js';
import type { Secret } from '../secret.js';
import type { KeySpec, KeySpecId } from './keySpecs.js';
import { KEY_SPECS } from './keySpecs.js';
import { prepareMl } from './mlKey.js';
import { prepareSm2 } from './sm2Key.js';
import type { PreparedMaterial } from './suite.js';

/**
 * Parses material once, so that no request has to. The bytes in `secret` stay as they are.
 *
 * @throws KmsFault Internal when the bytes are not of this kind: wrong length, modulus, curve or encoding
 * @internal
 */
export function prepareMaterial(spec: KeySpecId, secret: Secret): PreparedMaterial {
  const row = KEY_SPECS[spec];
  return PREPARERS[row.family](row, secret.expose());
}

type Preparer = (spec: KeySpec, bytes: Buffer) => PreparedMaterial;

const PREPARERS: { readonly [Family in KeySpec['family']]: Preparer } = {
  aes: prepareBytes,
  hmac: prepareBytes,
  rsa: (spec, bytes) => {
    const key = parsePrivateKey(spec, bytes);
    if (key.asymmetricKeyType !== 'rsa' || key.asymmetricKeyDetails?.modulusLength !== spec.bits) {
      throw wrongMaterial(spec);
    }
    return preparePair(spec, key, createPublicKey(key));
  },
  ed25519: (spec, bytes) => {
    const key = parsePrivateKey(spec, bytes);
    if (key.asymmetricKeyType !== 'ed25519') throw wrongMaterial(spec);
    return preparePair(spec, key, createPublicKey(key));
  },
  'ml-dsa': prepareLattice,
  'ml-kem': prepareLattice,
  sm2: (spec, bytes) => {
    const prepared = prepareSm2(bytes);
    if (prepared === undefined) throw wrongMaterial(spec);
    return prepared;
  },
  ec: (spec, bytes) => {
    const key = parsePrivateKey(spec, bytes);
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== spec.curve) {
      throw wrongMaterial(spec);
    }
    // By way of its coordinates, because a compressed point in the PKCS#8 would show in the SPKI.
    const point = createPublicKey(key).export({ format: 'jwk' });
    return preparePair(spec, key, createPublicKey({ key: point, format: 'jwk' }));
  },
};

function prepareLattice(spec: KeySpec, bytes: Buffer): PreparedMaterial {
  const prepared = prepareMl(spec, bytes);
  if (prepared === undefined) throw wrongMaterial(spec);
  return prepared;
}

function prepareBytes(spec: KeySpec, bytes: Buffer): PreparedMaterial {
  if (bytes.length !== spec.bits / 8) throw wrongMaterial(spec);
  return {
    spec: spec.id,
    key: createSecretKey(bytes),
    publicKey: undefined,
    publicDer: undefined,
    kept: new Map(),
  };
}

function preparePair(spec: KeySpec, key: KeyObject, publicKey: KeyObject): PreparedMaterial {
  return {
    spec: spec.id,
    key,
    publicKey,
    publicDer: publicKey.export({ type: 'spki', format: 'der' }),
    kept: new Map(),
  };
}

function parsePrivateKey(spec: KeySpec, der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    // Without the cause: what a parser says about secret bytes has no place in a log.
    throw wrongMaterial(spec);
  }
}

function wrongMaterial(spec: KeySpec): Error {
  return fault('Internal', { what: `material is not ${spec.id}` });
}
