import { decrypt as open } from '@keyglot/core';
import type { NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { NCP_LAYOUT } from '../envelope.js';
import { oneKey, onKey } from '../resolve.js';
import { ENABLED } from '../states.js';
import {
  encryptionSuite,
  type NamedCiphertext,
  readCiphertexts,
  symmetricEnvelope,
} from './sealing.js';
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
    const { convergent, context: associated } = sealingWay(key, context, call);
    const suite = encryptionSuite(call, key);
    const one = (named: NamedCiphertext): string | Promise<string> => {
      if (suite === undefined) {
        const envelope = symmetricEnvelope(named);
        return open(key, NCP_LAYOUT, envelope, associated, { convergent }).toString('base64');
      }
      const opened = suite.decrypt(named.version.prepared(), named.payload);
      return opened.then((plaintext) => plaintext.toString('base64'));
    };
    const named = readCiphertexts(key, listOf(ciphertext));
    return afterwards(each(named, one), (texts) => {
      const plaintext = Array.isArray(ciphertext) ? texts : texts[0];
      return oneOrMany(call, 'plaintext', plaintext);
    });
  },
};
