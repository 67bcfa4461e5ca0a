/**
 * Reads a validated map as pairs, in the order of the document. Use this and never `map[name]`: the
 * names are the client's, and one of them may be `__proto__` or `constructor`.
 *
 * @public
 */
export function pairsOf(
  map: Readonly<Record<string, string>> | undefined,
): readonly (readonly [name: string, value: string])[] {
  return map === undefined ? [] : Object.entries(map);
}
