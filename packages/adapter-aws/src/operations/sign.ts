import { fault, type SignatureSuite } from '@keyglot/core';
import { specOf, suiteId } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { algorithm, state, usage } from '../checks.js';
import { awsFault } from '../faults.js';
import type { SignRequest, VerifyRequest } from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { documentedOperation } from './shared.js';

type SignInput = SignRequest;

type VerifyInput = VerifyRequest;

const checks = [
  usage('SIGN_VERIFY'),
  state(USE),
  algorithm((input: SignInput) => input.SigningAlgorithm),
  messageType,
  digestLength,
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
    const suite = suiteOf(call, key.record.spec, input.SigningAlgorithm);
    const material = key.primary().prepared();
    const signature = isDigest(input)
      ? await suite.signDigest(material, input.Message)
      : await suite.sign(material, input.Message);
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
    const suite = suiteOf(call, key.record.spec, input.SigningAlgorithm);
    const material = key.primary().prepared();
    const valid = isDigest(input)
      ? await suite.verifyDigest(material, input.Message, input.Signature)
      : await suite.verify(material, input.Message, input.Signature);
    if (!valid) throw fault('SignatureInvalid', {});
    return {
      KeyId: keyArn(call, key.record),
      SignatureValid: true,
      SigningAlgorithm: input.SigningAlgorithm,
    };
  },
};

function isDigest(input: SignInput): boolean {
  return input.MessageType === 'DIGEST';
}

function suiteOf(call: AwsCall, spec: Parameters<typeof specOf>[0], name: string): SignatureSuite {
  return call.vault.suites.signatureSuite(suiteId(name, specOf(spec)) ?? name);
}

/** EXTERNAL_MU belongs to ML-DSA keys; the text's form is that of the other incompatible types. */
function messageType({ key }: OneKey, input: SignInput): void {
  if (input.MessageType === 'EXTERNAL_MU') {
    throw awsFault('MessageTypeIncompatible', {
      messageType: input.MessageType,
      what: `key spec ${specOf(key.record.spec).name}`,
    });
  }
}

function digestLength({ key }: OneKey, input: SignInput, call: AwsCall): void {
  if (!isDigest(input)) return;
  const suite = suiteOf(call, key.record.spec, input.SigningAlgorithm);
  if (input.Message.length !== suite.digestBytes) {
    throw fault('DigestLengthInvalid', { algorithm: input.SigningAlgorithm });
  }
}
