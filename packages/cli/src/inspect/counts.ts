const FIRST_LINES = 5;
const MAX_KEYS = 1_000;

/** How often something was seen, and where first. @internal */
export interface Places {
  count: number;
  /** Numbers of the first lines. */
  readonly lines: number[];
}

/** Counts one more. @internal */
export function seen(places: Places, line: number): void {
  places.count += 1;
  if (places.lines.length < FIRST_LINES) places.lines.push(line);
}

/** Gives the places of a name, made on first use. @internal */
export function placesOf<Name>(all: Map<Name, Places>, name: Name): Places {
  let places = all.get(name);
  if (places === undefined) {
    places = { count: 0, lines: [] };
    all.set(name, places);
  }
  return places;
}

/** Smallest and largest of what was seen. @internal */
export interface Range {
  min: number;
  max: number;
}

/** Widens a range. @internal */
export function widen(range: Range, value: number): void {
  if (value < range.min) range.min = value;
  if (value > range.max) range.max = value;
}

/** A bounded count by key or key version: whatever comes after 1,000 different ones is in `others`. @internal */
export interface KeyCounts {
  readonly byKey: Map<string, number>;
  others: number;
}

/** Counts one more under a key. @internal */
export function countKey(counts: KeyCounts, key: string): void {
  const { byKey } = counts;
  const count = byKey.get(key);
  if (count !== undefined) byKey.set(key, count + 1);
  else if (byKey.size < MAX_KEYS) byKey.set(key, 1);
  else counts.others += 1;
}

/**
 * Number of the bucket of a size: 0 holds nothing but 0, 1 nothing but 1, and n holds sizes over
 * 2^(n-2) up to 2^(n-1).
 *
 * @internal
 */
export function bucketOf(size: number): number {
  return size <= 1 ? size : 33 - Math.clz32(size - 1);
}

/** Smallest and largest size of a bucket. @internal */
export function boundsOf(bucket: number): Range {
  if (bucket <= 1) return { min: bucket, max: bucket };
  return { min: 2 ** (bucket - 2) + 1, max: 2 ** (bucket - 1) };
}
