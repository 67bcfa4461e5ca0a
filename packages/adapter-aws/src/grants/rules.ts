import type { KeyRecord } from '@keyglot/core';
import { pairsOf } from '@keyglot/dialect';
import { wireUsage } from '../algorithms.js';
import { awsFault } from '../faults.js';
import type { CreateGrantRequest } from '../generated/inputs.js';
import type { GrantConstraints } from './grant.js';

const MAX_PAIRS = 8;
/** Documented for values; names must have some bound too. */
const MAX_LENGTH = 384;

// "Grant operations" of https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
const ANY_KEY = ['CreateGrant', 'RetireGrant', 'DescribeKey'];
const ENCRYPTION = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'];
const SYMMETRIC = [
  ...ENCRYPTION,
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];
/** By the key's usage; symmetric encryption keys have a row of their own. */
const BY_USAGE: ReadonlyMap<string, readonly string[]> = new Map([
  ['ENCRYPT_DECRYPT', [...ENCRYPTION, 'GetPublicKey']],
  ['SIGN_VERIFY', ['Sign', 'Verify', 'GetPublicKey']],
  ['GENERATE_VERIFY_MAC', ['GenerateMac', 'VerifyMac']],
  ['KEY_AGREEMENT', ['DeriveSharedSecret', 'GetPublicKey']],
  ['ENCAPSULATE_DECAPSULATE', ['Encapsulate', 'Decapsulate', 'GetPublicKey']],
]);

/** Whether the key's operations have an encryption context. */
function isSymmetric({ spec }: KeyRecord): boolean {
  return spec === 'aes-256';
}

/** Operations that a grant on the key may allow. @internal */
export function grantableOperations(key: KeyRecord): readonly string[] {
  const own = isSymmetric(key) ? SYMMETRIC : (BY_USAGE.get(wireUsage(key.usages)) ?? []);
  return [...ANY_KEY, ...own];
}

/**
 * Refuses members that do not go together.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
 * @throws KmsFault Validation
 * @internal
 */
export function requireCombination(input: CreateGrantRequest): void {
  const { GranteePrincipal, GranteeServicePrincipal, Constraints } = input;
  const { RetiringPrincipal, RetiringServicePrincipal } = input;
  requireOne('GranteePrincipal', GranteePrincipal, GranteeServicePrincipal);
  if (RetiringPrincipal !== undefined && RetiringServicePrincipal !== undefined) {
    throw refused(
      'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
    );
  }
  if (GranteeServicePrincipal === undefined) return;
  if (Constraints?.SourceArn === undefined) {
    throw refused(
      'A SourceArn grant constraint is required when GranteeServicePrincipal is specified.',
    );
  }
  if (RetiringPrincipal === undefined && RetiringServicePrincipal === undefined) {
    throw refused(
      'RetiringPrincipal or RetiringServicePrincipal is required when GranteeServicePrincipal is specified.',
    );
  }
}

/** Refuses none and both of a principal and a service principal. @throws KmsFault Validation @internal */
export function requireOne(
  member: 'GranteePrincipal' | 'RetiringPrincipal',
  principal: string | undefined,
  service: string | undefined,
): void {
  if ((principal === undefined) !== (service === undefined)) return;
  const other = member.replace('Principal', 'ServicePrincipal');
  throw refused(`You must specify either ${member} or ${other}, but not both.`);
}

/** Refuses operations that a grant on this key cannot allow. @throws KmsFault Validation @internal */
export function requireOperations(key: KeyRecord, operations: readonly string[]): void {
  if (operations.length === 0) throw refused('Grants must contain at least one operation.');
  // Recorded: https://github.com/ansible/ansible/pull/31960
  if (operations.every((operation) => operation === 'CreateGrant')) {
    throw awsFault('Validation', {
      message: 'Grants must not contain only the CreateGrant operation.',
    });
  }
  const allowed = grantableOperations(key);
  const wrong = operations.filter((operation) => !allowed.includes(operation));
  if (wrong.length > 0) {
    // Recorded for HMAC keys: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/hmac.json
    const usage = wireUsage(key.usages);
    const isMac = usage === 'GENERATE_VERIFY_MAC';
    const kind = isMac || isSymmetric(key) ? 'a symmetric' : 'an asymmetric';
    throw awsFault(isMac ? 'Validation' : 'ValidationInferred', {
      message: `Operations [${wrong.join(', ')}] are not supported when creating a grant for ${kind} KMS key with key usage ${usage}. Valid operations are [${allowed.join(', ')}]`,
    });
  }
}

/** Reads the constraints of a request. @throws KmsFault Validation @internal */
export function requireConstraints(
  key: KeyRecord,
  given: CreateGrantRequest['Constraints'],
): GrantConstraints {
  const {
    EncryptionContextEquals: equals,
    EncryptionContextSubset: subset,
    SourceArn,
  } = given ?? {};
  if (equals !== undefined && subset !== undefined) {
    // Recorded: hashicorp/terraform-provider-aws, internal/service/kms/grant.go
    throw awsFault('Validation', { message: 'More than one constraint supplied' });
  }
  const context = equals ?? subset;
  if (context !== undefined && !isSymmetric(key)) {
    // Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/hmac.json
    throw awsFault('Validation', {
      message:
        'EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.',
    });
  }
  const pairs = pairsOf(context);
  if (pairs.length > MAX_PAIRS) {
    throw refused(`A grant constraint can include up to ${MAX_PAIRS} encryption context pairs.`);
  }
  for (const [what, at] of [
    ['key', 0],
    ['value', 1],
  ] as const) {
    if (pairs.some((pair) => pair[at].length > MAX_LENGTH)) {
      throw refused(
        `The encryption context ${what} in a grant constraint cannot exceed ${MAX_LENGTH} characters.`,
      );
    }
  }
  return {
    ...(equals === undefined ? {} : { encryptionContextEquals: pairs }),
    ...(subset === undefined ? {} : { encryptionContextSubset: pairs }),
    ...(SourceArn === undefined ? {} : { sourceArn: SourceArn }),
  };
}

function refused(message: string): Error {
  return awsFault('ValidationInferred', { message });
}
