import { fault } from '../faults.js';

/** Adds `value` to an ascending list, in place, and gives the list. @internal */
export function insertSorted(list: string[], value: string): string[] {
  list.splice(indexOf(list, value), 0, value);
  return list;
}

/** Takes `value` out of an ascending list, in place. @internal */
export function removeSorted(list: string[], value: string): void {
  const at = indexOf(list, value);
  if (list[at] === value) list.splice(at, 1);
}

/** The values of an ascending list that come after `after`. @internal */
export function* pageOf(list: readonly string[], after: string | undefined): Generator<string> {
  let at = after === undefined ? 0 : indexOf(list, after);
  if (after !== undefined && list[at] === after) at += 1;
  for (; at < list.length; at += 1) {
    const value = list[at];
    if (value !== undefined) yield value;
  }
}

/** The values of an ascending list that begin with `prefix`, those after `after` only when it is given. @internal */
export function* prefixed(
  list: readonly string[],
  prefix: string,
  after: string | undefined,
): Generator<string> {
  let at = indexOf(list, after ?? prefix);
  if (after !== undefined && list[at] === after) at += 1;
  for (; at < list.length; at += 1) {
    const value = list[at];
    if (value === undefined || !value.startsWith(prefix)) return;
    yield value;
  }
}

/**
 * Refuses what a database's text column cannot hold, so that every store has the same limits.
 *
 * @throws KmsFault InputInvalid on NUL or half a surrogate pair
 * @internal
 */
export function text(...values: readonly string[]): void {
  if (values.some((value) => /\0|\p{Surrogate}/u.test(value))) {
    throw fault('InputInvalid', { reason: 'a text contains NUL or half a surrogate pair' });
  }
}

function indexOf(list: readonly string[], value: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (precedes(list[middle] ?? '', value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether `a` comes first by code point, which is the order of bytes in a database. */
function precedes(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rank(x) < rank(y);
  }
  return a.length < b.length;
}

/** Surrogates stand for characters beyond all that fit into one unit. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
