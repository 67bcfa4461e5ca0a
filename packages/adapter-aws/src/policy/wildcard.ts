/**
 * Whether a text matches a pattern of a policy: `*` stands for any number of characters, `?` for one,
 * and letters match in either case. Time is linear in the pattern for texts of bounded length.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 * @internal
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [p, t] = [pattern.toLowerCase(), text.toLowerCase()];
  let [at, from] = [0, 0];
  /** Behind the last star, and where in the text what follows it was tried. */
  let [star, tried] = [-1, 0];
  while (from < t.length) {
    if (p[at] === '*') {
      at += 1;
      [star, tried] = [at, from];
    } else if (at < p.length && (p[at] === '?' || p[at] === t[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      tried += 1;
      [at, from] = [star, tried];
    } else {
      return false;
    }
  }
  while (p[at] === '*') at += 1;
  return at === p.length;
}
