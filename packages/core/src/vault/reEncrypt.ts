import type { Context } from '../model/context.js';
import type { Envelope, EnvelopeLayout } from '../model/envelope.js';
import type { AsymmetricEncryptionSuite } from '../suites/suite.js';
import { decrypt } from './decrypt.js';
import { encrypt } from './encrypt.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** Where a ciphertext comes from. @public */
export type Source =
  | {
      readonly kind: 'symmetric';
      readonly key: LoadedKey;
      readonly layout: EnvelopeLayout;
      readonly envelope: Envelope;
      readonly context: Context;
    }
  | {
      readonly kind: 'asymmetric';
      readonly key: LoadedKey;
      readonly suite: AsymmetricEncryptionSuite;
      readonly ciphertext: Buffer;
    };

/** Where it goes. @public */
export type Destination =
  | {
      readonly kind: 'symmetric';
      readonly key: LoadedKey;
      readonly layout: EnvelopeLayout;
      readonly context: Context;
    }
  | {
      readonly kind: 'asymmetric';
      readonly key: LoadedKey;
      readonly suite: AsymmetricEncryptionSuite;
      /** Called when the plaintext does not fit, to throw the dialect's fault. */
      tooLarge(limitBytes: number): never;
    };

/**
 * Opens a ciphertext under one key and seals what was in it under another. The plaintext never leaves
 * the vault. Synchronous when both ends are symmetric.
 *
 * @throws KmsFault CiphertextInvalid, and what `destination.tooLarge` throws
 * @public
 */
export function reEncrypt(
  vault: Vault,
  source: Source,
  destination: Destination,
): Buffer | Promise<Buffer> {
  if (source.kind === 'symmetric') {
    const plaintext = decrypt(source.key, source.layout, source.envelope, source.context);
    return seal(vault, destination, plaintext);
  }
  const opened = source.suite.decrypt(source.key.primary().prepared(), source.ciphertext);
  return opened.then((plaintext) => seal(vault, destination, plaintext));
}

function seal(vault: Vault, to: Destination, plaintext: Buffer): Buffer | Promise<Buffer> {
  if (to.kind === 'symmetric') return encrypt(vault, to.key, to.layout, to.context, plaintext);
  const limitBytes = to.suite.maxPlaintextBytes(to.key.record.spec);
  if (plaintext.length > limitBytes) to.tooLarge(limitBytes);
  return to.suite.encrypt(to.key.primary().prepared(), plaintext);
}
