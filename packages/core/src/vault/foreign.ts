import type { Context } from '../model/context.js';
import type { Envelope, EnvelopeLayout } from '../model/envelope.js';
import type { KeyVersion } from '../model/key.js';
import type { LoadedKey } from './loadedKey.js';
import { Miss, type Scope } from './scope.js';
import type { Vault } from './vault.js';

/** Attribute of a key that also opens the ciphertexts of its twins. @public */
export const ACCEPTS_FOREIGN = 'acceptForeignBlobs';

/** A ciphertext of a twin, and what opens it. @public */
export interface ForeignBlob {
  /** The twin; the key at hand where the ciphertext does not tell which twin it was. */
  readonly key: LoadedKey;
  readonly layout: EnvelopeLayout;
  readonly envelope: Envelope;
  /** Version of the key at hand on the same material, undefined when it is not known here yet. */
  readonly version: KeyVersion | undefined;
}

/**
 * Finds the twin that made a ciphertext, for a key that was told to open such ones: the window in
 * which a migration reads old and new ciphertexts side by side.
 *
 * @param blob as the twin's clients hold it; a text in UTF-8 where that is a text
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
  if (vault.loadDialects !== undefined) throw new Miss(vault.loadDialects);
  for (const [dialect, layout] of vault.layouts) {
    const found =
      layout.parseNumbered === undefined
        ? byName(vault, scope, key, dialect, layout, blob)
        : byNumber(key, layout, blob);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byName(
  vault: Vault,
  scope: Scope,
  { record }: LoadedKey,
  dialect: string,
  layout: EnvelopeLayout,
  blob: Buffer,
): ForeignBlob | undefined {
  const envelope = layout.parse(blob);
  if (envelope === undefined) return undefined;
  const found = vault.keys.byVersion(scope, dialect, envelope.versionWireId, () => true);
  if (found?.key.record.twinGroup !== record.twinGroup) return undefined;
  const { materialId } = found.version;
  const version = record.versions.find((one) => one.materialId === materialId);
  return { key: found.key, layout, envelope, version };
}

/**
 * Twins have the same versions in the same order, and a layout's keys depend on material and dialect
 * alone: whichever twin it was, the key at hand opens it under its own version of that number. With the
 * material of no twin the ciphertext does not open.
 */
function byNumber(key: LoadedKey, layout: EnvelopeLayout, blob: Buffer): ForeignBlob | undefined {
  const read = layout.parseNumbered?.(blob);
  const version = key.record.versions.find(({ number }) => number === read?.number);
  if (read === undefined || version === undefined) return undefined;
  return { key, layout, envelope: { ...read.envelope, versionWireId: version.wireId }, version };
}

/** Whether a context can have been used with a layout; another kind of context was another context. @public */
export function fitsLayout(layout: EnvelopeLayout, context: Context): boolean {
  return context.kind === 'none' || context.kind === layout.contextKind;
}
