import type { Context } from '../model/context.js';
import type { EnvelopeLayout } from '../model/envelope.js';
import { encrypt, type SealOptions } from './encrypt.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** A fresh data key, in clear and sealed. @public */
export interface DataKey {
  readonly plaintext: Buffer;
  readonly blob: Buffer;
}

/**
 * Draws a data key and seals it under a symmetric key.
 *
 * @param sizeBytes length of the data key in bytes
 * @public
 */
export function generateDataKey(
  vault: Vault,
  key: LoadedKey,
  layout: EnvelopeLayout,
  context: Context,
  sizeBytes: number,
  options: SealOptions = {},
): DataKey {
  const plaintext = vault.entropy.bytes(sizeBytes);
  return { plaintext, blob: encrypt(vault, key, layout, context, plaintext, options) };
}
