import type { AwsCall, AwsCaller } from '../call.js';
import { awsFault } from '../faults.js';
import { readAwsPrincipal } from '../policy/principal.js';
import type { Profile } from '../profile.js';

// Services write themselves into these members, with the region: `ec2.eu-west-1.amazonaws.com`.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/;
const WELL_FORMED = /^arn:[^:]+:(iam|sts)::\d{12}:[^/:]+(\/[^/]+)*$/;
const SESSION = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/;
const ROLE = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;

/** Where a principal is named; each place has words of its own for what is no ARN. @internal */
export type PrincipalPlace = 'GranteePrincipal' | 'RetiringPrincipal' | 'filter' | 'retirable';

/**
 * The principal of a grant, an account as the ARN of its root user. Whether a user or a role exists
 * nobody knows here: every ARN of the right form does.
 *
 * @throws KmsFault PrincipalInvalid, PrincipalNotFound
 * @internal
 */
export function requirePrincipal(text: string, place: PrincipalPlace, call: AwsCall): string {
  const { profile, caller } = call;
  if (SERVICE.test(text)) return text;
  const arn = profile.iamArn(text);
  const found = readAwsPrincipal(arn, caller.region);
  if (typeof found !== 'string' && 'account' in found && !isPathOfSession(arn)) {
    return found.kind === 'account' ? profile.rootArn(found.account, caller.region) : text;
  }
  throw refused(text, arn, place);
}

// Texts of the service: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/grants.json
function refused(text: string, arn: string, place: PrincipalPlace): Error {
  const invalid = (message: string): Error => awsFault('PrincipalInvalid', { message });
  if (arn.startsWith('arn:')) {
    const exists = WELL_FORMED.test(arn) && !isPathOfSession(arn);
    return invalid(
      `ARN ${exists ? 'does not refer to a valid principal' : 'is not valid'}: ${text}`,
    );
  }
  if (place === 'retirable') return awsFault('PrincipalNotFound', { principal: text });
  if (place === 'filter') return invalid('Input does not refer to a valid principal');
  return invalid(`${place} does not refer to a valid principal.`);
}

/** A session is named without the path of its role. */
function isPathOfSession(arn: string): boolean {
  return arn.includes(':assumed-role/') && !SESSION.test(arn);
}

/** Account of a principal that {@link requirePrincipal} let through; undefined for a service. @internal */
export function accountOf(principal: string, { profile, caller }: AwsCall): string | undefined {
  const found = readAwsPrincipal(profile.iamArn(principal), caller.region);
  return typeof found !== 'string' && 'account' in found ? found.account : undefined;
}

/**
 * Whether a caller acts as the principal of a grant: he is it, it is his account, or it is the role of
 * his session.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
 * @internal
 */
export function actsAs(
  caller: Pick<AwsCaller, 'arn' | 'account' | 'region'>,
  principal: string,
  profile: Profile,
): boolean {
  const wanted = profile.iamArn(principal);
  const arn = profile.iamArn(caller.arn);
  if (wanted === arn || wanted === profile.iamArn(profile.rootArn(caller.account, caller.region))) {
    return true;
  }
  const session = SESSION.exec(arn);
  const role = ROLE.exec(wanted);
  return session !== null && role !== null && [1, 2, 3].every((at) => session[at] === role[at]);
}
