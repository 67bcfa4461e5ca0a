import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Entropy } from '@keyglot/core';
import { LaunchError, unless } from './launchError.js';
import type { LauncherLog } from './log.js';
import { canPass, currentUser, isRoot, type ServerUser, UNPRIVILEGED } from './serverUser.js';

/** Where the parts of the embedded server lie; all paths are real. @internal */
export interface Folders {
  /** Keyglot's own folder: owner lock, password, and what belongs to the other parts. */
  readonly dataDir: string;
  /** Belongs to the account of Keyglot: the server's log and the database. */
  readonly home: string;
  /** The database itself; it need not exist yet. */
  readonly data: string;
  /** The account under which the server runs. */
  readonly user: ServerUser;
}

/** Folders outside home folders, in order of preference, for when Keyglot runs as root. @internal */
export const SYSTEM_FOLDERS: readonly string[] = ['/var/lib/keyglot', '/var/tmp/keyglot'];

/** Name of the database within its home. @internal */
export const DATA = 'data';
const HOME = 'postgres';
/** File in a home outside of the data folder. */
const MARK = 'belongs-to';

/** To which data folder a home outside belongs. */
interface Mark {
  readonly dataDir: string;
  /** SHA-256 of the password, in hexadecimal digits: tells one data folder from its successors. */
  readonly proof: string;
}

/** What {@link prepareFolders} is given. @internal */
export interface FolderNeeds {
  /** A real path. */
  readonly dataDir: string;
  /** That of the database in the data folder, or the one that a new database is to get. */
  readonly password: string;
  readonly systemFolders: readonly string[];
  readonly entropy: Entropy;
  readonly log: LauncherLog;
}

/**
 * Makes the data folder unless it exists. Only its owner can list it; as root it can be passed
 * through, so that the database may lie in it.
 *
 * @returns its real path
 * @internal
 */
export async function prepareDataDir(path: string): Promise<string> {
  const absolute = resolve(path);
  await mkdir(dirname(absolute), { recursive: true });
  if (await makeFolder(absolute)) await chmod(absolute, isRoot() ? 0o711 : 0o700);
  return realpath(absolute);
}

/**
 * Finds or makes the home of the database: `<dataDir>/postgres`, or, when Keyglot runs as root and the
 * server's account cannot reach that, a folder outside to which it then is a link.
 *
 * @throws LaunchError DataFolderUnusable
 * @internal
 */
export async function prepareFolders(need: FolderNeeds): Promise<Folders> {
  const { dataDir } = need;
  const place = join(dataDir, HOME);
  const found = await unless(['ENOENT'], lstat(place));
  if (found === undefined) await makeHome(place, need);
  else if (found.isSymbolicLink()) await checkLink(place, dataDir);
  const home = await realpath(place);
  const data = join(home, DATA);
  const owner = await unless(['ENOENT'], stat(data));
  const user = owner ? { uid: owner.uid, gid: owner.gid } : newUser();
  if (user.uid === 0)
    throw unusable(`${data} belongs to root, under whom PostgreSQL refuses to run`);
  if (!isRoot() && user.uid !== currentUser().uid) {
    throw unusable(`${data} belongs to uid ${user.uid}; start Keyglot as that user or as root`);
  }
  if (!(await canPass(home, user))) {
    throw unusable(
      `uid ${user.uid}, the server's account, cannot pass through ${home}; chmod o+x it and the folders above`,
    );
  }
  return { dataDir, home, data, user };
}

/**
 * The first of the system folders that can be made, belongs to root alone and that everybody can pass
 * through.
 *
 * @throws LaunchError DataFolderUnusable
 * @internal
 */
export async function prepareSystemFolder(candidates: readonly string[]): Promise<string> {
  for (const folder of candidates) {
    const made = await unless(
      ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT'],
      mkdir(dirname(folder), { recursive: true }).then(() => makeFolder(folder)),
    );
    if (made === undefined) continue;
    if (made) await chmod(folder, 0o755);
    // In /var/tmp another user may have been faster.
    const { uid, mode } = await lstat(folder);
    const safe = uid === 0 && (mode & 0o170022) === 0o040000;
    if (safe && (await canPass(await realpath(folder), UNPRIVILEGED))) return folder;
  }
  throw unusable(
    `uid ${UNPRIVILEGED.uid}, the server's account, can reach neither the data folder nor ${candidates.join(' nor ')}; choose another data folder`,
  );
}

function newUser(): ServerUser {
  return isRoot() ? UNPRIVILEGED : currentUser();
}

async function makeHome(place: string, need: FolderNeeds): Promise<void> {
  const { dataDir, log } = need;
  if (await canPass(dataDir, newUser())) {
    await mkdir(place);
    await chmod(place, isRoot() ? 0o711 : 0o700);
    return;
  }
  const folder = await prepareSystemFolder(need.systemFolders);
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const proof = createHash('sha256').update(need.password).digest('hex');
  for (const name of await readdir(folder)) {
    const mark = name.startsWith(hash) ? await readMark(join(folder, name)) : undefined;
    if (mark?.dataDir !== dataDir) continue;
    // With the same password it is the database of this data folder, and only the link was lost.
    if (mark.proof === proof) return symlink(join(folder, name), place);
    // One of an earlier data folder, deleted or moved since: not ours to delete.
    log(
      'warn',
      'an earlier data folder of this name has left a database; delete it if not needed',
      {
        database: join(folder, name),
      },
    );
  }
  const isFirst = await makeFolder(join(folder, hash));
  const home = isFirst
    ? join(folder, hash)
    : join(folder, `${hash}-${need.entropy.bytes(4).toString('hex')}`);
  if (!isFirst) await mkdir(home);
  await chmod(home, 0o711);
  await writeMark(home, { dataDir, proof });
  await symlink(home, place);
  log('info', 'the database lies outside of the data folder, which its account cannot reach', {
    dataDir,
    database: home,
    uid: UNPRIVILEGED.uid,
  });
}

async function checkLink(place: string, dataDir: string): Promise<void> {
  const home = await unless(['ENOENT'], realpath(place));
  if (home === undefined) {
    throw unusable(
      `${place} leads to a database that is gone; delete it to begin with an empty one`,
    );
  }
  const mark = await readMark(home);
  if (mark === undefined || mark.dataDir === dataDir) return;
  // The data folder was moved, or copied; a copy must not share the database with its original.
  const original = await unless(['ENOENT', 'ENOTDIR'], realpath(join(mark.dataDir, HOME)));
  if (original === home) {
    throw unusable(
      `${place} leads to the database of ${mark.dataDir}; delete it to begin with an empty one`,
    );
  }
  await writeMark(home, { ...mark, dataDir });
}

async function readMark(home: string): Promise<Mark | undefined> {
  const text = await unless(['ENOENT', 'ENOTDIR'], readFile(join(home, MARK), 'utf8'));
  if (text === undefined) return undefined;
  const [dataDir = '', proof = ''] = text.split('\0');
  return { dataDir, proof };
}

async function writeMark(home: string, { dataDir, proof }: Mark): Promise<void> {
  const draft = join(home, `${MARK}.new`);
  await writeFile(draft, `${dataDir}\0${proof}`, { mode: 0o600 });
  await rename(draft, join(home, MARK));
}

/** @returns whether it was made now */
async function makeFolder(path: string): Promise<boolean> {
  return (
    (await unless(
      ['EEXIST'],
      mkdir(path).then(() => true),
    )) ?? false
  );
}

function unusable(message: string): LaunchError {
  return new LaunchError('DataFolderUnusable', message);
}
