import type { KeyRecord, KeySpecId, KeyUsage } from '@keyglot/core';

/** `keyType` on the wire. @internal */
export type KeyType = 'AES256' | 'RSA2048' | 'ECDSA';

/** What is known of one key type. @internal */
export interface KeyTypeRow {
  readonly spec: KeySpecId;
  readonly usages: readonly KeyUsage[];
  /** Suite of encryption to a public key. */
  readonly encryption: string | undefined;
  readonly signature: string | undefined;
  /** Largest plaintext in bytes; 0 when the type does not encrypt. */
  readonly plaintextBytes: number;
}

/**
 * Key types. Sizes are documented; OAEP with SHA-256 follows from 190 bytes, PSS and DER are the
 * defaults of Vault's transit engine, whose names and limits the service shares.
 *
 * @see https://api.ncloud-docs.com/docs/en/security-kms2-create-key
 * @internal
 */
export const KEY_TYPES: { readonly [Type in KeyType]: KeyTypeRow } = Object.freeze({
  AES256: {
    spec: 'aes-256',
    usages: ['encrypt'],
    encryption: undefined,
    signature: undefined,
    plaintextBytes: 32_768,
  },
  RSA2048: {
    spec: 'rsa-2048',
    usages: ['encrypt', 'sign'],
    encryption: 'rsa-oaep-sha256',
    signature: 'rsa-pss-sha256',
    plaintextBytes: 190,
  },
  ECDSA: {
    spec: 'ec-p256',
    usages: ['sign'],
    encryption: undefined,
    signature: 'ecdsa-p256-sha256',
    plaintextBytes: 0,
  },
});

const BY_SPEC: ReadonlyMap<KeySpecId, KeyType> = new Map([
  ['aes-256', 'AES256'],
  ['rsa-2048', 'RSA2048'],
  ['ec-p256', 'ECDSA'],
]);

/** The type of a key. @internal */
export function keyTypeOf(key: KeyRecord): KeyType {
  return BY_SPEC.get(key.spec) ?? 'AES256';
}

/** What is known of a key's type. @internal */
export function typeRowOf(key: KeyRecord): KeyTypeRow {
  return KEY_TYPES[keyTypeOf(key)];
}
