import { KmsFault, type Scope, type Vault } from '@keyglot/core';
import { type Credential, findCredential, type WireRequest } from '@keyglot/dialect';
import type { AwsCaller } from './call.js';
import { ACCESS_KEY_ID, AWS_CREDENTIALS } from './credentials.js';
import { awsFault } from './faults.js';
import type { Profile } from './profile.js';
import { AWS_PROFILE } from './profiles/aws.js';
import { type QkmsForm, qkmsProfile } from './profiles/qkmsPages.js';
import { QKMS_ONLY } from './qkms/model.js';
import { createSignatureReader } from './signatureParts.js';
import { type SignatureParts, STAMP, signatureMatches } from './sigv4.js';

/** How credentials are judged. `open` takes any, but a registered one must verify. @public */
export type AuthMode = 'open' | 'audit' | 'enforce';

/** Settings of the AWS dialect. @public */
export interface AwsSettings {
  readonly auth: AuthMode;
  /** Account of requests whose access key names none, 12 digits. */
  readonly account: string;
  /** Region of requests without a credential scope. */
  readonly region: string;
  /** How QKMS answers. Default `client`. */
  readonly qkms?: QkmsForm;
}

// Measured against the service: https://github.com/ministackorg/ministack/issues/1745
const WINDOW_MINUTES = 5;
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
  const audits = settings.auth === 'audit';
  const profileOf = chooseProfile(qkmsProfile(settings.qkms));

  // What cannot have been registered is not asked for, however many different ones are sent.
  const registered = (id: string, scope: Scope): Credential | undefined =>
    ACCESS_KEY_ID.test(id) ? findCredential(vault, scope, AWS_CREDENTIALS, id) : undefined;

  return (request, scope, service, operation) => {
    let profile = profileOf(request, undefined, operation, undefined);
    try {
      const parts = read(request.head);
      if (parts === undefined) {
        if (strict) throw awsFault('MissingAuthentication', {});
        const audit = audits ? 'the request is not signed' : '';
        return callerOf(profile, settings, request, parts, undefined, audit);
      }
      profile = profileOf(request, parts, operation, undefined);
      const doubts = scopeProblem(parts, service, profile.isRegion);
      const wrong = strict ? doubts : scopeProblem(parts, service, isAnyRegion);
      if (wrong !== '') throw awsFault('SignatureRefusedInferred', { message: wrong });
      const credential = registered(parts.accessKeyId, scope);
      if (credential === undefined) {
        if (strict) throw awsFault('UnrecognizedClient', {});
        const audit = audits ? `${doubts}The access key is not registered.` : '';
        return callerOf(profile, settings, request, parts, undefined, audit);
      }
      profile = profileOf(request, parts, operation, credential);
      requireValid(request, scope, parts, credential);
      const audit = audits ? doubts.trim() : '';
      return callerOf(profile, settings, request, parts, credential, audit);
    } catch (error) {
      throw refusedBy(profile, error);
    }
  };
}

/** Token, then date, then signature: the order of the checks is inferred. */
function requireValid(
  request: WireRequest,
  scope: Scope,
  parts: SignatureParts,
  credential: Credential,
): void {
  if (credential.get('sessionToken') !== parts.sessionToken)
    throw awsFault('UnrecognizedClient', {});
  if (credential.expiresAtMs !== 0 && credential.expiresAtMs <= scope.nowMs) {
    throw awsFault('TokenExpired', {});
  }
  requireFresh(parts, request.receivedAtMs);
  if (!parts.signedHeaders.includes('host')) {
    throw awsFault('SignatureRefusedInferred', {
      message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    });
  }
  if (!signatureMatches(request.head, request.body, parts, credential)) {
    throw awsFault('SignatureMismatch', {});
  }
}

