import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { createCryptoThread } from './cryptoThread.js';
import { ecdhSuite } from './ecdh.js';
import { ecdsaSuites } from './ecdsa.js';
import { ed25519Suites } from './ed25519.js';
import { HMAC_SUITES } from './hmac.js';
import { mlDsaSuite } from './mlDsa.js';
import { mlKemSuite } from './mlKem.js';
import { RSA_OAEP_SUITES } from './rsaOaep.js';
import { rsaSignatureSuites } from './rsaSignature.js';
import { sm2Suites } from './sm2.js';
import type {
  AgreementSuite,
  AsymmetricEncryptionSuite,
  DigestSignatureSuite,
  EncapsulationSuite,
  MacSuite,
  SignatureSuite,
  Suite,
} from './suite.js';

/** The table of suites. What a key can do is: there is a row that names its spec. @public */
export interface Suites {
  /** All rows by id. */
  readonly rows: ReadonlyMap<string, Suite>;
  /** @throws KmsFault Internal when there is no such row */
  encryptionSuite(id: string): AsymmetricEncryptionSuite;
  /** @throws KmsFault Internal when there is no such row */
  signatureSuite(id: string): SignatureSuite;
  /** @throws KmsFault Internal when there is no such row, or it takes no digests */
  digestSignatureSuite(id: string): DigestSignatureSuite;
  /** @throws KmsFault Internal when there is no such row */
  macSuite(id: string): MacSuite;
  /** @throws KmsFault Internal when there is no such row */
  agreementSuite(id: string): AgreementSuite;
  /** @throws KmsFault Internal when there is no such row */
  encapsulationSuite(id: string): EncapsulationSuite;
  /** Ends the thread that the table may have started. */
  close(): Promise<void>;
}

/**
 * Makes the table of suites.
 *
 * @param entropy - source of the salts of PSS and of the additional data of ECDSA
 * @internal
 */
export function createSuites(entropy: Entropy): Suites {
  const thread = createCryptoThread();
  const all: readonly Suite[] = [
    ...RSA_OAEP_SUITES,
    ...rsaSignatureSuites(entropy, thread),
    ...ecdsaSuites(entropy, thread),
    ...ed25519Suites(thread),
    ecdhSuite(thread),
    mlDsaSuite(entropy, thread),
    mlKemSuite(entropy, thread),
    ...sm2Suites(entropy),
    ...HMAC_SUITES,
  ];
  const rows = new Map(all.map((suite) => [suite.id, suite]));
  return Object.freeze<Suites>({
    rows,
    encryptionSuite: (id) => ofKind(rows.get(id), 'asymmetric-encryption', id),
    signatureSuite: (id) => ofKind(rows.get(id), 'signature', id),
    digestSignatureSuite(id) {
      const suite = ofKind(rows.get(id), 'signature', id);
      if (!takesDigests(suite)) throw fault('Internal', { what: `no digests for suite ${id}` });
      return suite;
    },
    macSuite: (id) => ofKind(rows.get(id), 'mac', id),
    agreementSuite: (id) => ofKind(rows.get(id), 'agreement', id),
    encapsulationSuite: (id) => ofKind(rows.get(id), 'encapsulation', id),
    close: () => thread.close(),
  });
}

/** Whether a signature suite takes ready digests. @public */
export function takesDigests(suite: SignatureSuite): suite is DigestSignatureSuite {
  const { digestBytes, signDigest, verifyDigest } = suite;
  return digestBytes !== undefined && signDigest !== undefined && verifyDigest !== undefined;
}

function ofKind<Kind extends Suite['kind']>(
  suite: Suite | undefined,
  kind: Kind,
  id: string,
): Extract<Suite, { readonly kind: Kind }> {
  if (suite === undefined || !isKind(suite, kind)) {
    throw fault('Internal', { what: `no ${kind} suite ${id}` });
  }
  return suite;
}

function isKind<Kind extends Suite['kind']>(
  suite: Suite,
  kind: Kind,
): suite is Extract<Suite, { readonly kind: Kind }> {
  return suite.kind === kind;
}
