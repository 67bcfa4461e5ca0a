import type { OneKey, YandexOperation } from '../call.js';
import { oneKey, onKey } from '../resolve.js';
import { CRYPTO, contextOf, documented } from './shared.js';
import { opened, opening } from './source.js';

interface Input {
  readonly keyId: string;
  readonly aadContext?: Buffer;
  readonly ciphertext: Buffer;
}

/** Decrypt. @internal */
export const decrypt: YandexOperation<Input, OneKey> = {
  service: CRYPTO,
  name: 'Decrypt',
  evidence: documented('kms/api-ref/SymmetricCrypto/decrypt'),
  resolve: oneKey,
  actions: onKey('kms.keys.decrypt'),
  checks: [],
  handle(input, { key }, call) {
    const from = opening(key, input.ciphertext, contextOf(input.aadContext), call);
    return { keyId: key.record.wireId, versionId: from.versionId, plaintext: opened(from) };
  },
};
