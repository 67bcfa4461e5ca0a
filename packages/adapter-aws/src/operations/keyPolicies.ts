import type { AwsOperation, OneKey } from '../call.js';
import { awsFault } from '../faults.js';
import type {
  GetKeyPolicyRequest,
  ListKeyPoliciesRequest,
  PutKeyPolicyRequest,
} from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { ANY_STATE } from '../states.js';
import { changeAttributes } from './change.js';
import { policyOf, requirePolicy, shownPolicy } from './policy.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';

/** The one name that there is. */
const NAME = 'default';
const USUAL = 100;
const MOST = 1_000;

/** GetKeyPolicy. @internal */
export const getKeyPolicy: AwsOperation<GetKeyPolicyRequest, OneKey> = {
  name: 'GetKeyPolicy',
  evidence: documentedOperation('GetKeyPolicy'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [policyName],
  handle(_input, { key }, { profile }) {
    return { Policy: shownPolicy(policyOf(key.record, profile)), PolicyName: NAME };
  },
};

/** PutKeyPolicy. @internal */
export const putKeyPolicy: AwsOperation<PutKeyPolicyRequest, OneKey> = {
  name: 'PutKeyPolicy',
  evidence: documentedOperation('PutKeyPolicy'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    policyName,
    (_resolved, { Policy, BypassPolicyLockoutSafetyCheck }, call) =>
      requirePolicy(Policy, BypassPolicyLockoutSafetyCheck, call),
  ],
  async handle({ Policy }, resolved, call) {
    await changeAttributes(call, resolved, ANY_STATE, () => ({ policy: Policy }));
    return undefined;
  },
};

/** ListKeyPolicies: a key has one policy. @internal */
export const listKeyPolicies: AwsOperation<ListKeyPoliciesRequest, OneKey> = {
  name: 'ListKeyPolicies',
  evidence: documentedOperation('ListKeyPolicies'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [],
  handle(input) {
    const { after } = pagingOf(input, USUAL, MOST);
    const names = [NAME].filter((name) => after === undefined || name > after);
    return { PolicyNames: names, ...pageEnd(undefined) };
  },
};

/** Text of two emulators: https://github.com/getmoto/moto/blob/0af643a/moto/kms/responses.py */
function policyName(_resolved: OneKey, { PolicyName }: { readonly PolicyName?: string }): void {
  if (PolicyName !== undefined && PolicyName !== NAME) throw awsFault('PolicyNotFound', {});
}
