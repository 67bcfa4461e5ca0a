import { isDeepStrictEqual } from 'node:util';
import type { Tree } from './protocol.js';
import type { Rule } from './scenario.js';

/** Says, a line for each, where a value is not as expected. Members that are not named may be anything. */
export function differences(expected: Tree, actual: Tree | undefined, path = ''): string[] {
  const rule = ruleOf(expected);
  if (rule !== undefined) {
    const problem = broken(rule, actual);
    return problem === undefined ? [] : [`${path}: ${problem}, got ${show(actual)}`];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return [`${path}: expected a list of ${expected.length}, got ${show(actual)}`];
    }
    return expected.flatMap((item: Tree, index) =>
      differences(item, actual[index], `${path}[${index}]`),
    );
  }
  if (isStructure(expected) && !('$blob' in expected) && !('$time' in expected)) {
    if (!isStructure(actual)) return [`${path}: expected members, got ${show(actual)}`];
    return Object.entries(expected).flatMap(([name, item]) =>
      differences(item, actual[name], path === '' ? name : `${path}.${name}`),
    );
  }
  if (isDeepStrictEqual(expected, actual)) return [];
  return [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

/**
 * The members of an answer with their types, sorted, to be compared between clients. A false is left out:
 * for some members the Go SDK cannot tell it from a member that is not there.
 */
export function shapeOf(value: Tree, path = ''): string[] {
  return [...new Set(shapeLines(value, path))].sort();
}

function shapeLines(value: Tree, path: string): string[] {
  if (value === false) return [];
  if (Array.isArray(value)) {
    return [`${path}: list`, ...value.flatMap((item: Tree) => shapeLines(item, `${path}[]`))];
  }
  if (!isStructure(value)) return [`${path}: ${typeof value}`];
  if ('$blob' in value) return [`${path}: bytes`];
  if ('$time' in value) return [`${path}: time`];
  return Object.entries(value).flatMap(([name, item]) =>
    shapeLines(item, path === '' ? name : `${path}.${name}`),
  );
}

function broken(rule: Rule, actual: Tree | undefined): string | undefined {
  switch (rule.$rule) {
    case 'absent':
      return actual === undefined ? undefined : 'expected no such member';
    case 'time':
      return isStructure(actual) && typeof actual['$time'] === 'number'
        ? undefined
        : 'expected a time';
    case 'blob': {
      const base64 = isStructure(actual) ? actual['$blob'] : undefined;
      if (typeof base64 !== 'string') return 'expected bytes';
      const size = Buffer.from(base64, 'base64').length;
      if (rule.bytes === null || rule.bytes === size) return undefined;
      return `expected ${rule.bytes} bytes and not ${size}`;
    }
    case 'text':
      return typeof actual === 'string' && new RegExp(rule.pattern, 'u').test(actual)
        ? undefined
        : `expected a text like ${rule.pattern}`;
    case 'other':
      return actual !== undefined && !isDeepStrictEqual(rule.than, actual)
        ? undefined
        : `expected something else than ${show(rule.than)}`;
  }
}

function ruleOf(expected: Tree): Rule | undefined {
  // Only the makers in scenario.ts write this member.
  return isStructure(expected) && '$rule' in expected ? (expected as unknown as Rule) : undefined;
}

function isStructure(value: Tree | undefined): value is { readonly [name: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: Tree | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
