import { fault, createKey as make } from '@keyglot/core';
import { coreUsage, type SpecRow, specByName, type WireUsage } from '../algorithms.js';
import type { AlibabaOperation } from '../call.js';
import { alibabaFault } from '../faults.js';
import type { CreateKeyRequest } from '../generated/inputs.js';
import { keyMetadata } from '../metadata.js';
import { noKey, onContainer } from '../resolve.js';
import { readInterval } from '../rotation.js';
import { documentedOperation } from './shared.js';
import { readTags } from './tags.js';

type Input = CreateKeyRequest;

/** CreateKey. @internal */
export const createKey: AlibabaOperation<Input, Record<never, never>> = {
  name: 'CreateKey',
  evidence: documentedOperation('CreateKey'),
  resolve: noKey,
  actions: onContainer('key'),
  checks: [refuseWhatIsMissing],
  async handle(input, _resolved, call) {
    const row = specOf(input);
    const usage = usageOf(input, row);
    const { vault, scope, realm } = call;
    const key = await make(
      vault,
      {
        sandbox: scope.sandbox,
        realm,
        wireId: vault.entropy.uuid(),
        spec: row.spec,
        usages: [coreUsage(usage)],
        attributes: {
          keySpec: row.name,
          description: input.Description ?? '',
          protectionLevel: protectionOf(input, row),
          rotationSeconds: rotationOf(input, row),
          tags: readTags(input.Tags),
        },
        versionWireId: () => vault.entropy.uuid(),
      },
      call.nowMs,
    );
    return { KeyMetadata: keyMetadata(key.record) };
  },
};

/** Instances, imported material and policies; a policy needs an instance. */
function refuseWhatIsMissing(_resolved: object, input: Input): void {
  if (input.DKMSInstanceId !== undefined) {
    throw alibabaFault('InstanceNotFound', { id: input.DKMSInstanceId });
  }
  if (input.KeyStorageMechanism !== undefined) {
    throw alibabaFault('ParameterInvalid', { name: 'KeyStorageMechanism' });
  }
  if (input.Policy !== undefined) throw alibabaFault('KeyPolicyUnsupported', {});
  if (input.Origin === 'EXTERNAL') throw fault('Unsupported', { what: 'imported material' });
}

function specOf(input: Input): SpecRow {
  const row = specByName(input.KeySpec ?? 'Aliyun_AES_256');
  if (row === undefined) throw fault('Unsupported', { what: 'this KeySpec' });
  if (row.hardwareOnly && input.ProtectionLevel === 'SOFTWARE') {
    throw fault('Unsupported', { what: 'this KeySpec in software' });
  }
  return row;
}

function usageOf(input: Input, row: SpecRow): WireUsage {
  const usage = input.KeyUsage ?? [...row.usages.keys()][0] ?? 'ENCRYPT/DECRYPT';
  if (!row.usages.has(usage)) throw alibabaFault('ParameterInvalid', { name: 'KeyUsage' });
  return usage;
}

/** Without a wish: what the spec needs, else software, as in a region without managed HSMs. */
function protectionOf(input: Input, row: SpecRow): 'SOFTWARE' | 'HSM' {
  return input.ProtectionLevel ?? (row.hardwareOnly ? 'HSM' : 'SOFTWARE');
}

/** Seconds between automatic rotations, or 0. */
function rotationOf(input: Input, row: SpecRow): number {
  const { EnableAutomaticRotation: enabled = false, RotationInterval: interval } = input;
  const seconds = interval === undefined ? undefined : readInterval(interval);
  if (interval !== undefined && seconds === undefined) throw wrongInterval();
  if (!enabled) return 0;
  if (interval === undefined) throw alibabaFault('ParameterMissing', { name: 'RotationInterval' });
  if (row.spec !== 'aes-256') throw alibabaFault('OperationRejected', { id: '' });
  return seconds ?? 0;
}

function wrongInterval(): Error {
  return alibabaFault('ParameterInvalid', { name: 'RotationInterval' });
}
