import { createHash } from 'node:crypto';
import { attachResource, fault, KmsFault, type LoadedKey } from '@keyglot/core';
import type { AwsCall, AwsOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { CreateGrantRequest } from '../generated/inputs.js';
import { GRANT_KIND, type Grant, grantBody, grantIndex } from '../grants/grant.js';
import { requirePrincipal } from '../grants/principal.js';
import { requireCombination, requireConstraints, requireOperations } from '../grants/rules.js';
import { makeGrantToken } from '../grants/token.js';
import { oneKey, onKey } from '../resolve.js';
import { GRANT, requireState } from '../states.js';
import { documentedOperation } from './shared.js';

type Input = CreateGrantRequest;

// https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
const MAX_GRANTS = 50_000;
const ID_BYTES = 32;

/**
 * CreateGrant. With a name, the same request again gives the same grant and a new token.
 *
 * @internal
 */
export const createGrant: AwsOperation<Input, OneKey> = {
  name: 'CreateGrant',
  evidence: documentedOperation('CreateGrant'),
  crossAccount: true,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [(_resolved, input: Input) => requireCombination(input), state(GRANT)],
  async handle(input, { key }, call) {
    const wanted = grantFrom(input, key, call);
    const grantId = await keptGrant(input, key, wanted, call);
    return { GrantToken: makeGrantToken(call, key.record, grantId), GrantId: grantId };
  },
};

function grantFrom(input: Input, { record }: LoadedKey, call: AwsCall): Omit<Grant, 'id'> {
  requireOperations(record, input.Operations);
  const constraints = requireConstraints(record, input.Constraints);
  const { GranteePrincipal: grantee, RetiringPrincipal: retiring } = input;
  const { GranteeServicePrincipal: service, RetiringServicePrincipal: retiringService } = input;
  return {
    realm: record.realm,
    keyWireId: record.wireId,
    name: input.Name ?? '',
    // Recorded: grants are dated to the second, keys to the millisecond.
    // https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/grants.json
    createdAtMs: call.nowMs - (call.nowMs % 1_000),
    issuingAccount: call.caller.account,
    operations: [...new Set(input.Operations)],
    ...(grantee === undefined
      ? {}
      : { granteePrincipal: requirePrincipal(grantee, 'GranteePrincipal', call) }),
    ...(service === undefined ? {} : { granteeServicePrincipal: service }),
    ...(retiring === undefined
      ? {}
      : { retiringPrincipal: requirePrincipal(retiring, 'RetiringPrincipal', call) }),
    ...(retiringService === undefined ? {} : { retiringServicePrincipal: retiringService }),
    constraints,
  };
}

/** Id of the grant of this name with these parameters, or of the new one. */
async function keptGrant(
  input: Input,
  key: LoadedKey,
  wanted: Omit<Grant, 'id'>,
  call: AwsCall,
): Promise<string> {
  const { vault, scope, nowMs } = call;
  const identity = wanted.name === '' ? '' : identityOf(wanted, key);
  const known = await findByIdentity(call, identity);
  if (known !== undefined) return known;
  const id = vault.entropy.bytes(ID_BYTES).toString('hex');
  const grant = { ...wanted, id };
  const index = grantIndex(grant, key.record.id, identity);
  const draft = { kind: GRANT_KIND, id, body: grantBody(grant), index };
  try {
    await attachResource(vault, key, draft, nowMs, (current, count) => {
      requireState(current, GRANT, call);
      if (count >= MAX_GRANTS) {
        throw awsFault('GrantQuota', { limit: MAX_GRANTS, usage: count });
      }
      // All was judged, and nothing is written of what throws.
      if (input.DryRun === true) throw awsFault('DryRunPassed', {});
    });
    return id;
  } catch (error) {
    if (!(error instanceof KmsFault) || error.code !== 'AlreadyExists') throw error;
    // The same request was faster; or its grant is gone again, and the client may try anew.
    const other = await findByIdentity(call, identity);
    if (other === undefined) throw fault('Unavailable', { what: `a grant in ${scope.sandbox}` });
    return other;
  }
}

async function findByIdentity(
  { vault, scope }: AwsCall,
  identity: string,
): Promise<string | undefined> {
  if (identity === '') return undefined;
  const entry = { name: 'identity', value: identity };
  return (await vault.store.findResource(scope.sandbox, GRANT_KIND, entry))?.id;
}

/** What makes two requests the same; the order of operations and pairs does not matter. */
function identityOf({ createdAtMs: _, ...wanted }: Omit<Grant, 'id'>, key: LoadedKey): string {
  const { operations, constraints } = wanted;
  const sorted = {
    ...wanted,
    operations: [...operations].sort(),
    constraints: Object.entries(constraints)
      .map(([name, value]) => [name, typeof value === 'string' ? value : sortedPairs(value)])
      .sort(),
  };
  const text = JSON.stringify([key.record.id, Object.entries(sorted).sort()]);
  return createHash('sha256').update(text).digest('hex');
}

function sortedPairs(pairs: readonly (readonly [string, string])[]): unknown {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}
