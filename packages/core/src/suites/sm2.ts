import { timingSafeEqual } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { DER_TAGS, derUnsigned, readDerSequence, writeDer, writeDerUnsigned } from './der.js';
import { requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import { isSm2Scalar, SM2_BYTES, sm2Library, sm2Point, sm2Scalar } from './sm2Key.js';
import type { AsymmetricEncryptionSuite, PreparedMaterial, SignatureSuite } from './suite.js';

const SM2_SPECS: readonly KeySpecId[] = Object.freeze(['sm2']);

/**
 * SM2 (GB/T 32918): public-key encryption with raw `04 ‖ x ‖ y ‖ C3 ‖ C2`, and signatures in DER. Points
 * and SM3 come from sm-crypto-v2, all randomness from `entropy`; Node's own crypto has neither scheme.
 *
 * @internal
 */
export function sm2Suites(
  entropy: Entropy,
): readonly (AsymmetricEncryptionSuite | SignatureSuite)[] {
  return [encryptionSuite(entropy), signatureSuite(entropy)];
}

const PKE = 'sm2-pke';
const DSA = 'sm2-dsa';
const POINT_BYTES = 1 + 2 * SM2_BYTES;
const OVERHEAD_BYTES = POINT_BYTES + SM2_BYTES;
/** A ciphertext has at most 6,144 bytes, which is what KMS interfaces take. */
const MAX_PLAINTEXT_BYTES = 6_144 - OVERHEAD_BYTES;
const MAX_TURNS = 64;

function encryptionSuite(entropy: Entropy): AsymmetricEncryptionSuite {
  return Object.freeze<AsymmetricEncryptionSuite>({
    kind: 'asymmetric-encryption',
    id: PKE,
    specs: SM2_SPECS,
    maxPlaintextBytes(spec) {
      requireSpec(PKE, SM2_SPECS, spec);
      return MAX_PLAINTEXT_BYTES;
    },
    async encrypt(material, plaintext) {
      requireSpec(PKE, SM2_SPECS, material.spec);
      if (plaintext.length > MAX_PLAINTEXT_BYTES) {
        const limitBytes = MAX_PLAINTEXT_BYTES;
        throw fault('PlaintextTooLarge', { algorithm: PKE, spec: material.spec, limitBytes });
      }
      const { sm2 } = await sm2Library();
      const to = sm2Point(material);
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        const scalar = sm2Scalar(entropy);
        const c1 = Buffer.from(sm2.getPublicKeyFromPrivateKey(scalar.toString('hex')), 'hex');
        const shared = await sharedPoint(scalar, to);
        scalar.fill(0);
        const c2 = await masked(shared, plaintext);
        // One mask in 256 of a single byte hides nothing; the standard wants another scalar then.
        if (c2 !== undefined) return Buffer.concat([c1, await check(shared, plaintext), c2]);
      }
      throw fault('Internal', { what: 'SM2 masks that hide nothing' });
    },
    async decrypt(material, ciphertext) {
      requireSpec(PKE, SM2_SPECS, material.spec);
      const parts = readRaw(ciphertext) ?? readDerForm(ciphertext);
      if (parts === undefined) throw fault('CiphertextInvalid', {});
      const shared = await sharedPoint(material.key.export(), parts.c1).catch(() => undefined);
      const plaintext = shared && (await masked(shared, parts.c2));
      if (shared === undefined || plaintext === undefined) throw fault('CiphertextInvalid', {});
      if (timingSafeEqual(await check(shared, plaintext), parts.c3)) return plaintext;
      plaintext.fill(0);
      throw fault('CiphertextInvalid', {});
    },
  });
}

