import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fail, run, say } from './child.mjs';
import { withLock } from './lock.mjs';

/** The checkout's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const rootManifest = readJson(join(root, 'package.json'));
refuseOldNode();

// Everything made here lives below node_modules: never committed, gone with it.
const cacheFolder = join(root, 'node_modules/.cache/keyglot');
const lockFolder = join(cacheFolder, 'lock');
const installStamp = join(cacheFolder, 'installed');
const buildStamp = join(cacheFolder, 'built');
const retryPausesMs = [2_000, 8_000];

/**
 * Installs the dependencies unless node_modules is in step with the lockfile. Says nothing when there
 * is nothing to do; ends the process with exit code 1 when it cannot be done.
 *
 * @param {{ pausesMs?: readonly number[] }} [options] pauses between the tries, one fewer than tries
 * @returns {Promise<void>}
 */
export async function ensureInstalled({ pausesMs = retryPausesMs } = {}) {
  if (isInstalled()) return;
  const problem = await locked(async () =>
    isInstalled() ? undefined : await installRepeatedly(pausesMs),
  );
  if (problem !== undefined) fail(problem);
}

/**
 * Compiles the packages unless no source has changed since the last time. Ends the process with exit
 * code 1 when they do not compile.
 *
 * @returns {Promise<void>}
 */
export async function ensureBuilt() {
  if (!(await buildIfNeeded())) fail('the build failed; its errors are above');
}

/**
 * Compiles the packages unless no source has changed since the last time.
 *
 * @returns {Promise<boolean>} whether the built program is in step with the sources
 */
export async function buildIfNeeded() {
  if (isBuilt()) return true;
  return await locked(async () => {
    if (isBuilt()) return true;
    // Taken before the compiler reads: an edit made meanwhile causes another build.
    const fingerprint = sourceFingerprint();
    const { exitCode } = await run(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-b'],
      { cwd: root },
    );
    if (exitCode !== 0) return false;
    writeFileSync(buildStamp, fingerprint);
    return true;
  });
}

/** @returns {void} */
function refuseOldNode() {
  const needed = /\d+\.\d+\.\d+/.exec(rootManifest.engines.node)?.[0] ?? '0.0.0';
  if (isOlder(process.versions.node, needed)) {
    fail(`Node ${needed} or newer is needed; this is ${process.versions.node}`, 2);
  }
}

/**
 * @param {string} version
 * @param {string} needed
 * @returns {boolean}
 */
