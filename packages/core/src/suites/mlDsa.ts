import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { signAsync, verifyAsync } from './asyncSign.js';
import type { CryptoThread } from './cryptoThread.js';
import { requirePublic, requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import { ML_NATIVE, mlPublic, mlSecret } from './mlKey.js';
import type { DigestSignatureSuite } from './suite.js';

const ID = 'ml-dsa';
const SPECS: readonly KeySpecId[] = Object.freeze(['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87']);
/** The message representative µ of FIPS 204, section 6.2, which stands for a digest. */
const MU_BYTES = 64;

/**
 * ML-DSA (FIPS 204), pure, with an empty context, hedged. Its digest is µ.
 *
 * @param entropy - hedges the signatures that `thread` makes
 * @param thread - does what OpenSSL or Node lacks: µ always, all of it before OpenSSL 3.5
 * @internal
 */
export function mlDsaSuite(entropy: Entropy, thread: CryptoThread): DigestSignatureSuite {
  function requireMu(mu: Buffer): void {
    if (mu.length !== MU_BYTES) throw fault('DigestLengthInvalid', { algorithm: ID });
  }
  return Object.freeze<DigestSignatureSuite>({
    kind: 'signature',
    id: ID,
    specs: SPECS,
    digestBytes: MU_BYTES,
    async sign(material, message) {
      requireSpec(ID, SPECS, material.spec);
      if (ML_NATIVE) return signAsync(null, message, { key: material.key });
      const secret = mlSecret(material).expose();
      return thread.signMlDsa(material.spec, message, false, secret, entropy.pooled(32));
    },
    async signDigest(material, mu) {
      requireSpec(ID, SPECS, material.spec);
      requireMu(mu);
      const secret = mlSecret(material).expose();
      return thread.signMlDsa(material.spec, mu, true, secret, entropy.pooled(32));
    },
    async verify(material, message, signature) {
      requireSpec(ID, SPECS, material.spec);
      if (ML_NATIVE) {
        return verifyAsync(
          null,
          message,
          { key: requirePublic(ID, SPECS, material).key },
          signature,
        );
      }
      return thread.verifyMlDsa(material.spec, message, false, mlPublic(material), signature);
    },
    async verifyDigest(material, mu, signature) {
      requireSpec(ID, SPECS, material.spec);
      requireMu(mu);
      return thread.verifyMlDsa(material.spec, mu, true, mlPublic(material), signature);
    },
  });
}
