// Packs every package, installs the tarballs as a stranger would, and uses what was installed.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, root } from '../bootstrap.mjs';
import { download } from '../program/command.js';
import { readWorkspace } from '../rules/workspace.js';
import { output } from './command.js';
import { startProgram } from './program.js';
import { type PackedManifest, tarballProblems } from './tarball.js';

await ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'keyglot-pack-'));
try {
  const tarballs = await packAll(join(folder, 'tarballs'));
  checkTarballs(tarballs);
  const consumer = join(folder, 'consumer');
  mkdirSync(consumer);
  output('npm', ['init', '-y'], consumer);
  await download('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: consumer });
  console.log('installed');
  checkRequire(consumer);
  await checkProgram(consumer);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function packAll(target: string): Promise<string[]> {
  mkdirSync(target);
  // A package.json of this repository.
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  const pack = ['--filter', './packages/*', 'pack', '--pack-destination', target];
  await download('npx', ['--yes', packageManager, ...pack], { cwd: root });
  const tarballs = readdirSync(target).map((name) => join(target, name));
  assert.equal(
    tarballs.length,
    readWorkspace(root).packages.length,
    'one tarball for each package',
  );
  return tarballs;
}

function checkTarballs(tarballs: readonly string[]): void {
  const problems = tarballs.flatMap((tarball) => {
    const paths = output('tar', ['-tzf', tarball], root)
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
    // pnpm has just written it.
    const manifest = JSON.parse(
      output('tar', ['-xOzf', tarball, 'package/package.json'], root),
    ) as PackedManifest;
    const required = manifest.name === '@keyglot/store-postgres' ? ['migrations'] : [];
    const found = tarballProblems(manifest, paths, ['dist', ...required]);
    console.log(`${manifest.name}: ${paths.length} files`);
    return found.map((problem) => `${manifest.name}: ${problem}`);
  });
  assert.deepEqual(problems, []);
}

function checkRequire(consumer: string): void {
  const script = `process.stdout.write(String(Object.keys(require('@keyglot/core')).length))`;
  const names = Number(output(process.execPath, ['-e', script], consumer));
  assert.ok(names > 0, 'CommonJS sees what @keyglot/core exports');
  console.log(`require('@keyglot/core'): ${names} names`);
}

async function checkProgram(consumer: string): Promise<void> {
  output('npx', ['--no-install', 'keyglot', '--help'], consumer);
  // What npx has just found, started directly: SIGTERM then meets the program and not npm.
  const file = join(consumer, 'node_modules/.bin/keyglot');
  const program = await startProgram(file, ['--store', 'memory', '--port', '0'], consumer);
  console.log(`ready: ${program.url}`);
  let exitCode: number | null;
  try {
    const health = await fetch(`${program.url}/healthz`);
    assert.equal(health.status, 200, 'GET /healthz');
    const list = await fetch(program.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'TrentService.ListKeys',
      },
      body: '{}',
    });
    const text = await list.text();
    assert.equal(list.status, 200, text);
    assert.deepEqual(JSON.parse(text), { Keys: [], Truncated: false });
  } finally {
    exitCode = await program.stop();
  }
  assert.equal(exitCode, 0, 'exit code after SIGTERM');
  console.log('answered and stopped');
}
