import type { EncapsulationSuite } from '@keyglot/core';
import { suiteId } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { algorithm, state, usage } from '../checks.js';
import type { DecapsulateRequest, EncapsulateRequest } from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { documentedOperation } from './shared.js';

const checks = [
  usage('ENCAPSULATE_DECAPSULATE'),
  state(USE),
  algorithm((input: EncapsulateRequest) => input.EncapsulationAlgorithm),
];

/** Encapsulate. @internal */
export const encapsulate: AwsOperation<EncapsulateRequest, OneKey> = {
  name: 'Encapsulate',
  evidence: documentedOperation('Encapsulate'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks,
  async handle(input, { key }, call) {
    const material = key.primary().prepared();
    const { sharedSecret, ciphertext } = await suiteOf(input, key, call).encapsulate(material);
    return {
      KeyId: keyArn(call, key.record),
      SharedSecret: sharedSecret.toString('base64'),
      SharedSecretCiphertextBlob: ciphertext.toString('base64'),
      EncapsulationAlgorithm: input.EncapsulationAlgorithm,
    };
  },
};

/** Decapsulate. A blob that was not made for the key gives a secret that nobody has. @internal */
export const decapsulate: AwsOperation<DecapsulateRequest, OneKey> = {
  name: 'Decapsulate',
  evidence: documentedOperation('Decapsulate'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks,
  async handle(input, { key }, call) {
    const material = key.primary().prepared();
    const { SharedSecretCiphertextBlob: blob } = input;
    const secret = await suiteOf(input, key, call).decapsulate(material, blob);
    return {
      KeyId: keyArn(call, key.record),
      SharedSecret: secret.toString('base64'),
      EncapsulationAlgorithm: input.EncapsulationAlgorithm,
    };
  },
};

function suiteOf(
  input: EncapsulateRequest,
  { record }: OneKey['key'],
  { vault }: AwsCall,
): EncapsulationSuite {
  return vault.suites.encapsulationSuite(suiteId(input.EncapsulationAlgorithm, record));
}
