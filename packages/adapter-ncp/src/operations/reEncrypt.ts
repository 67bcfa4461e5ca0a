import { reEncrypt as transfer } from '@keyglot/core';
import type { NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { textOf } from '../envelope.js';
import { currentVersion } from '../keyView.js';
import { oneKey, onKey } from '../resolve.js';
import { ENABLED } from '../states.js';
import type { OpenInput } from './decrypt.js';
import { destinationOf, openingOf, readCiphertexts } from './sealing.js';
import { afterwards, documentedOperation, each, listOf, oneOrMany, sealingWay } from './shared.js';

/**
 * Re-encrypt: opens with the version that the ciphertext names, seals with the newest version of the same
 * key, also when that is the same. One context serves both ends of all items.
 *
 * @internal
 */
export const reEncrypt: NcpOperation<OpenInput, OneKey> = {
  name: 'Re-encrypt',
  evidence: documentedOperation('Re-encrypt'),
  input: {
    from: 'body',
    shape: ({ ciphertext }) => (Array.isArray(ciphertext) ? 'OpenList' : 'Open'),
  },
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('encrypt')],
  handle({ ciphertext, context: given }, { key }, call) {
    const way = sealingWay(key, given, call);
    const destination = destinationOf(call, key, way);
    const number = currentVersion(key.record);
    const named = readCiphertexts(call, key, listOf(ciphertext));
    const made = each(named, (item) =>
      afterwards(transfer(call.vault, openingOf(call, key, way, item), destination), (payload) =>
        textOf(number, payload),
      ),
    );
    return afterwards(made, (texts) => {
      const newCiphertext = Array.isArray(ciphertext) ? texts : texts[0];
      return oneOrMany(call, 'newCiphertext', newCiphertext);
    });
  },
};
