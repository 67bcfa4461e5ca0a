import { detachResource, fault, KmsFault } from '@keyglot/core';
import type { AwsCall, AwsOperation } from '../call.js';
import { awsFault } from '../faults.js';
import type { RetireGrantRequest, RevokeGrantRequest } from '../generated/inputs.js';
import { GRANT_KIND } from '../grants/grant.js';
import { type KeyAndGrant, namedGrant } from '../grants/named.js';
import { actsAs } from '../grants/principal.js';
import { readGrantToken } from '../grants/token.js';
import { onKey, resolveKey } from '../resolve.js';
import { documentedOperation } from './shared.js';

/** RevokeGrant. @internal */
export const revokeGrant: AwsOperation<RevokeGrantRequest, KeyAndGrant> = {
  name: 'RevokeGrant',
  evidence: documentedOperation('RevokeGrant'),
  crossAccount: true,
  resolve(input, call) {
    const key = resolveKey(call, input.KeyId, 'key');
    return { key, grant: namedGrant(call, key, input.GrantId) };
  },
  actions: onKey,
  checks: [],
  handle: (input, found, call) => end(found, input.DryRun === true, call),
};

/** RetireGrant. The grant decides who may; no policy alone can allow it. @internal */
export const retireGrant: AwsOperation<RetireGrantRequest, KeyAndGrant> = {
  name: 'RetireGrant',
  evidence: documentedOperation('RetireGrant'),
  crossAccount: true,
  resolve: retiredGrant,
  actions: () => [],
  checks: [mayRetire],
  handle: (input, found, call) => end(found, input.DryRun === true, call),
};

function retiredGrant(input: RetireGrantRequest, call: AwsCall): KeyAndGrant {
  const { GrantToken, KeyId, GrantId } = input;
  if (GrantToken !== undefined && KeyId === undefined && GrantId === undefined) {
    const { keyId, grantId } = readGrantToken(call, GrantToken);
    const key = call.vault.keys.byId(call.scope, keyId);
    if (key === undefined) throw awsFault('GrantNotFound', { id: grantId });
    return { key, grant: namedGrant(call, key, grantId) };
  }
  if (GrantToken === undefined && KeyId !== undefined && GrantId !== undefined) {
    return ofAnyAccount(KeyId, GrantId, call);
  }
  throw awsFault('ValidationInferred', {
    message: 'You must specify either GrantToken, or both KeyId and GrantId.',
  });
}

/** The grant lets callers in, not the account of its key; whom it does not let in is not told what there is. */
function ofAnyAccount(KeyId: string, GrantId: string, call: AwsCall): KeyAndGrant {
  try {
    const key = resolveKey({ ...call, auth: 'open' }, KeyId, 'key');
    return { key, grant: namedGrant(call, key, GrantId) };
  } catch (error) {
    const account = call.profile.parseArn(KeyId)?.account ?? call.caller.account;
    const hidden = call.auth === 'enforce' && account !== call.caller.account;
    if (hidden && error instanceof KmsFault && UNKNOWN.has(error.code)) throw denied('');
    throw error;
  }
}

const UNKNOWN = new Set(['KeyNotFound', 'KeyIdInvalid', 'GrantNotFound']);

/**
 * The retiring principal, the grantee if the grant says so, and the account in which the grant was made.
 * Whom that account lets retire is a matter of its identity policies, which nobody reads yet.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
 */
function mayRetire({ grant }: KeyAndGrant, _input: unknown, call: AwsCall): void {
  const { caller, profile } = call;
  const principals = [
    profile.rootArn(grant.issuingAccount, caller.region),
    grant.retiringPrincipal,
    grant.operations.includes('RetireGrant') ? grant.granteePrincipal : undefined,
  ];
  const may = principals.some((one) => one !== undefined && actsAs(caller, one, profile));
  if (may) return;
  // Recorded: who is of another account is not told the key.
  // https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/grants.json
  const own = grant.realm.tenant === caller.account;
  throw denied(own ? profile.arn(grant.realm, `key/${grant.keyWireId}`) : '');
}

function denied(resource: string): Error {
  const action = 'kms:RetireGrant';
  const reason = `no identity-based policy allows the ${action} action`;
  return fault('AccessDenied', { action, resource, reason });
}

async function end({ key, grant }: KeyAndGrant, dry: boolean, call: AwsCall): Promise<undefined> {
  if (dry) return undefined;
  const removed = await detachResource(call.vault, key.record, GRANT_KIND, grant.id);
  // Somebody else was faster.
  if (!removed) throw awsFault('GrantNotFound', { id: grant.id });
  return undefined;
}
