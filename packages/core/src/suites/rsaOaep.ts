import { constants, publicEncrypt, webcrypto } from 'node:crypto';
import type { CoreFaults, KmsFault } from '../faults.js';
import { fault } from '../faults.js';
import { keep, requirePublic, requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import { KEY_SPECS, RSA_SPECS } from './keySpecs.js';
import type { AsymmetricEncryptionSuite, PreparedMaterial } from './suite.js';

/**
 * RSAES-OAEP (RFC 8017, section 7.1) with an empty label and the same hash in MGF1.
 *
 * @internal
 */
export const RSA_OAEP_SUITES: readonly AsymmetricEncryptionSuite[] = Object.freeze([
  oaep('rsa-oaep-sha1', { node: 'sha1', web: 'SHA-1', bytes: 20 }),
  oaep('rsa-oaep-sha256', { node: 'sha256', web: 'SHA-256', bytes: 32 }),
]);

interface OaepHash {
  readonly node: string;
  readonly web: string;
  readonly bytes: number;
}

function oaep(id: string, hash: OaepHash): AsymmetricEncryptionSuite {
  function maxPlaintextBytes(spec: KeySpecId): number {
    requireSpec(id, RSA_SPECS, spec);
    return KEY_SPECS[spec].bits / 8 - 2 * hash.bytes - 2;
  }

  return Object.freeze<AsymmetricEncryptionSuite>({
    kind: 'asymmetric-encryption',
    id,
    specs: RSA_SPECS,
    maxPlaintextBytes,
    async encrypt(material, plaintext) {
      const { key } = requirePublic(id, RSA_SPECS, material);
      const limitBytes = maxPlaintextBytes(material.spec);
      if (plaintext.length > limitBytes) {
        throw fault('PlaintextTooLarge', { algorithm: id, spec: material.spec, limitBytes });
      }
      // On this thread: the public operation takes less time than handing it to another one.
      return publicEncrypt(
        { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash.node },
        plaintext,
      );
    },
    async decrypt(material, ciphertext) {
      requireSpec(id, RSA_SPECS, material.spec);
      const key = await keep(material, id, () => importKey(material, hash));
      // OpenSSL would take a ciphertext without its leading zero bytes.
      if (ciphertext.length !== KEY_SPECS[material.spec].bits / 8) throw refusal();
      try {
        return Buffer.from(await webcrypto.subtle.decrypt({ name: 'RSA-OAEP' }, key, ciphertext));
      } catch {
        throw refusal();
      }
    },
  });
}

/** WebCrypto, because Node's own private decryption has no form that leaves the event loop. */
async function importKey(material: PreparedMaterial, hash: OaepHash): Promise<webcrypto.CryptoKey> {
  const der = material.key.export({ type: 'pkcs8', format: 'der' });
  try {
    return await webcrypto.subtle.importKey(
      'pkcs8',
      der,
      { name: 'RSA-OAEP', hash: hash.web },
      false,
      ['decrypt'],
    );
  } finally {
    der.fill(0);
  }
}

function refusal(): KmsFault<'CiphertextInvalid', CoreFaults['CiphertextInvalid']> {
  return fault('CiphertextInvalid', {});
}
