import { fault } from '../faults.js';
import type { Context } from '../model/context.js';
import type { EnvelopeLayout } from '../model/envelope.js';
import { sealInto } from '../suites/aesGcm.js';
import type { LoadedKey, LoadedVersion } from './loadedKey.js';
import type { Vault } from './vault.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How a plaintext is to be sealed, where it is not the usual way. @public */
export interface SealOptions {
  /** Version to seal under; the primary one when not given. */
  readonly version?: LoadedVersion;
  /** Same ciphertext for the same plaintext and context. */
  readonly convergent?: boolean;
}

/**
 * Seals a plaintext under a symmetric key's primary version, in the layout of a dialect. The clear
 * bytes of the layout are authenticated together with the context, unless the layout says otherwise.
 *
 * @returns the whole blob
 * @throws KmsFault Internal when the key is not symmetric, or a convergent one meets a layout with a salt
 * @public
 */
export function encrypt(
  vault: Vault,
  key: LoadedKey,
  layout: EnvelopeLayout,
  context: Context,
  plaintext: Buffer,
  options: SealOptions = {},
): Buffer {
  if (options.convergent && layout.saltBytes > 0) {
    throw fault('Internal', { what: 'a convergent envelope with a salt' });
  }
  const version = options.version ?? key.primary();
  const canonical = layout.canonicalContext(context);
  const convergent = options.convergent ? version.convergent(layout.dialect, canonical) : undefined;
  const random = convergent
    ? convergent.nonce(plaintext)
    : vault.entropy.pooled(layout.saltBytes + NONCE_BYTES);
  const salt = random.subarray(0, layout.saltBytes);
  const nonce = random.subarray(layout.saltBytes);
  const contentBytes = layout.innerPrefix.length + plaintext.length + TAG_BYTES;
  const { blob, bodyAt } = layout.blank(version.version.wireId, salt, nonce, contentBytes);
  const associated = layout.contextOnly ? [canonical] : [blob.subarray(0, bodyAt), canonical];
  const content = [layout.innerPrefix, plaintext];
  const aead = convergent?.aead ?? version.aead(layout.dialect);
  sealInto(aead, salt, nonce, associated, content, blob, bodyAt);
  return blob;
}
