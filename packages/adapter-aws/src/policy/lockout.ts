import type { AwsCall } from '../call.js';
import type { Selection, Statement } from './document.js';
import type { Principal } from './principal.js';
import { matchesWildcard } from './wildcard.js';

const ACTION = 'kms:PutKeyPolicy';

/**
 * Whether the caller could change the policy again. Identity policies are those of an administrator. An
 * `Allow` with a condition counts and a `Deny` with one does not, so that no policy is refused which
 * the service could take.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
 * @internal
 */
export function mayChangePolicy(policy: readonly Statement[], call: AwsCall): boolean {
  const about = policy.filter(
    ({ actions, resources }) =>
      selects(actions, (pattern) => matchesWildcard(pattern, ACTION)) &&
      // Anything else makes a statement ineffective: it is in the key's own policy.
      selects(resources, (resource) => resource === '*'),
  );
  const denied = about.some(
    ({ effect, principals, condition }) =>
      effect === 'Deny' &&
      condition === undefined &&
      selects(principals, (principal) => isCaller(principal, call)),
  );
  if (denied) return false;
  return about.some(
    ({ effect, principals }) => effect === 'Allow' && includesCaller(principals, call),
  );
}

function includesCaller(principals: Selection<Principal>, call: AwsCall): boolean {
  if (selects(principals, (principal) => isCaller(principal, call))) return true;
  return !principals.negated && principals.items.some((one) => isColleague(one, call));
}

function selects<Item>({ negated, items }: Selection<Item>, is: (item: Item) => boolean): boolean {
  return items.some(is) !== negated;
}

/** A session of a role is its role. */
function isCaller(principal: Principal, { caller, profile }: AwsCall): boolean {
  if (principal.kind === 'everyone') return true;
  if (principal.kind === 'account') return principal.account === caller.account;
  if (principal.kind !== 'identity') return false;
  const arn = profile.iamArn(caller.arn);
  return principal.arn === arn || principal.arn === roleOf(arn, principal.arn);
}

/**
 * Who has no identity of his own is the root user here, and stands for whomever of his account a
 * policy names.
 */
function isColleague(principal: Principal, { caller, profile }: AwsCall): boolean {
  if (principal.kind !== 'identity' || principal.account !== caller.account) return false;
  return caller.arn === profile.rootArn(caller.account, caller.region);
}

/** The ARN `candidate` when it is that of the role of a session; a session's ARN leaves the path of its role out. */
function roleOf(session: string, candidate: string): string | undefined {
  const [, , service, , account, resource = ''] = session.split(':');
  const [kind, role] = resource.split('/');
  if (service !== 'sts' || kind !== 'assumed-role') return undefined;
  const [, , , , owner, named = ''] = candidate.split(':');
  const parts = named.split('/');
  return owner === account && parts[0] === 'role' && parts.at(-1) === role ? candidate : undefined;
}
