import {
  type Destination,
  fault,
  type LoadedKey,
  type Source as OpenedSource,
  reEncrypt as transfer,
} from '@keyglot/core';
import { specOf } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn } from '../call.js';
import { requireAlgorithm, requireUsage } from '../checks.js';
import type { ReEncryptRequest } from '../generated/inputs.js';
import { layoutOf } from '../layouts.js';
import { resolveKey } from '../resolve.js';
import {
  checkSource,
  permissionOnly,
  resolveSource,
  type Source,
  type SourceInput,
  SYMMETRIC,
} from '../source.js';
import { requireState, USE } from '../states.js';
import { encryptionSuite } from './encrypt.js';
import { contextOf, documentedOperation, requireNoContext } from './shared.js';

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
    const from = resolveSource(sourceOf(input), { keyId: 'SourceKeyId' }, call);
    const destination = resolveKey(call, input.DestinationKeyId, 'any');
    return { source: from.key, destination, from };
  },
  actions: (_input, { source, destination }, call) => [
    { name: 'kms:ReEncryptFrom', resource: keyArn(call, source.record) },
    { name: 'kms:ReEncryptTo', resource: keyArn(call, destination.record) },
  ],
  checks: [
    symmetricOnly,
    ({ from }, input: Input, call) => checkSource(from, sourceOf(input), call),
    checkDestination,
  ],
  handle(input, ends, call) {
    if (permissionOnly(input)) return undefined;
    const blob = transfer(call.vault, opened(input, ends, call), target(input, ends, call));
    const answer = (made: Buffer): Record<string, unknown> => ({
      CiphertextBlob: made.toString('base64'),
      SourceKeyId: keyArn(call, ends.source.record),
      KeyId: keyArn(call, ends.destination.record),
      SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm ?? SYMMETRIC,
      DestinationEncryptionAlgorithm: input.DestinationEncryptionAlgorithm ?? SYMMETRIC,
      ...materialId('SourceKeyMaterialId', ends.from.envelope?.versionWireId),
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
        spec: specOf(record.spec).name,
      });
    }
  }
}

function checkDestination({ destination }: BothEnds, input: Input, call: AwsCall): void {
  const { record } = destination;
  requireUsage(record, 'ENCRYPT_DECRYPT', call);
  requireState(record, USE, keyArn(call, record));
  requireAlgorithm(record, input.DestinationEncryptionAlgorithm ?? SYMMETRIC);
  if (record.spec !== 'aes-256') requireNoContext(input.DestinationEncryptionContext);
}

function opened(input: Input, { from, source }: BothEnds, call: AwsCall): OpenedSource {
  const name = input.SourceEncryptionAlgorithm ?? SYMMETRIC;
  if (name === SYMMETRIC) {
    if (from.envelope === undefined) throw fault('CiphertextInvalid', {});
    const context = contextOf(input.SourceEncryptionContext);
    const layout = layoutOf(call.profile);
    return { kind: 'symmetric', key: source, layout, envelope: from.envelope, context };
  }
  requireNoContext(input.SourceEncryptionContext);
  if (input.CiphertextBlob === undefined) throw fault('CiphertextInvalid', {});
  const suite = encryptionSuite(call, name, source.record.spec);
  return { kind: 'asymmetric', key: source, suite, ciphertext: input.CiphertextBlob };
}

function target(input: Input, { destination }: BothEnds, call: AwsCall): Destination {
  const name = input.DestinationEncryptionAlgorithm ?? SYMMETRIC;
  if (name === SYMMETRIC) {
    const context = contextOf(input.DestinationEncryptionContext);
    return { kind: 'symmetric', key: destination, layout: layoutOf(call.profile), context };
  }
  const { spec } = destination.record;
  return {
    kind: 'asymmetric',
    key: destination,
    suite: encryptionSuite(call, name, spec),
    tooLarge(limitBytes) {
      throw fault('PlaintextTooLarge', { algorithm: name, spec: specOf(spec).name, limitBytes });
    },
  };
}

function currentMaterial(key: LoadedKey): string | undefined {
  return key.record.spec === 'aes-256' ? key.primary().version.wireId : undefined;
}

/** Each material id is present exactly when its key is a symmetric encryption key. */
function materialId(member: string, id: string | undefined): Record<string, string> {
  return id === undefined ? {} : { [member]: id };
}
