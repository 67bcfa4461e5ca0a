import type { NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { invalid } from '../faults.js';
import { currentVersion } from '../keyView.js';
import { oneKey, onKey } from '../resolve.js';
import { ENABLED } from '../states.js';
import { seal } from './sealing.js';
import { afterwards, body, documentedOperation, sealingWay } from './shared.js';

interface Input {
  readonly requestPlainKey?: boolean;
  readonly bits?: number;
  readonly context?: Buffer;
}

const BITS: readonly number[] = [128, 256, 512];
const DEFAULT_BITS = 256;

/** Create Custom Key: random bytes, sealed under the newest version. @internal */
export const createCustomKey: NcpOperation<Input, OneKey> = {
  name: 'Create Custom Key',
  evidence: documentedOperation('Create Custom Key'),
  input: body('CreateCustomKey'),
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('encrypt')],
  handle(input, { key }, call) {
    const { bits = DEFAULT_BITS, requestPlainKey = false, context } = input;
    if (!BITS.includes(bits)) throw invalid('bits is 128, 256 or 512');
    const way = sealingWay(key, context, call);
    const plaintext = call.vault.entropy.bytes(bits / 8);
    return afterwards(seal(call, key, way, plaintext), (ciphertext) => ({
      ...(requestPlainKey ? { plaintext: plaintext.toString('base64') } : {}),
      ciphertext,
      // The one name of this API in this spelling.
      key_version: currentVersion(key.record),
    }));
  },
};