/** The mount or host decides, then the credential, then what only one profile has. */
function chooseProfile(qkms: Profile) {
  return (
    request: WireRequest,
    parts: SignatureParts | undefined,
    operation: string,
    credential: Credential | undefined,
  ): Profile => {
    if (request.mount === 'aws') return AWS_PROFILE;
    if (request.mount === 'qkms' || credential?.dialect === 'qkms') return qkms;
    return parts?.region === QKMS_REGION || QKMS_ONLY.has(operation) ? qkms : AWS_PROFILE;
  };
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
  const account = accountOf(credential, claimed, settings);
  return {
    dialect: profile.name,
    sandbox: credential?.sandbox || request.sandbox,
    audit,
    profile,
    account,
    region,
    arn: arnOf(profile, credential, account, region),
    userId: credential?.get('arn') ? claimed : account,
    realm: { dialect: profile.name, tenant: account, region: profile.realmRegion(region) },
  };
}

/** The account of a credential, else the one that an access key is, else the configured one. @internal */
export function accountOf(
  credential: Credential | undefined,
  accessKeyId: string,
  settings: AwsSettings,
): string {
  return credential?.get('account') || (ACCOUNT.test(accessKeyId) ? accessKeyId : settings.account);
}

/** The principal of a credential, or the root user of its account. @internal */
export function arnOf(
  profile: Profile,
  credential: Credential | undefined,
  account: string,
  region: string,
): string {
  return credential?.get('arn') || profile.rootArn(account, region);
}

/**
 * What is wrong with a credential scope, or empty. Wording and order recorded on other services of the
 * same stack: https://github.com/twitchscience/kinsumer/issues/57, https://github.com/architect/dynalite
 */
function scopeProblem(
  { region, service, terminator }: SignatureParts,
  wanted: string,
  isRegion: (name: string) => boolean,
): string {
  let text = isRegion(region) ? '' : 'Credential should be scoped to a valid region. ';
  if (service !== wanted) {
    text += `Credential should be scoped to correct service: '${wanted}'. `;
  }
  if (terminator !== 'aws4_request') {
    text += `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `;
  }
  return text;
}

function isAnyRegion(name: string): boolean {
  return ANY_REGION.test(name);
}

function requireFresh(parts: SignatureParts, receivedAtMs: number): void {
  const { timestamp, date, expiresSeconds } = parts;
  const signedMs = parseStamp(timestamp);
  if (signedMs === undefined) {
    // Recorded on SWF: https://github.com/umegaya/lua-aws/issues/18
    throw awsFault('IncompleteSignature', {
      message: `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    });
  }
  // Texts show whole seconds, and must be true.
  const nowMs = receivedAtMs - (receivedAtMs % 1_000);
  const windowMs = WINDOW_MINUTES * 60_000;
  const lifeMs = expiresSeconds === undefined ? windowMs : expiresSeconds * 1_000;
  if (signedMs + lifeMs < nowMs) {
    const earliest = stamp(nowMs - windowMs);
    throw awsFault('SignatureRefused', {
      message: `Signature expired: ${timestamp} is now earlier than ${earliest} (${stamp(nowMs)} - ${WINDOW_MINUTES} min.)`,
    });
  }
  if (signedMs - windowMs > nowMs) {
    const latest = stamp(nowMs + windowMs);
    throw awsFault('SignatureRefusedInferred', {
      message: `Signature not yet current: ${timestamp} is still later than ${latest} (${stamp(nowMs)} + ${WINDOW_MINUTES} min.)`,
    });
  }
  if (date !== timestamp.slice(0, 8)) {
    throw awsFault('SignatureRefusedInferred', {
      message: `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    });
  }
}

/** Undefined too for a moment that no calendar has. */
function parseStamp(text: string): number | undefined {
  if (!STAMP.test(text)) return undefined;
  const at = (from: number, to: number): number => Number(text.slice(from, to));
  const [year, month, day] = [at(0, 4), at(4, 6), at(6, 8)];
  const [hour, minute, second] = [at(9, 11), at(11, 13), at(13, 15)];
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return exists ? date.getTime() : undefined;
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
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
  'SignatureRefusedInferred',
  'TokenExpired',
]);
