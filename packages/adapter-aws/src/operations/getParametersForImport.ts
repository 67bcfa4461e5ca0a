import { createWrappingKey } from '@keyglot/core';
import { type AwsOperation, keyArn, type OneKey } from '../call.js';
import { external, state } from '../checks.js';
import type { GetParametersForImportRequest } from '../generated/inputs.js';
import { seconds } from '../metadata.js';
import { oneKey, onKey } from '../resolve.js';
import { GET_IMPORT_PARAMETERS } from '../states.js';
import { requireWrapping, writeToken } from '../wrapping.js';
import { DAY_MS, documentedOperation } from './shared.js';

type Input = GetParametersForImportRequest;

/** GetParametersForImport: a new pair and a new token each time, good for 24 hours. */
export const getParametersForImport: AwsOperation<Input, OneKey> = {
  name: 'GetParametersForImport',
  evidence: documentedOperation('GetParametersForImport'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    external,
    state(GET_IMPORT_PARAMETERS),
    ({ key }, input: Input, call) => {
      requireWrapping(call, key.record, input.WrappingAlgorithm, input.WrappingKeySpec);
    },
  ],
  async handle(input, { key }, call) {
    const { record } = key;
    const wrapping = requireWrapping(call, record, input.WrappingAlgorithm, input.WrappingKeySpec);
    const { publicDer, secret } = await createWrappingKey(call.vault, wrapping.spec);
    const validToMs = call.nowMs + DAY_MS;
    const token = writeToken(call, { ...wrapping, keyId: record.id, validToMs, secret });
    return {
      KeyId: keyArn(call, record),
      ImportToken: token.toString('base64'),
      PublicKey: publicDer.toString('base64'),
      ParametersValidTo: seconds(new Date(validToMs)),
    };
  },
};
