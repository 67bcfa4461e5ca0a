import type { CryptoThread } from './cryptoThread.js';
import { requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import type { AgreementSuite } from './suite.js';

const ID = 'ecdh';
const SPECS: readonly KeySpecId[] = Object.freeze(['ec-p256', 'ec-p384', 'ec-p521']);

/**
 * The cofactor Diffie-Hellman primitive (NIST SP 800-56A, section 5.7.1.2) on the NIST curves, whose
 * cofactor is 1.
 *
 * @internal
 */
export function ecdhSuite(thread: CryptoThread): AgreementSuite {
  return Object.freeze<AgreementSuite>({
    kind: 'agreement',
    id: ID,
    specs: SPECS,
    async agree(material, peer) {
      requireSpec(ID, SPECS, material.spec);
      return thread.ecdh(material.key, peer);
    },
  });
}
