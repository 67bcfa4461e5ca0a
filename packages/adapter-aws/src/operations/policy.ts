import { fault, type Realm } from '@keyglot/core';
import { awsFault } from '../faults.js';
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

/**
 * Refuses a text that is no policy document. Statements are not judged yet.
 *
 * @throws KmsFault PolicyMalformed, LimitExceeded
 * @internal
 */
export function requirePolicy(policy: string): void {
  if (Buffer.byteLength(policy) > MAX_BYTES) {
    throw fault('LimitExceeded', { what: 'bytes in a key policy', limit: MAX_BYTES });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw awsFault('PolicyMalformed', { message: 'This policy contains invalid Json' });
  }
  if (typeof parsed !== 'object' || parsed === null || !('Statement' in parsed)) {
    throw awsFault('PolicyMalformed', { message: 'Syntax errors in policy.' });
  }
}
