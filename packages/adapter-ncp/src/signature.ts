import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type Credential, header, type RequestHead } from '@keyglot/dialect';

/** Header names of account authentication. https://api.ncloud-docs.com/docs/en/common-ncpapi @internal */
export const ACCESS_KEY_HEADER = 'x-ncp-iam-access-key';
const TIMESTAMP_HEADER = 'x-ncp-apigw-timestamp';
const API_KEY_HEADER = 'x-ncp-apigw-api-key';
const V1_HEADER = 'x-ncp-apigw-signature-v1';
const V2_HEADER = 'x-ncp-apigw-signature-v2';

const WINDOW_MS = 5 * 60_000;
const TIMESTAMP = /^\d{1,16}$/;

/**
 * Whether a request is signed by the holder of a credential, at most five minutes away from `nowMs`
 * (real time).
 *
 * The header's name does not tell the scheme: the official SDKs for Go and JavaScript send a signature
 * of scheme v2 as `…-signature-v1`, without an API key.
 *
 * @see https://github.com/NaverCloudPlatform/ncloud-sdk-go-v2/blob/master/hmac/hmac.go
 * @internal
 */
export function isSigned(head: RequestHead, credential: Credential, nowMs: number): boolean {
  const timestamp = header(head, TIMESTAMP_HEADER) ?? '';
  if (!TIMESTAMP.test(timestamp) || Math.abs(Number(timestamp) - nowMs) > WINDOW_MS) return false;
  const v2 = header(head, V2_HEADER);
  const signature = v2 ?? header(head, V1_HEADER);
  if (signature === undefined) return false;
  const apiKey = v2 === undefined ? header(head, API_KEY_HEADER) : undefined;
  const registered = credential.get('apiKey');
  if (apiKey !== undefined && registered !== '' && !isSame(apiKey, registered)) return false;
  const accessKey = header(head, ACCESS_KEY_HEADER) ?? '';
  const secret = keyOf(credential);
  return targetsOf(head).some((target) => {
    const text = stringToSign({ method: head.method, target, timestamp, apiKey, accessKey });
    return isSame(signature, signatureOf(text, secret));
  });
}

/** What a signature covers; the API key is part of it in scheme v1 only. @internal */
export interface Signed {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Milliseconds since 1970, decimal. */
  readonly timestamp: string;
  readonly apiKey: string | undefined;
  readonly accessKey: string;
}

/** The text that is signed. @internal */
export function stringToSign({ method, target, timestamp, apiKey, accessKey }: Signed): string {
  const keys = apiKey === undefined ? accessKey : `${apiKey}\n${accessKey}`;
  return `${method} ${target}\n${timestamp}\n${keys}`;
}

/** HMAC-SHA256 in standard base64. @internal */
export function signatureOf(text: string, secretKey: KeyObject | string): string {
  return createHmac('sha256', secretKey).update(text, 'utf8').digest('base64');
}

/** Secret keys by reading of their credential: gone together with it. */
const keys = new WeakMap<object, KeyObject>();

function keyOf(credential: Credential): KeyObject {
  let key = keys.get(credential.resource);
  if (key === undefined) {
    key = createSecretKey(credential.get('secretKey'), 'utf8');
    keys.set(credential.resource, key);
  }
  return key;
}

function isSame(sent: string, expected: string): boolean {
  const bytes = Buffer.from(sent, 'utf8');
  const own = Buffer.from(expected, 'utf8');
  return bytes.length === own.length && timingSafeEqual(bytes, own);
}

/**
 * What the client may have signed: the target as sent; the target without Keyglot's own prefix, because
 * many clients sign their constant path; and the decoded text of either, because the official SDK for
 * JavaScript signs its query before it is encoded.
 */
function targetsOf({ rawPath, path, query }: RequestHead): readonly string[] {
  const tail = query === '' ? '' : `?${query}`;
  const sent = path === rawPath ? [rawPath + tail] : [rawPath + tail, path + tail];
  if (!tail.includes('%')) return sent;
  return [...sent, ...sent.flatMap((target) => decoded(target) ?? [])];
}

function decoded(target: string): string | undefined {
  try {
    return decodeURIComponent(target);
  } catch {
    return undefined;
  }
}
