import type { Json } from '@keyglot/core';
import type { ServiceModel, Shape } from '@keyglot/dialect';
import { model as published } from '../generated/model.js';
import { expectedItems } from './expectedItems.js';
import { sampleOfLength, shortestSample } from './samples.js';

/** A request that is just inside or just outside of one limit of the model. @public */
export interface ConstraintCase {
  readonly operation: string;
  /** As KMS names it: `tags.1.member.tagValue`. */
  readonly member: string;
  readonly rule: 'required' | 'length' | 'range' | 'pattern' | 'enum' | 'items';
  /** The request body, blobs as base64. */
  readonly input: { readonly [member: string]: Json };
  readonly ok: boolean;
  /** The text of the ValidationException when not `ok`. */
  readonly message?: string;
}

type Structure = { readonly [member: string]: Json };
type Put = (value: Structure) => Structure;

/**
 * Every limit of every request member of every operation, from the inside and from the outside.
 *
 * @param model - the published one when not given
 * @public
 */
export function constraintCases(model: ServiceModel = published): readonly ConstraintCase[] {
  return Object.entries(model.operations).flatMap(([operation, { input }]) =>
    casesOf(model, input, (value) => value, '').map((found) => ({ operation, ...found })),
  );
}

type Case = Omit<ConstraintCase, 'operation'>;

function casesOf(model: ServiceModel, name: string, put: Put, prefix: string): Case[] {
  const structure = shape(model, name);
  if (structure.type !== 'structure') throw new Error(`${name} is no structure`);
  const base = smallest(model, name) as Structure;
  const out: Case[] = [];
  for (const [memberName, of] of Object.entries(structure.members)) {
    const member = shape(model, of);
    const path = prefix + memberName.charAt(0).toLowerCase() + memberName.slice(1);
    const judged = (rule: Case['rule'], value: Json): Case => {
      const items = expectedItems(member, value, path, (inside) => shape(model, inside));
      return {
        member: path,
        rule,
        input: put({ ...base, [memberName]: value }),
        ...verdict(items),
      };
    };
    if (structure.required?.includes(memberName) === true) {
      const { [memberName]: _, ...without } = base;
      const secret = 'sensitive' in member && member.sensitive === true;
      const items = [
        `Value ${secret ? '' : 'null '}at '${path}' failed to satisfy constraint: Member must not be null`,
      ];
      for (const input of [without, { ...without, [memberName]: null }]) {
        out.push({ member: path, rule: 'required', input: put(input), ...verdict(items) });
      }
    }
    for (const [rule, value] of candidates(model, of)) out.push(judged(rule, value));
    const nested = member.type === 'list' ? member.member : of;
    if (shape(model, nested).type === 'structure') {
      const list = member.type === 'list';
      const inside: Put = (value) => put({ ...base, [memberName]: list ? [value] : value });
      out.push(...casesOf(model, nested, inside, `${path}.${list ? '1.member.' : ''}`));
    }
  }
  return out;
}

function verdict(items: readonly string[]): { ok: boolean; message?: string } {
  if (items.length === 0) return { ok: true };
  const many = items.length > 1 ? 's' : '';
  return {
    ok: false,
    message: `${items.length} validation error${many} detected: ${items.join('; ')}`,
  };
}

/** Values around the limits of a shape. */
function candidates(model: ServiceModel, name: string): [ConstraintCase['rule'], Json][] {
  const of = shape(model, name);
  switch (of.type) {
    case 'string': {
      if (of.enum !== undefined) {
        const inside = [...of.enum, ...(of.alsoAccepts ?? [])];
        return [...inside, 'NOT_A_VALUE', ''].map((value) => ['enum', value]);
      }
      const out: [ConstraintCase['rule'], Json][] = around(of.minLength, of.maxLength).map((n) => [
        'length',
        sampleOfLength(name, n),
      ]);
      if (of.pattern !== undefined) {
        const sample = shortestSample(name, of);
        out.push(['pattern', sample], ['pattern', `\u2603${sample.slice(1)}`]);
      }
      return out;
    }
    case 'blob':
      return around(of.minLength, of.maxLength).map((n) => [
        'length',
        Buffer.alloc(n, 7).toString('base64'),
      ]);
    case 'integer':
      return around(of.minimum, of.maximum).map((n) => ['range', n]);
    case 'list': {
      const element = smallest(model, of.member);
      const sizes: [ConstraintCase['rule'], Json][] = around(of.minItems, of.maxItems).map((n) => [
        'items',
        Array.from({ length: n }, () => element),
      ]);
      if (shape(model, of.member).type === 'structure') return sizes;
      const elements = candidates(model, of.member);
      return [
        ...sizes,
        ...elements.map(([rule, value]): [ConstraintCase['rule'], Json] => [rule, [value]]),
        ...elements.map(([rule, value]): [ConstraintCase['rule'], Json] => [
          rule,
          [element, value],
        ]),
      ];
    }
    default:
      return [];
  }
}

function around(min: number | undefined, max: number | undefined): number[] {
  return [
    ...(min === undefined ? [] : [min - 1, min]),
    ...(max === undefined ? [] : [max, max + 1]),
  ];
}

/** A small valid value; of a structure, the required members only. */
function smallest(model: ServiceModel, name: string): Json {
  const of = shape(model, name);
  switch (of.type) {
    case 'string':
      return of.enum?.[0] ?? shortestSample(name, of);
    case 'blob':
      return Buffer.alloc(of.minLength ?? 0, 7).toString('base64');
    case 'integer':
      return of.minimum ?? 1;
    case 'boolean':
      return true;
    case 'timestamp':
      return 1_700_000_000.123;
    case 'map':
      return { purpose: 'test' };
    case 'list':
      return Array.from({ length: of.minItems ?? 0 }, () => smallest(model, of.member));
    case 'structure': {
      const required = of.required ?? [];
      const members = Object.entries(of.members).filter(([member]) => required.includes(member));
      return Object.fromEntries(
        members.map(([member, inside]) => [member, smallest(model, inside)]),
      );
    }
  }
}

function shape(model: ServiceModel, name: string): Shape {
  const found = model.shapes[name];
  if (found === undefined) throw new Error(`there is no shape ${name}`);
  return found;
}
