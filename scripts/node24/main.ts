// `npm run test:node24 [-- path or vitest option …]`: the tests of keys and algorithms on Node.js 24, whose OpenSSL
// does more than that of Node.js 20. The release comes from npm.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from '../bootstrap.mjs';
import { download } from '../program/command.js';

const VERSION = '24.21.0';
const FOLDER = join(root, 'node_modules/.cache/keyglot/node', VERSION);
/** What the npm package `node` installs on this machine. */
const PACKAGE = `node-${process.platform}-${process.arch}`;
const BINARY = join(FOLDER, 'node_modules', PACKAGE, 'bin/node');
/** Where it matters which OpenSSL there is. */
const SUITES = [
  'packages/core/test',
  ...[
    'agreement',
    'dataKeyPairs',
    'edwards',
    'importedPairs',
    'lattices',
    'macs',
    'signing',
    'sm2',
  ].map((name) => `packages/gateway/test/contract/${name}.test.ts`),
];

await ensureBuilt();
if (!existsSync(BINARY)) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{"private": true}\n');
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await download('npm', ['install', ...quiet, `${PACKAGE}@${VERSION}`], { cwd: FOLDER });
}
const given = process.argv.slice(2);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const args = [vitest, 'run', ...(given.length > 0 ? given : SUITES)];
const { status } = spawnSync(BINARY, args, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
