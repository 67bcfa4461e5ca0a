import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkout } from '../rules/workspace.js';

// A small checkout with the real scripts, in a folder with spaces and other letters. Its `npx` notes how
// it was called and does what the file `plan` says, one word for each call; its compiler copies.
const fakeNpx = `#!/usr/bin/env node
const { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { npm_config_cache, NODE_ENV } = process.env;
appendFileSync('calls', JSON.stringify({ args: process.argv.slice(2), npm_config_cache, NODE_ENV }) + '\\n');
const [step = 'install', ...rest] = existsSync('plan') ? readFileSync('plan', 'utf8').split(' ') : [];
writeFileSync('plan', rest.join(' ') || 'install');
console.log('npx says: ' + step);
if (step === 'break') process.exit(1);
if (step === 'outdated') { console.error('Error: ERR_PNPM_OUTDATED_LOCKFILE'); process.exit(1); }
const names = step === 'leave-out' ? ['typescript'] : ['typescript', 'left-pad'];
for (const name of names) {
  mkdirSync('node_modules/' + name + '/bin', { recursive: true });
  writeFileSync('node_modules/' + name + '/package.json', '{}');
}
writeFileSync('node_modules/typescript/bin/tsc', \`
const { appendFileSync, cpSync, readFileSync } = require('node:fs');
appendFileSync('builds', 'x');
const source = 'packages/cli/src/main.ts';
if (readFileSync(source, 'utf8').includes('TYPE ERROR')) { console.log(source + ': wrong'); process.exit(2); }
cpSync(source, 'packages/cli/dist/main.js');
\`);
`;

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyglot bootstrap ä-'));
  root = join(folder, 'check out');
  cpSync(join(checkout, 'scripts'), join(root, 'scripts'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/npx'), fakeNpx);
  chmodSync(join(folder, 'bin/npx'), 0o755);
  write('package.json', {
    type: 'module',
    packageManager: 'pnpm@1.2.3',
    engines: { node: '>=20.19.0' },
    scripts: startScript(),
    devDependencies: { typescript: '7.0.2', 'left-pad': '1.3.0' },
  });
  write('pnpm-lock.yaml', 'one');
  write('tsconfig.json', {});
  write('tsconfig.base.json', {});
  mkdirSync(join(root, 'packages/cli/src'), { recursive: true });
  write('packages/cli/package.json', { type: 'module' });
  write('packages/cli/tsconfig.json', {});
  write('packages/cli/src/main.ts', 'console.log(JSON.stringify(process.argv.slice(1)));');
  write('install.mjs', installDriver);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const installDriver = `
import { ensureInstalled } from './scripts/bootstrap.mjs';
await ensureInstalled({ pausesMs: [0, 0] });
`;

describe('ensureInstalled', () => {
  test('installs a fresh checkout with the pinned pnpm, tells so on standard error only', () => {
    const first = node('install.mjs');
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toContain('keyglot: installing the dependencies with pnpm@1.2.3\n');
    expect(first.stderr).toContain('npx says: install\n');
    expect(calls().map(({ args }) => args.slice(0, 4))).toEqual([
      ['--yes', 'pnpm@1.2.3', 'install', '--frozen-lockfile'],
    ]);
  });

  test('says and runs nothing when the install is in step', () => {
    node('install.mjs');
    expect(node('install.mjs')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(calls()).toHaveLength(1);
  });

  test.each([
    ['the lockfile changed', () => write('pnpm-lock.yaml', 'two')],
    ['a package.json changed', () => write('packages/cli/package.json', { private: true })],
    [
      'a dependency is gone',
      () => rmSync(join(root, 'node_modules/left-pad'), { recursive: true }),
    ],
  ])('installs again when %s', (_reason, change) => {
    node('install.mjs');
    change();
    expect(node('install.mjs').status).toBe(0);
    expect(calls()).toHaveLength(2);
  });

  test('tries again after a failure, repairs, and leaves the user caches aside on the last try', () => {
    write('plan', 'break leave-out install');
    const result = node('install.mjs');
    expect(result.status).toBe(0);
    expect(result.stderr).toContain('keyglot: the install left out left-pad\n');
    expect(result.stderr).toContain('keyglot: installing again, try 3 of 3\n');
    expect(calls().map(({ args }) => args.includes('--force'))).toEqual([false, true, true]);
    expect(calls().map(isPrivate)).toEqual([false, false, true]);
  });

  test('gives up after three tries with one closing line and exit code 1', () => {
    write('plan', 'break break break');
    const result = node('install.mjs');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /keyglot: the dependencies could not be installed in 3 tries; the output above says why\n$/,
    );
    expect(calls()).toHaveLength(3);
  });

  test('does not repeat an install that the lockfile forbids', () => {
    write('plan', 'outdated');
    const result = node('install.mjs');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('keyglot: pnpm-lock.yaml does not fit the package.json files');
    expect(calls()).toHaveLength(1);
  });

  test('keeps every cache inside the checkout when the home cannot be written', () => {
    // A file where a folder is needed stops root too, whom permissions do not.
    write('file', '');
    expect(node('install.mjs', [], { HOME: join(root, 'file') }).status).toBe(0);
    expect(calls().map(isPrivate)).toEqual([true]);
  });

  test('installs the compiler under NODE_ENV=production too', () => {
    expect(node('install.mjs', [], { NODE_ENV: 'production' }).status).toBe(0);
    expect(calls()[0]).not.toHaveProperty('NODE_ENV');
  });

  test('refuses a Node that is too old in one line with exit code 2', () => {
    write('old.cjs', `Object.defineProperty(process.versions, 'node', { value: '20.9.1' });`);
    expect(node('install.mjs', ['--require', './old.cjs'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'keyglot: Node 20.19.0 or newer is needed; this is 20.9.1\n',
    });
  });
});

describe('the lock', () => {
  test('makes a second start wait, and go on when the first has finished', async () => {
    const lock = makeLock(process.pid);
    const child = spawn(process.execPath, ['install.mjs'], { cwd: root, env: environment() });
    let stderr = '';
    const closed = new Promise((resolve) => child.on('close', resolve));
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
        if (stderr.includes('waiting for it\n')) resolve();
      });
    });
    expect(stderr).toBe(
      `keyglot: process ${process.pid} is installing or building this checkout; waiting for it\n`,
    );
    rmSync(lock, { recursive: true });
    expect(await closed).toBe(0);
    expect(calls()).toHaveLength(1);
  });

  test('is taken over when its process is gone', () => {
    makeLock(spawnSync(process.execPath, ['-e', '0']).pid);
    const result = node('install.mjs');
    expect(result.status).toBe(0);
    expect(result.stderr).not.toContain('waiting');
  });

  test('is taken over when its heartbeat has stopped', () => {
    const lock = makeLock(process.pid);
    utimesSync(lock, 1, 1);
    const result = node('install.mjs');
    expect(result.status).toBe(0);
    expect(result.stderr).not.toContain('waiting');
  });
});

