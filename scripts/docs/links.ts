import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withoutFences } from './examples.js';

/** Links of a document that lead nowhere inside the checkout, one line for each; the web is not asked. */
export function brokenLinks(root: string, path: string): readonly string[] {
  const text = withoutFences(readFileSync(join(root, path), 'utf8'));
  const targets = [...text.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\))?[^()\s]*)\)/g)].map(
    (found) => found[1] ?? '',
  );
  return targets.flatMap((target) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const there = file === '' ? path : join(dirname(path), file);
    const full = join(root, there);
    if (!existsSync(full)) return [`${path}: ${target} is not there`];
    if (anchor === undefined || anchors(readFileSync(full, 'utf8')).has(anchor)) return [];
    return [`${path}: ${there} has no heading #${anchor}`];
  });
}

/** Anchors of the headings, as GitHub makes them. */
function anchors(text: string): ReadonlySet<string> {
  const headings = [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map(
    (found) => found[1] ?? '',
  );
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
