import {
  type AsymmetricEncryptionSuite,
  fault,
  type KeyVersion,
  type LoadedKey,
  type Source as OpenedSource,
  reEncrypt as transfer,
} from '@keyglot/core';
import { decodeBase64Strict } from '@keyglot/dialect';
import type { AlibabaCall, AlibabaOperation, Output } from '../call.js';
import { requireAlgorithm, requireAsymmetric, requireSymmetric } from '../checks.js';
import { contextOf } from '../context.js';
import { ALIBABA_LAYOUT } from '../envelope.js';
import { alibabaFault } from '../faults.js';
import type { ReEncryptRequest } from '../generated/inputs.js';
import { keyArn } from '../ids.js';
import { requireVersion, resolveKey } from '../resolve.js';
import { rotated } from '../rotation.js';
import { resolveBlob, type SymmetricBlob } from '../source.js';
import { requireState, USE } from '../states.js';
import { documentedOperation, primaryIds } from './shared.js';

type Input = ReEncryptRequest;

/** The source as its parameters tell. */
type From =
  | ({ readonly kind: 'symmetric' } & SymmetricBlob)
  | {
      readonly kind: 'asymmetric';
      readonly key: LoadedKey;
      readonly version: KeyVersion;
      readonly algorithm: string;
    };

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
  checks: [sharedGatewayOnly, checkSource, checkDestination],
  handle(input, ends, call) {
    const { from, destination } = ends;
    const blob = transfer(
      call.vault,
      opened(input, from, call),
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
  const key = resolveKey(call, SourceKeyId, 'key', 'SourceKeyId');
  const version = requireVersion(key, SourceKeyVersionId);
  return { kind: 'asymmetric', key, version, algorithm: SourceEncryptionAlgorithm };
}

function missing(name: string): Error {
  return alibabaFault('ParameterMissing', { name });
}

/** The page says that a KMS instance's own gateway does not have the operation. */
function sharedGatewayOnly(_ends: BothEnds, _input: Input, { caller }: AlibabaCall): void {
  if (caller.dedicated) throw fault('Unsupported', { what: 'ReEncrypt of an instance' });
}

function checkSource({ source, from }: BothEnds, input: Input): void {
  if (from.kind === 'symmetric') {
    requireSymmetric(source.record);
    requireState(source.record, USE);
    return;
  }
  requireAsymmetric(source.record, 'ENCRYPT/DECRYPT');
  requireState(source.record, USE);
  requireAlgorithm(source.record, from.algorithm);
  // Public-key ciphertexts have no context; nothing tells what the service does with one here.
  if (input.SourceEncryptionContext !== undefined) {
    throw alibabaFault('ParameterInvalid', { name: 'SourceEncryptionContext' });
  }
}

function checkDestination({ destination }: BothEnds): void {
  requireSymmetric(destination.record);
  requireState(destination.record, USE);
}

function opened(input: Input, from: From, call: AlibabaCall): OpenedSource {
  if (from.kind === 'symmetric') {
    const { key, envelope } = from;
    const context = contextOf(input.SourceEncryptionContext);
    return { kind: 'symmetric', key, layout: ALIBABA_LAYOUT, envelope, context };
  }
  const ciphertext = decodeBase64Strict(input.CiphertextBlob);
  const version = from.key.byWireId(from.version.wireId);
  if (ciphertext === undefined || version === undefined) throw fault('CiphertextInvalid', {});
  const suite: AsymmetricEncryptionSuite = call.vault.suites.encryptionSuite(
    requireAlgorithm(from.key.record, from.algorithm),
  );
  return { kind: 'asymmetric', key: from.key, suite, version, ciphertext };
}
