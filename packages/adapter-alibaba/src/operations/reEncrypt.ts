import { fault, type LoadedKey, reEncrypt as transfer } from '@keyglot/core';
import type { AlibabaCall, AlibabaOperation, Output } from '../call.js';
import { contextOf } from '../context.js';
import { ALIBABA_LAYOUT } from '../envelope.js';
import { alibabaFault } from '../faults.js';
import type { ReEncryptRequest } from '../generated/inputs.js';
import { keyArn } from '../ids.js';
import { requireVersion, resolveKey } from '../resolve.js';
import { rotated } from '../rotation.js';
import { checkDestination, checkSource, type From, openedSource, resolveBlob } from '../source.js';
import { documentedOperation, primaryIds } from './shared.js';

type Input = ReEncryptRequest;

interface BothEnds {
  readonly source: LoadedKey;
  readonly destination: LoadedKey;
  readonly from: From;
}

/**
 * ReEncrypt. Any of the three parameters of an asymmetric source makes the source one. Both keys are
 * looked up before either is judged, the source first; all of this is inferred.
 *
 * @internal
 */
export const reEncrypt: AlibabaOperation<Input, BothEnds> = {
  name: 'ReEncrypt',
  evidence: documentedOperation('ReEncrypt'),
  resolve(input, call) {
    const from = sourceOf(input, call);
    const named = resolveKey(call, input.DestinationKeyId, 'key', 'DestinationKeyId');
    return { source: from.key, destination: rotated(call, named), from };
  },
  actions: (_input, { source, destination }) => [
    { name: 'kms:ReEncryptFrom', resource: keyArn(source.record) },
    { name: 'kms:ReEncryptTo', resource: keyArn(destination.record) },
  ],
  checks: [
    sharedGatewayOnly,
    ({ from }, input: Input) => checkSource(from, input.SourceEncryptionContext),
    ({ destination }) => checkDestination(destination),
  ],
  handle(input, { from, destination }, call) {
    const blob = transfer(
      call.vault,
      openedSource(call, from, input.CiphertextBlob, input.SourceEncryptionContext),
      {
        kind: 'symmetric',
        key: destination,
        layout: ALIBABA_LAYOUT,
        context: contextOf(input.DestinationEncryptionContext),
      },
      // A symmetric plaintext is a text; the bytes of an asymmetric one become their base64, which is
      // what AsymmetricDecrypt would show.
      from.kind === 'symmetric' ? undefined : toBase64,
    );
    const answer = (made: Buffer): Output => ({
      ...(call.settings.reEncryptIds === 'destination' ? primaryIds(destination) : idsOf(from)),
      CiphertextBlob: made.toString('base64'),
    });
    return blob instanceof Promise ? blob.then(answer) : answer(blob);
  },
};

function toBase64(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('base64'), 'latin1');
}

/** Every source says that the ids are those which opened the old ciphertext, against AWS's custom. */
function idsOf({ key, version }: From): Record<string, string> {
  return { KeyId: key.record.wireId, KeyVersionId: version.wireId };
}

function sourceOf(input: Input, call: AlibabaCall): From {
  const { SourceKeyId, SourceKeyVersionId, SourceEncryptionAlgorithm } = input;
  const named = [SourceKeyId, SourceKeyVersionId, SourceEncryptionAlgorithm];
  if (named.every((value) => value === undefined)) {
    return { kind: 'symmetric', ...resolveBlob(call, input.CiphertextBlob) };
  }
  if (SourceKeyId === undefined) throw missing('SourceKeyId');
  if (SourceKeyVersionId === undefined) throw missing('SourceKeyVersionId');
  if (SourceEncryptionAlgorithm === undefined) throw missing('SourceEncryptionAlgorithm');
  const found = resolveKey(call, SourceKeyId, 'key', 'SourceKeyId');
  const { key, version } = requireVersion(call, found, SourceKeyVersionId);
  return { kind: 'asymmetric', key, version, algorithm: SourceEncryptionAlgorithm };
}

function missing(name: string): Error {
  return alibabaFault('ParameterMissing', { name });
}

/** The page says that a KMS instance's own gateway does not have the operation. */
function sharedGatewayOnly(_ends: BothEnds, _input: Input, { caller }: AlibabaCall): void {
  if (caller.dedicated) throw fault('Unsupported', { what: 'ReEncrypt of an instance' });
}
