import { describe, expect, it } from 'vitest';
import { patternSource } from '../../src/schema/pattern.js';
import { hasAmbiguousLoop } from '../../src/schema/safePattern.js';

describe('hasAmbiguousLoop', () => {
  it.each([
    '(a+)+',
    '(a*)*x',
    '(a|a)*',
    '(a*b?)*',
    '([a-z]+)*x',
    '([a-z]+-?){2,}',
    '(\\w|[a-z])+',
    '(x+x+)+y',
  ])('is true for %s', (pattern) => {
    expect(hasAmbiguousLoop(pattern)).toBe(true);
  });

  it.each(['(?=a)b', '(a)\\1', 'a+?b', '(a', 'a)', '[a', 'a{0,5000}'])(
    'is true for %s, which it does not understand',
    (pattern) => {
      expect(hasAmbiguousLoop(pattern)).toBe(true);
    },
  );

  it.each([
    '^\\p{ASCII}+$',
    '^([a-z]+-){2,3}\\d+$',
    '([a-z]+-){2,}x',
    '(a|b)*',
    '(ab|a)*b',
    '^(/[a-z/]+/v\\d{1,2})$|^(/v\\d{1,2})$',
    '',
  ])('is false for %s', (pattern) => {
    expect(hasAmbiguousLoop(pattern)).toBe(false);
  });
});

describe('patternSource', () => {
  const matches = (pattern: string, text: string): boolean =>
    new RegExp(patternSource(pattern), 'u').test(text);

  it('matches the whole text even without anchors', () => {
    expect(matches('[0-9]{3}', '123')).toBe(true);
    expect(matches('[0-9]{3}', '1234')).toBe(false);
    expect(matches('a|b', 'ab')).toBe(false);
  });

  it('reads \\p{ASCII} and \\s as Java does, in a class and alone', () => {
    expect(matches('^\\p{ASCII}+$', 'a\u007f')).toBe(true);
    expect(matches('^\\p{ASCII}+$', 'a\u0080')).toBe(false);
    expect(matches('[\\p{ASCII}\\s]+', 'a b')).toBe(true);
    expect(matches('\\s', '\t')).toBe(true);
    expect(matches('[a\\s]', '\u00a0')).toBe(false);
    expect(matches('\\s', '\ufeff')).toBe(false);
  });

  it('leaves other escapes alone', () => {
    expect(matches('[\\w\\]]+', 'a]')).toBe(true);
    expect(matches('[\\u0020-\\u00FF]*', '\u0100')).toBe(false);
    expect(matches('\\\\s', '\\s')).toBe(true);
  });
});
