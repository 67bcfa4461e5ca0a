import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from './child.mjs';

const heartbeatMs = 1_000;
const silentAfterMs = 30_000;
const pollMs = 100;
const longestWaitMs = 20 * 60_000;

/**
 * Runs `work` while holding a lock folder, so that two starts of one checkout do not install or build
 * at the same time. Waits, with one line of explanation, while another process holds it. A lock is
 * taken over when its process is gone, or when its heartbeat has stopped (a reused process id, a
 * process of another container).
 *
 * @template T
 * @param {string} folder the lock; its parent folder is created
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  // The folder is made complete and then renamed: a lock without an owner is never visible.
  const prepared = `${folder}.${process.pid}`;
  rmSync(prepared, { recursive: true, force: true });
  mkdirSync(prepared, { recursive: true });
  writeFileSync(
    join(prepared, 'owner.json'),
    JSON.stringify({ pid: process.pid, host: hostname() }),
  );
  await acquire(folder, prepared);
  const heartbeat = setInterval(() => touch(folder), heartbeatMs);
  heartbeat.unref();
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

/**
 * @param {string} folder
 * @param {string} prepared
 * @returns {Promise<void>}
 */
async function acquire(folder, prepared) {
  let said = false;
  for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += pollMs) {
    if (tryRename(prepared, folder)) return;
    const owner = readOwner(folder);
    if (owner !== undefined && isGone(folder, owner)) {
      takeAway(folder, prepared, owner);
      continue;
    }
    if (!said && owner !== undefined) {
      said = true;
      say(`process ${owner.pid} is installing or building this checkout; waiting for it`);
    }
    await pause(pollMs);
  }
  rmSync(prepared, { recursive: true, force: true });
  throw new Error(`still locked after ${longestWaitMs / 60_000} minutes: ${folder}`);
}

/**
 * Moves a dead owner's lock aside. If another process was quicker, its fresh lock is put back.
 *
 * @param {string} folder
 * @param {string} prepared
 * @param {{ text: string }} dead
 * @returns {void}
 */
function takeAway(folder, prepared, dead) {
  const aside = `${prepared}.stale`;
  rmSync(aside, { recursive: true, force: true });
  if (!tryRename(folder, aside)) return;
  if (readOwner(aside)?.text !== dead.text) tryRename(aside, folder);
  rmSync(aside, { recursive: true, force: true });
}

/**
 * @param {string} from
 * @param {string} to
 * @returns {boolean} false when `to` is there already or `from` is gone
 */
function tryRename(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (existsSync(to) || !existsSync(from)) return false;
    throw error;
  }
}

/**
 * @param {string} folder
 * @returns {{ pid: number, host: string, text: string } | undefined} nothing when it was just released
 */
function readOwner(folder) {
  try {
    const text = readFileSync(join(folder, 'owner.json'), 'utf8');
    return { ...JSON.parse(text), text };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {{ pid: number, host: string }} owner
 * @returns {boolean}
 */
function isGone(folder, owner) {
  if (owner.host === hostname() && !isAlive(owner.pid)) return true;
  try {
    return Date.now() - statSync(folder).mtimeMs > silentAfterMs;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is there and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * @param {string} folder
 * @returns {void}
 */
function touch(folder) {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // Taken over after a long stop of this machine: the work goes on, as it can be repeated safely.
  }
}
