import {
  createAlias as create,
  fault,
  type KeyRecord,
  KmsFault,
  moveAlias,
  deleteAlias as remove,
  tick,
} from '@keyglot/core';
import { wireUsage } from '../algorithms.js';
import type { AwsCall, AwsOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { CreateAliasRequest, DeleteAliasRequest } from '../generated/inputs.js';
import { noKey, onKey, onNothing, resolveAliasTarget } from '../resolve.js';
import { NAME, requireState } from '../states.js';
import { documentedOperation } from './shared.js';

type NameInput = DeleteAliasRequest;

type TargetInput = CreateAliasRequest;

const MAX_ALIASES = 50;

/** CreateAlias. @internal */
export const createAlias: AwsOperation<TargetInput, OneKey> = {
  name: 'CreateAlias',
  evidence: documentedOperation('CreateAlias'),
  crossAccount: false,
  resolve: target,
  actions: onKey,
  checks: [state(NAME)],
  async handle({ AliasName: name }, { key }, call) {
    const add = (): Promise<void> =>
      create(call.vault, key, name, call.nowMs, (current, count) => {
        requireState(current, NAME, call);
        requireRoom(count);
      });
    try {
      await add().catch(async (error: unknown) => {
        if (!(error instanceof KmsFault) || error.code !== 'AlreadyExists') throw error;
        // The name may belong to a key whose time has passed and which nobody has removed yet.
        if ((await tick(call.vault, call.scope.sandbox, call.nowMs)) === 0) throw error;
        await add();
      });
    } catch (error) {
      throw named(error, name, call);
    }
    return undefined;
  },
};

/** UpdateAlias. @internal */
export const updateAlias: AwsOperation<TargetInput, OneKey> = {
  name: 'UpdateAlias',
  evidence: documentedOperation('UpdateAlias'),
  crossAccount: false,
  resolve: target,
  actions: onKey,
  checks: [state(NAME)],
  async handle({ AliasName: name }, { key }, call) {
    try {
      await moveAlias(call.vault, key, name, call.nowMs, (current, wanted, count) => {
        requireState(wanted, NAME, call);
        requireSameUsage(current, wanted, name, call);
        requireRoom(count);
      });
    } catch (error) {
      throw named(error, name, call);
    }
    return undefined;
  },
};

/** DeleteAlias. @internal */
export const deleteAlias: AwsOperation<NameInput, Record<never, never>> = {
  name: 'DeleteAlias',
  evidence: documentedOperation('DeleteAlias'),
  crossAccount: false,
  resolve: noKey,
  actions: onNothing,
  checks: [(_resolved, input: NameInput) => requireName(input.AliasName)],
  async handle({ AliasName: name }, _resolved, call) {
    try {
      await remove(call.vault, call.scope.sandbox, call.realm, name);
    } catch (error) {
      throw named(error, name, call);
    }
    return undefined;
  },
};

function target(input: TargetInput, call: AwsCall): OneKey {
  requireName(input.AliasName);
  const id = input.TargetKeyId;
  // Text of moto: https://github.com/getmoto/moto/blob/0af643a/moto/kms/responses.py
  if (id.startsWith('alias/') || id.includes(':alias/')) {
    throw awsFault('ValidationInferred', { message: 'Aliases must refer to keys. Not aliases' });
  }
  return { key: resolveAliasTarget(call, id) };
}

/**
 * Refuses names that only the service may have, or that are none.
 *
 * Last text recorded: https://github.com/hashicorp/terraform-provider-aws/issues/12891
 */
function requireName(name: string): void {
  if (!name.startsWith('alias/') || name === 'alias/') {
    throw awsFault('Validation', {
      message:
        'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    });
  }
  if (name.startsWith('alias/aws/')) throw awsFault('AliasReserved', {});
  if (name.includes(':')) {
    throw awsFault('Validation', {
      message: `${name} contains invalid characters for an alias`,
    });
  }
}

function requireRoom(aliasCount: number): void {
  if (aliasCount >= MAX_ALIASES) {
    throw awsFault('AliasQuota', { limit: MAX_ALIASES, usage: aliasCount });
  }
}

/** Text of local-kms: https://github.com/nsmithuk/local-kms/blob/e4d9425/src/handler/update_alias.go */
function requireSameUsage(
  current: KeyRecord | undefined,
  wanted: KeyRecord,
  name: string,
  call: AwsCall,
): void {
  if (current === undefined) return;
  const [before, after] = [wireUsage(current.usages), wireUsage(wanted.usages)];
  const sameKind = (current.spec === 'aes-256') === (wanted.spec === 'aes-256');
  if (before !== after || !sameKind) {
    throw awsFault('ValidationInferred', {
      message: `Alias ${call.profile.arn(call.realm, name)} cannot be changed from a CMK with key usage ${before} to a CMK with key usage ${after}. The key usage of the current CMK and the new CMK must be the same.`,
    });
  }
}

/** The vault knows names; texts show ARNs. */
function named(error: unknown, name: string, call: AwsCall): unknown {
  if (!(error instanceof KmsFault)) return error;
  const arn = call.profile.arn(call.realm, name);
  if (error.code === 'AliasNotFound') return fault('AliasNotFound', { name: arn });
  if (error.code === 'AlreadyExists') return fault('AlreadyExists', { kind: 'alias', id: arn });
  return error;
}
