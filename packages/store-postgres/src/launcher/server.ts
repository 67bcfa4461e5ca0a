import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, programEnvironment, programOf } from './binaries.js';
import type { Folders } from './folders.js';
import { errnoOf, LaunchError } from './launchError.js';
import { openServerLog, type ServerLog } from './log.js';
import { disclaimPid, findPostmaster, readPostmasterFile, stopProcess } from './postmaster.js';
import { isSameProcess, readProcess } from './processes.js';
import { asUser } from './serverUser.js';
import {
  hasSocket,
  isSocketFolderName,
  librariesOf,
  makeSocketFolder,
  PORT,
  removeSocketFolder,
  resetSocketFolder,
} from './socketFolder.js';

/** A server that has said that it is ready. @internal */
export interface Server {
  readonly pid: number;
  readonly startTime: string;
  readonly socketFolder: string;
  /** A server that a former process has started: no exit event tells of its end. */
  readonly adopted: boolean;
}

/** What a start of the server needs. @internal */
export interface ServerPlan {
  readonly folders: Folders;
  readonly binaries: Binaries;
  readonly timeoutMs: number;
  /** Whether the start is no longer wanted. */
  readonly isCancelled: () => boolean;
  /** Called once when a server that was ready and has been started here ends. */
  readonly onExit: (pid: number, code: number | null, signal: NodeJS.Signals | null) => void;
}

/** A small server that loses nothing. One client process, so little of everything. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(PORT),
  max_connections: '40',
  shared_buffers: '32MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // Neither statements nor rows belong in a log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  cluster_name: 'keyglot',
};

const POLL_MS = 5;
const RETRY_MS = 50;
/** The children of a killed server may live on for a moment; another start may be under way. */
const PASSING = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;

/**
 * Adopts the server that runs on the database, or starts one. The caller owns the data folder.
 *
 * @param socketFolder where the server's socket was before and must be again, if that matters
 * @throws LaunchError StartFailed with the last lines of the server's log, Stopped when cancelled
 * @internal
 */
export async function obtainServer(plan: ServerPlan, socketFolder?: string): Promise<Server> {
  const { data, user } = plan.folders;
  let reason = 'no answer in time';
  for (let spentMs = 0; spentMs < plan.timeoutMs; spentMs += RETRY_MS) {
    if (plan.isCancelled()) throw new LaunchError('Stopped', 'the start was cancelled');
    const found = await findPostmaster(data);
    if (found?.kind === 'ours') {
      const folder = found.socketFolder;
      if (folder !== undefined && !(found.port === PORT && isSocketFolderName(folder))) {
        throw new LaunchError(
          'DataFolderUnusable',
          `a PostgreSQL server that Keyglot did not start (process ${found.pid}) runs on ${data}; stop it first`,
          { data, pid: found.pid },
        );
      }
      if (folder !== undefined && found.status === 'ready') {
        if ((await hasSocket(folder)) && (socketFolder ?? folder) === folder) {
          return { ...found, socketFolder: folder, adopted: true };
        }
        await stopProcess(found.pid, found.startTime);
      }
      await delay(RETRY_MS);
      continue;
    }
    if (found?.kind === 'other') await disclaimPid(data, user);
    const outcome = await launch(plan, socketFolder);
    if (typeof outcome !== 'string') return outcome;
    reason = outcome;
    if (!PASSING.test(outcome)) break;
    await delay(RETRY_MS);
  }
  throw new LaunchError('StartFailed', `the embedded PostgreSQL did not start: ${reason}`, {
    data,
  });
}

/** Whether the server runs and its socket is in place. @internal */
export async function isServing(server: Server): Promise<boolean> {
  return (await isSameProcess(server.pid, server.startTime)) && hasSocket(server.socketFolder);
}

/** @returns the server when it is ready, else why it is not */
async function launch(plan: ServerPlan, before: string | undefined): Promise<Server | string> {
  const { folders, binaries } = plan;
  if (before !== undefined) await resetSocketFolder(before, binaries, folders.user);
  const socketFolder = before ?? (await makeSocketFolder(folders, binaries));
  const log = await openServerLog(folders.home);
  let server: Server | string;
  try {
    server = await launchWith(plan, socketFolder, log);
  } finally {
    await log.close();
  }
  if (typeof server === 'string' && before === undefined) {
    await removeSocketFolder(socketFolder, folders.user);
  }
  return server;
}

async function launchWith(
  plan: ServerPlan,
  socketFolder: string,
  log: ServerLog,
): Promise<Server | string> {
  const { folders, binaries } = plan;
  const settings = { ...SETTINGS, unix_socket_directories: quoteList(socketFolder) };
  const child = spawn(
    programOf(binaries, 'postgres'),
    [
      '-D',
      folders.data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    {
      ...asUser(folders.user),
      cwd: '/',
      env: programEnvironment(librariesOf(socketFolder)),
      // A process group of its own: Ctrl-C must reach Keyglot alone, which still needs its database.
      detached: true,
      stdio: ['ignore', log.descriptor, log.descriptor],
    },
  );
  let ended: string | undefined;
  let ready = false;
  child.once('error', (error) => {
    ended = `${errnoOf(error) ?? 'error'} when starting ${programOf(binaries, 'postgres')}`;
  });
  child.once('exit', (code, signal) => {
    ended = signal === null ? `exit code ${code}` : `ended by ${signal}`;
    if (ready && child.pid !== undefined) plan.onExit(child.pid, code, signal);
  });
  child.unref();
  const pid = child.pid;
  const started = pid === undefined ? undefined : await readProcess(pid);
  for (let spentMs = 0; spentMs < plan.timeoutMs && ended === undefined; spentMs += POLL_MS) {
    if (plan.isCancelled()) break;
    const file = await readPostmasterFile(folders.data);
    if (
      pid !== undefined &&
      started !== undefined &&
      file?.pid === pid &&
      file.status === 'ready'
    ) {
      // An end between these lines must not get lost.
      if (ended !== undefined) break;
      ready = true;
      return { pid, startTime: started.startTime, socketFolder, adopted: false };
    }
    await delay(POLL_MS);
  }
  if (ended === undefined && pid !== undefined && started !== undefined) {
    await stopProcess(pid, started.startTime);
  }
  return `${ended ?? 'not ready in time'}; ${log.path} says:\n${await log.tail()}`;
}

/** An entry of a setting that is a list: in quotes, since a path may hold commas or blanks. */
function quoteList(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}
