import { base64Fault, decodeBase64Strict } from '../base64.js';
import { isObject, type Shape, type ShapeTable, shapeOf } from './shape.js';
import { readTimestamp } from './timestamp.js';
import type { JsonKind, TypeMismatch } from './validation.js';

/**
 * Finds the first value of a wrong type, in the order of the document, because a provider meets it
 * while it parses. Values that validation has already decoded are right.
 *
 * @internal
 */
export function findTypeMismatch(
  table: ShapeTable,
  shape: Shape,
  value: unknown,
): TypeMismatch | undefined {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? undefined : mismatch(shape, value);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(shape, value);
    case 'integer':
      return Number.isInteger(value) ? undefined : mismatch(shape, value);
    case 'timestamp':
      if (value instanceof Date || readTimestamp(value) !== undefined) return undefined;
      return mismatch(shape, value);
    case 'blob':
      if (Buffer.isBuffer(value)) return undefined;
      if (typeof value !== 'string') return mismatch(shape, value);
      if (decodeBase64Strict(value) !== undefined) return undefined;
      return { ...mismatch(shape, value), base64: base64Fault(value) };
    case 'map': {
      if (!isObject(value)) return mismatch(shape, value);
      for (const [name, entry] of Object.entries(value)) {
        if (typeof entry !== 'string') {
          return { path: [name], expected: 'string', got: kindOf(entry) };
        }
      }
      return undefined;
    }
    case 'list': {
      if (!Array.isArray(value)) return mismatch(shape, value);
      const member = shapeOf(table, shape.member);
      for (let i = 0; i < value.length; i++) {
        const found = findTypeMismatch(table, member, value[i]);
        if (found !== undefined) return { ...found, path: [i, ...found.path] };
      }
      return undefined;
    }
    case 'structure': {
      if (!isObject(value)) return mismatch(shape, value);
      for (const name of Object.keys(value)) {
        const of = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
        if (of === undefined) continue;
        const found = findTypeMismatch(table, shapeOf(table, of), value[name]);
        if (found !== undefined) return { ...found, path: [name, ...found.path] };
      }
      return undefined;
    }
  }
}

function mismatch(shape: Shape, value: unknown): TypeMismatch {
  return { path: [], expected: shape.type, got: kindOf(value) };
}

function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string' || typeof value === 'number') {
    return typeof value === 'string' ? 'string' : 'number';
  }
  return 'structure';
}
