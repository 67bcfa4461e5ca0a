import { createSecretKey, type KeyObject } from 'node:crypto';
import { type Scope, Secret, type Vault } from '@keyglot/core';
import { type Credential, findCredential, header, type WireRequest } from '@keyglot/dialect';
import type { AlibabaCaller } from './call.js';
import { isDedicatedHost, regionOfHost } from './claim.js';
import { ALIBABA_CREDENTIALS } from './credentials.js';
import { alibabaFault } from './faults.js';
import { isHeaderSigned, readingOf } from './reading.js';
import { createReplays, type Replays } from './replays.js';
import { type AlibabaSettings, DEFAULT_ACCOUNT } from './settings.js';
import { sameText, signV1, stringToSignV1 } from './signatureV1.js';
import {
  type Authorization,
  bodyDigest,
  canonicalRequest,
  readAuthorization,
  signV3,
  stringToSignV3,
  V3_ALGORITHM,
  V3_REQUIRED,
} from './signatureV3.js';

/** Skew that the service takes, either way. */
const WINDOW_MS = 15 * 60_000;

/** What a request says about its sender. */
interface Proof {
  readonly accessKeyId: string;
  readonly token: string;
  readonly stamp: string | undefined;
  readonly nonce: string;
  /** The text that must have been signed, or undefined when the signature is none that is known. */
  readonly stringToSign: string | undefined;
  verify(secrets: SigningSecrets, stringToSign: string): boolean;
}

/**
 * Builds the judge of credentials: signatures of version 1.0 in query or form, and of the third
 * generation in the header.
 *
 * @internal
 */
export function createAuthenticator(
  vault: Vault,
  settings: AlibabaSettings,
): (request: WireRequest, scope: Scope) => AlibabaCaller {
  const strict = settings.auth === 'enforce';
  const replays = (settings.refuseReplays ?? strict) ? createReplays(2 * WINDOW_MS) : undefined;

  return (request, scope) => {
    const proof = proofOf(request);
    if (proof === undefined) {
      if (strict) throw alibabaFault('AccessKeyMissing', {});
      return callerOf(request, settings, undefined, 'the request is not signed');
    }
    const credential = findCredential(vault, scope, ALIBABA_CREDENTIALS, proof.accessKeyId);
    if (credential === undefined) {
      if (strict) throw alibabaFault('AccessKeyUnknown', {});
      return callerOf(request, settings, undefined, 'the access key is not registered');
    }
    requireValid(proof, credential, scope.nowMs, request.receivedAtMs, replays);
    return callerOf(request, settings, credential, '');
  };
}

/** An access key's secret, ready for each generation of the signature. */
interface SigningSecrets {
  readonly v1: KeyObject;
  readonly v3: KeyObject;
}

/** Made once for each reading of a credential. */
const secrets = new WeakMap<Credential, SigningSecrets>();

function secretsOf(credential: Credential): SigningSecrets {
  let made = secrets.get(credential);
  if (made === undefined) {
    const secret = credential.get('accessKeySecret');
    made = {
      v1: createSecretKey(Buffer.from(`${secret}&`, 'utf8')),
      v3: createSecretKey(Buffer.from(secret, 'utf8')),
    };
    secrets.set(credential, made);
  }
  return made;
}

/** Token, then time, then signature, then nonce; the order is inferred. */
function requireValid(
  proof: Proof,
  credential: Credential,
  nowMs: number,
  receivedAtMs: number,
  replays: Replays | undefined,
): void {
  // The service says the same of an access key whose STS token has run out.
  if (credential.expiresAtMs !== 0 && credential.expiresAtMs <= nowMs) {
    throw alibabaFault('AccessKeyUnknown', {});
  }
  const token = credential.get('securityToken');
  if (token !== '' && proof.token === '') throw alibabaFault('SecurityTokenMissing', {});
  if (!sameText(token, proof.token)) throw alibabaFault('SecurityTokenMismatch', {});
  requireFresh(proof.stamp, receivedAtMs);
  const { stringToSign } = proof;
  if (stringToSign === undefined) throw alibabaFault('SignatureIncomplete', {});
  if (!proof.verify(secretsOf(credential), stringToSign)) {
    // It holds the request's parameters, so it is kept out of logs.
    const signed = new Secret(Buffer.from(stringToSign, 'utf8'));
    throw alibabaFault('SignatureMismatch', { signed });
  }
  if (proof.nonce !== '' && replays?.take(proof.accessKeyId, proof.nonce, receivedAtMs) === false) {
    throw alibabaFault('NonceUsed', {});
  }
}

