import type { DialectFace, Inspection } from '@keyglot/dialect';
import { decodeBase64 } from './base64.js';
import { YANDEX_LAYOUT } from './envelope.js';

const TAG_BYTES = 16;
/** Wider than the ids in the samples, but nothing that could be anything else than an id. */
const VERSION_ID = /^[0-9a-z]{20}$/;

/**
 * What the service encrypts, and the limit of Encrypt; Decrypt declares none.
 *
 * @see https://yandex.cloud/en/docs/kms/api-ref/SymmetricCrypto/encrypt
 * @internal
 */
export const YANDEX_SIZES: Pick<
  DialectFace,
  'plaintextIsText' | 'maxPlaintextBytes' | 'maxCiphertextBytes'
> = Object.freeze({
  plaintextIsText: false,
  maxPlaintextBytes: 32_768,
  maxCiphertextBytes: undefined,
});

/**
 * Reads what a symmetric ciphertext in base64, as proto3's JSON form allows it, tells without any key:
 * the id of the key version and the size of the plaintext. The layout does not name the key.
 *
 * @returns undefined for any other layout; those of HSM and GOST keys are not known
 * @internal
 */
export function inspectYandex(ciphertext: string): Inspection | undefined {
  const blob = decodeBase64(ciphertext.trim());
  const envelope = blob && YANDEX_LAYOUT.parse(blob);
  if (envelope === undefined || !VERSION_ID.test(envelope.versionWireId)) return undefined;
  return { key: envelope.versionWireId, plaintextBytes: envelope.body.length - TAG_BYTES };
}
