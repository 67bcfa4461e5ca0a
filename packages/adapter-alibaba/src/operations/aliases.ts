import {
  type AliasRecord,
  createAlias as create,
  KmsFault,
  moveAlias,
  deleteAlias as remove,
  tick,
} from '@keyglot/core';
import type { AlibabaCall, AlibabaOperation, OneKey, Output } from '../call.js';
import { state } from '../checks.js';
import { alibabaFault } from '../faults.js';
import type {
  CreateAliasRequest,
  DeleteAliasRequest,
  ListAliasesByKeyIdRequest,
  ListAliasesRequest,
} from '../generated/inputs.js';
import { arnOf, keyArn } from '../ids.js';
import { collectPage, type PageInput, pageMembers, windowOf } from '../paging.js';
import { noKey, onContainer, oneKey, onKey } from '../resolve.js';
import { ALIAS_TARGET, NOT_DELETED, requireState } from '../states.js';
import { documentedOperation } from './shared.js';

type TargetInput = CreateAliasRequest;

const SERVICE_PREFIX = 'alias/acs';
const BATCH = 1_000;

/** CreateAlias. @internal */
export const createAlias: AlibabaOperation<TargetInput, OneKey> = {
  name: 'CreateAlias',
  evidence: documentedOperation('kms-2016-01-20-CreateAlias'),
  resolve: oneKey('key'),
  actions: onBoth,
  checks: [ownName, state(NOT_DELETED)],
  async handle({ AliasName: name }, { key }, call) {
    const add = (): Promise<void> =>
      create(call.vault, key, name, call.nowMs, (current) => requireState(current, NOT_DELETED));
    await add().catch(async (error: unknown) => {
      if (!(error instanceof KmsFault) || error.code !== 'AlreadyExists') throw error;
      // The name may belong to a key whose time has passed and which nobody has removed yet.
      if ((await tick(call.vault, call.scope.sandbox, call.nowMs)) === 0) throw error;
      await add();
    });
    return undefined;
  },
};

/** UpdateAlias: only the state of the new target counts. @internal */
export const updateAlias: AlibabaOperation<TargetInput, OneKey> = {
  name: 'UpdateAlias',
  evidence: documentedOperation('UpdateAlias'),
  resolve: oneKey('key'),
  actions: onBoth,
  checks: [ownName, state(ALIAS_TARGET)],
  async handle({ AliasName: name }, { key }, call) {
    await moveAlias(call.vault, key, name, call.nowMs, (_current, wanted) =>
      requireState(wanted, ALIAS_TARGET),
    );
    return undefined;
  },
};

/** DeleteAlias. @internal */
export const deleteAlias: AlibabaOperation<DeleteAliasRequest, Record<never, never>> = {
  name: 'DeleteAlias',
  evidence: documentedOperation('DeleteAlias'),
  resolve: noKey,
  actions: (input, _resolved, call) => [
    { name: 'kms:DeleteAlias', resource: arnOf(call.realm, input.AliasName) },
  ],
  checks: [ownName],
  async handle({ AliasName: name }, _resolved, call) {
    await remove(call.vault, call.scope.sandbox, call.realm, name);
    return undefined;
  },
};

/** ListAliases. @internal */
export const listAliases: AlibabaOperation<ListAliasesRequest, Record<never, never>> = {
  name: 'ListAliases',
  evidence: documentedOperation('ListAliases'),
  resolve: noKey,
  actions: onContainer('alias'),
  checks: [],
  handle: (input, _resolved, call) => page(input, call, undefined),
};

/** ListAliasesByKeyId. @internal */
export const listAliasesByKeyId: AlibabaOperation<ListAliasesByKeyIdRequest, OneKey> = {
  name: 'ListAliasesByKeyId',
  evidence: documentedOperation('ListAliasesByKeyId'),
  resolve: oneKey('key'),
  actions: onKey,
  checks: [],
  handle: (input, { key }, call) => page(input, call, key.record.id),
};

/** Names under `alias/acs` belong to the service. */
function ownName(_resolved: object, { AliasName: name }: { readonly AliasName: string }): void {
  if (name.startsWith(SERVICE_PREFIX))
    throw alibabaFault('ParameterInvalid', { name: 'AliasName' });
}

function onBoth(
  { AliasName }: TargetInput,
  { key }: OneKey,
  { operation, realm }: AlibabaCall,
): readonly { readonly name: string; readonly resource: string }[] {
  const name = `kms:${operation}`;
  return [
    { name, resource: arnOf(realm, AliasName) },
    { name, resource: keyArn(key.record) },
  ];
}

/** A page by number and the count of all. The store walks aliases by name, so earlier pages are walked too. */
async function page(
  input: PageInput,
  { vault, scope, realm, nowMs }: AlibabaCall,
  keyId: string | undefined,
): Promise<Output> {
  // The aliases of a key go with it, and the store knows only of those that were removed.
  await tick(vault, scope.sandbox, nowMs);
  const window = windowOf(input);
  const found = collectPage<AliasRecord>(window);
  let after: string | undefined;
  for (;;) {
    const batch = await vault.store.listAliases(scope.sandbox, realm, keyId, {
      after,
      limit: BATCH,
    });
    for (const alias of batch) found.add(alias);
    if (batch.length < BATCH) break;
    after = batch.at(-1)?.name;
  }
  return {
    Aliases: {
      Alias: found.items.map(({ name, keyWireId }) => ({
        KeyId: keyWireId,
        AliasName: name,
        AliasArn: arnOf(realm, name),
      })),
    },
    ...pageMembers(window, found.total),
  };
}
