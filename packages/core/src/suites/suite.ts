import type { KeyObject } from 'node:crypto';
import type { KeySpecId } from './keySpecs.js';

/**
 * Material made ready for use: what a suite works with. Made once per loaded version and kept; parsing
 * of DER happens here and never on a request.
 *
 * @public
 */
export interface PreparedMaterial {
  readonly spec: KeySpecId;
  /** Private key of an asymmetric pair, or the secret key; for SM2 the private scalar, and for ML-DSA and
   * ML-KEM the seed where node:crypto does not know them. */
  readonly key: KeyObject;
  /** Only for asymmetric specs that node:crypto knows. */
  readonly publicKey: KeyObject | undefined;
  /** DER SubjectPublicKeyInfo, only for asymmetric specs. */
  readonly publicDer: Buffer | undefined;
  /** Anything that a suite wants to keep beside the key; cleared with it. */
  readonly kept: Map<string, unknown>;
}

/** Encryption to a public key. @public */
export interface AsymmetricEncryptionSuite {
  readonly kind: 'asymmetric-encryption';
  readonly id: string;
  readonly specs: readonly KeySpecId[];
  /** Largest plaintext in bytes under a key of this spec. */
  maxPlaintextBytes(spec: KeySpecId): number;
  /** @throws KmsFault PlaintextTooLarge */
  encrypt(material: PreparedMaterial, plaintext: Buffer): Promise<Buffer>;
  /** @throws KmsFault CiphertextInvalid, whatever is wrong */
  decrypt(material: PreparedMaterial, ciphertext: Buffer): Promise<Buffer>;
}

/**
 * Signatures. A malformed signature is false, never an error.
 *
 * @public
 */
export interface SignatureSuite {
  readonly kind: 'signature';
  readonly id: string;
  readonly specs: readonly KeySpecId[];
  sign(material: PreparedMaterial, message: Buffer): Promise<Buffer>;
  verify(material: PreparedMaterial, message: Buffer, signature: Buffer): Promise<boolean>;
  /** Length of the digest that a caller may compute himself; left out where the scheme takes none. */
  readonly digestBytes?: number;
  /** @throws KmsFault DigestLengthInvalid when the digest is not `digestBytes` long */
  signDigest?(material: PreparedMaterial, digest: Buffer): Promise<Buffer>;
  /** @throws KmsFault DigestLengthInvalid when the digest is not `digestBytes` long */
  verifyDigest?(material: PreparedMaterial, digest: Buffer, signature: Buffer): Promise<boolean>;
}

/** A signature suite that takes ready digests. @public */
export type DigestSignatureSuite = SignatureSuite &
  Required<Pick<SignatureSuite, 'digestBytes' | 'signDigest' | 'verifyDigest'>>;

/** Agreement on a shared secret with the owner of another key pair. @public */
export interface AgreementSuite {
  readonly kind: 'agreement';
  readonly id: string;
  readonly specs: readonly KeySpecId[];
  /**
   * The raw shared secret.
   *
   * @param peer - DER SubjectPublicKeyInfo
   * @returns undefined when `peer` is no public key of the same kind
   */
  agree(material: PreparedMaterial, peer: Buffer): Promise<Buffer | undefined>;
}

/** Message authentication codes. @public */
export interface MacSuite {
  readonly kind: 'mac';
  readonly id: string;
  readonly specs: readonly KeySpecId[];
  readonly macBytes: number;
  mac(material: PreparedMaterial, message: Buffer): Buffer;
}

/** A fresh shared secret, and its form for the owner of the private key. @public */
export interface Encapsulation {
  readonly sharedSecret: Buffer;
  readonly ciphertext: Buffer;
}

/** Key encapsulation. @public */
export interface EncapsulationSuite {
  readonly kind: 'encapsulation';
  readonly id: string;
  readonly specs: readonly KeySpecId[];
  encapsulate(material: PreparedMaterial): Promise<Encapsulation>;
  /** @throws KmsFault CiphertextInvalid when the length is wrong; anything else gives some secret */
  decapsulate(material: PreparedMaterial, ciphertext: Buffer): Promise<Buffer>;
}

/** A row of the suite table. @public */
export type Suite =
  | AsymmetricEncryptionSuite
  | SignatureSuite
  | MacSuite
  | AgreementSuite
  | EncapsulationSuite;