function isOlder(version, needed) {
  return version.localeCompare(needed, 'en', { numeric: true }) < 0;
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function locked(work) {
  try {
    return await withLock(lockFolder, work);
  } catch (error) {
    // One line for a checkout in which this user cannot write, a full disk and the like.
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {readonly number[]} pausesMs
 * @returns {Promise<string | undefined>} what went wrong, in one line
 */
async function installRepeatedly(pausesMs) {
  const tries = pausesMs.length + 1;
  const pnpm = rootManifest.packageManager;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    say(
      attempt === 1
        ? `installing the dependencies with ${pnpm}`
        : `installing again, try ${attempt} of ${tries}`,
    );
    // The last try leaves the user's caches aside: one of them may be what is broken.
    const usePrivateCaches = attempt === tries || !areUserFoldersWritable();
    const { exitCode, output } = await run(
      'npx',
      installArguments(pnpm, attempt > 1, usePrivateCaches),
      {
        cwd: root,
        env: installEnvironment(usePrivateCaches),
      },
    );
    const missing = missingDependencies();
    if (exitCode === 0 && missing.length === 0) {
      mkdirSync(cacheFolder, { recursive: true });
      writeFileSync(installStamp, installFingerprint());
      return undefined;
    }
    if (output.includes('OUTDATED_LOCKFILE')) {
      return 'pnpm-lock.yaml does not fit the package.json files; see CONTRIBUTING.md';
    }
    if (exitCode === 0) say(`the install left out ${missing.join(', ')}`);
    const wait = pausesMs[attempt - 1];
    if (wait !== undefined) await pause(wait);
  }
  return `the dependencies could not be installed in ${tries} tries; the output above says why`;
}

/**
 * @param {string} pnpm
 * @param {boolean} isRepair
 * @param {boolean} usePrivateCaches
 * @returns {string[]}
 */
function installArguments(pnpm, isRepair, usePrivateCaches) {
  const args = ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'];
  // Re-creating a node_modules that another tool or another store made is the point: never ask.
  args.push('--config.confirm-modules-purge=false');
  // A partial install may carry the marks of a complete one, so a repair links everything anew.
  if (isRepair) args.push('--force');
  if (usePrivateCaches) args.push(`--store-dir=${join(cacheFolder, 'store')}`);
  return args;
}

/**
 * @param {boolean} usePrivateCaches
 * @returns {NodeJS.ProcessEnv}
 */
function installEnvironment(usePrivateCaches) {
  // An outer `NODE_ENV=production` would leave out the compiler.
  const { NODE_ENV: _, ...inherited } = process.env;
  const environment = { ...inherited, npm_config_update_notifier: 'false' };
  if (!usePrivateCaches) return environment;
  return {
    ...environment,
    npm_config_cache: join(cacheFolder, 'npm'),
    XDG_CACHE_HOME: join(cacheFolder, 'xdg-cache'),
    XDG_DATA_HOME: join(cacheFolder, 'xdg-data'),
    XDG_STATE_HOME: join(cacheFolder, 'xdg-state'),
  };
}

/**
 * Whether npm and pnpm can use their usual folders: not so for a service user, in many containers,
 * with a home that belongs to someone else.
 *
 * @returns {boolean}
 */
function areUserFoldersWritable() {
  const env = process.env;
  try {
    const home = homedir();
    return [
      env['npm_config_cache'] ?? join(home, '.npm'),
      env['XDG_CACHE_HOME'] ?? join(home, '.cache'),
      env['XDG_DATA_HOME'] ?? join(home, '.local/share'),
      env['XDG_STATE_HOME'] ?? join(home, '.local/state'),
    ].every(isWritableFolder);
  } catch {
    // There is no home at all.
    return false;
  }
}

/**
 * @param {string} folder one that need not exist yet
 * @returns {boolean}
 */
function isWritableFolder(folder) {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    return statSync(existing).isDirectory();
  } catch {
    return false;
  }
}

/** @returns {boolean} */
function isInstalled() {
  return readIfThere(installStamp) === installFingerprint() && missingDependencies().length === 0;
}

/** @returns {boolean} */
function isBuilt() {
  const hasOutput = packageFolders().every(
    (folder) => !existsSync(join(folder, 'tsconfig.json')) || existsSync(join(folder, 'dist')),
  );
  return hasOutput && readIfThere(buildStamp) === sourceFingerprint();
}

/** @returns {string} */
function installFingerprint() {
  const { versions, platform, arch } = process;
  const hash = createHash('sha256').update(`${versions.modules} ${platform} ${arch}\n`);
  const files = [root, ...packageFolders()].map((folder) => join(folder, 'package.json'));
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc']) {
    files.push(join(root, name));
  }
  for (const file of files) hash.update(`${readIfThere(file) ?? ''}\0`);
  return hash.digest('hex');
}

/**
 * Names, sizes and times of everything the compiler reads, which costs a few milliseconds where
 * starting the compiler to find nothing to do costs a hundred.
 *
 * @returns {string}
 */
function sourceFingerprint() {
  const hash = createHash('sha256').update(installFingerprint());
  const files = ['tsconfig.json', 'tsconfig.base.json'].map((name) => join(root, name));
  for (const folder of packageFolders()) {
    files.push(join(folder, 'tsconfig.json'), ...filesBelow(join(folder, 'src')));
  }
  for (const file of files) {
    const status = statSync(file, { throwIfNoEntry: false });
    hash.update(`${file}\0${status?.size}\0${status?.mtimeMs}\0`);
  }
  return hash.digest('hex');
}

/** @returns {string[]} declared dependencies that are not linked */
function missingDependencies() {
  return [root, ...packageFolders()].flatMap((folder) => {
    const { dependencies = {}, devDependencies = {} } = readJson(join(folder, 'package.json'));
    return Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !existsSync(join(folder, 'node_modules', name, 'package.json')),
    );
  });
}

/** @returns {string[]} */
function packageFolders() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * @param {string} file
 * @returns {any} a package.json of this repository
 */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
