import { type LoadedKey, tick } from '@keyglot/core';
import type { AwsCall, AwsOperation } from '../call.js';
import type { ListAliasesRequest } from '../generated/inputs.js';
import { seconds } from '../metadata.js';
import { onNothing, resolveAliasTarget } from '../resolve.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';

type Input = ListAliasesRequest;

interface Resolved {
  readonly key?: LoadedKey;
}

const USUAL = 50;
const MOST = 100;

export const listAliases: AwsOperation<Input, Resolved> = {
  name: 'ListAliases',
  evidence: documentedOperation('ListAliases'),
  crossAccount: false,
  resolve: (input, call: AwsCall) =>
    input.KeyId === undefined ? {} : { key: resolveAliasTarget(call, input.KeyId) },
  actions: onNothing,
  checks: [],
  async handle(input, { key }, call) {
    const { limit, after } = pagingOf(input, USUAL, MOST);
    const { vault, scope, realm, nowMs } = call;
    // The aliases of a key go with it, and the store knows only of those that were removed.
    await tick(vault, scope.sandbox, nowMs);
    const found = await vault.store.listAliases(scope.sandbox, realm, key?.record.id, {
      after,
      limit: limit + 1,
    });
    const shown = found.slice(0, limit);
    return {
      Aliases: shown.map((alias) => ({
        AliasName: alias.name,
        AliasArn: call.profile.arn(realm, alias.name),
        TargetKeyId: alias.keyWireId,
        CreationDate: seconds(alias.createdAt),
        LastUpdatedDate: seconds(alias.updatedAt),
      })),
      ...pageEnd(found.length > limit ? shown.at(-1)?.name : undefined),
    };
  },
};
