import { fault, KmsFault, type LoadedKey, reEncrypt as transfer } from '@keyglot/core';
import type { YandexOperation } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { findKey } from '../resolve.js';
import {
  CRYPTO,
  contextOf,
  documented,
  findTarget,
  type TargetInput,
  targetVersion,
  usableTarget,
} from './shared.js';
import { opened, opening } from './source.js';

interface Input extends TargetInput {
  readonly keyId: string;
  readonly aadContext?: Buffer;
  readonly sourceKeyId: string;
  readonly sourceAadContext?: Buffer;
  readonly ciphertext: Buffer;
}

interface BothEnds {
  /** The target. */
  readonly key: LoadedKey;
  readonly source: LoadedKey;
}

/**
 * ReEncrypt. Both keys are looked up, the target first; then the source is judged and opened, then the
 * target judged: an order of ours, none is published. The context of the source is not carried over.
 *
 * @internal
 */
export const reEncrypt: YandexOperation<Input, BothEnds> = {
  service: CRYPTO,
  name: 'ReEncrypt',
  evidence: documented('kms/api-ref/SymmetricCrypto/reEncrypt'),
  resolve: (input, call) => ({
    key: findTarget(input, call),
    source: findKey(call, input.sourceKeyId),
  }),
  actions: (_input, { key, source }) => [
    { name: 'kms.keys.encrypt', resource: key.record.wireId },
    { name: 'kms.keys.decrypt', resource: source.record.wireId },
  ],
  checks: [],
  handle(input, { key, source }, call) {
    const from = opening(source, input.ciphertext, contextOf(input.sourceAadContext), call);
    const refusal = refusalOf(() => usableTarget({ key }, input, call));
    if (refusal !== undefined) {
      // A ciphertext that does not open is the earlier refusal.
      opened(from).fill(0);
      throw refusal;
    }
    const version = targetVersion(key, input);
    const blob = transfer(call.vault, from.source, {
      kind: 'symmetric',
      key,
      layout: YANDEX_LAYOUT,
      context: contextOf(input.aadContext),
      options: { version },
    });
    if (blob instanceof Promise) {
      throw fault('Internal', { what: 'a symmetric transfer that waits' });
    }
    return {
      keyId: key.record.wireId,
      versionId: version.version.wireId,
      sourceKeyId: source.record.wireId,
      sourceVersionId: from.versionId,
      ciphertext: blob,
    };
  },
};

function refusalOf(check: () => void): KmsFault | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof KmsFault) return error;
    throw error;
  }
}
