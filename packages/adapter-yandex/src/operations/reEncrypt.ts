import {
  decrypt,
  type Envelope,
  fault,
  KmsFault,
  type LoadedKey,
  reEncrypt as transfer,
} from '@keyglot/core';
import type { YandexCall, YandexOperation } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { findKey } from '../resolve.js';
import {
  CRYPTO,
  contextOf,
  documented,
  type TargetInput,
  targetVersion,
  usableTarget,
} from './shared.js';
import { openable } from './source.js';

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
    key: findKey(call, input.keyId),
    source: findKey(call, input.sourceKeyId),
  }),
  actions: (_input, { key, source }) => [
    { name: 'kms.keys.encrypt', resource: key.record.wireId },
    { name: 'kms.keys.decrypt', resource: source.record.wireId },
  ],
  checks: [],
  handle(input, { key, source }, call) {
    const envelope = openable(source, input.ciphertext, call);
    const refusal = refusalOf(() => usableTarget({ key }, input, call));
    if (refusal !== undefined) {
      // A ciphertext that does not open is the earlier refusal.
      decrypt(source, YANDEX_LAYOUT, envelope, contextOf(input.sourceAadContext)).fill(0);
      throw refusal;
    }
    const version = targetVersion(key, input);
    return {
      keyId: key.record.wireId,
      versionId: version.version.wireId,
      sourceKeyId: source.record.wireId,
      sourceVersionId: envelope.versionWireId,
      ciphertext: sealed(input, { key, source }, envelope, call),
    };
  },
};

function sealed(
  input: Input,
  { key, source }: BothEnds,
  envelope: Envelope,
  { vault }: YandexCall,
): Buffer {
  const blob = transfer(
    vault,
    {
      kind: 'symmetric',
      key: source,
      layout: YANDEX_LAYOUT,
      envelope,
      context: contextOf(input.sourceAadContext),
    },
    {
      kind: 'symmetric',
      key,
      layout: YANDEX_LAYOUT,
      context: contextOf(input.aadContext),
      options: { version: targetVersion(key, input) },
    },
  );
  if (blob instanceof Promise) throw fault('Internal', { what: 'a symmetric transfer that waits' });
  return blob;
}

function refusalOf(check: () => void): KmsFault | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof KmsFault) return error;
    throw error;
  }
}
