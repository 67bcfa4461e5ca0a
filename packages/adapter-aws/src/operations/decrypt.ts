import { fault, decrypt as open } from '@keyglot/core';
import { type AwsOperation, keyArn } from '../call.js';
import type { DecryptRequest } from '../generated/inputs.js';
import { layoutOf } from '../layouts.js';
import { onKey } from '../resolve.js';
import {
  checkSource,
  permissionOnly,
  resolveSource,
  type Source,
  type SourceInput,
  SYMMETRIC,
} from '../source.js';
import { encryptionSuite } from '../transfer.js';
import { contextOf, documentedOperation, requireNoContext, requireNoRecipient } from './shared.js';

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
  handle(input, { key, envelope }, call) {
    const { algorithm, blob, permissionOnly: unopened } = sourceOf(input);
    if (unopened || blob === undefined) return undefined;
    if (algorithm === SYMMETRIC) {
      if (envelope === undefined) throw fault('CiphertextInvalid', {});
      const context = contextOf(input.EncryptionContext);
      const plaintext = open(key, layoutOf(call.profile), envelope, context);
      return {
        KeyId: keyArn(call, key.record),
        Plaintext: plaintext.toString('base64'),
        EncryptionAlgorithm: algorithm,
        KeyMaterialId: envelope.versionWireId,
      };
    }
    requireNoContext(input.EncryptionContext);
    return encryptionSuite(call, algorithm, key.record.spec)
      .decrypt(key.primary().prepared(), blob)
      .then((plaintext) => ({
        KeyId: keyArn(call, key.record),
        Plaintext: plaintext.toString('base64'),
        EncryptionAlgorithm: algorithm,
      }));
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
