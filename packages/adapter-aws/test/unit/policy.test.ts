import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/policy/document.js';
import { formatPolicy } from '../../src/policy/format.js';
import { matchesWildcard } from '../../src/policy/wildcard.js';
import { AWS_PROFILE } from '../../src/profiles/aws.js';

describe('wildcards', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', ':', '*', '?'), maxLength: 12 });

  test('are those of a regular expression', () => {
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchesWildcard(pattern, value)).toBe(new RegExp(`^${source}$`, 'i').test(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test('take a pattern of stars without end', () => {
    expect(matchesWildcard('*a'.repeat(15_000), 'kms:PutKeyPolicy')).toBe(false);
    expect(matchesWildcard('*'.repeat(30_000), 'kms:PutKeyPolicy')).toBe(true);
  });
});

describe('the printer of policies', () => {
  test('keeps every value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        const value = JSON.parse(json);
        expect(JSON.stringify(JSON.parse(formatPolicy(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  test.each([
    ['{}', '{ }'],
    ['[]', '[ ]'],
    ['[{"a":[1,true,null]}]', '[ {\n  "a" : [ 1, true, null ]\n} ]'],
    ['{"a":{"b":"\\u0007/é"}}', '{\n  "a" : {\n    "b" : "\\u0007/é"\n  }\n}'],
  ])('writes %s as Jackson does', (json, printed) => {
    expect(formatPolicy(JSON.parse(json))).toBe(printed);
  });
});

test('any text is read, or refused by a fault of the dialect', () => {
  const word = fc.constantFrom('Allow', '*', 'kms:*', 'AWS', 'arn:aws:iam::111122223333:root', 'x');
  const element = fc.constantFrom(
    ...['Version', 'Statement', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction'],
    ...['Resource', 'Condition', 'Sid', 'Id', 'AWS', 'Service', 'StringLike', '__proto__'],
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      word,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(element, tie('tree'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(
      fc.oneof(
        tree.map((one) => JSON.stringify(one)),
        fc.string(),
      ),
      (text) => {
        try {
          parsePolicy(text, AWS_PROFILE, 'us-east-1');
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^Policy/) });
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
