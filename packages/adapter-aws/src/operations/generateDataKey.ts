import { generateDataKey as draw, fault, type KeyRecord } from '@keyglot/core';
import { wireUsage } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { awsFault } from '../faults.js';
import type { GenerateDataKeyRequest } from '../generated/inputs.js';
import { layoutOf } from '../layouts.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { contextOf, documentedOperation, requireNoRecipient } from './shared.js';

type Input = GenerateDataKeyRequest;

const SIZES: { readonly [spec: string]: number } = { AES_128: 16, AES_256: 32 };

/** GenerateDataKey. @internal */
export const generateDataKey: AwsOperation<Input, OneKey> = {
  name: 'GenerateDataKey',
  evidence: documentedOperation('GenerateDataKey'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks: [oneSize, usage('ENCRYPT_DECRYPT'), state(USE), requireSymmetric, noRecipient],
  handle(input, resolved, call) {
    const { plaintext, answer } = generate(input, resolved, call);
    return { ...answer, Plaintext: plaintext.toString('base64') };
  },
};

/** GenerateDataKeyWithoutPlaintext. @internal */
export const generateDataKeyWithoutPlaintext: AwsOperation<Input, OneKey> = {
  ...generateDataKey,
  name: 'GenerateDataKeyWithoutPlaintext',
  evidence: documentedOperation('GenerateDataKeyWithoutPlaintext'),
  checks: [oneSize, usage('ENCRYPT_DECRYPT'), state(USE), requireSymmetric],
  handle: (input, resolved, call) => generate(input, resolved, call).answer,
};

function generate(
  input: Input,
  { key }: OneKey,
  call: AwsCall,
): { readonly plaintext: Buffer; readonly answer: Record<string, unknown> } {
  const sizeBytes = input.NumberOfBytes ?? SIZES[input.KeySpec ?? ''];
  if (sizeBytes === undefined) throw fault('Internal', { what: 'a data key without a size' });
  const context = contextOf(input.EncryptionContext);
  const made = draw(call.vault, key, layoutOf(call.profile), context, sizeBytes);
  return {
    plaintext: made.plaintext,
    answer: {
      CiphertextBlob: made.blob.toString('base64'),
      KeyId: keyArn(call, key.record),
      KeyMaterialId: key.primary().version.wireId,
    },
  };
}

/** Before usage and state: https://github.com/floci-io/floci/pull/3968 */
function oneSize(_resolved: OneKey, input: Input): void {
  if ((input.NumberOfBytes === undefined) === (input.KeySpec === undefined)) {
    throw awsFault('Validation', { message: 'Please specify either number of bytes or key spec.' });
  }
}

function requireSymmetric({ key: { record } }: OneKey): void {
  if (isAsymmetricEncryption(record)) throw awsFault('DataKeyAsymmetric', {});
}

/** Whether a key is for encryption, and makes no data keys. @internal */
export function isAsymmetricEncryption({ spec, usages }: KeyRecord): boolean {
  return wireUsage(usages) === 'ENCRYPT_DECRYPT' && spec !== 'aes-256';
}

function noRecipient(_resolved: OneKey, input: Input): void {
  requireNoRecipient(input);
}
