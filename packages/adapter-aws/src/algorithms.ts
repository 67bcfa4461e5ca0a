import type { KeyRecord, KeySpecId, KeyUsage } from '@keyglot/core';

/** `KeyUsage` on the wire. @internal */
export type WireUsage =
  | 'ENCRYPT_DECRYPT'
  | 'SIGN_VERIFY'
  | 'GENERATE_VERIFY_MAC'
  | 'KEY_AGREEMENT'
  | 'ENCAPSULATE_DECAPSULATE';

/** Algorithm names in the order in which the service lists them, and core's suites for them. @internal */
export type Algorithms = ReadonlyMap<string, string>;

/** What a service says about one `KeySpec`. @internal */
export interface SpecRow {
  readonly name: string;
  readonly spec: KeySpecId;
  /** Allowed usages with their algorithms. */
  readonly usages: ReadonlyMap<WireUsage, Algorithms>;
}

type Pairs = readonly (readonly [algorithm: string, suite: string])[];
type UsageRow = readonly [usage: WireUsage, algorithms: Pairs];

const OAEP: Pairs = [
  ['RSAES_OAEP_SHA_1', 'rsa-oaep-sha1'],
  ['RSAES_OAEP_SHA_256', 'rsa-oaep-sha256'],
];
const RSA_SIGNING: Pairs = [
  ['RSASSA_PKCS1_V1_5_SHA_256', 'rsa-pkcs1-sha256'],
  ['RSASSA_PKCS1_V1_5_SHA_384', 'rsa-pkcs1-sha384'],
  ['RSASSA_PKCS1_V1_5_SHA_512', 'rsa-pkcs1-sha512'],
  ['RSASSA_PSS_SHA_256', 'rsa-pss-sha256'],
  ['RSASSA_PSS_SHA_384', 'rsa-pss-sha384'],
  ['RSASSA_PSS_SHA_512', 'rsa-pss-sha512'],
];

const row = (name: string, spec: KeySpecId, ...usages: readonly UsageRow[]): SpecRow => ({
  name,
  spec,
  usages: new Map(usages.map(([usage, algorithms]) => [usage, new Map(algorithms)])),
});
const rsa = (name: string, spec: KeySpecId): SpecRow =>
  row(name, spec, ['ENCRYPT_DECRYPT', OAEP], ['SIGN_VERIFY', RSA_SIGNING]);
const nist = (name: string, spec: KeySpecId, algorithm: string, suite: string): SpecRow =>
  row(name, spec, ['SIGN_VERIFY', [[algorithm, suite]]], ['KEY_AGREEMENT', [['ECDH', 'ecdh']]]);
const hmac = (bits: string, spec: KeySpecId): SpecRow =>
  row(`HMAC_${bits}`, spec, ['GENERATE_VERIFY_MAC', [[`HMAC_SHA_${bits}`, `hmac-sha${bits}`]]]);

const mlDsa = (bits: string, spec: KeySpecId): SpecRow =>
  row(`ML_DSA_${bits}`, spec, ['SIGN_VERIFY', [['ML_DSA_SHAKE_256', 'ml-dsa']]]);
const mlKem = (bits: string, spec: KeySpecId): SpecRow =>
  row(`ML_KEM_${bits}`, spec, ['ENCAPSULATE_DECAPSULATE', [['ML_KEM', 'ml-kem']]]);

/**
 * Key specs that have an implementation here.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 * @internal
 */
