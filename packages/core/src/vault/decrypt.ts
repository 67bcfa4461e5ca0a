import { fault } from '../faults.js';
import type { Context } from '../model/context.js';
import type { Envelope, EnvelopeLayout } from '../model/envelope.js';
import { open } from '../suites/aesGcm.js';
import { KEY_SPECS } from '../suites/keySpecs.js';
import type { LoadedKey } from './loadedKey.js';

/**
 * Opens an envelope under the version of `key` that it names.
 *
 * @throws KmsFault CiphertextInvalid, whatever is wrong with envelope, context or key
 * @public
 */
export function decrypt(
  key: LoadedKey,
  layout: EnvelopeLayout,
  envelope: Envelope,
  context: Context,
  options: { readonly convergent?: boolean } = {},
): Buffer {
  const version = key.byWireId(envelope.versionWireId);
  if (version === undefined || KEY_SPECS[key.record.spec].family !== 'aes') {
    throw fault('CiphertextInvalid', {});
  }
  const canonical = layout.canonicalContext(context);
  const associated = layout.contextOnly ? [canonical] : [envelope.header, canonical];
  const aead = options.convergent
    ? version.convergent(layout.dialect, canonical).aead
    : version.aead(layout.dialect);
  const content = open(aead, envelope.salt, envelope.nonce, associated, envelope.body);
  const prefix = layout.innerPrefix;
  if (!content.subarray(0, prefix.length).equals(prefix)) throw fault('CiphertextInvalid', {});
  return content.subarray(prefix.length);
}
