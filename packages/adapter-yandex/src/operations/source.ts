import {
  type Context,
  decrypt,
  fault,
  findForeign,
  fitsLayout,
  type KeyVersion,
  type LoadedKey,
  type Source,
} from '@keyglot/core';
import type { YandexCall } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { requireUsableKey, requireUsableVersion } from '../states.js';

/** A ciphertext whose key and version may open it. @internal */
export interface Opening {
  readonly source: Extract<Source, { readonly kind: 'symmetric' }>;
  /** Wire id of the key's version. */
  readonly versionId: string;
}

/**
 * Takes a ciphertext apart and judges key and version. The key's id is not in the blob, so a wrong key
 * shows only in that it has no such version; that is the same fault as a broken ciphertext.
 *
 * @throws KmsFault KeyDisabled, CiphertextInvalid, VersionStateInvalid
 * @throws Miss
 * @internal
 */
export function opening(
  named: LoadedKey,
  ciphertext: Buffer,
  context: Context,
  call: YandexCall,
): Opening {
  requireUsableKey(named.record);
  const { vault, scope, nowMs } = call;
  const envelope = YANDEX_LAYOUT.parse(ciphertext);
  const key = envelope ? vault.keys.withVersion(scope, named, envelope.versionWireId) : named;
  const own = envelope && versionBy(key, ({ wireId }) => wireId === envelope.versionWireId);
  if (envelope !== undefined && own !== undefined) {
    requireUsableVersion(own, nowMs);
    const source = { kind: 'symmetric', key, layout: YANDEX_LAYOUT, envelope, context } as const;
    return { source, versionId: own.wireId };
  }
  const foreign = findForeign(vault, scope, key, ciphertext);
  if (foreign?.version === undefined || !fitsLayout(foreign.layout, context)) {
    throw fault('CiphertextInvalid', {});
  }
  const { version, layout } = foreign;
  requireUsableVersion(version, nowMs);
  const made = { key: foreign.key, layout, envelope: foreign.envelope };
  return { source: { kind: 'symmetric', ...made, context }, versionId: version.wireId };
}

/** @throws KmsFault CiphertextInvalid @internal */
export function opened({ source }: Opening): Buffer {
  return decrypt(source.key, source.layout, source.envelope, source.context);
}

function versionBy(
  { record }: LoadedKey,
  matches: (version: KeyVersion) => boolean,
): KeyVersion | undefined {
  return record.versions.find(matches);
}
