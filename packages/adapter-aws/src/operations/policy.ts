import { fault, type KeyRecord, type Realm } from '@keyglot/core';
import type { AwsCall } from '../call.js';
import { awsFault } from '../faults.js';
import { parseJson, parsePolicy } from '../policy/document.js';
import { formatPolicy } from '../policy/format.js';
import { mayChangePolicy } from '../policy/lockout.js';
import type { Profile } from '../profile.js';

const MAX_BYTES = 32_768;

/** The policy of a key that was made without one; recorded in LocalStack's snapshot of ReplicateKey. @internal */
export function defaultPolicy(profile: Profile, realm: Realm): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: profile.rootArn(realm.tenant, realm.region) },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

/** The policy of a key, as it was put. @internal */
export function policyOf(key: KeyRecord, profile: Profile): string {
  const { policy } = key.attributes;
  return typeof policy === 'string' ? policy : defaultPolicy(profile, key.realm);
}

/** A policy as the service shows it. @internal */
export function shownPolicy(policy: string): string {
  return formatPolicy(parseJson(policy));
}

/**
 * Refuses a text that is no key policy, and one under which the caller could not change it again.
 *
 * @param bypass - skips the second: `BypassPolicyLockoutSafetyCheck`
 * @throws KmsFault LimitExceeded, PolicyUnreadable, PolicyMalformed, PolicyArnInvalid, PolicyOverlyPermissive
 * @internal
 */
export function requirePolicy(policy: string, bypass: boolean | undefined, call: AwsCall): void {
  if (Buffer.byteLength(policy) > MAX_BYTES) {
    throw fault('LimitExceeded', { what: 'bytes in a key policy', limit: MAX_BYTES });
  }
  const statements = parsePolicy(policy, call.profile, call.realm.region);
  if (bypass !== true && !mayChangePolicy(statements, call)) {
    throw awsFault('PolicyMalformed', {
      message: 'The new key policy will not allow you to update the key policy in the future.',
    });
  }
}
