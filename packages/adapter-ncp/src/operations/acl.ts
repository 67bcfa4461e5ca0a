import { type Acl, aclOf, writeAcl } from '../acl.js';
import type { InputForm, NcpCall, NcpOperation, OneKey } from '../call.js';
import { oneKey, onKey } from '../resolve.js';
import type { OperationName } from '../routes.js';
import { documentedOperation, NO_INPUT } from './shared.js';

interface WithAcl extends OneKey {
  readonly acl: Acl;
}

function withAcl(input: unknown, call: NcpCall): WithAcl {
  const { key } = oneKey(input, call);
  return { key, acl: aclOf(call.vault, call.scope, key.record.wireId) };
}

function aclOperation<Input>(
  name: OperationName,
  form: InputForm,
  next: (acl: Acl, input: Input) => Acl,
  shown: (acl: Acl) => { readonly [member: string]: unknown },
): NcpOperation<Input, WithAcl> {
  return {
    name,
    evidence: documentedOperation(name),
    input: form,
    resolve: withAcl,
    actions: onKey,
    checks: [],
    async handle(input, { key, acl }, call) {
      const keyTag = key.record.wireId;
      const changed = next(acl, input);
      if (changed !== acl) await writeAcl(call.vault, call.scope, keyTag, changed);
      return { keyTag, ...shown(changed) };
    },
  };
}

const shownState = ({ isEnabled }: Acl): { readonly [member: string]: unknown } => ({
  isAclEnabled: isEnabled,
});
const shownList = ({ addresses }: Acl): { readonly [member: string]: unknown } => ({
  allowedIpList: addresses,
});

/** Enable IP ACL: with an empty list everybody is refused. @internal */
export const enableIpAcl: NcpOperation<unknown, WithAcl> = aclOperation(
  'Enable IP ACL',
  NO_INPUT,
  (acl) => ({ ...acl, isEnabled: true }),
  shownState,
);

/** Disable IP ACL. @internal */
export const disableIpAcl: NcpOperation<unknown, WithAcl> = aclOperation(
  'Disable IP ACL',
  NO_INPUT,
  (acl) => ({ ...acl, isEnabled: false }),
  shownState,
);

/** Get ACL Rule List. @internal */
export const getAclRuleList: NcpOperation<unknown, WithAcl> = aclOperation(
  'Get ACL Rule List',
  NO_INPUT,
  (acl) => acl,
  (acl) => ({ ...shownState(acl), ...shownList(acl) }),
);

interface RulesInput {
  readonly ipList: readonly string[];
}

/** The pages of 2024 spell the member `IpList`. */
const RULES: InputForm = {
  from: 'body',
  shape: () => 'AclRules',
  normalise(given) {
    const { IpList, ...others } = given;
    return IpList === undefined || 'ipList' in others ? given : { ...others, ipList: IpList };
  },
};

/** Add ACL Rule; an address that is there already is no error (inferred). @internal */
export const addAclRule: NcpOperation<RulesInput, WithAcl> = aclOperation(
  'Add ACL Rule',
  RULES,
  (acl, { ipList }: RulesInput) => ({
    ...acl,
    addresses: [...new Set([...acl.addresses, ...ipList])],
  }),
  shownList,
);

/** Delete ACL Rule; an address that is not there is no error (inferred). @internal */
export const deleteAclRule: NcpOperation<RulesInput, WithAcl> = aclOperation(
  'Delete ACL Rule',
  RULES,
  (acl, { ipList }: RulesInput) => ({
    ...acl,
    addresses: acl.addresses.filter((address) => !ipList.includes(address)),
  }),
  shownList,
);
