import { awsFault } from '../faults.js';
import type { Profile } from '../profile.js';
import { partitionOf } from '../profiles/regions.js';

/** Whom a statement is about. @internal */
export type Principal =
  | { readonly kind: 'everyone' }
  /** An account: its root user, and for an `Allow` whomever it gives the permission to. */
  | { readonly kind: 'account'; readonly account: string }
  /** A user, a role or a session, by its ARN. */
  | { readonly kind: 'identity'; readonly account: string; readonly arn: string }
  | { readonly kind: 'service' | 'federated'; readonly name: string };

const ACCOUNT = /^\d{12}$/;
const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const RESOURCE: { readonly [service: string]: RegExp } = {
  iam: /^(user|role)\/./,
  sts: /^(assumed-role\/[^/]+|federated-user)\/./,
};

/**
 * Reads one principal of a key policy. Whether a user or a role exists nobody knows here: every ARN of
 * the right form does.
 *
 * @param type - key of the principal element: `AWS`, `Service` …
 * @throws KmsFault PolicyMalformed, PolicyArnInvalid
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 * @internal
 */
export function parsePrincipal(
  type: string,
  text: string,
  profile: Profile,
  region: string,
): Principal {
  if (type === 'AWS') return awsPrincipal(profile.iamArn(text), region);
  if (type === 'Service' && SERVICE.test(text)) return { kind: 'service', name: text };
  if (type === 'Federated' && text !== '') return { kind: 'federated', name: text };
  throw invalid();
}

function awsPrincipal(text: string, region: string): Principal {
  const principal = readAwsPrincipal(text, region);
  if (principal === 'malformed') throw invalid();
  if (principal === 'no account') throw awsFault('PolicyArnInvalid', {});
  return principal;
}

/**
 * Reads an account, or the ARN of a principal as AWS's IAM spells it.
 *
 * @returns what is wrong, when it is neither
 * @internal
 */
export function readAwsPrincipal(
  text: string,
  region: string,
): Principal | 'malformed' | 'no account' {
  if (text === '*') return { kind: 'everyone' };
  if (ACCOUNT.test(text)) return { kind: 'account', account: text };
  const [arn, partition, service = '', place, account = '', ...rest] = text.split(':');
  const resource = rest.join(':');
  const form = RESOURCE[service];
  if (arn !== 'arn' || form === undefined || place !== '' || rest.length === 0) return 'malformed';
  if (partition !== partitionOf(region)) return 'malformed';
  if (!ACCOUNT.test(account)) return 'no account';
  if (service === 'iam' && resource === 'root') return { kind: 'account', account };
  // Patterns are none here: https://repost.aws/knowledge-center/kms-policy-error-invalid-principals
  if (!form.test(resource) || /[*?]/.test(resource)) return 'malformed';
  return { kind: 'identity', account, arn: text };
}

function invalid(): Error {
  return awsFault('PolicyMalformed', {
    message: 'Policy contains a statement with one or more invalid principals.',
  });
}
