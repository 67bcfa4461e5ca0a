import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf, unless } from './launchError.js';
import { isSameProcess, readArguments, readProcess, readWorkingDirectory } from './processes.js';
import { isRoot, type ServerUser } from './serverUser.js';

/**
 * The lines of `postmaster.pid` that matter.
 *
 * @see https://www.postgresql.org/docs/18/storage-file-layout.html
 * @internal
 */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | undefined;
  readonly socketFolder: string | undefined;
  /** `starting`, `ready`, `stopping`, or empty as long as the file is not complete. */
  readonly status: string;
}

/**
 * What `postmaster.pid` leads to: a running server of this database, a process that only has the
 * number of a former server (a zombie included), or nothing.
 *
 * @internal
 */
export interface FoundPostmaster extends PostmasterFile {
  readonly kind: 'ours' | 'other' | 'gone';
  readonly startTime: string;
}

const POLL_MS = 10;
const FAST_MS = 5000;
const IMMEDIATE_MS = 7000;
const KILL_MS = 2000;

/** Reads `postmaster.pid` of a database, or undefined when there is none. @internal */
export async function readPostmasterFile(data: string): Promise<PostmasterFile | undefined> {
  const text = await unless(['ENOENT', 'ENOTDIR'], readFile(join(data, 'postmaster.pid'), 'utf8'));
  if (text === undefined) return undefined;
  const [pid = '', , , port, socketFolder, , , status = ''] = text.split('\n');
  return {
    // A server in single-user mode writes its number negative.
    pid: Math.abs(Number.parseInt(pid, 10)),
    port: port ? Number(port) : undefined,
    socketFolder: socketFolder || undefined,
    status: status.trim(),
  };
}

/** Reads `postmaster.pid` and looks at the process that it names. @internal */
export async function findPostmaster(data: string): Promise<FoundPostmaster | undefined> {
  const file = await readPostmasterFile(data);
  if (file === undefined) return undefined;
  const info = file.pid > 0 ? await readProcess(file.pid) : undefined;
  if (info === undefined) return { ...file, kind: 'gone', startTime: '' };
  const ours = info.state !== 'Z' && (await isServerOf(file.pid, data));
  return { ...file, kind: ours ? 'ours' : 'other', startTime: info.startTime };
}

/**
 * Lets a server start although the number in `postmaster.pid` is taken by a zombie or by a process
 * that is no server of this database: PostgreSQL only asks whether such a process exists, and would
 * refuse for good. Writes the number of this process instead, since PostgreSQL knows that its parent
 * is no server. All other lines stay, so that the check of the shared memory, which protects the
 * data from a second server, still works.
 *
 * @see https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/init/miscinit.c
 * @internal
 */
export async function disclaimPid(data: string, user: ServerUser): Promise<void> {
  const path = join(data, 'postmaster.pid');
  const draft = `${path}.keyglot`;
  const text = await readFile(path, 'utf8');
  await rm(draft, { force: true });
  const changed = text.replace(/^-?\d+/, String(process.pid));
  await writeFile(draft, changed, { flag: 'wx', mode: 0o600 });
  if (isRoot()) await chown(draft, user.uid, user.gid);
  await rename(draft, path);
}

/**
 * Stops a server: fast (sessions are ended), then at once (recovery at the next start), then by force.
 *
 * @returns how it ended
 * @internal
 */
export async function stopProcess(
  pid: number,
  startTime: string,
): Promise<'fast' | 'immediate' | 'killed' | 'alive'> {
  const steps = [
    ['SIGINT', FAST_MS, 'fast'],
    ['SIGQUIT', IMMEDIATE_MS, 'immediate'],
    ['SIGKILL', KILL_MS, 'killed'],
  ] as const;
  for (const [signal, waitMs, outcome] of steps) {
    if (!(await isSameProcess(pid, startTime))) return outcome;
    signalProcess(pid, signal);
    for (let waited = 0; waited < waitMs; waited += POLL_MS) {
      if (!(await isSameProcess(pid, startTime))) return outcome;
      await delay(POLL_MS);
    }
  }
  return 'alive';
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  const args = await readArguments(pid);
  // Elsewhere than on Linux all arguments come as one string; on Linux only a child has just one.
  const named =
    process.platform === 'linux'
      ? args.length > 1 && basename(args[0] ?? '') === 'postgres'
      : args.join().includes('/bin/postgres ');
  if (!named) return false;
  // The server works in the folder of its database, wherever that has been moved. Without the right
  // to trace processes of other users (root in many containers) only the arguments can be read.
  const at = await readWorkingDirectory(pid);
  return at === undefined ? args.join(' ').includes(data) : at === data;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
