import { fault, type LoadedKey, reEncrypt as transfer } from '@keyglot/core';
import { specOf } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn } from '../call.js';
import type { ReEncryptRequest } from '../generated/inputs.js';
import { resolveKey } from '../resolve.js';
import {
  checkSource,
  permissionOnly,
  resolveSource,
  type Source,
  type SourceInput,
  SYMMETRIC,
  sourceMaterialId,
} from '../source.js';
import { checkDestinationKey, destinationEnd, sourceEnd } from '../transfer.js';
import { documentedOperation } from './shared.js';

type Input = ReEncryptRequest;

interface BothEnds {
  readonly source: LoadedKey;
  readonly destination: LoadedKey;
  readonly from: Source;
}

/** Both keys are looked up before either is judged; the source is judged first (inferred). */
export const reEncrypt: AwsOperation<Input, BothEnds> = {
  name: 'ReEncrypt',
  evidence: documentedOperation('ReEncrypt'),
  crossAccount: true,
  resolve(input, call) {
    const from = resolveSource(
      sourceOf(input),
      { keyId: 'SourceKeyId', action: 'kms:ReEncryptFrom' },
      call,
    );
    const destination = resolveKey(call, input.DestinationKeyId, 'any', 'kms:ReEncryptTo');
    return { source: from.key, destination, from };
  },
  actions: (_input, { source, destination }, call) => [
    { name: 'kms:ReEncryptFrom', resource: keyArn(call, source.record) },
    { name: 'kms:ReEncryptTo', resource: keyArn(call, destination.record) },
  ],
  checks: [
    symmetricOnly,
    ({ from }, input: Input, call) => checkSource(from, sourceOf(input), call),
    ({ destination }, input: Input, call) =>
      checkDestinationKey(
        call,
        destination,
        input.DestinationEncryptionAlgorithm ?? SYMMETRIC,
        input.DestinationEncryptionContext,
      ),
  ],
  handle(input, ends, call) {
    if (permissionOnly(input)) return undefined;
    const from = input.SourceEncryptionAlgorithm ?? SYMMETRIC;
    const to = input.DestinationEncryptionAlgorithm ?? SYMMETRIC;
    const blob = transfer(
      call.vault,
      sourceEnd(call, ends.from, from, input.CiphertextBlob, input.SourceEncryptionContext),
      destinationEnd(call, ends.destination, to, input.DestinationEncryptionContext),
    );
    const answer = (made: Buffer): Record<string, unknown> => ({
      CiphertextBlob: made.toString('base64'),
      SourceKeyId: keyArn(call, ends.source.record),
      KeyId: keyArn(call, ends.destination.record),
      SourceEncryptionAlgorithm: from,
      DestinationEncryptionAlgorithm: to,
      ...materialId('SourceKeyMaterialId', sourceMaterialId(ends.from)),
      ...materialId('DestinationKeyMaterialId', currentMaterial(ends.destination)),
    });
    return blob instanceof Promise ? blob.then(answer) : answer(blob);
  },
};

function sourceOf(input: Input): SourceInput {
  return {
    blob: input.CiphertextBlob,
    keyId: input.SourceKeyId,
    algorithm: input.SourceEncryptionAlgorithm ?? SYMMETRIC,
    permissionOnly: permissionOnly(input),
  };
}

/** QKMS re-encrypts between symmetric keys only. */
function symmetricOnly({ source, destination }: BothEnds, _input: Input, call: AwsCall): void {
  if (call.profile.reEncryptsAsymmetric) return;
  for (const { record } of [source, destination]) {
    if (record.spec !== 'aes-256') {
      throw fault('AlgorithmIncompatible', {
        algorithm: SYMMETRIC,
        spec: specOf(record).name,
      });
    }
  }
}

function currentMaterial(key: LoadedKey): string | undefined {
  return key.record.spec === 'aes-256' ? key.primary().version.wireId : undefined;
}

/** Each material id is present exactly when its key is a symmetric encryption key. */
function materialId(member: string, id: string | undefined): Record<string, string> {
  return id === undefined ? {} : { [member]: id };
}
