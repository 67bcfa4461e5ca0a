import { createValidators } from '@keyglot/dialect';
import { describe, expect, it } from 'vitest';
import { model, type OperationName } from '../../src/generated/model.js';
import { type ConstraintCase, constraintCases } from '../../src/testing/index.js';
import { validationMessage } from '../../src/validation.js';

const validatorOf = createValidators(model.shapes);
const cases = constraintCases();
const operations = Object.keys(model.operations) as OperationName[];

function answer({ operation, input }: ConstraintCase): string {
  const { input: shape } = model.operations[operation as OperationName];
  const result = validatorOf(shape)(JSON.parse(JSON.stringify(input)));
  if (result.ok) return 'ok';
  return result.kind === 'constraints' ? validationMessage(result.violations) : result.kind;
}

function label({ member, rule, input }: ConstraintCase): string {
  return `${member} ${rule} ${JSON.stringify(input).slice(0, 200)}`;
}

describe('limits of the published model', () => {
  it.each(operations)('%s takes what is just inside and names what is just outside', (name) => {
    const mine = cases.filter(({ operation }) => operation === name);
    const told = mine.map((one) => [label(one), answer(one)]);
    expect(told).toEqual(mine.map((one) => [label(one), one.ok ? 'ok' : one.message]));
  });

  it('covers every limit from both sides', () => {
    const seen = new Set(
      cases.map(({ operation, member, rule, ok }) => [operation, member, rule, ok].join()),
    );
    const missing: string[] = [];
    let limits = 0;
    const visit = (operation: string, structure: string, prefix: string): void => {
      const shape = model.shapes[structure];
      if (shape?.type !== 'structure') return;
      for (const [name, of] of Object.entries(shape.members)) {
        const path = prefix + name.charAt(0).toLowerCase() + name.slice(1);
        const need = (rule: string, ...sides: boolean[]): void => {
          limits++;
          for (const ok of sides) {
            const key = [operation, path, rule, ok].join();
            if (!seen.has(key)) missing.push(key);
          }
        };
        if (shape.required?.includes(name) === true) need('required', false);
        const member = model.shapes[of];
        if (member?.type === 'list' && member.maxItems !== undefined) need('items', true, false);
        const scalar = member?.type === 'list' ? model.shapes[member.member] : member;
        if (scalar?.type === 'string') {
          if (scalar.maxLength !== undefined) need('length', true, false);
          if (scalar.pattern !== undefined) need('pattern', true, false);
          if (scalar.enum !== undefined) need('enum', true, false);
        }
        if (scalar?.type === 'blob') need('length', true, false);
        if (scalar?.type === 'integer') need('range', true, false);
        if (member?.type === 'list') visit(operation, member.member, `${path}.1.member.`);
        else visit(operation, of, `${path}.`);
      }
    };
    for (const operation of operations) visit(operation, model.operations[operation].input, '');
    expect(missing).toEqual([]);
    expect(limits).toBeGreaterThan(300);
  });
});
