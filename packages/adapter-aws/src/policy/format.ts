import type { Json } from '@keyglot/core';

/**
 * Writes a policy as GetKeyPolicy returns it, whatever it looked like when it was put: members of
 * objects on lines of their own, indented by two, and lists on one line. The service's printer is the
 * default one of Jackson.
 *
 * @see https://github.com/boto/botocore/blob/develop/botocore/data/kms/2014-11-01/examples-1.json
 * @internal
 */
export function formatPolicy(value: Json, indent: string = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[ ]';
    return `[ ${value.map((one: Json) => formatPolicy(one, indent)).join(', ')} ]`;
  }
  const inner = `${indent}  `;
  const members = Object.entries(value).map(
    ([name, one]) => `\n${inner}${JSON.stringify(name)} : ${formatPolicy(one, inner)}`,
  );
  return members.length === 0 ? '{ }' : `{${members.join(',')}\n${indent}}`;
}
