const LONGEST = 60;
/** What may hold a password or a key: URLs, connection strings, user parts, `base64:` and the like. */
const PERHAPS_SECRET = /[@=]|:\/\/|^base64|^[a-z0-9+/_-]{43,}$/i;

/**
 * A value that somebody gave, fit for an error message: quoted, on one line, not too long, and not at
 * all when it may hold a secret. Of a URL only the scheme is shown.
 *
 * @internal
 */
export function shown(value: string): string {
  const scheme = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.exec(value)?.[0];
  if (scheme !== undefined) return `"${scheme}…"`;
  if (PERHAPS_SECRET.test(value)) return '(not shown)';
  return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
}
