import { fault } from '@keyglot/core';

/**
 * The refusal of a key of another account, which does not tell whether the key exists. Recorded in
 * https://github.com/kubernetes-sigs/aws-encryption-provider/pull/141
 *
 * @param action - such as `kms:Decrypt`
 * @internal
 */
export function deniedForeign(action: string): Error {
  return fault('AccessDenied', {
    action,
    resource: '',
    reason:
      'the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access',
  });
}
