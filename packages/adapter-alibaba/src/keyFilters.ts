import type { KeyRecord } from '@keyglot/core';
import { specOf, wireUsage } from './algorithms.js';
import { alibabaFault } from './faults.js';
import { wireState } from './wireState.js';

/** One entry of `Filters`: some value of the key must be among these. @internal */
export interface Filter {
  readonly key: string;
  readonly values: readonly string[];
}

const MAX_ENTRIES = 10;
const ALIAS = 'AliasName';

type Reader = (key: KeyRecord, aliases: readonly string[]) => readonly string[];

/**
 * What a filter looks at.
 *
 * @see https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-listkeys
 */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['KeyState', (key) => [wireState(key.state)]],
  ['KeySpec', (key) => [specOf(key).name]],
  ['KeyUsage', (key) => [wireUsage(key)]],
  ['ProtectionLevel', (key) => [String(key.attributes['protectionLevel'] ?? 'SOFTWARE')]],
  ['CreatorType', () => ['User']],
  ['DKMSInstanceId', () => []],
  ['keyId', (key) => [key.wireId]],
  [ALIAS, (_key, aliases) => aliases],
  ['Creator', (key) => [key.realm.tenant]],
  ['TagKey', (key) => tagsOf(key).map(([name]) => name)],
  ['TagValue', (key) => tagsOf(key).map(([, value]) => value)],
]);

/**
 * Reads the JSON of `Filters`: `[{"Key":"KeyState","Values":["Enabled"]}]`.
 *
 * @throws KmsFault ParameterInvalid
 * @internal
 */
export function readFilters(text: string | undefined): readonly Filter[] {
  if (text === undefined) return [];
  const entries = parsed(text);
  if (entries.length > MAX_ENTRIES) throw invalid();
  return entries.map((entry) => {
    if (typeof entry !== 'object' || entry === null) throw invalid();
    const { Key: key, Values: values } = entry as { Key?: unknown; Values?: unknown };
    if (typeof key !== 'string' || !READERS.has(key)) throw invalid();
    if (!Array.isArray(values) || values.length === 0 || values.length > MAX_ENTRIES)
      throw invalid();
    if (!values.every((value) => typeof value === 'string')) throw invalid();
    return { key, values };
  });
}

/** Whether any of the filters looks at aliases. @internal */
export function needsAliases(filters: readonly Filter[]): boolean {
  return filters.some(({ key }) => key === ALIAS);
}

/** Every filter must find one of its values. @internal */
export function matches(
  record: KeyRecord,
  aliases: readonly string[],
  filters: readonly Filter[],
): boolean {
  return filters.every(({ key, values }) =>
    READERS.get(key)?.(record, aliases).some((value) => values.includes(value)),
  );
}

function tagsOf(key: KeyRecord): readonly (readonly [string, string])[] {
  // Written by CreateKey alone.
  return (key.attributes['tags'] ?? []) as readonly (readonly [string, string])[];
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
  return alibabaFault('ParameterInvalid', { name: 'Filters' });
}