function requireFresh(stamp: string | undefined, nowMs: number): void {
  if (stamp === undefined || stamp === '') throw alibabaFault('TimestampRefused', {});
  const signedMs = parseStamp(stamp);
  if (signedMs === undefined) throw alibabaFault('TimestampMalformed', {});
  if (Math.abs(nowMs - signedMs) > WINDOW_MS) throw alibabaFault('TimestampRefused', {});
}

const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Undefined too for a moment that no calendar has. */
function parseStamp(text: string): number | undefined {
  if (!STAMP.test(text)) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  return new Date(ms).toISOString().slice(0, 19) === text.slice(0, 19) ? ms : undefined;
}

function proofOf(request: WireRequest): Proof | undefined {
  const { head } = request;
  const { params } = readingOf(request);
  if (isHeaderSigned(head)) {
    const parts = readAuthorization(header(head, 'authorization') ?? '');
    if (parts === undefined) throw alibabaFault('SignatureIncomplete', {});
    return headerProof(request, parts);
  }
  const accessKeyId = params.get('AccessKeyId') ?? '';
  const signature = params.get('Signature') ?? '';
  if (accessKeyId === '') return undefined;
  const known =
    signature !== '' &&
    params.get('SignatureMethod') === 'HMAC-SHA1' &&
    params.get('SignatureVersion') === '1.0';
  return {
    accessKeyId,
    token: params.get('SecurityToken') ?? '',
    stamp: params.get('Timestamp'),
    nonce: params.get('SignatureNonce') ?? '',
    stringToSign: known ? stringToSignV1(head.method, params) : undefined,
    verify: ({ v1 }, text) => sameText(signV1(v1, text), signature),
  };
}

function headerProof(request: WireRequest, parts: Authorization): Proof {
  const { head, body } = request;
  const { accessKeyId, algorithm, signedHeaders, signature } = parts;
  const known =
    algorithm === V3_ALGORITHM &&
    V3_REQUIRED.every((name) => signedHeaders.includes(name)) &&
    header(head, 'x-acs-content-sha256') === bodyDigest(body);
  return {
    accessKeyId,
    token: header(head, 'x-acs-security-token') ?? '',
    stamp: header(head, 'x-acs-date'),
    nonce: header(head, 'x-acs-signature-nonce') ?? '',
    stringToSign: known
      ? stringToSignV3(canonicalRequest(head, readingOf(request).query, signedHeaders))
      : undefined,
    verify: ({ v3 }, text) => sameText(signV3(v3, text), signature),
  };
}

/** The account of a credential, or the configured one. @internal */
export function accountOf(credential: Credential | undefined, settings: AlibabaSettings): string {
  return credential?.get('account') || (settings.account ?? DEFAULT_ACCOUNT);
}

function callerOf(
  request: WireRequest,
  settings: AlibabaSettings,
  credential: Credential | undefined,
  doubt: string,
): AlibabaCaller {
  const { hostname } = request.head;
  const account = accountOf(credential, settings);
  const region = regionOfHost(hostname) ?? settings.region;
  return {
    dialect: 'alibaba',
    sandbox: credential?.sandbox || request.sandbox,
    audit: settings.auth === 'audit' ? doubt : '',
    account,
    realm: { dialect: 'alibaba', tenant: account, region },
    dedicated: isDedicatedHost(hostname),
  };
}
