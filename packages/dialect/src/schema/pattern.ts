/** White space of Java's `\s`; JavaScript's has 19 characters more. */
const JAVA_SPACE = ' \\t\\n\\x0B\\f\\r';

/**
 * Turns a provider's pattern into the source of a JavaScript one (flag `u`) that must match the whole
 * text. Whole, although the models leave some patterns without anchors: inferred from the validators of
 * Kinesis and DynamoDB, which match like Java's `Matcher.matches`.
 *
 * @see https://github.com/mhart/kinesalite/blob/master/validations/index.js
 * @public
 */
export function patternSource(pattern: string): string {
  let out = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '\\') {
      const ascii = pattern.startsWith('\\p{ASCII}', i);
      const body = ascii ? '\\x00-\\x7F' : pattern.charAt(i + 1) === 's' ? JAVA_SPACE : undefined;
      if (body === undefined) out += char + pattern.charAt(i + 1);
      else out += inClass ? body : `[${body}]`;
      i += ascii ? '\\p{ASCII}'.length - 1 : 1;
    } else {
      if (char === '[') inClass = true;
      else if (char === ']') inClass = false;
      out += char;
    }
  }
  return `^(?:${out})$`;
}
