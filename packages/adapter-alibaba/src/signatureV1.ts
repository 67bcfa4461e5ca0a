import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { canonicalPairs, percentEncode } from './percent.js';

/**
 * The text that a signature of version 1.0 covers: all parameters but `Signature`, sorted and escaped.
 *
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism
 * @internal
 */
export function stringToSignV1(method: string, params: ReadonlyMap<string, string>): string {
  const signed = [...params].filter(([name]) => name !== 'Signature');
  return `${method}&${percentEncode('/')}&${percentEncode(canonicalPairs(signed))}`;
}

/** HMAC-SHA1 in base64; `secret` is the access key's secret with `&` behind it. @internal */
export function signV1(secret: KeyObject, stringToSign: string): string {
  return createHmac('sha1', secret).update(stringToSign, 'utf8').digest('base64');
}

/** Compares two texts in constant time, but for their lengths. @internal */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a, 'utf8');
  const right = Buffer.from(b, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}
