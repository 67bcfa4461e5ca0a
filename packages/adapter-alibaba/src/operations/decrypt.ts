import { fault, type KeyVersion, type LoadedKey, decrypt as open } from '@keyglot/core';
import type { AlibabaOperation } from '../call.js';
import { state, symmetric } from '../checks.js';
import { contextOf } from '../context.js';
import { ALIBABA_LAYOUT } from '../envelope.js';
import type { DecryptRequest } from '../generated/inputs.js';
import { onKey } from '../resolve.js';
import { resolveBlob, type SymmetricBlob } from '../source.js';
import { USE } from '../states.js';
import { documentedOperation } from './shared.js';

type Input = DecryptRequest;

interface Resolved extends SymmetricBlob {
  readonly key: LoadedKey;
  readonly version: KeyVersion;
}

/** Decrypt. The ciphertext itself names the key version. @internal */
export const decrypt: AlibabaOperation<Input, Resolved> = {
  name: 'Decrypt',
  evidence: documentedOperation('Decrypt'),
  resolve: (input, call) => resolveBlob(call, input.CiphertextBlob),
  actions: onKey,
  checks: [noRecipient, symmetric, state(USE)],
  handle(input, { key, version, envelope }) {
    const context = contextOf(input.EncryptionContext);
    const plaintext = open(key, ALIBABA_LAYOUT, envelope, context);
    return {
      KeyId: key.record.wireId,
      KeyVersionId: version.wireId,
      Plaintext: plaintext.toString('utf8'),
    };
  },
};

function noRecipient(_resolved: object, input: Input): void {
  if (input.Recipient !== undefined) throw fault('Unsupported', { what: 'Recipient' });
}
