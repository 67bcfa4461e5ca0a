import { KmsFault, type Scope, type Vault } from '@keyglot/core';
import { type Credential, findCredential, type WireRequest } from '@keyglot/dialect';
import type { AwsCaller } from './call.js';
import { AWS_CREDENTIALS } from './credentials.js';
import { awsFault } from './faults.js';
import type { Profile } from './profile.js';
import { AWS_PROFILE } from './profiles/aws.js';
import { QKMS_PROFILE } from './profiles/qkms.js';
import { createSignatureReader } from './signatureParts.js';
import { type SignatureParts, signatureMatches } from './sigv4.js';

/** How credentials are judged. `open` takes any, but a registered one must verify. @public */
export type AuthMode = 'open' | 'audit' | 'enforce';

/** Settings of the AWS dialect. @public */
export interface AwsSettings {
  readonly auth: AuthMode;
  /** Account of requests whose access key names none, 12 digits. */
  readonly account: string;
  /** Region of requests without a credential scope. */
  readonly region: string;
}

// Measured against the service: https://github.com/ministackorg/ministack/issues/1745
const WINDOW_MINUTES = 5;
const REGION = /^([a-z]+-){2,3}\d+$/;
const ANY_REGION = /^[A-Za-z0-9-]{1,64}$/;
const ACCOUNT = /^\d{12}$/;
const QKMS_REGION = 'q-world-1';

/**
 * Builds the judge of credentials.
 *
 * @param service - signing name that the credential scope must carry
 * @internal
 */
export function createAuthenticator(
  vault: Vault,
  settings: AwsSettings,
): (request: WireRequest, scope: Scope, service: string, operation: string) => AwsCaller {
  const read = createSignatureReader();
  const strict = settings.auth === 'enforce';

  const judge = (
    request: WireRequest,
    scope: Scope,
    parts: SignatureParts,
    service: string,
  ): { credential: Credential | undefined; audit: string } => {
    requireScope(parts, service, settings.auth !== 'open');
    const credential = findCredential(vault, scope, AWS_CREDENTIALS, parts.accessKeyId);
    if (credential === undefined) {
      if (strict) throw awsFault('UnrecognizedClient', {});
      return {
        credential,
        audit: settings.auth === 'audit' ? 'the access key is not registered' : '',
      };
    }
    if (credential.get('sessionToken') !== parts.sessionToken)
      throw awsFault('UnrecognizedClient', {});
    if (credential.expiresAtMs !== 0 && credential.expiresAtMs <= scope.nowMs) {
      throw awsFault('TokenExpired', {});
    }
    requireFresh(parts, request.receivedAtMs);
    if (!parts.signedHeaders.includes('host')) {
      throw awsFault('SignatureRefused', {
        message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
      });
    }
    if (!signatureMatches(request.head, request.body, parts, credential)) {
      throw awsFault('SignatureMismatch', {});
    }
    return { credential, audit: '' };
  };

  return (request, scope, service, operation) => {
    let parts: SignatureParts | undefined;
    let hint: Profile = request.mount === 'qkms' ? QKMS_PROFILE : AWS_PROFILE;
    try {
      parts = read(request.head);
      if (parts?.region === QKMS_REGION || isQkmsOnly(operation)) hint = QKMS_PROFILE;
      if (parts === undefined) {
        if (strict) throw awsFault('MissingAuthentication', {});
        const audit = settings.auth === 'audit' ? 'the request is not signed' : '';
        return callerOf(
          profileOf(hint, request, undefined),
          settings,
          request,
          parts,
          undefined,
          audit,
        );
      }
      const { credential, audit } = judge(request, scope, parts, service);
      const profile = profileOf(hint, request, credential);
      return callerOf(profile, settings, request, parts, credential, audit);
    } catch (error) {
      throw refusedBy(hint, error);
    }
  };
}

/** The mount or host decides, then the credential, then what only one profile has. */
function profileOf(
  hint: Profile,
  request: WireRequest,
  credential: Credential | undefined,
): Profile {
  if (request.mount === 'aws') return AWS_PROFILE;
  if (request.mount === 'qkms' || credential?.dialect === 'qkms') return QKMS_PROFILE;
  return hint;
}

