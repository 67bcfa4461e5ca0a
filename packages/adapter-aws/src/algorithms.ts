import type { KeySpecId, KeyUsage } from '@keyglot/core';

/** `KeyUsage` on the wire. @internal */
export type WireUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT';

/** What AWS says about one `KeySpec`. @internal */
export interface SpecRow {
  readonly name: string;
  readonly spec: KeySpecId;
  /** Allowed usages with their algorithms, in the order in which the service lists them. */
  readonly usages: ReadonlyMap<WireUsage, readonly string[]>;
}

const OAEP = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
const RSA_SIGNING = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
];

type UsageRow = readonly [usage: WireUsage, algorithms: readonly string[]];

const row = (name: string, spec: KeySpecId, ...usages: readonly UsageRow[]): SpecRow => ({
  name,
  spec,
  usages: new Map(usages),
});
const rsa = (name: string, spec: KeySpecId): SpecRow =>
  row(name, spec, ['ENCRYPT_DECRYPT', OAEP], ['SIGN_VERIFY', RSA_SIGNING]);
const nist = (name: string, spec: KeySpecId, algorithm: string): SpecRow =>
  row(name, spec, ['SIGN_VERIFY', [algorithm]], ['KEY_AGREEMENT', ['ECDH']]);
const hmac = (bits: string, spec: KeySpecId): SpecRow =>
  row(`HMAC_${bits}`, spec, ['GENERATE_VERIFY_MAC', [`HMAC_SHA_${bits}`]]);

/**
 * Key specs that have an implementation here.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 * @internal
 */
export const SPECS: readonly SpecRow[] = Object.freeze([
  row('SYMMETRIC_DEFAULT', 'aes-256', ['ENCRYPT_DECRYPT', ['SYMMETRIC_DEFAULT']]),
  rsa('RSA_2048', 'rsa-2048'),
  rsa('RSA_3072', 'rsa-3072'),
  rsa('RSA_4096', 'rsa-4096'),
  nist('ECC_NIST_P256', 'ec-p256', 'ECDSA_SHA_256'),
  nist('ECC_NIST_P384', 'ec-p384', 'ECDSA_SHA_384'),
  nist('ECC_NIST_P521', 'ec-p521', 'ECDSA_SHA_512'),
  row('ECC_SECG_P256K1', 'ec-secp256k1', ['SIGN_VERIFY', ['ECDSA_SHA_256']]),
  hmac('224', 'hmac-224'),
  hmac('256', 'hmac-256'),
  hmac('384', 'hmac-384'),
  hmac('512', 'hmac-512'),
]);

const BY_NAME = new Map(SPECS.map((spec) => [spec.name, spec]));
const BY_SPEC = new Map(SPECS.map((spec) => [spec.spec, spec]));

/** The row of a `KeySpec`, or undefined when there is no implementation of it. @internal */
export function specByName(name: string): SpecRow | undefined {
  return BY_NAME.get(name);
}

/** The row of a key's material. @internal */
export function specOf(spec: KeySpecId): SpecRow {
  const found = BY_SPEC.get(spec);
  if (found === undefined) throw new TypeError(`no KeySpec for ${spec}`);
  return found;
}

/** `KeyUsage` values and core's words for them. @internal */
export const USAGES: { readonly [Usage in WireUsage]: KeyUsage } = Object.freeze({
  ENCRYPT_DECRYPT: 'encrypt',
  SIGN_VERIFY: 'sign',
  GENERATE_VERIFY_MAC: 'mac',
  KEY_AGREEMENT: 'agree',
});

const WIRE_USAGES = new Map(
  // The entries of a total record have its keys as names.
  (Object.entries(USAGES) as [WireUsage, KeyUsage][]).map(([wire, usage]) => [usage, wire]),
);

/** `KeyUsage` of a key; keys of this dialect have exactly one usage. @internal */
export function wireUsage(usages: readonly KeyUsage[]): WireUsage {
  const wire = usages[0] && WIRE_USAGES.get(usages[0]);
  if (wire === undefined) throw new TypeError(`no KeyUsage for ${usages.join()}`);
  return wire;
}

/** Core's suite for an algorithm name under a key spec, or undefined when they do not go together. @internal */
export function suiteId(algorithm: string, spec: SpecRow): string | undefined {
  const known = [...spec.usages.values()].some((algorithms) => algorithms.includes(algorithm));
  if (!known) return undefined;
  return SUITES.get(algorithm) ?? SUITES.get(`${algorithm} ${spec.name}`);
}

const SUITES: ReadonlyMap<string, string> = new Map([
  ['RSAES_OAEP_SHA_1', 'rsa-oaep-sha1'],
  ['RSAES_OAEP_SHA_256', 'rsa-oaep-sha256'],
  ['RSASSA_PKCS1_V1_5_SHA_256', 'rsa-pkcs1-sha256'],
  ['RSASSA_PKCS1_V1_5_SHA_384', 'rsa-pkcs1-sha384'],
  ['RSASSA_PKCS1_V1_5_SHA_512', 'rsa-pkcs1-sha512'],
  ['RSASSA_PSS_SHA_256', 'rsa-pss-sha256'],
  ['RSASSA_PSS_SHA_384', 'rsa-pss-sha384'],
  ['RSASSA_PSS_SHA_512', 'rsa-pss-sha512'],
  ['ECDSA_SHA_256 ECC_NIST_P256', 'ecdsa-p256-sha256'],
  ['ECDSA_SHA_384 ECC_NIST_P384', 'ecdsa-p384-sha384'],
  ['ECDSA_SHA_512 ECC_NIST_P521', 'ecdsa-p521-sha512'],
  ['ECDSA_SHA_256 ECC_SECG_P256K1', 'ecdsa-secp256k1-sha256'],
  ['HMAC_SHA_224', 'hmac-sha224'],
  ['HMAC_SHA_256', 'hmac-sha256'],
  ['HMAC_SHA_384', 'hmac-sha384'],
  ['HMAC_SHA_512', 'hmac-sha512'],
]);
