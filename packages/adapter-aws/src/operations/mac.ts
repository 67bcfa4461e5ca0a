import { timingSafeEqual } from 'node:crypto';
import { fault } from '@keyglot/core';
import { suiteId } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { algorithm, state, usage } from '../checks.js';
import type { GenerateMacRequest, VerifyMacRequest } from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { documentedOperation } from './shared.js';

type MacInput = GenerateMacRequest;

type VerifyMacInput = VerifyMacRequest;

const checks = [
  usage('GENERATE_VERIFY_MAC'),
  state(USE),
  algorithm((input: MacInput) => input.MacAlgorithm),
];

/** GenerateMac. @internal */
export const generateMac: AwsOperation<MacInput, OneKey> = {
  name: 'GenerateMac',
  evidence: documentedOperation('GenerateMac'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks,
  handle(input, resolved, call) {
    return {
      Mac: macOf(input, resolved, call).toString('base64'),
      MacAlgorithm: input.MacAlgorithm,
      KeyId: keyArn(call, resolved.key.record),
    };
  },
};

/** VerifyMac. A MAC that does not fit is an error, never `MacValid: false`. @internal */
export const verifyMac: AwsOperation<VerifyMacInput, OneKey> = {
  name: 'VerifyMac',
  evidence: documentedOperation('VerifyMac'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks,
  handle(input, resolved, call) {
    const expected = macOf(input, resolved, call);
    const same = expected.length === input.Mac.length && timingSafeEqual(expected, input.Mac);
    if (!same) throw fault('MacInvalid', {});
    return {
      KeyId: keyArn(call, resolved.key.record),
      MacValid: true,
      MacAlgorithm: input.MacAlgorithm,
    };
  },
};

function macOf(input: MacInput, { key }: OneKey, call: AwsCall): Buffer {
  const suite = call.vault.suites.macSuite(suiteId(input.MacAlgorithm, key.record));
  return suite.mac(key.primary().prepared(), input.Message);
}
