import { LaunchError } from './launchError.js';
import type { LauncherLog } from './log.js';
import { BEAT_MS, type OwnerLock } from './ownerLock.js';
import { stopProcess } from './postmaster.js';
import { isServing, obtainServer, type Server, type ServerPlan } from './server.js';
import { removeSocketFolder } from './socketFolder.js';

/** Keeps one server running until it is stopped. @internal */
export interface Supervisor {
  ensureRunning(): Promise<void>;
  pid(): number | undefined;
  stop(): Promise<void>;
}

/** Beats after which a server that keeps failing is tried again. */
const MAX_PAUSE_BEATS = 32;

/**
 * Obtains the server and watches over it: its end, told by the exit event or seen at a beat, leads to
 * a new start in the same socket folder. Starts that fail are repeated ever more rarely.
 *
 * @returns the supervisor and the folder of the socket
 * @throws LaunchError StartFailed
 * @internal
 */
export async function supervise(
  plan: Omit<ServerPlan, 'onExit' | 'isCancelled'>,
  lock: OwnerLock,
  log: LauncherLog,
): Promise<Supervisor & { readonly socketFolder: string }> {
  let server: Server | undefined;
  let running = false;
  let stopping: Promise<void> | undefined;
  let restarting: Promise<void> | undefined;
  let failures = 0;
  let pauseBeats = 0;

  const obtain = (socketFolder?: string): Promise<Server> =>
    obtainServer(
      {
        ...plan,
        isCancelled: () => stopping !== undefined,
        onExit: (pid, code, signal) => {
          // Not ours any more, or ended before the start was over: then the next beat sees it.
          if (stopping !== undefined || pid !== server?.pid) return;
          log('warn', 'the embedded PostgreSQL ended', { pid, code, signal });
          running = false;
          if (pauseBeats === 0) restartQuietly();
        },
      },
      socketFolder,
    );

  function take(obtained: Server): void {
    server = obtained;
    running = true;
    const { pid, adopted } = obtained;
    const message = adopted ? 'adopted the embedded PostgreSQL' : 'started the embedded PostgreSQL';
    log('info', message, { pid, data: plan.folders.data });
  }

  async function isUp(): Promise<boolean> {
    return running && server !== undefined && (await isServing(server));
  }

  async function restart(): Promise<void> {
    if (await isUp()) return;
    running = false;
    // One at once, the next ones at beats only, so that a crash at each start does not spin.
    failures += 1;
    pauseBeats = Math.min(2 ** failures, MAX_PAUSE_BEATS);
    take(await obtain(socketFolder));
  }

  function ensureRunning(): Promise<void> {
    if (stopping !== undefined) {
      return Promise.reject(new LaunchError('Stopped', 'the embedded PostgreSQL has been stopped'));
    }
    restarting ??= restart().finally(() => {
      restarting = undefined;
    });
    return restarting;
  }

  function restartQuietly(): void {
    ensureRunning().catch((error: unknown) => {
      if (stopping !== undefined) return;
      log('error', 'the embedded PostgreSQL could not be started again', { error: String(error) });
    });
  }

  async function beat(): Promise<void> {
    await lock.beat();
    if (pauseBeats > 0) pauseBeats -= 1;
    if (pauseBeats > 0 || restarting !== undefined || stopping !== undefined) return;
    if (await isUp()) failures = 0;
    else restartQuietly();
  }

  const first = await obtain();
  const { socketFolder } = first;
  take(first);
  const timer = setInterval(() => {
    beat().catch((error: unknown) => {
      log('warn', 'the owner lock could not be renewed', { error: String(error) });
    });
  }, BEAT_MS).unref();

  async function stop(): Promise<void> {
    clearInterval(timer);
    await restarting?.catch(() => undefined);
    const { pid, startTime } = server ?? first;
    const outcome = await stopProcess(pid, startTime);
    running = false;
    const level = outcome === 'fast' ? 'info' : 'warn';
    log(level, 'stopped the embedded PostgreSQL', { pid, outcome });
    if (outcome !== 'alive') await removeSocketFolder(socketFolder, plan.folders.user);
    await lock.release();
  }

  return {
    socketFolder,
    ensureRunning,
    pid: () => (running ? server?.pid : undefined),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
