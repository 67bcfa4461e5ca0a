import { createCipheriv, createECDH, createHash, createPrivateKey } from 'node:crypto';
import { promisify } from 'node:util';
import { type Entropy, fault, type KeySpec } from '@keyglot/core';
import type forgeTypes from 'node-forge';

const IV = Buffer.alloc(16);
const EXPONENT = 65_537;
/** At most one scalar in two is out of range, on any curve here, so that more draws mean a defect. */
const MAX_DRAWS = 128;

/**
 * A source of chance that gives the same again for the same seed, in the order in which it is asked:
 * the keystream of AES-256 in counter mode. For tests only.
 *
 * @example
 * createSeededEntropy('job-4711').uuid(); // the same in every run
 *
 * @internal
 */
export function createSeededEntropy(seed: string): Entropy {
  const key = createHash('sha256').update(`keyglot seed\n${seed}`).digest();
  const stream = createCipheriv('aes-256-ctr', key, IV);
  const bytes = (sizeBytes: number): Buffer => stream.update(Buffer.alloc(sizeBytes));
  return {
    bytes,
    pooled: bytes,
    uuid: () => uuidOf(bytes(16)),
    keyPair: (spec) => PAIRS[spec.family](spec, bytes),
  };
}

type Draw = (sizeBytes: number) => Buffer;

const PAIRS: {
  readonly [Family in KeySpec['family']]: (spec: KeySpec, draw: Draw) => Promise<Buffer>;
} = {
  ec: async (spec, draw) => ecPair(spec, draw),
  rsa: rsaPair,
  aes: noPair,
  hmac: noPair,
  ed25519: noPair,
  'ml-dsa': noPair,
  'ml-kem': noPair,
  sm2: noPair,
};

function uuidOf(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20]].map(([a, b]) => hex.slice(a, b)).join('-');
}

/** Draws scalars until one is in range; OpenSSL computes the point and writes the key. */
function ecPair(spec: KeySpec, draw: Draw): Buffer {
  const curve = createECDH(spec.curve ?? '');
  const scalar = privateScalar(curve, draw, spec.bits);
  const point = curve.getPublicKey();
  const size = scalar.length;
  const text = (value: Buffer): string => value.toString('base64url');
  const key = {
    kty: 'EC',
    crv: JWK_CURVES.get(spec.curve ?? '') ?? '',
    d: text(scalar),
    x: text(point.subarray(1, 1 + size)),
    y: text(point.subarray(1 + size)),
  };
  return createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'der' });
}

const JWK_CURVES: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
  ['secp256k1', 'secp256k1'],
]);

function privateScalar(curve: ReturnType<typeof createECDH>, draw: Draw, bits: number): Buffer {
  for (let turn = 0; turn < MAX_DRAWS; turn += 1) {
    const scalar = draw(Math.ceil(bits / 8));
    if (bits % 8 !== 0) scalar.writeUInt8(scalar.readUInt8(0) & ((1 << (bits % 8)) - 1), 0);
    try {
      curve.setPrivateKey(scalar);
      return scalar;
    } catch {
      // Out of range: rare, and the next one is as good.
    }
  }
  throw fault('Internal', { what: 'no scalar of a curve in a seed' });
}

/**
 * In JavaScript and for seconds, because OpenSSL takes no source of chance. Forge gives the event loop
 * back from time to time; its other way, in steps, would find other primes on a slower machine.
 */
async function rsaPair(spec: KeySpec, draw: Draw): Promise<Buffer> {
  const { default: forge } = await import('node-forge');
  const prng = { getBytesSync: (sizeBytes: number) => draw(sizeBytes).toString('latin1') };
  const options = { bits: spec.bits, e: EXPONENT, prng };
  const generate = promisify<typeof options, forgeTypes.pki.rsa.KeyPair>(
    forge.pki.rsa.generateKeyPair,
  );
  const { privateKey } = await generate(options);
  const pem = forge.pki.privateKeyToPem(privateKey);
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
}

function noPair({ id }: KeySpec): Promise<Buffer> {
  return Promise.reject(fault('Internal', { what: `a key pair of ${id}` }));
}
