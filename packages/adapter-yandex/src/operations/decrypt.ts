import { decrypt as open } from '@keyglot/core';
import type { OneKey, YandexOperation } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { oneKey, onKey } from '../resolve.js';
import { CRYPTO, contextOf, documented } from './shared.js';
import { openable } from './source.js';

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
    const envelope = openable(key, input.ciphertext, call);
    return {
      keyId: key.record.wireId,
      versionId: envelope.versionWireId,
      plaintext: open(key, YANDEX_LAYOUT, envelope, contextOf(input.aadContext)),
    };
  },
};
