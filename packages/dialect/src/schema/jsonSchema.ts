import type { Json } from '@keyglot/core';
import { patternSource } from './pattern.js';
import { type Shape, type ShapeTable, type StringShape, shapeOf } from './shape.js';

/** A JSON Schema (2020-12) with the keywords of `keywords.ts`. @internal */
export type JsonSchema = { [keyword: string]: Json };

/**
 * Writes the JSON Schema of a structure. Nested structures become definitions, so that a structure may
 * hold itself. Members that the model does not know are accepted.
 *
 * @internal
 */
export function jsonSchemaOf(table: ShapeTable, name: string): JsonSchema {
  const definitions: JsonSchema = {};
  const reference = (member: string): JsonSchema => {
    const shape = shapeOf(table, member);
    if (shape.type !== 'structure') return write(shape);
    if (!Object.hasOwn(definitions, member)) {
      definitions[member] = {};
      definitions[member] = write(shape);
    }
    return { $ref: `#/$defs/${member}` };
  };
  const write = (shape: Shape): JsonSchema => {
    switch (shape.type) {
      case 'string':
        return stringSchema(shape);
      case 'blob':
        return { blob: bounds(shape.minLength, shape.maxLength) };
      case 'integer':
        return defined({ type: 'integer', minimum: shape.minimum, maximum: shape.maximum });
      case 'boolean':
        return { type: 'boolean' };
      case 'timestamp':
        return { timestamp: true };
      case 'map':
        return { type: 'object', additionalProperties: { type: 'string' } };
      case 'list':
        return defined({
          type: 'array',
          minItems: shape.minItems,
          maxItems: shape.maxItems,
          items: reference(shape.member),
        });
      case 'structure':
        return {
          type: 'object',
          properties: Object.fromEntries(
            Object.entries(shape.members).map(([member, of]) => [member, reference(of)]),
          ),
          required: [...(shape.required ?? [])],
        };
    }
  };
  return { ...write(shapeOf(table, name)), $defs: definitions };
}

function stringSchema(shape: StringShape): JsonSchema {
  const limited = shape.minLength !== undefined || shape.maxLength !== undefined;
  return defined({
    type: 'string',
    units: limited ? bounds(shape.minLength, shape.maxLength) : undefined,
    pattern: shape.pattern === undefined ? undefined : patternSource(shape.pattern),
    enum: shape.enum === undefined ? undefined : [...shape.enum, ...(shape.alsoAccepts ?? [])],
  });
}

function bounds(min: number | undefined, max: number | undefined): [number, number] {
  return [min ?? 0, max ?? Number.MAX_SAFE_INTEGER];
}

function defined(schema: Record<string, Json | undefined>): JsonSchema {
  const out: JsonSchema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (value !== undefined) out[keyword] = value;
  }
  return out;
}
