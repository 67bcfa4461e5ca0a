import { fault, encrypt as seal } from '@keyglot/core';
import { specOf } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { algorithm, state, usage } from '../checks.js';
import type { EncryptRequest } from '../generated/inputs.js';
import { layoutOf } from '../layouts.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { encryptionSuite } from '../transfer.js';
import { contextOf, documentedOperation, requireNoContext } from './shared.js';

type Input = EncryptRequest;

const DEFAULT = 'SYMMETRIC_DEFAULT';

export const encrypt: AwsOperation<Input, OneKey> = {
  name: 'Encrypt',
  evidence: documentedOperation('Encrypt'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks: [
    usage('ENCRYPT_DECRYPT'),
    state(USE),
    algorithm((input: Input) => input.EncryptionAlgorithm ?? DEFAULT),
    plaintextSize,
  ],
  handle(input, { key }, call) {
    const name = input.EncryptionAlgorithm ?? DEFAULT;
    const answer = (blob: Buffer): Record<string, unknown> => ({
      CiphertextBlob: blob.toString('base64'),
      KeyId: keyArn(call, key.record),
      EncryptionAlgorithm: name,
    });
    if (name === DEFAULT) {
      const context = contextOf(input.EncryptionContext);
      return answer(seal(call.vault, key, layoutOf(call.profile), context, input.Plaintext));
    }
    const suite = encryptionSuite(call, name, key.record);
    return suite.encrypt(key.primary().prepared(), input.Plaintext).then(answer);
  },
};

function plaintextSize({ key }: OneKey, input: Input, call: AwsCall): void {
  const name = input.EncryptionAlgorithm ?? DEFAULT;
  if (name === DEFAULT) return;
  requireNoContext(input.EncryptionContext);
  const { record } = key;
  const limitBytes = encryptionSuite(call, name, record).maxPlaintextBytes(record.spec);
  if (input.Plaintext.length > limitBytes) {
    throw fault('PlaintextTooLarge', { algorithm: name, spec: specOf(record).name, limitBytes });
  }
}
