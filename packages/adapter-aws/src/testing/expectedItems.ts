import type { Json } from '@keyglot/core';
import type { Shape, StringShape } from '@keyglot/dialect';
import { wholeMatch } from './samples.js';

const LONGEST_SHOWN = 16_384;

/**
 * The items of the ValidationException that a member deserves, from the grammar that was recorded from
 * KMS. Written apart from `validation.ts` and from the validator, which it tests.
 *
 * @internal
 */
export function expectedItems(
  member: Shape,
  value: Json,
  path: string,
  shapeOf: (name: string) => Shape,
): string[] {
  const say = (shown: string, constraint: string): string =>
    `Value ${shown}at '${path}' failed to satisfy constraint: ${constraint}`;
  switch (member.type) {
    case 'string':
      return brokenText(member, String(value)).map((constraint) =>
        say(member.sensitive === true ? '' : quoted(String(value)), constraint),
      );
    case 'blob': {
      const bytes = Buffer.from(String(value), 'base64').length;
      return brokenSize('length', bytes, member.minLength, member.maxLength).map((constraint) =>
        say('', constraint),
      );
    }
    case 'integer':
      return brokenSize('value', Number(value), member.minimum, member.maximum).map((constraint) =>
        say(quoted(String(value)), constraint),
      );
    case 'list': {
      const elements = value as readonly Json[];
      const shown = quoted(`[${elements.join(', ')}]`);
      const items = brokenSize('length', elements.length, member.minItems, member.maxItems).map(
        (constraint) => say(shown, constraint),
      );
      const element = shapeOf(member.member);
      if (element.type !== 'string') return items;
      if (elements.every((one) => brokenText(element, String(one)).length === 0)) return items;
      const all = [
        element.maxLength && `Member must have length less than or equal to ${element.maxLength}`,
        element.minLength &&
          `Member must have length greater than or equal to ${element.minLength}`,
        element.enum && `Member must satisfy enum value set: [${element.enum.join(', ')}]`,
      ].filter(Boolean);
      return [...items, say(shown, `Member must satisfy constraint: [${all.join(', ')}]`)];
    }
    default:
      return [];
  }
}

function brokenText(shape: StringShape, value: string): string[] {
  const broken = brokenSize('length', value.length, shape.minLength, shape.maxLength);
  if (shape.pattern !== undefined && !wholeMatch(shape.pattern, value)) {
    broken.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  }
  const accepted = [...(shape.enum ?? []), ...(shape.alsoAccepts ?? [])];
  if (shape.enum !== undefined && !accepted.includes(value)) {
    broken.push(`Member must satisfy enum value set: [${(shape.prints ?? shape.enum).join(', ')}]`);
  }
  return broken;
}

function brokenSize(
  what: 'length' | 'value',
  size: number,
  min: number | undefined,
  max: number | undefined,
): string[] {
  if (min !== undefined && size < min) {
    return [`Member must have ${what} greater than or equal to ${min}`];
  }
  if (max !== undefined && size > max) {
    return [`Member must have ${what} less than or equal to ${max}`];
  }
  return [];
}

function quoted(value: string): string {
  return value.length > LONGEST_SHOWN ? `'${value.slice(0, LONGEST_SHOWN)}...' ` : `'${value}' `;
}
