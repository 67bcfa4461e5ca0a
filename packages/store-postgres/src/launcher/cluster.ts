import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, programEnvironment, programOf } from './binaries.js';
import type { Folders } from './folders.js';
import { LaunchError, OTHER_STORES, unless } from './launchError.js';
import { asUser, isRoot } from './serverUser.js';

const run = promisify(execFile);

/** Role that owns everything in the embedded database. @internal */
export const USER = 'keyglot';
/** `initdb` makes it; a second one would only cost time. @internal */
export const DATABASE = 'postgres';

const DRAFT = 'new-';
const TIMEOUT_MS = 120_000;

/**
 * Whether the database exists already.
 *
 * @throws LaunchError DataFolderUnusable when it is none, or one of another major version
 * @internal
 */
export async function hasCluster(folders: Folders, binaries: Binaries): Promise<boolean> {
  const entries = await unless(['ENOENT'], readdir(folders.data));
  if (entries === undefined) return false;
  const text = await unless(['ENOENT'], readFile(join(folders.data, 'PG_VERSION'), 'utf8'));
  const found = text?.trim();
  if (found === binaries.major) return true;
  throw new LaunchError(
    'DataFolderUnusable',
    found === undefined
      ? `${folders.data} is not a PostgreSQL database; move it away to begin with an empty one`
      : `${folders.data} was made by PostgreSQL ${found}, and the installed one is ${binaries.major}; export with the former version of Keyglot and import with this one`,
    { data: folders.data, found, needed: binaries.major },
  );
}

/**
 * Makes the database under a temporary name and renames it, so that a kill leaves nothing half-done.
 * `initdb` writes without syncing; one sync of the finished files (0.06 s for 1,000 files that are
 * mostly written back by then) makes sure that what is acknowledged later rests on files that
 * survive a power failure too.
 *
 * @param libraryFolder where all shared libraries can be found
 * @internal
 */
export async function makeCluster(
  folders: Folders,
  binaries: Binaries,
  libraryFolder: string,
  password: string,
): Promise<void> {
  const { home, user } = folders;
  await removeDrafts(home);
  const draft = await mkdtemp(join(home, DRAFT));
  const passwordFile = join(draft, 'password');
  const data = join(draft, 'data');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    await chmod(draft, 0o700);
    if (isRoot()) {
      await chown(passwordFile, user.uid, user.gid);
      await chown(draft, user.uid, user.gid);
    }
    const initdb = async (args: readonly string[]): Promise<void> => {
      await run(programOf(binaries, 'initdb'), ['-D', data, ...args], {
        ...asUser(user),
        cwd: '/',
        env: programEnvironment(libraryFolder),
        timeout: TIMEOUT_MS,
      });
    };
    await initdb([
      '--username',
      USER,
      '--pwfile',
      passwordFile,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
      '--no-instructions',
    ]);
    await initdb(['--sync-only']);
    await rename(data, folders.data);
    await syncFolder(home);
  } catch (error) {
    throw new LaunchError(
      'StartFailed',
      `initdb could not make a database in ${home} (${reasonOf(error)}); or ${OTHER_STORES}`,
      { home },
      error,
    );
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What starts left behind that were killed. An `initdb` that still runs there fails, which is right. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(DRAFT)) continue;
    await rm(join(home, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const output = 'stderr' in error ? String(error.stderr).trim() : '';
  const failure = output.split('\n').find((line) => /error|fatal|could not/i.test(line));
  return failure ?? output.split('\n').at(-1) ?? error.message;
}
