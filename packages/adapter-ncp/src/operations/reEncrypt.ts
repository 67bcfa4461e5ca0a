import { type Destination, fault, type Source, reEncrypt as transfer } from '@keyglot/core';
import { keyTypeOf } from '../algorithms.js';
import type { NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { NCP_LAYOUT, textOf } from '../envelope.js';
import { currentVersion } from '../keyView.js';
import { oneKey, onKey } from '../resolve.js';
import { ENABLED } from '../states.js';
import type { OpenInput } from './decrypt.js';
import {
  encryptionSuite,
  type NamedCiphertext,
  readCiphertexts,
  symmetricEnvelope,
} from './sealing.js';
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
    const { convergent, context } = sealingWay(key, given, call);
    const suite = encryptionSuite(call, key);
    const layout = NCP_LAYOUT;
    const source = (named: NamedCiphertext): Source => {
      if (suite !== undefined) {
        const { version, payload } = named;
        return { kind: 'asymmetric', key, suite, version, ciphertext: payload };
      }
      const envelope = symmetricEnvelope(named);
      return { kind: 'symmetric', key, layout, envelope, context, convergent };
    };
    const destination: Destination =
      suite === undefined
        ? { kind: 'symmetric', key, layout, context, options: { convergent } }
        : {
            kind: 'asymmetric',
            key,
            suite,
            tooLarge(limitBytes) {
              const spec = keyTypeOf(key.record);
              throw fault('PlaintextTooLarge', { algorithm: suite.id, spec, limitBytes });
            },
          };
    const number = currentVersion(key.record);
    const named = readCiphertexts(key, listOf(ciphertext));
    const made = each(named, (item) =>
      afterwards(transfer(call.vault, source(item), destination), (payload) =>
        textOf(number, payload),
      ),
    );
    return afterwards(made, (texts) => {
      const newCiphertext = Array.isArray(ciphertext) ? texts : texts[0];
      return oneOrMany(call, 'newCiphertext', newCiphertext);
    });
  },
};
