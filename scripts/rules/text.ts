import type { TextFile } from './workspace.js';

/** Longest hand-written source file, in lines. */
const longestSource = 400;

// Put together from pieces, so that this file does not break its own rule.
const forbiddenText: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: new RegExp(`(?<![\\w.$}])/${'work'}/`), what: 'a path of one machine' },
  { pattern: /(?<![\w.$}])\/(?:home|Users)\/[a-z]/, what: 'a path of one machine' },
  { pattern: /(?<![\w.$}])\/root\/[.a-z]/, what: 'a path of one machine' },
  { pattern: /[A-Z]:\\Users\\/, what: 'a path of one machine' },
  { pattern: new RegExp(`shared/(?:${'spec'}|design|style|performance)`), what: 'a private note' },
  {
    pattern: new RegExp(
      ['registry\\.(?:npmjs|yarnpkg|npmmirror)', '(?:deb|pypi|crates)\\.(?:debian|org|io)\\b']
        .map((host) => `(?:${host})`)
        .join('|'),
    ),
    what: 'the host of a package registry',
  },
];

/** Finds text that ties the repository to one machine, one registry or notes that a reader lacks. */
export function textViolations(file: TextFile): string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) =>
      forbiddenText
        .filter(({ pattern }) => pattern.test(line))
        .map(({ what }) => `${file.path}:${index + 1}: ${what}`),
    );
}

/** Finds hand-written source files that have grown beyond one thing. */
export function sizeViolations(file: TextFile): string[] {
  if (file.path.includes('/generated/')) return [];
  const lines = file.text.replace(/\n$/, '').split('\n').length;
  return lines > longestSource ? [`${file.path}: ${lines} lines, above ${longestSource}`] : [];
}
