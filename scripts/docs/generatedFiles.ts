import { coveragePart, operationsPart, supportPart } from './coverage.js';
import { DIALECTS, FAULTS } from './dialects.js';
import { faultsPart } from './faults.js';
import { settingsPart } from './settings.js';
import { specsPart } from './specs.js';

/** A document with generated parts, as it is and as it should be. */
export interface GeneratedFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Renders every generated part and puts it into its document. */
export function generatedFiles(read: (path: string) => string): readonly GeneratedFile[] {
  const parts: readonly { path: string; name: string; content: string }[] = [
    { path: 'README.md', name: 'support', content: supportPart(DIALECTS) },
    { path: 'docs/reference/coverage.md', name: 'coverage', content: coveragePart(DIALECTS) },
    { path: 'docs/reference/config.md', name: 'settings', content: settingsPart() },
    { path: 'docs/dialects/aws.md', name: 'specs', content: specsPart() },
    ...Object.entries(FAULTS).map(([adapter, describe]) => ({
      path: 'docs/reference/faults.md',
      name: `${adapter} faults`,
      content: faultsPart(describe()),
    })),
    ...DIALECTS.map((dialect) => ({
      path: `docs/dialects/${dialect.name}.md`,
      name: 'operations',
      content: operationsPart(dialect),
    })),
  ];
  return [...new Set(parts.map(({ path }) => path))].map((path) => {
    const before = read(path);
    const after = parts
      .filter((part) => part.path === path)
      .reduce((text, { name, content }) => withPart(text, name, content, path), before);
    return { path, before, after };
  });
}

/**
 * Replaces what stands between `<!-- generated: <name> -->` and `<!-- end of <name> -->`.
 *
 * @throws Error when the markers are not there exactly once
 */
export function withPart(text: string, name: string, content: string, path: string): string {
  const begin = `<!-- generated: ${name} -->`;
  const end = `<!-- end of ${name} -->`;
  const [head, rest, ...more] = text.split(begin);
  const tail = rest?.split(end);
  if (head === undefined || tail?.length !== 2 || more.length > 0) {
    throw new Error(`${path} must have ${begin} and ${end} exactly once`);
  }
  return `${head}${begin}\n\n${content.trim()}\n\n${end}${tail[1]}`;
}
