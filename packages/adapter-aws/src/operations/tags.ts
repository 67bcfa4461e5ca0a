import type { Json, KeyRecord } from '@keyglot/core';
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
  requireTagKeys(tags.map(({ TagKey }) => TagKey));
  if (new Set(tags.map(({ TagKey }) => TagKey)).size < tags.length) {
    throw awsFault('Tag', { message: 'Duplicate tag keys' });
  }
  requireRoom(tags);
}

/** Refuses keys that only the service may use. @throws KmsFault Tag @internal */
export function requireTagKeys(keys: readonly string[]): void {
  if (keys.some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw awsFault('Tag', { message: 'Tags beginning with aws: are reserved' });
  }
}

/** Tags of a key after others were put. @throws KmsFault Tag @internal */
export function mergeTags(old: readonly Tag[], put: readonly Tag[]): readonly Tag[] {
  const merged = new Map([...old, ...put].map((tag) => [tag.TagKey, tag]));
  const tags = [...merged.values()];
  requireRoom(tags);
  return tags;
}

function requireRoom(tags: readonly Tag[]): void {
  if (tags.length > MAX_TAGS) throw awsFault('Tag', { message: 'Too many tags' });
}

/** Tags as an attribute of a key. @internal */
export function storedTags(tags: readonly Tag[]): Json {
  return tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]);
}

/** The tags of a key, in the order in which they were given. @internal */
export function tagsOf(key: KeyRecord): readonly Tag[] {
  const stored = key.attributes['tags'];
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((pair) =>
    Array.isArray(pair) ? [{ TagKey: String(pair[0]), TagValue: String(pair[1]) }] : [],
  );
}
