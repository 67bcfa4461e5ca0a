import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as MlDsa from '@noble/post-quantum/ml-dsa.js';
import type * as MlKem from '@noble/post-quantum/ml-kem.js';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { Secret } from '../secret.js';
import { DER_TAGS, readDer, readDerSequence, writeDer } from './der.js';
import { keep } from './kept.js';
import type { KeySpec, KeySpecId } from './keySpecs.js';
import { nativeKem } from './mlNative.js';
import type { PreparedMaterial } from './suite.js';

// Loading them takes longer than the rest of a start; who has no such keys never waits for it.
const load = createRequire(import.meta.url);
const mlDsa = (): typeof MlDsa => load('@noble/post-quantum/ml-dsa.js');
const mlKem = (): typeof MlKem => load('@noble/post-quantum/ml-kem.js');

interface Row {
  readonly oid: string;
  readonly seedBytes: number;
  keygen(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
}

// RFC 9881, section 2, and RFC 9935, section 3: arcs below 2.16.840.1.101.3.4.
const ROWS: ReadonlyMap<KeySpecId, Row> = new Map<KeySpecId, Row>([
  ['ml-dsa-44', { oid: '0311', seedBytes: 32, keygen: (seed) => mlDsa().ml_dsa44.keygen(seed) }],
  ['ml-dsa-65', { oid: '0312', seedBytes: 32, keygen: (seed) => mlDsa().ml_dsa65.keygen(seed) }],
  ['ml-dsa-87', { oid: '0313', seedBytes: 32, keygen: (seed) => mlDsa().ml_dsa87.keygen(seed) }],
  ['ml-kem-512', { oid: '0401', seedBytes: 64, keygen: (seed) => mlKem().ml_kem512.keygen(seed) }],
  ['ml-kem-768', { oid: '0402', seedBytes: 64, keygen: (seed) => mlKem().ml_kem768.keygen(seed) }],
  [
    'ml-kem-1024',
    { oid: '0403', seedBytes: 64, keygen: (seed) => mlKem().ml_kem1024.keygen(seed) },
  ],
]);

/** Makes a private key as PKCS#8 DER with the seed alone, the form that both RFCs recommend. @internal */
export function generateMl({ id }: KeySpec, entropy: Entropy): Buffer {
  const seed = entropy.bytes(rowOf(id).seedBytes);
  const der = writePkcs8(id, seed);
  seed.fill(0);
  return der;
}

/**
 * Takes an ML-DSA or ML-KEM key apart: PKCS#8 with the seed, alone or beside the key that follows from it.
 *
 * @returns undefined when the bytes are no such key
 * @internal
 */
export function prepareMl({ id }: KeySpec, der: Buffer): PreparedMaterial | undefined {
  const found = readPkcs8(id, der);
  if (found === undefined) return undefined;
  const { seed, expanded } = found;
  const kept = new Map<string, unknown>([[SEED, new Secret(seed)]]);
  const key = ML_NATIVE
    ? createPrivateKey({ key: writePkcs8(id, seed), format: 'der', type: 'pkcs8' })
    : createSecretKey(seed);
  const publicKey = ML_NATIVE ? createPublicKey(key) : undefined;
  const material = { spec: id, key, publicKey, kept };
  // The two forms of one key must agree (RFC 9881, section 6, and RFC 9935, section 8).
  if (expanded !== undefined) {
    const made = rowOf(id).keygen(seed);
    if (!expanded.equals(made.secretKey)) return undefined;
  }
  return { ...material, publicDer: spkiOf(id, publicKey, seed, kept) };
}

/** The private key in the form of FIPS 203 and 204; made at the first call. @internal */
export function mlSecret(material: PreparedMaterial): Secret {
  return keep(material, SECRET, () => {
    // Every prepared key of these families has its seed.
    const seed = material.kept.get(SEED) as Secret;
    return new Secret(rowOf(material.spec).keygen(seed.expose()).secretKey);
  });
}

/** The bare public key. @internal */
export function mlPublic({ spec, publicDer }: PreparedMaterial): Buffer {
  if (publicDer === undefined) throw fault('Internal', { what: `${spec} without public key` });
  return publicDer.subarray(SPKI_OVERHEAD_BYTES);
}

const SEED = 'ml-seed';
const SECRET = 'ml-secret';
const SPKI_OVERHEAD_BYTES = 22;

function spkiOf(
  id: KeySpecId,
  publicKey: KeyObject | undefined,
  seed: Buffer,
  kept: Map<string, unknown>,
): Buffer {
  if (publicKey !== undefined) return publicKey.export({ type: 'spki', format: 'der' });
  const made = rowOf(id).keygen(seed);
  kept.set(SECRET, new Secret(made.secretKey));
  const bits = writeDer(DER_TAGS.bitString, ZERO, Buffer.from(made.publicKey));
  return writeDer(DER_TAGS.sequence, algorithmOf(id), bits);
}

const ZERO = Buffer.from([0]);
/** `[0]` implicit: the seed alone. */
const SEED_TAG = 0x80;

function rowOf(id: KeySpecId): Row {
  const row = ROWS.get(id);
  if (row === undefined) throw fault('Internal', { what: `no lattice key ${id}` });
  return row;
}

function algorithmOf(id: KeySpecId): Buffer {
  return Buffer.from(`300b060960864801650304${rowOf(id).oid}`, 'hex');
}

function writePkcs8(id: KeySpecId, seed: Buffer): Buffer {
  const inner = writeDer(DER_TAGS.octetString, writeDer(SEED_TAG, seed));
  return writeDer(DER_TAGS.sequence, writeDer(DER_TAGS.integer, ZERO), algorithmOf(id), inner);
}

function readPkcs8(
  id: KeySpecId,
  der: Buffer,
): { readonly seed: Buffer; readonly expanded: Buffer | undefined } | undefined {
  const { integer, sequence, octetString } = DER_TAGS;
  const [version, algorithm, inner] = readDerSequence(der, [integer, sequence, octetString]) ?? [];
  const same = algorithm?.equals(algorithmOf(id).subarray(2)) === true;
  if (version?.equals(ZERO) !== true || !same || inner === undefined) return undefined;
  const outer = readDer(inner, 0);
  const alone = outer?.tag === SEED_TAG && outer.end === inner.length ? outer.content : undefined;
  const [seed = alone, expanded] = readDerSequence(inner, [octetString, octetString]) ?? [];
  return seed?.length === rowOf(id).seedBytes ? { seed, expanded } : undefined;
}

/** Whether OpenSSL has both families, from 3.5 on, and Node has functions for them. @internal */
export const ML_NATIVE: boolean = hasNative();

function hasNative(): boolean {
  try {
    const ids: readonly KeySpecId[] = ['ml-dsa-44', 'ml-kem-512'];
    for (const id of ids) {
      const key = writePkcs8(id, Buffer.alloc(rowOf(id).seedBytes));
      createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    }
    return nativeKem() !== undefined;
  } catch {
    return false;
  }
}
