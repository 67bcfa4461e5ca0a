/** Names of the kinds of key material. @public */
export type KeySpecId =
  | 'aes-256'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'ec-p256'
  | 'ec-p384'
  | 'ec-p521'
  | 'ec-secp256k1'
  | 'ed25519'
  | 'ml-dsa-44'
  | 'ml-dsa-65'
  | 'ml-dsa-87'
  | 'ml-kem-512'
  | 'ml-kem-768'
  | 'ml-kem-1024'
  | 'sm2'
  | 'hmac-224'
  | 'hmac-256'
  | 'hmac-384'
  | 'hmac-512';

/** What is known about one kind of key material. @public */
export interface KeySpec {
  readonly id: KeySpecId;
  readonly family: 'aes' | 'rsa' | 'ec' | 'ed25519' | 'ml-dsa' | 'ml-kem' | 'sm2' | 'hmac';
  /** Bits of the key, of the modulus or of the curve; for lattices, those of an AES key as strong. */
  readonly bits: number;
  /** OpenSSL's name of the curve, only for family `ec`. */
  readonly curve?: string;
}

/** All kinds of key material, by name. Symmetric material is raw bytes, asymmetric material PKCS#8 DER. @public */
export const KEY_SPECS: { readonly [Id in KeySpecId]: KeySpec } = Object.freeze({
  'aes-256': { id: 'aes-256', family: 'aes', bits: 256 },
  'rsa-2048': { id: 'rsa-2048', family: 'rsa', bits: 2048 },
  'rsa-3072': { id: 'rsa-3072', family: 'rsa', bits: 3072 },
  'rsa-4096': { id: 'rsa-4096', family: 'rsa', bits: 4096 },
  'ec-p256': { id: 'ec-p256', family: 'ec', bits: 256, curve: 'prime256v1' },
  'ec-p384': { id: 'ec-p384', family: 'ec', bits: 384, curve: 'secp384r1' },
  'ec-p521': { id: 'ec-p521', family: 'ec', bits: 521, curve: 'secp521r1' },
  'ec-secp256k1': { id: 'ec-secp256k1', family: 'ec', bits: 256, curve: 'secp256k1' },
  ed25519: { id: 'ed25519', family: 'ed25519', bits: 255 },
  'ml-dsa-44': { id: 'ml-dsa-44', family: 'ml-dsa', bits: 128 },
  'ml-dsa-65': { id: 'ml-dsa-65', family: 'ml-dsa', bits: 192 },
  'ml-dsa-87': { id: 'ml-dsa-87', family: 'ml-dsa', bits: 256 },
  'ml-kem-512': { id: 'ml-kem-512', family: 'ml-kem', bits: 128 },
  'ml-kem-768': { id: 'ml-kem-768', family: 'ml-kem', bits: 192 },
  'ml-kem-1024': { id: 'ml-kem-1024', family: 'ml-kem', bits: 256 },
  sm2: { id: 'sm2', family: 'sm2', bits: 256 },
  'hmac-224': { id: 'hmac-224', family: 'hmac', bits: 224 },
  'hmac-256': { id: 'hmac-256', family: 'hmac', bits: 256 },
  'hmac-384': { id: 'hmac-384', family: 'hmac', bits: 384 },
  'hmac-512': { id: 'hmac-512', family: 'hmac', bits: 512 },
} as const);

/** Kinds of RSA material. @internal */
export const RSA_SPECS: readonly KeySpecId[] = Object.freeze(['rsa-2048', 'rsa-3072', 'rsa-4096']);
