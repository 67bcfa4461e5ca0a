import { type Envelope, fault, type KeyVersion, type LoadedKey } from '@keyglot/core';
import { decodeBase64Strict } from '@keyglot/dialect';
import type { AlibabaCall } from './call.js';
import { ALIBABA_LAYOUT } from './envelope.js';
import { resolveByVersion } from './resolve.js';

/** A symmetric ciphertext, taken apart, with the key version that it names. @internal */
export interface SymmetricBlob {
  readonly key: LoadedKey;
  readonly version: KeyVersion;
  readonly envelope: Envelope;
}

/**
 * Finds the key of a symmetric ciphertext.
 *
 * @throws KmsFault CiphertextInvalid when it has not our layout, KeyNotFound when nobody has the version
 * @internal
 */
export function resolveBlob(call: AlibabaCall, ciphertextBlob: string): SymmetricBlob {
  const blob = decodeBase64Strict(ciphertextBlob);
  const envelope = blob && ALIBABA_LAYOUT.parse(blob);
  if (envelope === undefined) throw fault('CiphertextInvalid', {});
  return { ...resolveByVersion(call, envelope.versionWireId), envelope };
}
