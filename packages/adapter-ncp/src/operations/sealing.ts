import {
  type AsymmetricEncryptionSuite,
  type Destination,
  encrypt,
  type ForeignBlob,
  fault,
  findForeign,
  fitsLayout,
  type LoadedKey,
  type LoadedVersion,
  type Source,
} from '@keyglot/core';
import { decodeBase64Strict } from '@keyglot/dialect';
import { keyTypeOf, typeRowOf } from '../algorithms.js';
import type { NcpCall } from '../call.js';
import {
  envelopeOf,
  NCP_LAYOUT,
  OVERHEAD_BYTES,
  readText,
  TAG_BYTES,
  textOf,
} from '../envelope.js';
import { invalid } from '../faults.js';
import { opened, requireEnabled, usableVersion } from '../resolve.js';
import type { SealingWay } from './shared.js';

/** Lists of plaintexts together have the limit of one AES256 plaintext, whatever the key's type. */
const TOTAL_BYTES = 32_768;

/**
 * Refuses plaintexts that are too long, alone or together.
 *
 * @see https://api.ncloud-docs.com/docs/en/security-kms-encrypt
 * @throws KmsFault PlaintextTooLarge, RequestInvalid
 * @internal
 */
export function requireSizes({ record }: LoadedKey, lengths: readonly number[]): void {
  const limitBytes = typeRowOf(record).plaintextBytes;
  if (lengths.some((length) => length > limitBytes)) {
    const spec = keyTypeOf(record);
    throw fault('PlaintextTooLarge', { algorithm: spec, spec, limitBytes });
  }
  if (lengths.reduce((sum, length) => sum + length, 0) > TOTAL_BYTES) {
    throw invalid('the items are too long together');
  }
}

/** Seals a plaintext under the key's newest version. @internal */
export function seal(
  call: NcpCall,
  key: LoadedKey,
  way: SealingWay,
  plaintext: Buffer,
): string | Promise<string> {
  const primary = key.primary();
  const { number } = primary.version;
  const suite = encryptionSuite(call, key);
  if (suite === undefined) {
    const { convergent, context } = way;
    const payload = encrypt(call.vault, key, NCP_LAYOUT, context, plaintext, { convergent });
    return textOf(number, payload);
  }
  const sealed = suite.encrypt(primary.prepared(), plaintext);
  return sealed.then((payload) => textOf(number, payload));
}

/** The suite of a key that is not symmetric. @internal */
export function encryptionSuite(
  { vault }: NcpCall,
  { record }: LoadedKey,
): AsymmetricEncryptionSuite | undefined {
  const id = typeRowOf(record).encryption;
  return id === undefined ? undefined : vault.suites.encryptionSuite(id);
}

/** A ciphertext of a request, with the version that opens it. @internal */
export interface NamedCiphertext {
  readonly version: LoadedVersion;
  readonly payload: Buffer;
  /** The ciphertext of a twin in another dialect, when the key opens such ones. */
  readonly foreign?: ForeignBlob;
}

/**
 * Reads the ciphertexts of a request.
 *
 * @throws KmsFault CiphertextInvalid, RequestInvalid when the key has no such version, StatusInvalid when
 *   that is disabled, and what {@link requireSizes} throws
 * @throws Miss
 * @internal
 */
export function readCiphertexts(
  call: NcpCall,
  key: LoadedKey,
  texts: readonly string[],
): readonly NamedCiphertext[] {
  const read = texts.map((text) => {
    const found = readText(text);
    if (found === undefined) return readForeign(call, key, text);
    return { version: usableVersion(key, found.version), payload: found.payload };
  });
  let total = 0;
  for (const named of read) total += Math.max(0, plaintextBytes(key, named));
  if (total > TOTAL_BYTES) throw invalid('the items are too long together');
  return read;
}

function readForeign(call: NcpCall, key: LoadedKey, text: string): NamedCiphertext {
  const payload = decodeBase64Strict(text);
  const foreign = payload && findForeign(call.vault, call.scope, key, payload);
  if (payload === undefined || foreign?.version === undefined) throw fault('CiphertextInvalid', {});
  requireEnabled(foreign.version);
  return { version: opened(key, foreign.version), payload, foreign };
}

function plaintextBytes(key: LoadedKey, { payload, foreign }: NamedCiphertext): number {
  if (foreign !== undefined) return foreign.envelope.body.length - TAG_BYTES;
  const isSymmetric = typeRowOf(key.record).encryption === undefined;
  return payload.length - (isSymmetric ? OVERHEAD_BYTES : 0);
}

/**
 * A ciphertext, ready to be opened.
 *
 * @throws KmsFault CiphertextInvalid
 * @internal
 */
export function openingOf(
  call: NcpCall,
  key: LoadedKey,
  { convergent, context }: SealingWay,
  { version, payload, foreign }: NamedCiphertext,
): Source {
  if (foreign !== undefined) {
    if (!fitsLayout(foreign.layout, context)) throw fault('CiphertextInvalid', {});
    const { layout, envelope } = foreign;
    return { kind: 'symmetric', key: foreign.key, layout, envelope, context };
  }
  const suite = encryptionSuite(call, key);
  if (suite !== undefined) return { kind: 'asymmetric', key, suite, version, ciphertext: payload };
  const envelope = envelopeOf(payload, version.version.wireId);
  if (envelope === undefined) throw fault('CiphertextInvalid', {});
  return { kind: 'symmetric', key, layout: NCP_LAYOUT, envelope, context, convergent };
}

/** Where a re-encryption goes: the key's newest version. @internal */
export function destinationOf(
  call: NcpCall,
  key: LoadedKey,
  { convergent, context }: SealingWay,
): Destination {
  const suite = encryptionSuite(call, key);
  if (suite === undefined) {
    return { kind: 'symmetric', key, layout: NCP_LAYOUT, context, options: { convergent } };
  }
  return {
    kind: 'asymmetric',
    key,
    suite,
    tooLarge(limitBytes) {
      const spec = keyTypeOf(key.record);
      throw fault('PlaintextTooLarge', { algorithm: suite.id, spec, limitBytes });
    },
  };
}
