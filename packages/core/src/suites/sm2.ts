import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { DER_TAGS, derUnsigned, readDerSequence, writeDer, writeDerUnsigned } from './der.js';
import { requireSpec } from './kept.js';
import {
  isSm2Scalar,
  readSm2Point,
  SM2_BYTES,
  SM2_SPECS,
  sharedSm2Point,
  sm2Library,
  sm2Point,
  sm2Scalar,
} from './sm2Key.js';
import { sm2EncryptionSuites } from './sm2Pke.js';
import type {
  AgreementSuite,
  AsymmetricEncryptionSuite,
  DigestSignatureSuite,
  PreparedMaterial,
} from './suite.js';

/**
 * SM2 (GB/T 32918): public-key encryption, signatures in DER, and agreement. Points and SM3 come from
 * sm-crypto-v2, all randomness from `entropy`; Node's own crypto has none of the schemes.
 *
 * Agreement is the bare Diffie-Hellman primitive, not the protocol of GB/T 32918.3.
 *
 * @internal
 */
export function sm2Suites(
  entropy: Entropy,
): readonly (AsymmetricEncryptionSuite | DigestSignatureSuite | AgreementSuite)[] {
  return [...sm2EncryptionSuites(entropy), signatureSuite(entropy), AGREEMENT];
}

const DSA = 'sm2-dsa';
const ECDH = 'sm2-ecdh';

const AGREEMENT: AgreementSuite = Object.freeze<AgreementSuite>({
  kind: 'agreement',
  id: ECDH,
  specs: SM2_SPECS,
  async agree(material, peer) {
    requireSpec(ECDH, SM2_SPECS, material.spec);
    const point = readSm2Point(peer);
    const shared = point && (await sharedSm2Point(material.key.export(), point));
    return shared?.subarray(0, SM2_BYTES);
  },
});

function signatureSuite(entropy: Entropy): DigestSignatureSuite {
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

  return Object.freeze<DigestSignatureSuite>({
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
