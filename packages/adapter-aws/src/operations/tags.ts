import type { KeyRecord } from '@keyglot/core';
import { awsFault } from '../faults.js';
import type { Tag } from '../generated/inputs.js';

const MAX_TAGS = 50;

/**
 * Refuses tags that the service refuses as a whole; lengths are the schema's.
 *
 * @throws KmsFault Tag
 * @internal
 */
export function requireTags(tags: readonly Tag[]): void {
  // Texts recorded in LocalStack's snapshots of the service.
  if (tags.some(({ TagKey }) => TagKey.toLowerCase().startsWith('aws:'))) {
    throw awsFault('Tag', { message: 'Tags beginning with aws: are reserved' });
  }
  if (new Set(tags.map(({ TagKey }) => TagKey)).size < tags.length) {
    throw awsFault('Tag', { message: 'Duplicate tag keys' });
  }
  if (tags.length > MAX_TAGS) throw awsFault('Tag', { message: 'Too many tags' });
}

/** The tags of a key, in the order in which they were given; CreateKey has stored them as pairs. @internal */
export function tagsOf(key: KeyRecord): readonly Tag[] {
  const stored = key.attributes['tags'];
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((pair) =>
    Array.isArray(pair) ? [{ TagKey: String(pair[0]), TagValue: String(pair[1]) }] : [],
  );
}
