import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '@keyglot/gateway';
import { describe, expect, it } from 'vitest';
import { CommandLineExit, parseOptions } from '../../packages/cli/src/index.js';
import { DIALECTS, FAULTS } from '../docs/dialects.js';
import { isOutput, runnableExamples } from '../docs/examples.js';
import { generatedFiles, withPart } from '../docs/generatedFiles.js';
import { brokenLinks } from '../docs/links.js';
import { runExamples } from '../docs/runExamples.js';
import { checkout } from '../rules/workspace.js';

const read = (path: string): string => readFileSync(join(checkout, path), 'utf8');
const documents = markdownFiles();
const withExamples = documents.filter((path) => runnableExamples(read(path)).length > 0);

describe('the documents', () => {
  it.each(generatedFiles(read))('$path is what `npm run docs` writes', ({ before, after }) => {
    expect(before).toBe(after);
  });

  it.each(documents)('%s has no link into nothing', (path) => {
    expect(brokenLinks(checkout, path)).toEqual([]);
  });

  it('keep the README below 200 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(200);
  });

  it('give every package a README', () => {
    const packages = readdirSync(join(checkout, 'packages'))
      .map((folder) => `packages/${folder}`)
      .filter((path) => existsSync(join(checkout, path, 'package.json')));
    expect(packages.length).toBeGreaterThan(5);
    expect(packages.filter((path) => !documents.includes(`${path}/README.md`))).toEqual([]);
  });

  it('list exactly the flags and variables of the program, with their defaults', () => {
    const help = helpText();
    const flags = [...help.matchAll(/^ {2}--([a-z-]+)/gm)].map((found) => found[1]);
    const rows = [...read('docs/reference/config.md').matchAll(/^\| `--([a-z-]+)/gm)];
    expect(flags.length).toBeGreaterThan(5);
    expect(rows.map((found) => found[1])).toEqual(flags);
    for (const [, variable, fallback] of help.matchAll(
      /\((KEYGLOT_\w+)(?:, default: ([^)]+))?\)/g,
    )) {
      const shown = fallback === undefined ? 'none' : `\`${fallback}\``;
      expect(read('docs/reference/config.md')).toContain(`| \`${variable}\` | ${shown} |`);
    }
  });

  it('list every path of the gateway itself', () => {
    const app = read('packages/gateway/src/app.ts');
    const paths = new Set(
      [...app.matchAll(/'(\/(?:_keyglot\/|healthz|readyz|metrics)[a-z.]*)'/g)].map(
        (found) => found[1],
      ),
    );
    expect(paths.size).toBeGreaterThanOrEqual(8);
    const page = read('docs/reference/admin-api.md');
    expect([...paths].filter((path) => !page.includes(`| \`${path}\` |`))).toEqual([]);
  });

  it.each(Object.entries(FAULTS))('show every fault of %s with its body', (_adapter, describe) => {
    const page = read('docs/reference/faults.md');
    const faults = describe();
    expect(faults.length).toBeGreaterThan(30);
    for (const { fault, status, body, evidence } of faults) {
      expect(page).toContain(`| \`${fault}\` | ${status} | \`${body}\` | ${evidence.mark} |`);
    }
  });

  // Yandex's page names its inferred texts by where they are: no text of KMS itself was published.
  it.each(['aws', 'alibaba', 'ncp'])('name every inferred error of %s in GAPS.md', (adapter) => {
    const gaps = read(`packages/adapter-${adapter}/GAPS.md`);
    const codes = (FAULTS[adapter]?.() ?? [])
      .filter(({ evidence }) => evidence.mark === 'inferred')
      .map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !gaps.includes(code))).toEqual([]);
  });

  it.each(DIALECTS)('have a page, a mount and a row for $name', ({ name, title, operations }) => {
    expect(operations.length).toBeGreaterThan(40);
    expect(documents).toContain(`docs/dialects/${name}.md`);
    expect(read('README.md')).toMatch(new RegExp(`^\\| ${escaped(title)} \\|.*\`/${name}\``, 'm'));
    for (const { operation, state } of operations) {
      expect(read(`docs/dialects/${name}.md`)).toContain(`| \`${operation}\` | ${state} |`);
    }
  });
});

describe('the examples', () => {
  it.each(withExamples)('of %s run and print what they promise', async (path) => {
    const folder = mkdtempSync(join(tmpdir(), 'keyglot-docs-'));
    // What the official SDKs bring; the packages of this repository are found by name anyway.
    symlinkSync(join(checkout, 'packages/gateway/node_modules'), join(folder, 'node_modules'));
    const gateway = await startGateway({
      port: 0,
      host: 'localhost',
      store: { kind: 'memory' },
      dataFolder: join(folder, '.keyglot'),
      auth: 'open',
      rootKey: undefined,
      account: '000000000000',
      region: 'us-east-1',
      logLevel: 'error',
      allowOpen: false,
    });
    try {
      const place = { folder, port: gateway.port };
      expect(await runExamples(runnableExamples(read(path)), place)).toEqual([]);
    } finally {
      await gateway.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('an example', () => {
  it('is a block marked runnable, with the output block right behind it', () => {
    const text = '```sh runnable\nls\n```\n\n```text output\na\n```\n\n```sh\nrm\n```\n';
    expect(runnableExamples(text)).toEqual([{ language: 'sh', code: 'ls', line: 1, output: 'a' }]);
  });

  it('has no promised output when text stands between', () => {
    const text = '```sh runnable\nls\n```\n\nOr:\n\n```text output\na\n```\n';
    expect(runnableExamples(text).map(({ output }) => output)).toEqual([undefined]);
  });

  it('prints what is promised, with … for anything on a line', () => {
    expect(isOutput('{"id":"…"}', '{"id":"x"}\n')).toBe(true);
    expect(isOutput('{"id":"…"}', '{"id":"x"}\n{"id":"y"}\n')).toBe(false);
    expect(isOutput('a.c', 'abc')).toBe(false);
  });
});

describe('a generated part', () => {
  const begin = '<!-- generated: x -->';
  const end = '<!-- end of x -->';

  it('replaces what is between its markers and nothing else', () => {
    expect(withPart(`a\n${begin}\nold\n${end}\nb\n`, 'x', 'new', 'd.md')).toBe(
      `a\n${begin}\n\nnew\n\n${end}\nb\n`,
    );
  });

  it.each(['', begin, end, `${begin}${end}${begin}${end}`])(
    'needs its markers once: %s',
    (text) => {
      expect(() => withPart(text, 'x', 'new', 'd.md')).toThrow('d.md must have');
    },
  );
});

function escaped(text: string): string {
  return text.replace(/[()]/g, '\\$&');
}

/** Markdown of this repository, without what is installed or built. */
function markdownFiles(folder = ''): readonly string[] {
  const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.keyglot']);
  return readdirSync(join(checkout, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : markdownFiles(path);
      return entry.name.endsWith('.md') ? [path] : [];
    })
    .sort();
}

function helpText(): string {
  try {
    parseOptions(['start', '--help'], {});
  } catch (error) {
    // Wrapped lines become one.
    if (error instanceof CommandLineExit) return error.message.replace(/\n {10,}/g, ' ');
  }
  throw new Error('--help did not end');
}