export const SPECS: readonly SpecRow[] = Object.freeze([
  // Its ciphertexts are envelopes, for which there is no suite.
  row('SYMMETRIC_DEFAULT', 'aes-256', ['ENCRYPT_DECRYPT', [['SYMMETRIC_DEFAULT', '']]]),
  rsa('RSA_2048', 'rsa-2048'),
  rsa('RSA_3072', 'rsa-3072'),
  rsa('RSA_4096', 'rsa-4096'),
  nist('ECC_NIST_P256', 'ec-p256', 'ECDSA_SHA_256', 'ecdsa-p256-sha256'),
  nist('ECC_NIST_P384', 'ec-p384', 'ECDSA_SHA_384', 'ecdsa-p384-sha384'),
  nist('ECC_NIST_P521', 'ec-p521', 'ECDSA_SHA_512', 'ecdsa-p521-sha512'),
  row('ECC_SECG_P256K1', 'ec-secp256k1', [
    'SIGN_VERIFY',
    [['ECDSA_SHA_256', 'ecdsa-secp256k1-sha256']],
  ]),
  row('ECC_NIST_EDWARDS25519', 'ed25519', [
    'SIGN_VERIFY',
    [
      ['ED25519_PH_SHA_512', 'ed25519ph'],
      ['ED25519_SHA_512', 'ed25519'],
    ],
  ]),
  hmac('224', 'hmac-224'),
  hmac('256', 'hmac-256'),
  hmac('384', 'hmac-384'),
  hmac('512', 'hmac-512'),
  row(
    'SM2',
    'sm2',
    ['ENCRYPT_DECRYPT', [['SM2PKE', 'sm2-pke-der']]],
    ['SIGN_VERIFY', [['SM2DSA', 'sm2-dsa']]],
    ['KEY_AGREEMENT', [['ECDH', 'sm2-ecdh']]],
  ),
  mlDsa('44', 'ml-dsa-44'),
  mlDsa('65', 'ml-dsa-65'),
  mlDsa('87', 'ml-dsa-87'),
  mlKem('512', 'ml-kem-512'),
  mlKem('768', 'ml-kem-768'),
  mlKem('1024', 'ml-kem-1024'),
]);

const EDDSA: UsageRow = ['SIGN_VERIFY', [['EDDSA_ED25519', 'ed25519']]];

/**
 * Key specs of QKMS's own that have an implementation here.
 *
 * @see https://github.com/QuilibriumNetwork/qkms-sdk packages/core/src/types.ts
 * @internal
 */
export const QKMS_SPECS: readonly SpecRow[] = Object.freeze([
  row('ECC_ED25519', 'ed25519', EDDSA),
  row('EDDSA_ED25519', 'ed25519', EDDSA),
]);

const BY_NAME = new Map([...SPECS, ...QKMS_SPECS].map((spec) => [spec.name, spec]));
const BY_SPEC = new Map(SPECS.map((spec) => [spec.spec, spec]));

/** The row of a `KeySpec`, or undefined when there is no implementation of it. @internal */
export function specByName(name: string): SpecRow | undefined {
  return BY_NAME.get(name);
}

/** Attribute with the name of a key's spec, where several names stand for one kind of material. @internal */
export const SPEC_NAME = 'keySpec';

/** The attributes that a key needs so that {@link specOf} finds its row. @internal */
export function specAttributes(spec: SpecRow): { readonly [name: string]: string } {
  return BY_SPEC.get(spec.spec) === spec ? {} : { [SPEC_NAME]: spec.name };
}

/** The row of a key. @internal */
export function specOf({ spec, attributes }: Pick<KeyRecord, 'spec' | 'attributes'>): SpecRow {
  const name = attributes[SPEC_NAME];
  const found = typeof name === 'string' ? BY_NAME.get(name) : BY_SPEC.get(spec);
  if (found === undefined) throw new TypeError(`no KeySpec for ${spec}`);
  return found;
}

/** `KeyUsage` values and core's words for them. @internal */
export const USAGES: { readonly [Usage in WireUsage]: KeyUsage } = Object.freeze({
  ENCRYPT_DECRYPT: 'encrypt',
  SIGN_VERIFY: 'sign',
  GENERATE_VERIFY_MAC: 'mac',
  KEY_AGREEMENT: 'agree',
  ENCAPSULATE_DECAPSULATE: 'encapsulate',
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

/** What a key can do by its usage: algorithm names with core's suites. @internal */
export function algorithmsOf(key: KeyRecord): Algorithms {
  return specOf(key).usages.get(wireUsage(key.usages)) ?? new Map();
}

/**
 * Core's suite for an algorithm of a key; empty when they do not go together, so that no suite is
 * found. Operations check that before.
 *
 * @internal
 */
export function suiteId(algorithm: string, key: KeyRecord): string {
  return algorithmsOf(key).get(algorithm) ?? '';
}