function signatureSuite(entropy: Entropy): SignatureSuite {
  async function signDigest(material: PreparedMaterial, digest: Buffer): Promise<Buffer> {
    requireSpec(DSA, SM2_SPECS, material.spec);
    requireDigest(digest);
    const { sm2 } = await sm2Library();
    const scalar = sm2Scalar(entropy).toString('hex');
    const point = sm2.getPublicKeyFromPrivateKey(scalar);
    const x1 = BigInt(`0x${point.slice(2, 2 + 2 * SM2_BYTES)}`);
    const secret = material.key.export().toString('hex');
    // With a point of ours the library draws nothing itself, but in the one case of 2^256 that r or s is 0.
    const raw = sm2.doSignature(digest, secret, { pointPool: [{ k: BigInt(`0x${scalar}`), x1 }] });
    const bytes = Buffer.from(raw, 'hex');
    return writeDer(
      DER_TAGS.sequence,
      writeDerUnsigned(bytes.subarray(0, SM2_BYTES)),
      writeDerUnsigned(bytes.subarray(SM2_BYTES)),
    );
  }

  async function verifyDigest(
    material: PreparedMaterial,
    digest: Buffer,
    signature: Buffer,
  ): Promise<boolean> {
    requireSpec(DSA, SM2_SPECS, material.spec);
    requireDigest(digest);
    const [r, s] = readDerSequence(signature, [DER_TAGS.integer, DER_TAGS.integer]) ?? [];
    const parts = [r, s].map((part) => part && derUnsigned(part, SM2_BYTES));
    if (!parts.every((part) => part !== undefined && isSm2Scalar(part))) return false;
    const raw = parts.map((part) => part?.toString('hex')).join('');
    const { sm2 } = await sm2Library();
    try {
      return sm2.doVerifySignature(digest, raw, sm2Point(material).toString('hex'));
    } catch {
      return false;
    }
  }

  return Object.freeze<SignatureSuite>({
    kind: 'signature',
    id: DSA,
    specs: SM2_SPECS,
    digestBytes: SM2_BYTES,
    sign: async (material, message) => signDigest(material, await digestOf(material, message)),
    signDigest,
    verify: async (material, message, signature) =>
      verifyDigest(material, await digestOf(material, message), signature),
    verifyDigest,
  });
}

function requireDigest(digest: Buffer): void {
  if (digest.length !== SM2_BYTES) throw fault('DigestLengthInvalid', { algorithm: DSA });
}

/** SM3 of Z and the message, with the default user id `1234567812345678`. */
async function digestOf(material: PreparedMaterial, message: Buffer): Promise<Buffer> {
  const { sm2 } = await sm2Library();
  return Buffer.from(sm2.getHash(message, sm2Point(material).toString('hex')), 'hex');
}

/** Coordinates `x ‖ y` of the shared point. Rejects when `point` is not on the curve. */
async function sharedPoint(scalar: Buffer, point: Buffer): Promise<Buffer> {
  const { sm2 } = await sm2Library();
  return Buffer.from(sm2.ecdh(scalar, point, false).subarray(1));
}

/** Plaintext to ciphertext and back; undefined when the mask is all zero. */
async function masked(shared: Buffer, bytes: Buffer): Promise<Buffer | undefined> {
  const { kdf } = await sm2Library();
  const mask = Buffer.from(kdf(shared, bytes.length));
  if (mask.length > 0 && mask.every((byte) => byte === 0)) return undefined;
  return Buffer.from(mask.map((byte, index) => byte ^ (bytes[index] ?? 0)));
}

/** C3, SM3 of x2, the plaintext and y2. */
async function check(shared: Buffer, plaintext: Buffer): Promise<Buffer> {
  const { sm3 } = await sm2Library();
  const x2 = shared.subarray(0, SM2_BYTES);
  const y2 = shared.subarray(SM2_BYTES);
  return Buffer.from(sm3(Buffer.concat([x2, plaintext, y2])), 'hex');
}

interface Sm2Ciphertext {
  readonly c1: Buffer;
  readonly c2: Buffer;
  readonly c3: Buffer;
}

function readRaw(bytes: Buffer): Sm2Ciphertext | undefined {
  if (bytes.length < OVERHEAD_BYTES || bytes[0] !== 4) return undefined;
  return {
    c1: bytes.subarray(0, POINT_BYTES),
    c3: bytes.subarray(POINT_BYTES, OVERHEAD_BYTES),
    c2: bytes.subarray(OVERHEAD_BYTES),
  };
}

/** The form of GM/T 0009, which OpenSSL and others write: SEQUENCE of x, y, C3 and C2. */
function readDerForm(bytes: Buffer): Sm2Ciphertext | undefined {
  const { integer, octetString } = DER_TAGS;
  const parts = readDerSequence(bytes, [integer, integer, octetString, octetString]);
  const [x, y] = (parts ?? []).slice(0, 2).map((part) => derUnsigned(part, SM2_BYTES));
  const [c3, c2] = (parts ?? []).slice(2);
  if (x === undefined || y === undefined || c2 === undefined || c3?.length !== SM2_BYTES) {
    return undefined;
  }
  return { c1: Buffer.concat([Buffer.from([4]), x, y]), c2, c3 };
}
