import { fault, encrypt as seal } from '@keyglot/core';
import type { AlibabaCall, AlibabaOperation, OneKey, Output } from '../call.js';
import { state, symmetric } from '../checks.js';
import { contextOf } from '../context.js';
import { ALIBABA_LAYOUT } from '../envelope.js';
import type {
  GenerateDataKeyRequest,
  GenerateDataKeyWithoutPlaintextRequest,
} from '../generated/inputs.js';
import { onKey, resolveKey } from '../resolve.js';
import { rotated } from '../rotation.js';
import { USE } from '../states.js';
import { documentedOperation, primaryIds } from './shared.js';

type Input = GenerateDataKeyWithoutPlaintextRequest;

const checks = [symmetric, state(USE)];
const USUAL_BYTES = 32;

/** GenerateDataKey. @internal */
export const generateDataKey: AlibabaOperation<GenerateDataKeyRequest, OneKey> = {
  name: 'GenerateDataKey',
  evidence: documentedOperation('GenerateDataKey'),
  resolve,
  actions: onKey,
  checks: [noRecipient, ...checks],
  handle: (input, resolved, call) => generate(input, resolved, call, true),
};

/** GenerateDataKeyWithoutPlaintext. @internal */
export const generateDataKeyWithoutPlaintext: AlibabaOperation<Input, OneKey> = {
  name: 'GenerateDataKeyWithoutPlaintext',
  evidence: documentedOperation('GenerateDataKeyWithoutPlaintext'),
  resolve,
  actions: onKey,
  checks,
  handle: (input, resolved, call) => generate(input, resolved, call, false),
};

function resolve(input: Input, call: AlibabaCall): OneKey {
  return { key: rotated(call, resolveKey(call, input.KeyId, 'any')) };
}

/** The base64 of the data key is encrypted, not its bytes: Decrypt gives that text back. */
function generate(input: Input, { key }: OneKey, call: AlibabaCall, shown: boolean): Output {
  const bytes = call.vault.entropy.bytes(sizeOf(input));
  const text = bytes.toString('base64');
  bytes.fill(0);
  const context = contextOf(input.EncryptionContext);
  const blob = seal(call.vault, key, ALIBABA_LAYOUT, context, Buffer.from(text, 'latin1'));
  return {
    ...primaryIds(key),
    CiphertextBlob: blob.toString('base64'),
    ...(shown ? { Plaintext: text } : {}),
  };
}

/** `NumberOfBytes` wins over `KeySpec`. */
function sizeOf({ KeySpec, NumberOfBytes }: Input): number {
  if (NumberOfBytes !== undefined) return NumberOfBytes;
  return KeySpec === 'AES_128' ? 16 : USUAL_BYTES;
}

function noRecipient(_resolved: OneKey, input: GenerateDataKeyRequest): void {
  if (input.Recipient !== undefined) throw fault('Unsupported', { what: 'Recipient' });
}
