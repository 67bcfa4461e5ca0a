import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Binaries, linkLibraries } from './binaries.js';
import type { Folders } from './folders.js';
import { LaunchError, unless } from './launchError.js';
import { canPass, currentUser, isRoot, type ServerUser } from './serverUser.js';

/** There is no TCP; the number only names the socket. @internal */
export const PORT = 5432;

const PREFIX = 'keyglot-';
const LIBRARIES = 'lib';
/** File in the home of the database: path of the last folder. */
const RECORD = 'socket-folder';
const SOCKET = `.s.PGSQL.${PORT}`;
/** Linux takes 107 bytes, macOS 103. */
const MAX_PATH_BYTES = 90;

/**
 * Makes a private temporary folder for the server's socket and the links to its libraries. Its path is
 * short, however deep the usual temporary folder lies. The folder before, which a killed process may
 * have left, is removed; so no server may be running on the database.
 *
 * @internal
 */
export async function makeSocketFolder(
  { home, user }: Folders,
  binaries: Binaries,
): Promise<string> {
  const record = join(home, RECORD);
  const before = await unless(['ENOENT'], readFile(record, 'utf8'));
  if (before !== undefined) await removeSocketFolder(before, user);
  for (const candidate of [tmpdir(), '/tmp', '/var/tmp']) {
    const base = await unless(['ENOENT', 'EACCES', 'ENOTDIR'], realpath(candidate));
    if (base === undefined) continue;
    const longest = join(base, `${PREFIX}XXXXXX`, `${SOCKET}.lock`);
    if (Buffer.byteLength(longest) > MAX_PATH_BYTES || !(await canPass(base, user))) continue;
    const folder = await unless(['EACCES', 'EPERM', 'EROFS'], mkdtemp(join(base, PREFIX)));
    if (folder === undefined) continue;
    await writeFile(record, folder, { mode: 0o600 });
    await fill(folder, binaries, user);
    return folder;
  }
  throw new LaunchError(
    'StartFailed',
    `no short temporary folder for the server's socket that uid ${user.uid} can reach; set TMPDIR to one`,
    { uid: user.uid },
  );
}

/**
 * Prepares a folder from {@link makeSocketFolder} for another start: removes what a killed server left
 * and makes the folder anew if a cleaner of temporary files has taken it.
 *
 * @internal
 */
export async function resetSocketFolder(
  folder: string,
  binaries: Binaries,
  user: ServerUser,
): Promise<void> {
  await removeSocketFolder(folder, user);
  await mkdir(folder, { mode: 0o700 });
  await fill(folder, binaries, user);
}

/** Whether the path is one that {@link makeSocketFolder} makes; the folder need not exist. @internal */
export function isSocketFolderName(folder: string): boolean {
  return /^keyglot-\w{6}$/.test(basename(folder));
}

/** Whether the server's socket is in the folder. @internal */
export async function hasSocket(folder: string): Promise<boolean> {
  const found = await unless(['ENOENT', 'ENOTDIR'], lstat(join(folder, SOCKET)));
  return found?.isSocket() ?? false;
}

/** Removes the folder of a server that has ended, if it is one of ours. @internal */
export async function removeSocketFolder(folder: string, user: ServerUser): Promise<void> {
  if (!isSocketFolderName(folder)) return;
  const found = await unless(['ENOENT', 'ENOTDIR'], lstat(folder));
  // A start as root that is killed in between leaves it to root.
  const ours = found?.uid === user.uid || found?.uid === currentUser().uid;
  if (found === undefined || !ours || !found.isDirectory()) return;
  const libraries = join(folder, LIBRARIES);
  const links = (await unless(['ENOENT'], readdir(libraries))) ?? [];
  const files = [SOCKET, `${SOCKET}.lock`].map((name) => join(folder, name));
  for (const file of [...links.map((name) => join(libraries, name)), ...files]) {
    await rm(file, { force: true });
  }
  for (const emptied of [libraries, folder]) await unless(['ENOENT'], rmdir(emptied));
}

/** The folder with links to the shared libraries. @internal */
export function librariesOf(socketFolder: string): string {
  return join(socketFolder, LIBRARIES);
}

async function fill(folder: string, binaries: Binaries, user: ServerUser): Promise<void> {
  const libraries = librariesOf(folder);
  await mkdir(libraries);
  await chmod(libraries, 0o755);
  await linkLibraries(binaries, libraries);
  if (isRoot()) await chown(folder, user.uid, user.gid);
}
