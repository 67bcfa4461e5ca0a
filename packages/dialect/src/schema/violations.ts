import { decodeBase64Strict } from '../base64.js';
import { patternSource } from './pattern.js';
import {
  isObject,
  type ListShape,
  type Shape,
  type ShapeTable,
  type StructureShape,
  shapeOf,
} from './shape.js';
import type { Path, Rule, Violation } from './validation.js';

/** More than any provider prints. */
const MOST_VIOLATIONS = 100;

type Limit = Violation['limit'];

/** A rule that a value breaks. */
type Broken = readonly [rule: Rule, limit: Limit];

/**
 * Lists the limits that a value of the right types breaks: members in the model's order, and for one
 * value the length, then the pattern, then the enum. Of a list of scalars only the first bad element.
 * At most 100.
 *
 * @internal
 */
export function findViolations(table: ShapeTable, shape: Shape, value: unknown): Violation[] {
  const patterns = new Map<string, RegExp>();
  const found: Violation[] = [];

  const visit = (of: Shape, given: unknown, path: Path): void => {
    const at = decoded(of, given);
    if (of.type === 'structure' && isObject(at)) visitStructure(of, at, path);
    else if (of.type === 'list' && Array.isArray(at)) visitList(of, at, path);
    else {
      for (const [rule, limit] of brokenRules(of, at, patterns)) {
        found.push({ path, rule, limit, value: at, sensitive: isSensitive(of) });
      }
    }
  };

  const visitStructure = (of: StructureShape, at: Record<string, unknown>, path: Path): void => {
    for (const [name, memberName] of Object.entries(of.members)) {
      if (found.length >= MOST_VIOLATIONS) return;
      const member = shapeOf(table, memberName);
      const inside = [...path, name];
      if (Object.hasOwn(at, name)) visit(member, at[name], inside);
      else if (of.required?.includes(name)) {
        const sensitive = isSensitive(member);
        found.push({
          path: inside,
          rule: 'required',
          limit: undefined,
          value: undefined,
          sensitive,
        });
      }
    }
  };

  const visitList = (of: ListShape, at: readonly unknown[], path: Path): void => {
    const length = { path, value: at, sensitive: false };
    if (at.length < (of.minItems ?? 0)) {
      found.push({ ...length, rule: 'minItems', limit: of.minItems });
    }
    if (of.maxItems !== undefined && at.length > of.maxItems) {
      found.push({ ...length, rule: 'maxItems', limit: of.maxItems });
    }
    const member = shapeOf(table, of.member);
    const nested = member.type === 'structure' || member.type === 'list';
    for (let i = 0; i < at.length && found.length < MOST_VIOLATIONS; i++) {
      if (nested) visit(member, at[i], [...path, i]);
      else {
        const value = decoded(member, at[i]);
        const broken = brokenRules(member, value, patterns)[0];
        if (broken === undefined) continue;
        const [rule, limit] = broken;
        const list = { values: at, member };
        const sensitive = isSensitive(member);
        found.push({ path: [...path, i], rule, limit, value, sensitive, list });
        return;
      }
    }
  };

  visit(shape, value, []);
  return found.slice(0, MOST_VIOLATIONS);
}

/** Blobs behind the first error have not been decoded by ajv; they are known to be strict base64. */
function decoded(of: Shape, value: unknown): unknown {
  return of.type === 'blob' && typeof value === 'string' ? decodeBase64Strict(value) : value;
}

function brokenRules(of: Shape, value: unknown, patterns: Map<string, RegExp>): Broken[] {
  if (of.type === 'integer' && typeof value === 'number') {
    if (of.minimum !== undefined && value < of.minimum) return [['minimum', of.minimum]];
    if (of.maximum !== undefined && value > of.maximum) return [['maximum', of.maximum]];
    return [];
  }
  if (of.type === 'blob' && Buffer.isBuffer(value)) return brokenLengths(of, value.length);
  if (of.type !== 'string' || typeof value !== 'string') return [];
  const broken = brokenLengths(of, value.length);
  if (of.pattern !== undefined && !matches(of.pattern, value, patterns)) {
    broken.push(['pattern', of.pattern]);
  }
  if (of.enum !== undefined && !of.enum.includes(value) && !of.alsoAccepts?.includes(value)) {
    broken.push(['enum', of.prints ?? of.enum]);
  }
  return broken;
}

function brokenLengths(
  of: { readonly minLength?: number; readonly maxLength?: number },
  length: number,
): Broken[] {
  if (of.minLength !== undefined && length < of.minLength) return [['minLength', of.minLength]];
  if (of.maxLength !== undefined && length > of.maxLength) return [['maxLength', of.maxLength]];
  return [];
}

function matches(pattern: string, value: string, patterns: Map<string, RegExp>): boolean {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = new RegExp(patternSource(pattern), 'u');
    patterns.set(pattern, compiled);
  }
  return compiled.test(value);
}

function isSensitive(of: Shape): boolean {
  return (of.type === 'string' || of.type === 'blob') && of.sensitive === true;
}
