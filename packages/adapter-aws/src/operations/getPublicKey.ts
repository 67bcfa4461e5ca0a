import { fault } from '@keyglot/core';
import { specOf, wireUsage } from '../algorithms.js';
import { type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state } from '../checks.js';
import type { GetPublicKeyRequest } from '../generated/inputs.js';
import { algorithmList } from '../metadata.js';
import { oneKey, onKey } from '../resolve.js';
import { READ_PUBLIC } from '../states.js';
import { documentedOperation } from './shared.js';

type Input = GetPublicKeyRequest;

/** State comes before spec here, and a disabled key answers: https://github.com/floci-io/floci/pull/3968 */
export const getPublicKey: AwsOperation<Input, OneKey> = {
  name: 'GetPublicKey',
  evidence: documentedOperation('GetPublicKey'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks: [state(READ_PUBLIC)],
  handle(_input, { key }, call) {
    const { record } = key;
    const spec = specOf(record).name;
    const { publicDer } = key.primary().prepared();
    if (publicDer === undefined) throw fault('Unsupported', { what: 'a symmetric public key' });
    return {
      KeyId: keyArn(call, record),
      PublicKey: publicDer.toString('base64'),
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: wireUsage(record.usages),
      ...algorithmList(record),
    };
  },
};
