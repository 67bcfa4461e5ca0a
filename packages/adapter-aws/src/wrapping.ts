import {
  fault,
  type KeyRecord,
  type KeySpecId,
  openToken,
  Secret,
  sealToken,
  type WrappingScheme,
} from '@keyglot/core';
import { specOf } from './algorithms.js';
import type { AwsCall } from './call.js';
import { awsFault } from './faults.js';
import type { AlgorithmSpec, WrappingKeySpec } from './generated/inputs.js';

const SCHEMES: { readonly [Name in AlgorithmSpec]: WrappingScheme | undefined } = {
  // Carries nothing since 10 October 2023, says the model.
  RSAES_PKCS1_V1_5: undefined,
  RSAES_OAEP_SHA_1: { suite: 'rsa-oaep-sha1', hybrid: false },
  RSAES_OAEP_SHA_256: { suite: 'rsa-oaep-sha256', hybrid: false },
  RSA_AES_KEY_WRAP_SHA_1: { suite: 'rsa-oaep-sha1', hybrid: true },
  RSA_AES_KEY_WRAP_SHA_256: { suite: 'rsa-oaep-sha256', hybrid: true },
  SM2PKE: { suite: 'sm2-pke-der', hybrid: false },
};

const WRAPPING_SPECS: { readonly [Name in WrappingKeySpec]: KeySpecId } = {
  RSA_2048: 'rsa-2048',
  RSA_3072: 'rsa-3072',
  RSA_4096: 'rsa-4096',
  SM2: 'sm2',
};

/** An algorithm and a pair for wrapping, as the client chose them. @internal */
export interface Wrapping {
  readonly scheme: WrappingScheme;
  /** Spec of the pair. */
  readonly spec: KeySpecId;
}

/**
 * The wrapping that a client asks for, when it can carry the key's material.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html#select-wrapping-algorithm
 * @throws KmsFault Unsupported, Validation
 * @internal
 */
export function requireWrapping(
  call: AwsCall,
  key: KeyRecord,
  algorithm: AlgorithmSpec,
  wrappingSpec: WrappingKeySpec,
): Wrapping {
  const scheme = SCHEMES[algorithm];
  const { wrappingAlgorithms } = call.profile;
  const isChinese = call.realm.region.startsWith('cn-');
  const isSm2 = algorithm === 'SM2PKE' || wrappingSpec === 'SM2';
  if (
    (wrappingAlgorithms !== undefined && !wrappingAlgorithms.has(algorithm)) ||
    (isSm2 && !isChinese)
  ) {
    throw fault('Unsupported', { what: 'this way of wrapping' });
  }
  if (scheme === undefined || !carries(key.spec, algorithm, wrappingSpec, scheme)) {
    // Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_families.json
    throw awsFault('Validation', {
      message: `Wrapping algorithm ${algorithm} and wrapping key spec ${wrappingSpec} cannot be used to import a ${specOf(key).name} key.`,
    });
  }
  return { scheme, spec: WRAPPING_SPECS[wrappingSpec] };
}

function carries(
  material: KeySpecId,
  algorithm: AlgorithmSpec,
  wrappingSpec: WrappingKeySpec,
  { hybrid }: WrappingScheme,
): boolean {
  if ((algorithm === 'SM2PKE') !== (wrappingSpec === 'SM2')) return false;
  const symmetric = material === 'aes-256' || material.startsWith('hmac-');
  if (hybrid) return !symmetric;
  if (material.startsWith('rsa-')) return false;
  if (wrappingSpec !== 'RSA_2048') return true;
  return material !== 'ec-p521' && !(material === 'ed25519' && algorithm === 'RSAES_OAEP_SHA_256');
}

/** What an import token says. @internal */
export interface ImportToken extends Wrapping {
  /** Internal id of the key. */
  readonly keyId: string;
  /** Virtual time, milliseconds since 1970. */
  readonly validToMs: number;
  /** Private half of the wrapping pair, PKCS#8 DER. */
  readonly secret: Secret;
}

/** The first bytes of the service's own tokens, whose base64 begins with `AQEC`. */
const PREFIX = Buffer.from('0101020078', 'hex');
const KIND = 'aws-import';

/** Seals what ImportKeyMaterial will need; the client keeps it, nothing is stored. @internal */
export function writeToken(call: AwsCall, token: ImportToken): Buffer {
  const { secret, ...facts } = token;
  const head = Buffer.from(JSON.stringify(facts));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(head.length);
  const content = Buffer.concat([size, head, secret.expose()]);
  const sealed = sealToken(call.vault, call.scope.sandbox, KIND, new Secret(content));
  content.fill(0);
  return Buffer.concat([PREFIX, sealed]);
}

/**
 * Reads a token for a key.
 *
 * @throws KmsFault ImportTokenInvalid, ImportTokenExpired
 * @internal
 */
export function readToken(call: AwsCall, keyId: string, bytes: Buffer): ImportToken {
  const known = bytes.subarray(0, PREFIX.length).equals(PREFIX);
  const sealed = bytes.subarray(PREFIX.length);
  const content = known ? openToken(call.vault, call.scope.sandbox, KIND, sealed) : undefined;
  if (content === undefined) throw awsFault('ImportTokenInvalid', {});
  const opened = content.expose();
  const end = 4 + opened.readUInt32BE(0);
  // Only writeToken seals tokens of this kind.
  const facts = JSON.parse(opened.toString('utf8', 4, end)) as Omit<ImportToken, 'secret'>;
  if (facts.keyId !== keyId) throw awsFault('ImportTokenInvalid', {});
  if (facts.validToMs <= call.nowMs) throw awsFault('ImportTokenExpired', {});
  return { ...facts, secret: new Secret(opened.subarray(end)) };
}
