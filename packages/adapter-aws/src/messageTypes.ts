import { fault, type PreparedMaterial, type SignatureSuite, takesDigests } from '@keyglot/core';
import { awsFault } from './faults.js';

/** What is to be signed or verified. @internal */
export interface SigningInput {
  readonly Message: Buffer;
  readonly MessageType?: string;
  readonly SigningAlgorithm: string;
}

/**
 * Refuses a message type that the algorithm does not take, and a digest of the wrong length.
 *
 * @throws KmsFault MessageTypeIncompatible, DigestLengthInvalid, ExternalMuLengthInvalid
 * @internal
 */
export function requireMessage(input: SigningInput, suite: SignatureSuite, specName: string): void {
  const { Message: message, SigningAlgorithm: algorithm } = input;
  const { types, named } = typesOf(algorithm);
  const type = input.MessageType ?? DEFAULT_TYPE;
  const intake = types.get(type);
  if (intake === undefined) {
    const byAlgorithm = named === 'algorithm' && type !== EXTERNAL_MU;
    const what = byAlgorithm ? `algorithm ${algorithm}` : `key spec ${specName}`;
    throw awsFault('MessageTypeIncompatible', { messageType: type, what });
  }
  const sizeBytes = intake.as === 'digest' ? suite.digestBytes : intake.sizeBytes;
  if (sizeBytes !== undefined && message.length !== sizeBytes) {
    if (type === EXTERNAL_MU) throw awsFault('ExternalMuLengthInvalid', { algorithm });
    throw fault('DigestLengthInvalid', { algorithm });
  }
}

/** Signs a message that {@link requireMessage} let pass. @internal */
export function signMessage(
  input: SigningInput,
  suite: SignatureSuite,
  material: PreparedMaterial,
): Promise<Buffer> {
  return isDigest(input) && takesDigests(suite)
    ? suite.signDigest(material, input.Message)
    : suite.sign(material, input.Message);
}

/** Verifies a signature over a message that {@link requireMessage} let pass. @internal */
export function verifyMessage(
  input: SigningInput & { readonly Signature: Buffer },
  suite: SignatureSuite,
  material: PreparedMaterial,
): Promise<boolean> {
  return isDigest(input) && takesDigests(suite)
    ? suite.verifyDigest(material, input.Message, input.Signature)
    : suite.verify(material, input.Message, input.Signature);
}

const DEFAULT_TYPE = 'RAW';
/** No key spec but ML-DSA has it, whatever the algorithm. */
const EXTERNAL_MU = 'EXTERNAL_MU';

/** How a message of some type reaches the suite: as a message, or as the digest of one. */
interface Intake {
  readonly as: 'message' | 'digest';
  /** The only length that is taken, where the suite itself takes any. */
  readonly sizeBytes?: number;
}

interface Types {
  readonly types: ReadonlyMap<string, Intake>;
  /** What the text calls incompatible with any other type; both forms are recorded. */
  readonly named: 'algorithm' | 'key spec';
}

const types = (named: Types['named'], ...rows: readonly (readonly [string, Intake])[]): Types => ({
  types: new Map(rows),
  named,
});

const HASHED = types('key spec', ['RAW', { as: 'message' }], ['DIGEST', { as: 'digest' }]);

/**
 * Algorithms that take other types. Ed25519ph hashes whatever it is given, also what a caller has hashed.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#KMS-Sign-request-MessageType
 */
const OTHERS: ReadonlyMap<string, Types> = new Map([
  ['ED25519_SHA_512', types('algorithm', ['RAW', { as: 'message' }])],
  ['ED25519_PH_SHA_512', types('algorithm', ['DIGEST', { as: 'message', sizeBytes: 64 }])],
  [
    'ML_DSA_SHAKE_256',
    types('key spec', ['RAW', { as: 'message' }], [EXTERNAL_MU, { as: 'digest' }]),
  ],
  ['EDDSA_ED25519', types('algorithm', ['RAW', { as: 'message' }])],
]);

function typesOf(algorithm: string): Types {
  return OTHERS.get(algorithm) ?? HASHED;
}

function isDigest({ SigningAlgorithm: algorithm, MessageType: type = DEFAULT_TYPE }: SigningInput) {
  return typesOf(algorithm).types.get(type)?.as === 'digest';
}
