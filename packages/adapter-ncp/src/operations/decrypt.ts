import { decrypt as open } from '@keyglot/core';
import type { NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { oneKey, onKey } from '../resolve.js';
import { ENABLED } from '../states.js';
import { type NamedCiphertext, openingOf, readCiphertexts } from './sealing.js';
import { afterwards, documentedOperation, each, listOf, oneOrMany, sealingWay } from './shared.js';

/** Input of Decrypt and Re-encrypt. @internal */
export interface OpenInput {
  readonly ciphertext: string | readonly string[];
  readonly context?: Buffer;
}

/** Decrypt, with the version that the ciphertext names. @internal */
export const decrypt: NcpOperation<OpenInput, OneKey> = {
  name: 'Decrypt',
  evidence: documentedOperation('Decrypt'),
  input: {
    from: 'body',
    shape: ({ ciphertext }) => (Array.isArray(ciphertext) ? 'OpenList' : 'Open'),
  },
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('encrypt')],
  handle({ ciphertext, context }, { key }, call) {
    const way = sealingWay(key, context, call);
    const one = (named: NamedCiphertext): string | Promise<string> => {
      const source = openingOf(call, key, way, named);
      if (source.kind === 'symmetric') {
        const { layout, envelope, convergent = false } = source;
        return open(source.key, layout, envelope, source.context, { convergent }).toString(
          'base64',
        );
      }
      const plaintext = source.suite.decrypt(named.version.prepared(), source.ciphertext);
      return plaintext.then((bytes) => bytes.toString('base64'));
    };
    const named = readCiphertexts(call, key, listOf(ciphertext));
    return afterwards(each(named, one), (texts) => {
      const plaintext = Array.isArray(ciphertext) ? texts : texts[0];
      return oneOrMany(call, 'plaintext', plaintext);
    });
  },
};
