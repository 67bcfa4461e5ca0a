import {
  createTwin,
  fault,
  type KeyRecord,
  KmsFault,
  type LoadedKey,
  type TwinDraft,
  tick,
} from '@keyglot/core';
import type { Action } from '@keyglot/dialect';
import { specAttributes, specOf } from '../algorithms.js';
import type { AwsCall, AwsOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { ReplicateKeyRequest } from '../generated/inputs.js';
import { isImported } from '../imports.js';
import { importedMembers, keyMetadata } from '../metadata.js';
import { keyAt, requirePrimary } from '../multiRegion.js';
import { partitionOf } from '../profiles/regions.js';
import { bareAttributes } from '../relatedMaterial.js';
import { agreed, relativesOf } from '../relatives.js';
import { oneKey, onKey } from '../resolve.js';
import { REPLICATE, requireState } from '../states.js';
import { defaultPolicy, requirePolicy, shownPolicy } from './policy.js';
import { documentedOperation } from './shared.js';
import { requireTags, storedTags } from './tags.js';

type Input = ReplicateKeyRequest;

/** Each key knows all others, so that their number has to have a bound. */
const MAX_KEYS = 50;

/** ReplicateKey. @internal */
export const replicateKey: AwsOperation<Input, OneKey> = {
  name: 'ReplicateKey',
  evidence: documentedOperation('ReplicateKey'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions,
  checks: [
    state(REPLICATE),
    ({ key }, _input, call) => {
      requirePrimary(key.record, call);
    },
    requireRegion,
  ],
  async handle(input, { key }, call) {
    const tags = input.Tags ?? [];
    requireTags(tags);
    const policy =
      input.Policy ?? defaultPolicy(call.profile, keyAt(key.record, input.ReplicaRegion).realm);
    requirePolicy(policy, input.BypassPolicyLockoutSafetyCheck, call);
    const attributes = {
      ...specAttributes(specOf(key.record)),
      description: input.Description ?? '',
      policy,
      tags: storedTags(tags),
    };
    const replica = await replicate(call, key, input.ReplicaRegion, attributes);
    return {
      ReplicaKeyMetadata: creating(key.record, keyMetadata(call, replica)),
      // Printed again: https://github.com/boto/botocore/blob/develop/botocore/data/kms/2014-11-01/examples-1.json
      ReplicaPolicy: shownPolicy(policy),
      // Recorded: no member when there are no tags.
      ...(tags.length === 0 ? {} : { ReplicaTags: tags }),
    };
  },
};

function actions(input: Input, resolved: OneKey, call: AwsCall): readonly Action[] {
  const made = [{ name: 'kms:CreateKey', resource: '*' }];
  if (input.Tags !== undefined) made.push({ name: 'kms:TagResource', resource: '*' });
  return [...onKey(input, resolved, call), ...made];
}

/** Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/multi_region.json */
function requireRegion({ key }: OneKey, { ReplicaRegion: region }: Input, call: AwsCall): void {
  const home = key.record.realm.region;
  if (region === home) {
    throw awsFault('Validation', {
      message: `${region} cannot have a replica because it contains the primary.`,
    });
  }
  if (call.profile.replicates(home, region)) return;
  throw awsFault('Validation', {
    message:
      partitionOf(home) === partitionOf(region)
        ? `Region ${region} is not a valid Region or multi-Region keys are not supported in Region ${region}.`
        : 'The replica key Region must be in the same AWS partition as the primary key Region.',
  });
}

/** Makes the replica key and tells the others of it. */
async function replicate(
  call: AwsCall,
  source: LoadedKey,
  region: string,
  attributes: KeyRecord['attributes'],
): Promise<KeyRecord> {
  const { wireId, usages } = source.record;
  const { realm } = keyAt(source.record, region);
  const draft: TwinDraft = {
    realm,
    wireId,
    usages,
    attributes,
    // Imported material is imported into each key.
    ...(isImported(source.record) ? { bare: bareAttributes } : {}),
    agree(group) {
      const current = group.find(({ id }) => id === source.record.id) ?? source.record;
      requireState(current, REPLICATE, call);
      const { primary } = requirePrimary(current, call);
      const relatives = relativesOf(current, group);
      if (relatives.some((one) => one.realm.region === region)) {
        throw awsFault('ReplicaExists', {});
      }
      // There are fewer regions, where regions are known.
      if (relatives.length >= MAX_KEYS) {
        throw fault('LimitExceeded', { what: 'keys of a multi-Region key', limit: MAX_KEYS });
      }
      const replica = { ...current, realm, attributes, id: '', deletionAt: null };
      const changes = agreed([...relatives, replica], primary, new Map(), call.nowMs);
      const sets = new Map([...changes].map(([id, { set = {} }]) => [id, set]));
      const twin = sets.get(replica.id) ?? {};
      sets.delete(replica.id);
      return { twin, sets };
    },
  };
  const add = (): Promise<LoadedKey> => createTwin(call.vault, source, draft, call.nowMs);
  const made = await add().catch(async (error: unknown) => {
    if (!(error instanceof KmsFault) || error.code !== 'AlreadyExists') throw error;
    // A replica key whose time has passed may be there still, because nobody has removed it yet.
    if ((await tick(call.vault, call.scope.sandbox, call.nowMs)) === 0) {
      throw awsFault('ReplicaExists', {});
    }
    return add();
  });
  return made.record;
}

/**
 * What the service says of a key that it is still making; recorded in LocalStack's snapshot. Here the key
 * is there at once, so that nobody has to wait for it. Imported material expires as that of the primary
 * key for this moment only.
 *
 * @see https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_multi_region.json
 */
function creating(source: KeyRecord, metadata: Record<string, unknown>): object {
  const { CurrentKeyMaterialId: _, ...shown } = metadata;
  return { ...shown, ...importedMembers(source), Enabled: false, KeyState: 'Creating' };
}
