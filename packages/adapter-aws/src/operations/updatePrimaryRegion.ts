import type { KeyRecord } from '@keyglot/core';
import type { Action } from '@keyglot/dialect';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { UpdatePrimaryRegionRequest } from '../generated/inputs.js';
import { keyAt, type MultiRegion, multiRegionOf, replicaRegions } from '../multiRegion.js';
import { changeRelatives } from '../relatives.js';
import { oneKey, onKey } from '../resolve.js';
import { requireState, USE } from '../states.js';
import { documentedOperation } from './shared.js';

type Input = UpdatePrimaryRegionRequest;

/** UpdatePrimaryRegion. Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/multi_region.json @internal */
export const updatePrimaryRegion: AwsOperation<Input, OneKey> = {
  name: 'UpdatePrimaryRegion',
  evidence: documentedOperation('UpdatePrimaryRegion'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions,
  checks: [state(USE), requireReplica],
  async handle({ PrimaryRegion: region }, { key }, call) {
    // The primary key's own Region is no error, and changes nothing.
    if (region === key.record.realm.region) return undefined;
    await changeRelatives(call, key.record, (current, relatives) => {
      requireState(current, USE, call);
      primaryHere(current, call);
      const heir = relatives.find(({ realm }) => realm.region === region);
      if (heir === undefined) throw noReplica(current);
      requireState(heir, USE, call);
      return { changes: new Map(), primary: region };
    });
    return undefined;
  },
};

/** The same permission on both keys. */
function actions(input: Input, resolved: OneKey, call: AwsCall): readonly Action[] {
  const heir = keyAt(resolved.key.record, input.PrimaryRegion);
  const name = `kms:${call.operation}`;
  return [...onKey(input, resolved, call), { name, resource: keyArn(call, heir) }];
}

function requireReplica({ key }: OneKey, { PrimaryRegion: region }: Input, call: AwsCall): void {
  const multiRegion = primaryHere(key.record, call);
  if (region === multiRegion.primary) return;
  if (!replicaRegions(multiRegion, call.nowMs).includes(region)) throw noReplica(key.record);
}

function primaryHere(key: KeyRecord, call: AwsCall): MultiRegion {
  const multiRegion = multiRegionOf(key);
  if (multiRegion?.primary === key.realm.region) return multiRegion;
  throw awsFault('PrimaryElsewhere', { id: keyArn(call, key) });
}

function noReplica({ wireId }: KeyRecord): Error {
  return awsFault('Validation', {
    message: `${wireId} does not have a replica key in the specified Region.`,
  });
}
