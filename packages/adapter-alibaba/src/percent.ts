/** Escapes a text as both signatures want it: RFC 3986, with upper-case digits. @internal */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `name=value` of all pairs, escaped and sorted by name, joined by `&`. @internal */
export function canonicalPairs(pairs: Iterable<readonly [name: string, value: string]>): string {
  const sorted = [...pairs].sort(([a, x], [b, y]) => order(a, b) || order(x, y));
  return sorted.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
