import { fault, type Page, tick } from '@keyglot/core';
import type { AwsCall, AwsOperation, OneKey } from '../call.js';
import type { ListGrantsRequest, ListRetirableGrantsRequest } from '../generated/inputs.js';
import {
  GRANT_KIND,
  type Grant,
  type GrantIndex,
  granteePrefix,
  grantOf,
  type Pairs,
  retiringPrefix,
} from '../grants/grant.js';
import { requireGrantId } from '../grants/named.js';
import { accountOf, requirePrincipal } from '../grants/principal.js';
import { requireOne } from '../grants/rules.js';
import { seconds } from '../metadata.js';
import { noKey, oneKey, onKey } from '../resolve.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';

const USUAL = 50;
const MOST = 100;

/** ListGrants. @internal */
export const listGrants: AwsOperation<ListGrantsRequest, OneKey> = {
  name: 'ListGrants',
  evidence: documentedOperation('ListGrants'),
  crossAccount: true,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    (_resolved, { GrantId }) => {
      if (GrantId !== undefined) requireGrantId(GrantId);
    },
    (_resolved, { GranteePrincipal: principal, GranteeServicePrincipal: service }, call) => {
      if (principal !== undefined) requireOne('GranteePrincipal', principal, service);
      requireNoService(service, call);
    },
  ],
  async handle(input, { key }, call) {
    const { GranteePrincipal, GrantId } = input;
    const principal = GranteePrincipal && requirePrincipal(GranteePrincipal, 'filter', call);
    const keyId = key.record.id;
    if (GrantId !== undefined) {
      const found = await oneOf(call, keyId, GrantId);
      const shown = found.filter(({ granteePrincipal: of }) => (principal ?? of) === of);
      return { Grants: shown.map((grant) => entry(grant, call)), ...pageEnd(undefined) };
    }
    return pageOf(input, call, (page) =>
      principal === undefined
        ? grantsOfKey(call, keyId, page)
        : indexed(call, 'grantee', granteePrefix(keyId, principal), page),
    );
  },
};

/** ListRetirableGrants. @internal */
export const listRetirableGrants: AwsOperation<ListRetirableGrantsRequest, Record<never, never>> = {
  name: 'ListRetirableGrants',
  evidence: documentedOperation('ListRetirableGrants'),
  crossAccount: false,
  resolve: noKey,
  // "The authorized resource in ListRetirableGrants calls is the retiring principal."
  actions: ({ RetiringPrincipal }) => [
    { name: 'kms:ListRetirableGrants', resource: RetiringPrincipal ?? '*' },
  ],
  checks: [
    (_resolved, { RetiringPrincipal: principal, RetiringServicePrincipal: service }, call) => {
      requireOne('RetiringPrincipal', principal, service);
      requireNoService(service, call);
    },
  ],
  async handle(input, _resolved, call) {
    const principal = requirePrincipal(input.RetiringPrincipal ?? '', 'retirable', call);
    if (accountOf(principal, call) !== call.caller.account) throw denied(principal, call);
    // The grants of a key go with it, and the store knows only of those that were removed.
    await tick(call.vault, call.scope.sandbox, call.nowMs);
    const prefix = retiringPrefix(call.realm, principal);
    return pageOf(input, call, (page) => indexed(call, 'retiring', prefix, page));
  },
};

/** "This filter is only usable by callers in a service principal", and nobody here is one. */
function requireNoService(service: string | undefined, call: AwsCall): void {
  if (service !== undefined) throw denied(service, call);
}

function denied(resource: string, { operation }: AwsCall): Error {
  const action = `kms:${operation}`;
  const reason = `no identity-based policy allows the ${action} action`;
  return fault('AccessDenied', { action, resource, reason });
}

async function pageOf(
  input: { readonly Limit?: number; readonly Marker?: string },
  call: AwsCall,
  read: (page: Page) => Promise<readonly Grant[]>,
): Promise<Record<string, unknown>> {
  const { limit, after } = pagingOf(input, USUAL, MOST);
  const found = await read({ after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  return {
    Grants: shown.map((grant) => entry(grant, call)),
    ...pageEnd(found.length > limit ? shown.at(-1)?.id : undefined),
  };
}

async function oneOf(
  { vault, scope }: AwsCall,
  keyId: string,
  grantId: string,
): Promise<readonly Grant[]> {
  const found = await vault.store.readResource(scope.sandbox, GRANT_KIND, grantId);
  return found?.parent === keyId ? [grantOf(found)] : [];
}

async function grantsOfKey(
  { vault, scope }: AwsCall,
  keyId: string,
  page: Page,
): Promise<readonly Grant[]> {
  const found = await vault.store.listResources(scope.sandbox, GRANT_KIND, keyId, page);
  return found.map(grantOf);
}

async function indexed(
  { vault, scope }: AwsCall,
  name: GrantIndex,
  prefix: string,
  page: Page,
): Promise<readonly Grant[]> {
  // Values end with the id of their grant.
  const after = page.after === undefined ? undefined : prefix + page.after;
  const from = { after, limit: page.limit };
  const found = await vault.store.listIndexed(scope.sandbox, GRANT_KIND, name, prefix, from);
  return found.map(({ resource }) => grantOf(resource));
}

/**
 * A grant as listings show it: what was not given is left out, but for the name.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-view.html
 */
function entry(grant: Grant, { profile }: AwsCall): Record<string, unknown> {
  const { encryptionContextSubset, encryptionContextEquals, sourceArn } = grant.constraints;
  const constraints = {
    ...mapOf('EncryptionContextSubset', encryptionContextSubset),
    ...mapOf('EncryptionContextEquals', encryptionContextEquals),
    ...textOf('SourceArn', sourceArn),
  };
  return {
    KeyId: profile.arn(grant.realm, `key/${grant.keyWireId}`),
    GrantId: grant.id,
    Name: grant.name,
    CreationDate: seconds(new Date(grant.createdAtMs)),
    ...textOf('GranteePrincipal', grant.granteePrincipal),
    ...textOf('RetiringPrincipal', grant.retiringPrincipal),
    IssuingAccount: profile.rootArn(grant.issuingAccount, grant.realm.region),
    Operations: grant.operations,
    ...(Object.keys(constraints).length === 0 ? {} : { Constraints: constraints }),
    ...textOf('GranteeServicePrincipal', grant.granteeServicePrincipal),
    ...textOf('RetiringServicePrincipal', grant.retiringServicePrincipal),
  };
}

function textOf(member: string, text: string | undefined): Record<string, string> {
  return text === undefined ? {} : { [member]: text };
}

function mapOf(member: string, pairs: Pairs | undefined): Record<string, unknown> {
  // Made of entries, so that `__proto__` is a name like others.
  return pairs === undefined ? {} : { [member]: Object.fromEntries(pairs) };
}
