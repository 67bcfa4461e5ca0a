import { fault, type KeyRecord, type SignatureSuite } from '@keyglot/core';
import { specOf, suiteId } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { algorithm, state, usage } from '../checks.js';
import type { SignRequest, VerifyRequest } from '../generated/inputs.js';
import { requireMessage, signMessage, verifyMessage } from '../messageTypes.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { documentedOperation } from './shared.js';

type SignInput = SignRequest;

type VerifyInput = VerifyRequest;

const checks = [
  usage('SIGN_VERIFY'),
  state(USE),
  algorithm((input: SignInput) => input.SigningAlgorithm),
  message,
];

/** Sign. @internal */
export const sign: AwsOperation<SignInput, OneKey> = {
  name: 'Sign',
  evidence: documentedOperation('Sign'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks,
  async handle(input, { key }, call) {
    const suite = suiteOf(call, key.record, input.SigningAlgorithm);
    const signature = await signMessage(input, suite, key.primary().prepared());
    return {
      KeyId: keyArn(call, key.record),
      Signature: signature.toString('base64'),
      SigningAlgorithm: input.SigningAlgorithm,
    };
  },
};

/** Verify. A signature that does not fit is an error, never `SignatureValid: false`. @internal */
export const verify: AwsOperation<VerifyInput, OneKey> = {
  name: 'Verify',
  evidence: documentedOperation('Verify'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks,
  async handle(input, { key }, call) {
    const suite = suiteOf(call, key.record, input.SigningAlgorithm);
    const valid = await verifyMessage(input, suite, key.primary().prepared());
    if (!valid) throw fault('SignatureInvalid', {});
    return {
      KeyId: keyArn(call, key.record),
      SignatureValid: true,
      SigningAlgorithm: input.SigningAlgorithm,
    };
  },
};

function suiteOf(call: AwsCall, key: KeyRecord, name: string): SignatureSuite {
  return call.vault.suites.signatureSuite(suiteId(name, key));
}

function message({ key: { record } }: OneKey, input: SignInput, call: AwsCall): void {
  requireMessage(input, suiteOf(call, record, input.SigningAlgorithm), specOf(record).name);
}