function callerOf(
  profile: Profile,
  settings: AwsSettings,
  request: WireRequest,
  parts: SignatureParts | undefined,
  credential: Credential | undefined,
  audit: string,
): AwsCaller {
  const region = parts?.region ?? settings.region;
  const claimed = parts?.accessKeyId ?? '';
  const account =
    credential?.get('account') || (ACCOUNT.test(claimed) ? claimed : settings.account);
  return {
    dialect: profile.name,
    sandbox: credential?.sandbox || request.sandbox,
    audit,
    profile,
    account,
    region,
    arn: credential?.get('arn') || profile.rootArn(account, region),
    userId: credential?.get('arn') ? claimed : account,
    realm: { dialect: profile.name, tenant: account, region: profile.realmRegion(region) },
  };
}

function requireScope(parts: SignatureParts, service: string, known: boolean): void {
  // Wording recorded on Kinesis: https://github.com/twitchscience/kinsumer/issues/57
  if (parts.service !== service) {
    throw awsFault('SignatureRefused', {
      message: `Credential should be scoped to correct service: '${service}'. `,
    });
  }
  if (!(known ? REGION : ANY_REGION).test(parts.region)) {
    throw awsFault('SignatureRefused', {
      message: 'Credential should be scoped to a valid region. ',
    });
  }
  if (parts.terminator !== 'aws4_request') {
    throw awsFault('SignatureRefused', {
      message: `Credential should be scoped with a valid terminator: 'aws4_request', not '${parts.terminator}'.`,
    });
  }
}

function requireFresh(parts: SignatureParts, nowMs: number): void {
  const signedMs = parseStamp(parts.timestamp);
  const now = stamp(nowMs);
  if (signedMs === undefined || !parts.timestamp.startsWith(parts.date)) {
    throw awsFault('SignatureRefused', {
      message: `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${parts.date}' != '${parts.timestamp.slice(0, 8)}', from '${parts.timestamp}'.`,
    });
  }
  const windowMs = WINDOW_MINUTES * 60_000;
  const lifeMs = parts.expiresSeconds === undefined ? windowMs : parts.expiresSeconds * 1_000;
  if (signedMs + lifeMs < nowMs) {
    const earliest = stamp(nowMs - windowMs);
    throw awsFault('SignatureRefused', {
      message: `Signature expired: ${parts.timestamp} is now earlier than ${earliest} (${now} - ${WINDOW_MINUTES} min.)`,
    });
  }
  if (signedMs - windowMs > nowMs) {
    const latest = stamp(nowMs + windowMs);
    throw awsFault('SignatureRefused', {
      message: `Signature not yet current: ${parts.timestamp} is still later than ${latest} (${now} + ${WINDOW_MINUTES} min.)`,
    });
  }
}

const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

function parseStamp(text: string): number | undefined {
  const found = STAMP.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second] = found.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

// Operations of https://github.com/QuilibriumNetwork/qkms-sdk that AWS KMS does not have.
const QKMS_ONLY = new Set([
  'RegisterSidecar',
  'GetSidecar',
  'ListTasks',
  'ListTasksForSidecar',
  'ClaimTask',
  'UpdateTask',
  'SendPartyMessage',
  'GetPartyMessages',
]);

function isQkmsOnly(operation: string): boolean {
  return QKMS_ONLY.has(operation);
}

/** A refused credential answered by another profile than AWS's own carries that profile with it. */
function refusedBy(profile: Profile, error: unknown): unknown {
  if (profile.badCredentialsCode === undefined || !(error instanceof KmsFault)) return error;
  return CREDENTIAL_FAULTS.has(error.code) ? awsFault('NotAuthorized', {}) : error;
}

const CREDENTIAL_FAULTS = new Set([
  'UnrecognizedClient',
  'SignatureMismatch',
  'SignatureRefused',
  'TokenExpired',
]);
