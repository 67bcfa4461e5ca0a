import type { KeyRecord, KeySpecId, KeyUsage } from '@keyglot/core';

/** `KeyUsage` on the wire. @internal */
export type WireUsage = 'ENCRYPT/DECRYPT' | 'SIGN/VERIFY';

/** What the service says about one `KeySpec`. @internal */
export interface SpecRow {
  readonly name: string;
  readonly spec: KeySpecId;
  /** Usages with algorithms and the suites behind them; the first is the default. Symmetric keys name none. */
  readonly usages: ReadonlyMap<WireUsage, ReadonlyMap<string, string>>;
  /** Whether keys of this spec exist in hardware only. */
  readonly hardwareOnly: boolean;
}

type Algorithms = readonly (readonly [name: string, suite: string])[];

function row(
  name: string,
  spec: KeySpecId,
  sign: Algorithms,
  encrypt: Algorithms,
  hardwareOnly = false,
): SpecRow {
  const usages = new Map<WireUsage, ReadonlyMap<string, string>>();
  // The default is SIGN/VERIFY for every spec that can sign.
  if (sign.length > 0) usages.set('SIGN/VERIFY', new Map(sign));
  if (encrypt.length > 0) usages.set('ENCRYPT/DECRYPT', new Map(encrypt));
  return { name, spec, usages, hardwareOnly };
}

const symmetric = (name: string, hardwareOnly: boolean): SpecRow => ({
  name,
  spec: 'aes-256',
  usages: new Map([['ENCRYPT/DECRYPT', new Map()]]),
  hardwareOnly,
});

const RSA_SIGN: Algorithms = [
  ['RSA_PSS_SHA_256', 'rsa-pss-sha256'],
  ['RSA_PKCS1_SHA_256', 'rsa-pkcs1-sha256'],
];
const RSA_ENCRYPT: Algorithms = [
  ['RSAES_OAEP_SHA_256', 'rsa-oaep-sha256'],
  ['RSAES_OAEP_SHA_1', 'rsa-oaep-sha1'],
];

/**
 * Key specs that have an implementation here. The material of symmetric keys cannot be seen from
 * outside, so all of them rest on 256 bits.
 *
 * @see https://www.alibabacloud.com/help/en/kms/key-management-service/user-guide/key-types-and-specifications
 * @internal
 */
export const SPECS: readonly SpecRow[] = Object.freeze([
  symmetric('Aliyun_AES_256', false),
  symmetric('Aliyun_AES_192', true),
  symmetric('Aliyun_AES_128', true),
  symmetric('Aliyun_SM4', true),
  row('RSA_2048', 'rsa-2048', RSA_SIGN, RSA_ENCRYPT),
  row('RSA_3072', 'rsa-3072', RSA_SIGN, RSA_ENCRYPT),
  row('RSA_4096', 'rsa-4096', RSA_SIGN, RSA_ENCRYPT),
  row('EC_P256', 'ec-p256', [['ECDSA_SHA_256', 'ecdsa-p256-sha256']], []),
  row('EC_P256K', 'ec-secp256k1', [['ECDSA_SHA_256', 'ecdsa-secp256k1-sha256']], []),
  row('EC_SM2', 'sm2', [['SM2DSA', 'sm2-dsa']], [['SM2PKE', 'sm2-pke']], true),
]);

const BY_NAME = new Map(SPECS.map((spec) => [spec.name, spec]));
/** For keys that came from elsewhere and name no spec of this dialect: the first one counts. */
const BY_SPEC = new Map([...SPECS].reverse().map((spec) => [spec.spec, spec]));

/** The row of a `KeySpec`, or undefined when there is no implementation of it. @internal */
export function specByName(name: string): SpecRow | undefined {
  return BY_NAME.get(name);
}

/** The row of a key. @internal */
export function specOf(key: KeyRecord): SpecRow {
  const found = BY_NAME.get(String(key.attributes['keySpec'])) ?? BY_SPEC.get(key.spec);
  if (found === undefined) throw new TypeError(`no KeySpec for ${key.spec}`);
  return found;
}

/** Whether a key is a symmetric one. @internal */
export function isSymmetric(key: KeyRecord): boolean {
  return key.spec === 'aes-256';
}

/** Core's word for a usage. @internal */
export function coreUsage(usage: WireUsage): KeyUsage {
  return usage === 'SIGN/VERIFY' ? 'sign' : 'encrypt';
}

/** `KeyUsage` of a key; keys of this dialect have exactly one. @internal */
export function wireUsage(key: KeyRecord): WireUsage {
  return key.usages[0] === 'sign' ? 'SIGN/VERIFY' : 'ENCRYPT/DECRYPT';
}

/** Core's suite for an algorithm under a key's spec and usage, or undefined when they do not go together. @internal */
export function suiteId(key: KeyRecord, algorithm: string): string | undefined {
  return specOf(key).usages.get(wireUsage(key))?.get(algorithm);
}
