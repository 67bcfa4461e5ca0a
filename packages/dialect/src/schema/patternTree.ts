/** A pattern taken apart. `atom` is the source of something that matches one character. @internal */
export type PatternNode =
  | { readonly kind: 'atom'; readonly source: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly part: PatternNode;
      readonly min: number;
      readonly max: number;
    };

/**
 * Parses the part of regular expressions that models use: literals, classes, escapes, groups, choices,
 * greedy quantifiers, anchors.
 *
 * @returns `undefined` for look-around, back-references, lazy quantifiers and broken syntax.
 * @internal
 */
export function parsePattern(pattern: string): PatternNode | undefined {
  let at = 0;
  let failed = false;
  const fail = (): PatternNode => {
    failed = true;
    at = pattern.length;
    return { kind: 'sequence', parts: [] };
  };
  const choice = (): PatternNode => {
    const parts = [sequence()];
    while (pattern[at] === '|') {
      at++;
      parts.push(sequence());
    }
    return { kind: 'choice', parts };
  };
  const sequence = (): PatternNode => {
    const parts: PatternNode[] = [];
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      if (pattern[at] === '^' || pattern[at] === '$') at++;
      else parts.push(quantified(one()));
    }
    return { kind: 'sequence', parts };
  };
  const one = (): PatternNode => {
    const rest = pattern.slice(at);
    if (rest.startsWith('(')) {
      at += rest.startsWith('(?:') ? 3 : 1;
      if (pattern[at] === '?') return fail();
      const inside = choice();
      if (pattern[at] !== ')') return fail();
      at++;
      return inside;
    }
    const source =
      /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{\w+\}|\\u[0-9A-Fa-f]{4}|\\[^1-9k]|[^*+?{\\[()|])/u.exec(
        rest,
      )?.[0];
    if (source === undefined) return fail();
    at += source.length;
    return { kind: 'atom', source };
  };
  const quantified = (part: PatternNode): PatternNode => {
    const source = /^(?:[*+?]|\{\d+(?:,\d*)?\})/u.exec(pattern.slice(at))?.[0];
    if (source === undefined) return part;
    at += source.length;
    if (/^[?+*]/u.test(pattern.slice(at))) return fail();
    return { kind: 'repeat', part, ...bounds(source) };
  };
  const tree = choice();
  return failed || at < pattern.length ? undefined : tree;
}

function bounds(quantifier: string): { readonly min: number; readonly max: number } {
  if (quantifier === '*') return { min: 0, max: Infinity };
  if (quantifier === '+') return { min: 1, max: Infinity };
  if (quantifier === '?') return { min: 0, max: 1 };
  const [min = '', max] = quantifier.slice(1, -1).split(',');
  return {
    min: Number(min),
    max: max === undefined ? Number(min) : max === '' ? Infinity : Number(max),
  };
}
