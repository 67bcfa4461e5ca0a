import { createHmac, hash, type KeyObject } from 'node:crypto';
import { header, type RequestHead } from '@keyglot/dialect';
import { canonicalPairs } from './percent.js';

/** Name of the only algorithm of this generation that is verified. @internal */
export const V3_ALGORITHM = 'ACS3-HMAC-SHA256';

/** Headers that every signature must cover. @internal */
export const V3_REQUIRED: readonly string[] = Object.freeze([
  'host',
  'x-acs-action',
  'x-acs-content-sha256',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-version',
]);

/** An `Authorization` header of the third or a later generation, taken apart. @internal */
export interface Authorization {
  readonly algorithm: string;
  readonly accessKeyId: string;
  readonly signedHeaders: readonly string[];
  /** Hexadecimal digits, lower case. */
  readonly signature: string;
}

/** Reads the header; undefined when it has another form. @internal */
export function readAuthorization(text: string): Authorization | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [, algorithm = '', credential = '', headers = '', signature = ''] = found;
  return {
    algorithm,
    // The fourth generation puts a scope behind the access key.
    accessKeyId: credential.split('/', 1)[0] ?? '',
    signedHeaders: headers.toLowerCase().split(';'),
    signature: signature.toLowerCase(),
  };
}

const FORM =
  /^(ACS\d-[A-Z0-9-]+) +Credential=([^,\s]{1,256}), *SignedHeaders=([A-Za-z0-9;_-]{1,2048}), *Signature=([0-9A-Fa-f]{1,2048})$/;

const EMPTY_DIGEST = hash('sha256', '', 'hex');

/** Digest of a body as `x-acs-content-sha256` carries it. @internal */
export function bodyDigest(body: Buffer): string {
  return body.length === 0 ? EMPTY_DIGEST : hash('sha256', body, 'hex');
}

/**
 * The request as the signature sees it.
 *
 * @param query decoded pairs; escaped anew, so that a client's spelling does not matter
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 * @internal
 */
export function canonicalRequest(
  head: RequestHead,
  query: readonly (readonly [name: string, value: string])[],
  signedHeaders: readonly string[],
): string {
  const names = [...signedHeaders].sort();
  const lines = names.map((name) => `${name}:${allOf(head, name).trim()}\n`).join('');
  return [
    head.method,
    head.rawPath,
    canonicalPairs(query),
    lines,
    names.join(';'),
    header(head, 'x-acs-content-sha256') ?? '',
  ].join('\n');
}

/** The text that is signed. @internal */
export function stringToSignV3(canonical: string): string {
  return `${V3_ALGORITHM}\n${hash('sha256', canonical, 'hex')}`;
}

/** HMAC-SHA256 in lower-case hexadecimal digits. @internal */
export function signV3(secret: KeyObject, stringToSign: string): string {
  return createHmac('sha256', secret).update(stringToSign, 'utf8').digest('hex');
}

function allOf(head: RequestHead, name: string): string {
  const value = head.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}
