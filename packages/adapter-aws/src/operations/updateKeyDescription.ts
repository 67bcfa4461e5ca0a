import type { AwsOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import type { UpdateKeyDescriptionRequest } from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { NAME } from '../states.js';
import { changeAttributes } from './change.js';
import { documentedOperation } from './shared.js';

type Input = UpdateKeyDescriptionRequest;

export const updateKeyDescription: AwsOperation<Input, OneKey> = {
  name: 'UpdateKeyDescription',
  evidence: documentedOperation('UpdateKeyDescription'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [state(NAME)],
  async handle({ Description }, resolved, call) {
    await changeAttributes(call, resolved, NAME, () => ({ description: Description }));
    return undefined;
  },
};
