const LAST_CODE_POINT = 0x10ffff;
const BEFORE_SURROGATES = 0xd7ff;
const BEHIND_SURROGATES = 0xe000;

/** The first text behind all that begin with `prefix`, by code point; null when there is none. @internal */
export function behind(prefix: string): string | null {
  const last = [...prefix].at(-1);
  if (last === undefined) return null;
  const before = prefix.slice(0, -last.length);
  const code = last.codePointAt(0) ?? 0;
  if (code === LAST_CODE_POINT) return behind(before);
  return before + String.fromCodePoint(code === BEFORE_SURROGATES ? BEHIND_SURROGATES : code + 1);
}
