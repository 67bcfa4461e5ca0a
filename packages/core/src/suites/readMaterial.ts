import { KmsFault } from '../faults.js';
import { Secret } from '../secret.js';
import { signAsync, verifyAsync } from './asyncSign.js';
import type { KeySpecId } from './keySpecs.js';
import { KEY_SPECS } from './keySpecs.js';
import { prepareMaterial } from './prepare.js';
import { sm2Library, sm2Point } from './sm2Key.js';
import type { PreparedMaterial } from './suite.js';

/** Material from outside. @internal */
export interface ReadMaterial {
  /** Exactly the bytes that were given. */
  readonly secret: Secret;
  /**
   * Bytes that are the same whenever the material is, however it is encoded: the material itself, or the
   * public key of a pair.
   */
  readonly identity: Secret;
}

/**
 * Reads material from outside: raw bytes for AES and HMAC, PKCS#8 DER for pairs.
 *
 * @returns undefined when the bytes are no such material, or a pair whose halves do not belong together
 * @internal
 */
export async function readMaterial(
  spec: KeySpecId,
  bytes: Uint8Array,
): Promise<ReadMaterial | undefined> {
  const secret = new Secret(bytes);
  const prepared = prepare(spec, secret);
  if (prepared === undefined || !(await belongsTogether(prepared))) return undefined;
  const { publicDer } = prepared;
  return { secret, identity: publicDer === undefined ? secret : new Secret(publicDer) };
}

function prepare(spec: KeySpecId, secret: Secret): PreparedMaterial | undefined {
  try {
    return prepareMaterial(spec, secret);
  } catch (error) {
    // For stored material it is a defect not to be of its kind; for material from outside it is not.
    if (error instanceof KmsFault && error.code === 'Internal') return undefined;
    throw error;
  }
}

const PROBE = Buffer.from('keyglot/pair');

/** Parsers look at the form of a pair only. */
async function belongsTogether(material: PreparedMaterial): Promise<boolean> {
  const { family } = KEY_SPECS[material.spec];
  if (family === 'sm2') {
    const { sm2 } = await sm2Library();
    const point = sm2.getPublicKeyFromPrivateKey(material.key.export().toString('hex'));
    return sm2Point(material).equals(Buffer.from(point, 'hex'));
  }
  // Both halves follow from one seed.
  if (family === 'ml-dsa' || family === 'ml-kem') return true;
  const { key, publicKey } = material;
  if (publicKey === undefined) return true;
  const hash = family === 'ed25519' ? null : 'sha256';
  try {
    const signature = await signAsync(hash, PROBE, { key });
    return await verifyAsync(hash, PROBE, { key: publicKey }, signature);
  } catch (error) {
    if (error instanceof KmsFault && error.code === 'Internal') return false;
    throw error;
  }
}
