import { encrypt as seal } from '@keyglot/core';
import type { AlibabaOperation, OneKey } from '../call.js';
import { state, symmetric } from '../checks.js';
import { contextOf } from '../context.js';
import { ALIBABA_LAYOUT } from '../envelope.js';
import { alibabaFault } from '../faults.js';
import type { EncryptRequest } from '../generated/inputs.js';
import { ALIBABA_SIZES } from '../inspect.js';
import { onKey, resolveKey } from '../resolve.js';
import { rotated } from '../rotation.js';
import { USE } from '../states.js';
import { documentedOperation, primaryIds } from './shared.js';

type Input = EncryptRequest;

/**
 * Encrypt. The text of `Plaintext` is what is encrypted, never what it may be the base64 of: Decrypt
 * gives the same text back.
 *
 * @internal
 */
export const encrypt: AlibabaOperation<Input, OneKey> = {
  name: 'Encrypt',
  evidence: documentedOperation('Encrypt'),
  resolve: (input, call) => ({ key: rotated(call, resolveKey(call, input.KeyId, 'any')) }),
  actions: onKey,
  checks: [symmetric, state(USE), plaintextSize],
  handle(input, { key }, call) {
    const context = contextOf(input.EncryptionContext);
    const plaintext = Buffer.from(input.Plaintext, 'utf8');
    const blob = seal(call.vault, key, ALIBABA_LAYOUT, context, plaintext);
    return { ...primaryIds(key), CiphertextBlob: blob.toString('base64') };
  },
};

/** Counted in bytes of UTF-8; whether the service counts those or decoded ones is not known. */
function plaintextSize(_resolved: OneKey, { Plaintext }: Input): void {
  if (Buffer.byteLength(Plaintext, 'utf8') > ALIBABA_SIZES.maxPlaintextBytes) {
    throw alibabaFault('ParameterInvalid', { name: 'Plaintext' });
  }
}
