import { fault, type KeyRecord } from '@keyglot/core';
import type { Action } from '@keyglot/dialect';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { UpdatePrimaryRegionRequest } from '../generated/inputs.js';
import { keyAt, replicaRegions, requirePrimary } from '../multiRegion.js';
import { changeRelatives } from '../relatives.js';
import { oneKey, onKey } from '../resolve.js';
import { requireState, SUCCEED, USE } from '../states.js';
import { documentedOperation } from './shared.js';

type Input = UpdatePrimaryRegionRequest;

/** UpdatePrimaryRegion. @internal */
export const updatePrimaryRegion: AwsOperation<Input, OneKey> = {
  name: 'UpdatePrimaryRegion',
  evidence: documentedOperation('UpdatePrimaryRegion'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions,
  checks: [state(USE), requireReplica],
  async handle({ PrimaryRegion: region }, { key }, call) {
    await changeRelatives(call, key.record, (current, relatives) => {
      requireState(current, USE, call);
      requirePrimary(current, call);
      const heir = relatives.find(({ realm }) => realm.region === region);
      if (heir === undefined) throw notThere(call, current, region);
      requireState(heir, SUCCEED, call);
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
  const multiRegion = requirePrimary(key.record, call);
  if (region === multiRegion.primary) {
    throw awsFault('SpecUnsupportedInferred', {
      message: `${keyArn(call, key.record)} is not a multi-region replica key.`,
    });
  }
  if (!replicaRegions(multiRegion, call.nowMs).includes(region)) {
    throw notThere(call, key.record, region);
  }
}

function notThere(call: AwsCall, key: KeyRecord, region: string): Error {
  return fault('KeyNotFound', { id: keyArn(call, keyAt(key, region)) });
}
