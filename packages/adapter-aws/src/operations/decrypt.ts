import { decrypt as open } from '@keyglot/core';
import { type AwsOperation, keyArn } from '../call.js';
import type { DecryptRequest } from '../generated/inputs.js';
import { onKey } from '../resolve.js';
import {
  checkSource,
  permissionOnly,
  resolveSource,
  type Source,
  type SourceInput,
  SYMMETRIC,
  sourceMaterialId,
} from '../source.js';
import { sourceEnd } from '../transfer.js';
import { documentedOperation, requireNoRecipient } from './shared.js';

type Input = DecryptRequest;

export const decrypt: AwsOperation<Input, Source> = {
  name: 'Decrypt',
  evidence: documentedOperation('Decrypt'),
  crossAccount: true,
  resolve: (input, call) =>
    resolveSource(sourceOf(input), { keyId: 'KeyId', action: 'kms:Decrypt' }, call),
  actions: onKey,
  checks: [
    (source, input: Input, call) => checkSource(source, sourceOf(input), call),
    (_source, input: Input) => requireNoRecipient(input),
  ],
  handle(input, source, call) {
    const { algorithm, blob, permissionOnly: unopened } = sourceOf(input);
    if (unopened || blob === undefined) return undefined;
    const end = sourceEnd(call, source, algorithm, blob, input.EncryptionContext);
    const answer = (plaintext: Buffer): Record<string, unknown> => ({
      KeyId: keyArn(call, source.key.record),
      Plaintext: plaintext.toString('base64'),
      EncryptionAlgorithm: algorithm,
    });
    if (end.kind === 'symmetric') {
      const plaintext = open(end.key, end.layout, end.envelope, end.context);
      return { ...answer(plaintext), KeyMaterialId: sourceMaterialId(source) };
    }
    return end.suite.decrypt(end.key.primary().prepared(), end.ciphertext).then(answer);
  },
};

function sourceOf(input: Input): SourceInput {
  return {
    blob: input.CiphertextBlob,
    keyId: input.KeyId,
    algorithm: input.EncryptionAlgorithm ?? SYMMETRIC,
    permissionOnly: permissionOnly(input),
  };
}
