import type { AwsOperation } from '../call.js';
import { awsFault } from '../faults.js';
import type { GenerateRandomRequest } from '../generated/inputs.js';
import { noKey, onNothing } from '../resolve.js';
import { documentedOperation, requireNoRecipient } from './shared.js';

type Input = GenerateRandomRequest;

export const generateRandom: AwsOperation<Input, Record<never, never>> = {
  name: 'GenerateRandom',
  evidence: documentedOperation('GenerateRandom'),
  crossAccount: false,
  resolve: noKey,
  actions: onNothing,
  checks: [],
  handle(input, _resolved, call) {
    if (input.NumberOfBytes === undefined) {
      throw awsFault('Validation', { message: 'NumberOfBytes is required.' });
    }
    if (input.CustomKeyStoreId !== undefined) {
      throw awsFault('CustomKeyStoreNotFound', { id: input.CustomKeyStoreId });
    }
    requireNoRecipient(input);
    return { Plaintext: call.vault.entropy.bytes(input.NumberOfBytes).toString('base64') };
  },
};