describe('start', () => {
  test('installs, builds, then is the program, with its arguments and its standard output', () => {
    const program = join(root, 'packages/cli/dist/main.js');
    const result = node('scripts/start.mjs', [], {}, ['--store', 'memory']);
    expect(result.status).toBe(0);
    expect(JSON.parse(result.stdout)).toEqual([program, '--store', 'memory']);
  });

  test('builds once, and again when a source has changed or the output is gone', () => {
    node('scripts/start.mjs');
    expect(node('scripts/start.mjs').stderr).toBe('');
    expect(read('builds')).toBe('x');
    write('packages/cli/src/main.ts', 'console.log("changed");');
    expect(node('scripts/start.mjs').stdout).toBe('changed\n');
    expect(read('builds')).toBe('xx');
    rmSync(join(root, 'packages/cli/dist'), { recursive: true });
    expect(node('scripts/start.mjs').stdout).toBe('changed\n');
    expect(read('builds')).toBe('xxx');
  });

  test('shows the errors of a failed build and starts nothing', () => {
    write('packages/cli/src/main.ts', '// TYPE ERROR');
    const result = node('scripts/start.mjs');
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toContain('packages/cli/src/main.ts: wrong\n');
    expect(result.stderr).toMatch(/keyglot: the build failed; its errors are above\n$/);
  });

  test('lets the program handle a stop signal and choose the exit code', async () => {
    write(
      'packages/cli/src/main.ts',
      `const hold = setInterval(() => {}, 1000);
       process.once('SIGTERM', () => { clearInterval(hold); process.exitCode = 7; });
       console.log('ready');`,
    );
    const child = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root, env: environment() });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(7);
  });

  // Dash, which npm uses on Debian, does not pass a signal on to the command that it waits for.
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'is told of a %s that npm alone gets, and npm waits for its end',
    async (signal) => {
      write(
        'packages/cli/src/main.ts',
        `const hold = setInterval(() => {}, 1000);
         process.once('${signal}', () => { clearInterval(hold); process.stdout.write('stopped\\n'); });
         process.stdout.write('ready\\n');`,
      );
      const child = spawn('npm', ['start', '--silent'], { cwd: root, env: environment() });
      let written = '';
      child.stdout.on('data', (chunk: Buffer) => {
        written += chunk.toString('utf8');
        if (chunk.includes('ready')) child.kill(signal);
      });
      const ended = await new Promise((resolve) => child.on('exit', resolve));
      expect([ended, written]).toEqual([0, 'ready\nstopped\n']);
    },
  );
});

function startScript(): object {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(checkout, 'package.json'), 'utf8'),
  );
  return { start: scripts['start'] };
}

interface NpxCall {
  readonly args: readonly string[];
  readonly npm_config_cache?: string;
}

function calls(): NpxCall[] {
  // Written by the fake npx above.
  return read('calls')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NpxCall);
}

function isPrivate(call: NpxCall): boolean {
  const caches = join(root, 'node_modules/.cache/keyglot');
  const hasStore = call.args.includes(`--store-dir=${join(caches, 'store')}`);
  return hasStore && call.npm_config_cache === join(caches, 'npm');
}

function node(
  script: string,
  nodeOptions: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...nodeOptions, script, ...args],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...environment(), ...env },
    },
  );
  return { status, stdout, stderr };
}

/** Only what a bare shell has: nothing of the npm that runs these tests. */
function environment(): NodeJS.ProcessEnv {
  const path = [join(folder, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'];
  return { PATH: path.join(delimiter), HOME: folder };
}

function makeLock(pid: number): string {
  const lock = join(root, 'node_modules/.cache/keyglot/lock');
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'owner.json'), JSON.stringify({ pid, host: hostname() }));
  return lock;
}

function write(path: string, content: string | object): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
