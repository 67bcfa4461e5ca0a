import type { Context } from '../model/context.js';
import type { Envelope, EnvelopeLayout } from '../model/envelope.js';
import type { LoadedKey } from './loadedKey.js';
import type { Scope } from './scope.js';
import type { Vault } from './vault.js';

/** Attribute of a key that also opens the ciphertexts of its twins. @public */
export const ACCEPTS_FOREIGN = 'acceptForeignBlobs';

/** A ciphertext of a twin, and the twin. @public */
export interface ForeignBlob {
  readonly key: LoadedKey;
  readonly layout: EnvelopeLayout;
  readonly envelope: Envelope;
}

/**
 * Finds the twin that made a ciphertext, for a key that was told to open such ones: the window in
 * which a migration reads old and new ciphertexts side by side.
 *
 * @returns undefined when the key does not accept foreign ciphertexts, or none of its twins made this one
 * @throws Miss
 * @public
 */
export function findForeign(
  vault: Vault,
  scope: Scope,
  key: LoadedKey,
  blob: Buffer,
): ForeignBlob | undefined {
  const { record } = key;
  if (record.attributes[ACCEPTS_FOREIGN] !== true || record.twinGroup === '') return undefined;
  for (const [dialect, layout] of vault.layouts) {
    if (dialect === record.realm.dialect) continue;
    const envelope = layout.parse(blob);
    if (envelope === undefined) continue;
    const found = vault.keys.byVersion(scope, dialect, envelope.versionWireId, () => true);
    if (found?.key.record.twinGroup === record.twinGroup) {
      return { key: found.key, layout, envelope };
    }
  }
  return undefined;
}

/** Whether a context can have been used with a layout; another kind of context was another context. @public */
export function fitsLayout(layout: EnvelopeLayout, context: Context): boolean {
  return context.kind === 'none' || context.kind === layout.contextKind;
}
