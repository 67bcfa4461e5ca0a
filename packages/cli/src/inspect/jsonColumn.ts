import type { Problem } from './problems.js';

/** What a record of JSON lines has in its column. @internal */
export type JsonValue = { readonly value: string } | { readonly problem: Problem };

/**
 * Reads one JSON line.
 *
 * @param column dotted path of a member, where a member whose own name has the dots comes first, and
 *   numbers choose elements of arrays; undefined when the line itself is the text
 * @internal
 */
export function jsonColumn(line: string, column: string | undefined): JsonValue {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return { problem: 'broken-record' };
  }
  const value = column === undefined ? record : memberOf(record, column);
  if (typeof value === 'string') return { value };
  if (value === undefined) return { problem: 'no-value' };
  return { problem: value === null ? 'empty' : 'not-text' };
}

/** Only own members: a name like `__proto__` is a name as any other. */
function memberOf(record: unknown, path: string): unknown {
  if (typeof record !== 'object' || record === null) return undefined;
  if (Object.hasOwn(record, path)) return Reflect.get(record, path);
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(record, name)) continue;
    const found = memberOf(Reflect.get(record, name), path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
