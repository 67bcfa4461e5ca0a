import { createSecretKey } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { DER_TAGS, readDer, readDerSequence } from './der.js';
import type { KeySpecId } from './keySpecs.js';
import type { PreparedMaterial } from './suite.js';

/** The parts of sm-crypto-v2 that are used here; loaded with the first SM2 key, not at the start. */
type Library = typeof import('sm-crypto-v2');

let library: Promise<Library> | undefined;

/** Loads the library with SM2's arithmetic. @internal */
export function sm2Library(): Promise<Library> {
  library ??= import('sm-crypto-v2');
  return library;
}

/** The one kind of SM2 material. @internal */
export const SM2_SPECS: readonly KeySpecId[] = Object.freeze(['sm2']);

/** Bytes of a scalar, of a coordinate and of an SM3 digest. @internal */
export const SM2_BYTES = 32;

/** Order of the curve (GM/T 0003.5). @internal */
export const SM2_ORDER: Buffer = Buffer.from(
  'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123',
  'hex',
);

// What OpenSSL writes before the scalar, before the point, and before the point of a public key:
// id-ecPublicKey with the curve 1.2.156.10197.1.301.
const PKCS8_HEAD = Buffer.from(
  '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420',
  'hex',
);
const PKCS8_MIDDLE = Buffer.from('a144034200', 'hex');
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex');
const ALGORITHM = SPKI_HEAD.subarray(2, 23);

/** A scalar between 1 and the order minus 1. @internal */
export function sm2Scalar(entropy: Entropy): Buffer {
  for (let turn = 0; turn < 64; turn += 1) {
    const bytes = entropy.bytes(SM2_BYTES);
    if (isSm2Scalar(bytes)) return bytes;
  }
  // Each turn fails with a chance below 2^-31.
  throw fault('Internal', { what: 'a source of chance that does not give scalars' });
}

/** Whether a big-endian number is between 1 and the order minus 1. @internal */
export function isSm2Scalar(bytes: Buffer): boolean {
  return (
    bytes.length === SM2_BYTES && bytes.compare(SM2_ORDER) < 0 && bytes.some((byte) => byte > 0)
  );
}

/** Makes an SM2 key pair as PKCS#8 DER. @internal */
export async function generateSm2(entropy: Entropy): Promise<Buffer> {
  const { sm2 } = await sm2Library();
  const scalar = sm2Scalar(entropy);
  const point = Buffer.from(sm2.getPublicKeyFromPrivateKey(scalar.toString('hex')), 'hex');
  return Buffer.concat([PKCS8_HEAD, scalar, PKCS8_MIDDLE, point]);
}

/**
 * Takes an SM2 key pair apart. The private half is the scalar as a secret key, because Node has no
 * safe form of an SM2 key: it signs by plain ECDSA, and some exports end the process (Node 20.20).
 *
 * @returns undefined when the bytes are no SM2 key with its public point
 * @internal
 */
export function prepareSm2(der: Buffer): PreparedMaterial | undefined {
  const outer = readDerSequence(der, [DER_TAGS.integer, DER_TAGS.sequence, DER_TAGS.octetString]);
  const [version, algorithm, inner] = outer ?? [];
  if (version?.equals(ZERO) !== true || algorithm?.equals(ALGORITHM.subarray(2)) !== true) {
    return undefined;
  }
  const key = inner && readEcPrivateKey(inner);
  if (key === undefined) return undefined;
  return {
    spec: 'sm2',
    key: createSecretKey(key.scalar),
    publicKey: undefined,
    publicDer: Buffer.concat([SPKI_HEAD, key.point]),
    kept: new Map(),
  };
}

/** The uncompressed point of prepared material, 65 bytes. @internal */
export function sm2Point(material: PreparedMaterial): Buffer {
  if (material.publicDer === undefined) throw fault('Internal', { what: 'SM2 without public key' });
  return material.publicDer.subarray(SPKI_HEAD.length);
}

/**
 * The uncompressed point of a DER SubjectPublicKeyInfo; undefined when the encoding is another one.
 * Whether it lies on the curve is not looked at.
 *
 * @internal
 */
export function readSm2Point(der: Buffer): Buffer | undefined {
  const point = der.subarray(SPKI_HEAD.length);
  const whole = der.length === SPKI_HEAD.length + POINT_BYTES && point[0] === 4;
  return whole && der.subarray(0, SPKI_HEAD.length).equals(SPKI_HEAD) ? point : undefined;
}

/** Coordinates `x ‖ y` of the product; undefined when the point is not on the curve. @internal */
export async function sharedSm2Point(scalar: Buffer, point: Buffer): Promise<Buffer | undefined> {
  const { sm2 } = await sm2Library();
  try {
    return Buffer.from(sm2.ecdh(scalar, point, false).subarray(1));
  } catch {
    return undefined;
  }
}

const ZERO = Buffer.from([0]);
const ONE = Buffer.from([1]);
const POINT_BYTES = 1 + 2 * SM2_BYTES;
/** `[1]`, the public key of an ECPrivateKey (RFC 5915). */
const PUBLIC_KEY = 0xa1;

function readEcPrivateKey(
  bytes: Buffer,
): { readonly scalar: Buffer; readonly point: Buffer } | undefined {
  const parts = readDerSequence(bytes, [DER_TAGS.integer, DER_TAGS.octetString, PUBLIC_KEY]);
  const [version, scalar, tagged] = parts ?? [];
  if (version?.equals(ONE) !== true || scalar === undefined || tagged === undefined)
    return undefined;
  const bits = readDer(tagged, 0);
  if (bits?.tag !== DER_TAGS.bitString || bits.end !== tagged.length) return undefined;
  const point = bits.content.subarray(1);
  const whole = bits.content[0] === 0 && point[0] === 4 && point.length === POINT_BYTES;
  return whole && isSm2Scalar(scalar) ? { scalar, point } : undefined;
}
