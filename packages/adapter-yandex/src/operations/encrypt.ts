import { encrypt as seal } from '@keyglot/core';
import type { OneKey, YandexOperation } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { onKey } from '../resolve.js';
import {
  CRYPTO,
  contextOf,
  documented,
  oneTarget,
  type TargetInput,
  targetVersion,
  usableTarget,
} from './shared.js';

interface Input extends TargetInput {
  readonly keyId: string;
  readonly aadContext?: Buffer;
  readonly plaintext: Buffer;
}

/** Encrypt. @internal */
export const encrypt: YandexOperation<Input, OneKey> = {
  service: CRYPTO,
  name: 'Encrypt',
  evidence: documented('kms/api-ref/SymmetricCrypto/encrypt'),
  resolve: oneTarget,
  actions: onKey('kms.keys.encrypt'),
  checks: [usableTarget],
  handle(input, { key }, call) {
    const version = targetVersion(key, input);
    const context = contextOf(input.aadContext);
    return {
      keyId: key.record.wireId,
      versionId: version.version.wireId,
      ciphertext: seal(call.vault, key, YANDEX_LAYOUT, context, input.plaintext, { version }),
    };
  },
};
