import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import type { CryptoThread } from './cryptoThread.js';
import { requirePublic, requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import { ML_NATIVE, mlPublic, mlSecret } from './mlKey.js';
import { decapsulateAsync, encapsulateAsync } from './mlNative.js';
import type { EncapsulationSuite } from './suite.js';

const ID = 'ml-kem';
const SECRET_BYTES = 32;
const CIPHERTEXT_BYTES: ReadonlyMap<KeySpecId, number> = new Map([
  ['ml-kem-512', 768],
  ['ml-kem-768', 1_088],
  ['ml-kem-1024', 1_568],
]);
const SPECS: readonly KeySpecId[] = Object.freeze([...CIPHERTEXT_BYTES.keys()]);

/**
 * ML-KEM (FIPS 203). A ciphertext of the right length always gives a secret: what was not made for the
 * key gives one that nobody else has.
 *
 * @param thread - does it before OpenSSL 3.5
 * @internal
 */
export function mlKemSuite(entropy: Entropy, thread: CryptoThread): EncapsulationSuite {
  return Object.freeze<EncapsulationSuite>({
    kind: 'encapsulation',
    id: ID,
    specs: SPECS,
    async encapsulate(material) {
      requireSpec(ID, SPECS, material.spec);
      if (ML_NATIVE) {
        const { key } = requirePublic(ID, SPECS, material);
        const { sharedKey: sharedSecret, ciphertext } = await encapsulateAsync(key);
        return { sharedSecret, ciphertext };
      }
      const coins = entropy.bytes(SECRET_BYTES);
      const both = await thread.encapsulateMlKem(material.spec, mlPublic(material), coins);
      coins.fill(0);
      return {
        sharedSecret: both.subarray(0, SECRET_BYTES),
        ciphertext: both.subarray(SECRET_BYTES),
      };
    },
    async decapsulate(material, ciphertext) {
      requireSpec(ID, SPECS, material.spec);
      if (ciphertext.length !== CIPHERTEXT_BYTES.get(material.spec)) {
        throw fault('CiphertextInvalid', {});
      }
      if (ML_NATIVE) return decapsulateAsync(material.key, ciphertext);
      return thread.decapsulateMlKem(material.spec, ciphertext, mlSecret(material).expose());
    },
  });
}
