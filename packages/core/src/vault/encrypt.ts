import type { Context } from '../model/context.js';
import type { EnvelopeLayout } from '../model/envelope.js';
import { sealInto } from '../suites/aesGcm.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a plaintext under a symmetric key's primary version, in the layout of a dialect. The clear
 * bytes of the layout are authenticated together with the context.
 *
 * @returns the whole blob
 * @public
 */
export function encrypt(
  vault: Vault,
  key: LoadedKey,
  layout: EnvelopeLayout,
  context: Context,
  plaintext: Buffer,
): Buffer {
  const version = key.primary();
  const random = vault.entropy.pooled(layout.saltBytes + NONCE_BYTES);
  const salt = random.subarray(0, layout.saltBytes);
  const nonce = random.subarray(layout.saltBytes);
  const contentBytes = layout.innerPrefix.length + plaintext.length + TAG_BYTES;
  const { blob, bodyAt } = layout.blank(version.version.wireId, salt, nonce, contentBytes);
  const associated = [blob.subarray(0, bodyAt), layout.canonicalContext(context)];
  const content = [layout.innerPrefix, plaintext];
  sealInto(version.aead(layout.dialect), salt, nonce, associated, content, blob, bodyAt);
  return blob;
}
