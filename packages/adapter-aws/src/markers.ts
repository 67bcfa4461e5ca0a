import { fault, type LoadedKey } from '@keyglot/core';
import type { AwsCall } from './call.js';
import { operationsTaking } from './modelMembers.js';
import { fromBase64url, openSealed, seal } from './sealed.js';

type Members = Readonly<Record<string, unknown>>;

/** Keeps every text as it is, also half of a surrogate pair, with which a tag key may end. */
const TEXT = 'utf16le';

/** Operations whose answers come in pages. @internal */
export const LISTINGS: ReadonlySet<string> = operationsTaking('Marker');

/**
 * What a marker is good for: the same listing by the same account. How a key was named does not
 * matter, and the size of a page may change on the way.
 *
 * @internal
 */
export function markerBinding(call: AwsCall, input: Members, keys: readonly LoadedKey[]): string[] {
  const { sandbox } = call.scope;
  const { dialect, tenant, region } = call.realm;
  const { Limit: _limit, Marker: _marker, KeyId: _key, ...filters } = input;
  const named = keys.map(({ record }) => record.id);
  const filtered = JSON.stringify(Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1)));
  return ['marker', sandbox, dialect, tenant, region, call.operation, filtered, ...named];
}

/** Turns the place where the next page begins into a marker that tells the client nothing. @internal */
export function sealMarker(call: AwsCall, binding: readonly string[], place: string): string {
  return seal(call, binding, Buffer.from(place, TEXT)).toString('base64url');
}

/**
 * The place that a marker of ours stands for.
 *
 * @throws KmsFault PageTokenInvalid when it is not ours, or was made for another listing
 * @internal
 */
export function openMarker(call: AwsCall, binding: readonly string[], marker: string): string {
  const bytes = fromBase64url(marker);
  const place = bytes && openSealed(call, binding, bytes);
  if (place === undefined) throw fault('PageTokenInvalid', {});
  return place.toString(TEXT);
}
