import type { IncomingHttpHeaders } from 'node:http';

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9.-]+\.localhost)(:\d+)?$/;

/**
 * Whether a browser sends this for a page of somebody else. No client of a key-management API is a
 * page, so whatever comes with a foreign origin is refused on every path.
 *
 * @internal
 */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = headers;
  return origin !== undefined && !LOCAL_ORIGIN.test(origin);
}
