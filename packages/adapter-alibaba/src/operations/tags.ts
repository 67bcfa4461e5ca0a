import { alibabaFault } from '../faults.js';

const MAX_TAGS = 20;
const TEXT = /^[A-Za-z0-9/\\_\-.+=:@]{1,128}$/;
const VALUE = /^[A-Za-z0-9/\\_\-.+=:@]{0,128}$/;
const RESERVED = /^(?:aliyun|acs:)/;

/**
 * Reads the JSON of `Tags`: `[{"TagKey":"k","TagValue":"v"}]`.
 *
 * @throws KmsFault ParameterInvalid
 * @internal
 */
export function readTags(text: string | undefined): readonly (readonly [string, string])[] {
  if (text === undefined) return [];
  const tags = parsed(text).map((tag): readonly [string, string] => {
    if (typeof tag !== 'object' || tag === null) throw invalid();
    const { TagKey: key, TagValue: value } = tag as { TagKey?: unknown; TagValue?: unknown };
    if (typeof key !== 'string' || !TEXT.test(key) || RESERVED.test(key)) throw invalid();
    if (typeof value !== 'string' || !VALUE.test(value)) throw invalid();
    return [key, value];
  });
  const distinct = new Set(tags.map(([key]) => key));
  if (tags.length > MAX_TAGS || distinct.size < tags.length) throw invalid();
  return tags;
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw invalid();
}

function invalid(): Error {
  return alibabaFault('ParameterInvalid', { name: 'Tags' });
}
