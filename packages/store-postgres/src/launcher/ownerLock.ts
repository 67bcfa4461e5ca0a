import { createHash } from 'node:crypto';
import { chmod, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Entropy } from '@keyglot/core';
import { errnoOf, LaunchError, unless } from './launchError.js';
import { isSameProcess, type ProcessSpace, readProcess, readProcessSpace } from './processes.js';

/** Exclusive ownership of a data folder by this process. @internal */
export interface OwnerLock {
  /** Shows processes of other containers that the owner lives; call it every {@link BEAT_MS}. */
  beat(): Promise<void>;
  /** Gives the folder free; calling it again does nothing. */
  release(): Promise<void>;
}

interface Holder extends ProcessSpace {
  readonly pid: number;
  readonly startTime: string;
}

/** Milliseconds between two signs of life. @internal */
export const BEAT_MS = 1000;
/** Milliseconds without a sign of life after which an owner out of sight counts as dead. @internal */
export const SILENCE_MS = 3000;

const LOCK_FILE = 'owner.lock';
const ATTEMPTS = 10;
const MAX_DEPTH = 4;

/**
 * Takes `owner.lock` in a folder. The file appears complete (by a hard link) or not at all. To take
 * over the lock of a dead owner a process must first hold a second lock whose name is derived from
 * the dead owner's record, check that the record is still there, and rename the second lock over the
 * first; so of several starters exactly one succeeds.
 *
 * @throws LaunchError DataFolderInUse when its owner lives, with `pid` and `dataDir`
 * @internal
 */
export async function acquireOwnerLock(
  dataDir: string,
  entropy: Entropy,
  silenceMs: number = SILENCE_MS,
): Promise<OwnerLock> {
  const space = await readProcessSpace();
  const self = await readProcess(process.pid);
  const holder: Holder = { pid: process.pid, startTime: self?.startTime ?? '?', ...space };
  const nonce = entropy.bytes(8).toString('hex');
  const record = `${JSON.stringify({ ...holder, nonce })}\n`;
  const path = join(dataDir, LOCK_FILE);
  const draft = `${path}.${process.pid}-${nonce}`;

  const isFree = async (at: string, text: string): Promise<boolean> => {
    const other = parseHolder(text);
    if (other === undefined || !(await isAlive(other, space, at, silenceMs))) return true;
    throw new LaunchError(
      'DataFolderInUse',
      `the data folder ${dataDir} is in use by process ${other.pid}${other.host === space.host ? '' : ` on ${other.host}`}; stop that process or choose another folder`,
      { dataDir, pid: other.pid },
    );
  };

  await writeFile(draft, record, { flag: 'wx', mode: 0o600 });
  try {
    await take(path, draft, isFree, 0);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    beat: async () => {
      // Sets the change time without a clock and without writing into the file.
      await unless(['ENOENT'], chmod(path, 0o600));
    },
    release: async () => {
      if ((await readLock(path)) === record) await rm(path, { force: true });
    },
  };
}

async function take(
  path: string,
  draft: string,
  isFree: (path: string, record: string) => Promise<boolean>,
  depth: number,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS && depth < MAX_DEPTH; attempt += 1) {
    if (await tryLink(draft, path)) return;
    const stale = await readLock(path);
    if (stale === undefined || !(await isFree(path, stale))) continue;
    const digest = createHash('sha256').update(stale).digest('hex').slice(0, 12);
    const successor = `${path}.${digest}`;
    await take(successor, draft, isFree, depth + 1);
    // From here on nobody else can replace this very record; but someone may have done so before.
    if ((await readLock(path)) === stale) {
      await rename(successor, path);
      return;
    }
    await rm(successor, { force: true });
  }
  throw new LaunchError('DataFolderUnusable', `${path} changes all the time or cannot be replaced`);
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(path: string): Promise<string | undefined> {
  return unless(['ENOENT'], readFile(path, 'utf8'));
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, startTime, host, boot, namespace }: Partial<Holder> = Object(JSON.parse(text));
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
    if (typeof startTime !== 'string' || typeof host !== 'string') return undefined;
    if (typeof boot !== 'string' || typeof namespace !== 'string') return undefined;
    return { pid, startTime, host, boot, namespace };
  } catch {
    return undefined;
  }
}

async function isAlive(
  holder: Holder,
  space: ProcessSpace,
  path: string,
  silenceMs: number,
): Promise<boolean> {
  if (holder.host === space.host && holder.boot !== space.boot) return false;
  if (holder.host === space.host && holder.namespace === space.namespace) {
    return isSameProcess(holder.pid, holder.startTime);
  }
  // Another container or machine: its process numbers mean nothing here, only its signs of life.
  const first = await changeTime(path);
  for (let waitedMs = 0; waitedMs < silenceMs; waitedMs += 100) {
    await delay(100);
    if ((await changeTime(path)) !== first) return true;
  }
  return false;
}

async function changeTime(path: string): Promise<bigint | undefined> {
  return (await unless(['ENOENT'], stat(path, { bigint: true })))?.ctimeNs;
}
