import type { NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { oneKey, onKey } from '../resolve.js';
import { ENABLED } from '../states.js';
import { requireSizes, seal } from './sealing.js';
import { afterwards, documentedOperation, each, listOf, oneOrMany, sealingWay } from './shared.js';

interface Input {
  readonly plaintext: Buffer | readonly Buffer[];
  readonly context?: Buffer;
}

/** Encrypt, always under the newest version. @internal */
export const encrypt: NcpOperation<Input, OneKey> = {
  name: 'Encrypt',
  evidence: documentedOperation('Encrypt'),
  input: {
    from: 'body',
    shape: ({ plaintext }) => (Array.isArray(plaintext) ? 'EncryptList' : 'Encrypt'),
  },
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('encrypt')],
  handle({ plaintext, context }, { key }, call) {
    const way = sealingWay(key, context, call);
    requireSizes(
      key,
      listOf(plaintext).map(({ length }) => length),
    );
    const sealed = each(plaintext, (item) => seal(call, key, way, item));
    return afterwards(sealed, (ciphertext) => oneOrMany(call, 'ciphertext', ciphertext));
  },
};
