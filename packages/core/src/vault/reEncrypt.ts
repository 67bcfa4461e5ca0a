import type { Context } from '../model/context.js';
import type { Envelope, EnvelopeLayout } from '../model/envelope.js';
import type { AsymmetricEncryptionSuite } from '../suites/suite.js';
import { decrypt } from './decrypt.js';
import { encrypt, type SealOptions } from './encrypt.js';
import type { LoadedKey, LoadedVersion } from './loadedKey.js';
import type { Vault } from './vault.js';

/** Where a ciphertext comes from. @public */
export type Source =
  | {
      readonly kind: 'symmetric';
      readonly key: LoadedKey;
      readonly layout: EnvelopeLayout;
      readonly envelope: Envelope;
      readonly context: Context;
      readonly convergent?: boolean;
    }
  | {
      readonly kind: 'asymmetric';
      readonly key: LoadedKey;
      readonly suite: AsymmetricEncryptionSuite;
      /** Version that the ciphertext belongs to; the primary one when not given. */
      readonly version?: LoadedVersion;
      readonly ciphertext: Buffer;
    };

/** Where it goes. @public */
export type Destination =
  | {
      readonly kind: 'symmetric';
      readonly key: LoadedKey;
      readonly layout: EnvelopeLayout;
      readonly context: Context;
      readonly options?: SealOptions;
      /** Called with the plaintext's length in bytes, to throw the dialect's fault when it is not taken. */
      requireSize?(plaintextBytes: number): void;
    }
  | {
      readonly kind: 'asymmetric';
      readonly key: LoadedKey;
      readonly suite: AsymmetricEncryptionSuite;
      /** Version to encrypt to; the primary one when not given. */
      readonly version?: LoadedVersion;
      /** Called when the plaintext does not fit, to throw the dialect's fault. */
      tooLarge(limitBytes: number, plaintextBytes: number): never;
    };

/**
 * Opens a ciphertext under one key and seals what was in it under another. The plaintext never leaves
 * the vault. Synchronous when both ends are symmetric.
 *
 * @param transform - turns the source's plaintext into the destination's, where one of them is text
 * @throws KmsFault CiphertextInvalid, and what `transform` and the destination's own checks throw
 * @public
 */
export function reEncrypt(
  vault: Vault,
  source: Source,
  destination: Destination,
  transform: (plaintext: Buffer) => Buffer = same,
): Buffer | Promise<Buffer> {
  if (source.kind === 'symmetric') {
    const { key, layout, envelope, context, convergent = false } = source;
    const plaintext = decrypt(key, layout, envelope, context, { convergent });
    return seal(vault, destination, transform(plaintext));
  }
  const version = source.version ?? source.key.primary();
  const opened = source.suite.decrypt(version.prepared(), source.ciphertext);
  return opened.then((plaintext) => seal(vault, destination, transform(plaintext)));
}

function same(plaintext: Buffer): Buffer {
  return plaintext;
}

function seal(vault: Vault, to: Destination, plaintext: Buffer): Buffer | Promise<Buffer> {
  if (to.kind === 'symmetric') {
    to.requireSize?.(plaintext.length);
    return encrypt(vault, to.key, to.layout, to.context, plaintext, to.options);
  }
  const limitBytes = to.suite.maxPlaintextBytes(to.key.record.spec);
  if (plaintext.length > limitBytes) to.tooLarge(limitBytes, plaintext.length);
  const version = to.version ?? to.key.primary();
  return to.suite.encrypt(version.prepared(), plaintext);
}
