import {
  type AsymmetricEncryptionSuite,
  encrypt,
  fault,
  type LoadedKey,
  type LoadedVersion,
} from '@keyglot/core';
import { keyTypeOf, typeRowOf } from '../algorithms.js';
import type { NcpCall } from '../call.js';
import { envelopeOf, NCP_LAYOUT, OVERHEAD_BYTES, readText, textOf } from '../envelope.js';
import { invalid } from '../faults.js';
import { usableVersion } from '../resolve.js';
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

/** A ciphertext of a request, with the version that it names. @internal */
export interface NamedCiphertext {
  readonly version: LoadedVersion;
  readonly payload: Buffer;
}

/**
 * Reads the ciphertexts of a request.
 *
 * @throws KmsFault CiphertextInvalid, RequestInvalid when the key has no such version, StatusInvalid when
 *   that is disabled, and what {@link requireSizes} throws
 * @internal
 */
export function readCiphertexts(
  key: LoadedKey,
  texts: readonly string[],
): readonly NamedCiphertext[] {
  const read = texts.map((text) => {
    const found = readText(text);
    if (found === undefined) throw fault('CiphertextInvalid', {});
    return { version: usableVersion(key, found.version), payload: found.payload };
  });
  const overhead = typeRowOf(key.record).encryption === undefined ? OVERHEAD_BYTES : 0;
  let total = 0;
  for (const { payload } of read) total += Math.max(0, payload.length - overhead);
  if (total > TOTAL_BYTES) throw invalid('the items are too long together');
  return read;
}

/** The envelope of a symmetric ciphertext. @throws KmsFault CiphertextInvalid @internal */
export function symmetricEnvelope({
  version,
  payload,
}: NamedCiphertext): NonNullable<ReturnType<typeof envelopeOf>> {
  const envelope = envelopeOf(payload, version.version.wireId);
  if (envelope === undefined) throw fault('CiphertextInvalid', {});
  return envelope;
}
