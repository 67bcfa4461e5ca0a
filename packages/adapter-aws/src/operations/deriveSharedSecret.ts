import { suiteId } from '../algorithms.js';
import { type AwsOperation, keyArn, type OneKey } from '../call.js';
import { algorithm, state, usage } from '../checks.js';
import { awsFault } from '../faults.js';
import type { DeriveSharedSecretRequest } from '../generated/inputs.js';
import { wireOrigin } from '../metadata.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { documentedOperation, requireNoRecipient } from './shared.js';

/** QKMS lets the algorithm be left out; AWS does not. */
type Input = Omit<DeriveSharedSecretRequest, 'KeyAgreementAlgorithm'> &
  Partial<Pick<DeriveSharedSecretRequest, 'KeyAgreementAlgorithm'>>;

const DEFAULT = 'ECDH';

/** DeriveSharedSecret: the raw x-coordinate. @internal */
export const deriveSharedSecret: AwsOperation<Input, OneKey> = {
  name: 'DeriveSharedSecret',
  evidence: documentedOperation('DeriveSharedSecret'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks: [
    usage('KEY_AGREEMENT'),
    state(USE),
    algorithm((input: Input) => input.KeyAgreementAlgorithm ?? DEFAULT),
    (_resolved, input: Input) => requireNoRecipient(input),
  ],
  async handle(input, { key }, call) {
    const { KeyAgreementAlgorithm: name = DEFAULT } = input;
    const suite = call.vault.suites.agreementSuite(suiteId(name, key.record));
    const secret = await suite.agree(key.primary().prepared(), input.PublicKey);
    if (secret === undefined) throw awsFault('PublicKeyInvalid', {});
    return {
      KeyId: keyArn(call, key.record),
      SharedSecret: secret.toString('base64'),
      KeyAgreementAlgorithm: name,
      KeyOrigin: wireOrigin(key.record),
    };
  },
};
