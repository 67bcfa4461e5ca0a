import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { errnoOf, unless } from './launchError.js';

/** What tells one process from a later one with the same number. @internal */
export interface ProcessInfo {
  /** One letter as `ps` prints it; `Z` is a zombie, `?` a process that we may not look at. */
  readonly state: string;
  /** Opaque, equal for the same process only; `?` when it cannot be read. */
  readonly startTime: string;
}

/** The world in which a process number means something. @internal */
export interface ProcessSpace {
  readonly host: string;
  /** Changes with each boot; empty where it is not known. */
  readonly boot: string;
  /** Pid namespace (container); empty where there are none. */
  readonly namespace: string;
}

const run = promisify(execFile);
const UNKNOWN: ProcessInfo = { state: '?', startTime: '?' };
const GONE = ['ENOENT', 'ESRCH'];

/**
 * Reads a line of `/proc/<pid>/stat`. The second field is the program's name in parentheses, which
 * may itself contain parentheses and blanks, so fields are counted from the last parenthesis.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @internal
 */
export function parseStat(text: string): ProcessInfo | undefined {
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTime = fields[18];
  return state && startTime ? { state, startTime } : undefined;
}

/** The process with this number, a zombie included, or undefined when there is none. @internal */
export async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  if (process.platform !== 'linux') return readByPs(pid);
  const text = await unless(GONE, readFile(`/proc/${pid}/stat`, 'utf8'));
  // A /proc mounted with hidepid shows no processes of other users.
  if (text === undefined) return isHidden(pid) ? UNKNOWN : undefined;
  return parseStat(text) ?? UNKNOWN;
}

/** Whether the process that once had this start time still runs; a zombie does not. @internal */
export async function isSameProcess(pid: number, startTime: string): Promise<boolean> {
  const info = await readProcess(pid);
  if (info === undefined || info.state === 'Z') return false;
  return info.startTime === startTime || info.startTime === '?';
}

/** The arguments of a process; elsewhere than on Linux as one string. @internal */
export async function readArguments(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') {
    const text = await unless(GONE, readFile(`/proc/${pid}/cmdline`, 'utf8'));
    return text?.split('\0').slice(0, -1) ?? [];
  }
  return [await ps(pid, 'command=')];
}

/** The working directory of a process, or undefined when it may not be read. @internal */
export async function readWorkingDirectory(pid: number): Promise<string | undefined> {
  return unless([...GONE, 'EACCES', 'EPERM', 'ENOTDIR'], readlink(`/proc/${pid}/cwd`));
}

/** Where the numbers of this process are valid. @internal */
export async function readProcessSpace(): Promise<ProcessSpace> {
  const absent = ['ENOENT', 'EACCES', 'ENOTDIR'];
  const boot = await unless(absent, readFile('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = await unless(absent, readlink('/proc/self/ns/pid'));
  return { host: hostname(), boot: boot?.trim() ?? '', namespace: namespace ?? '' };
}

function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

async function readByPs(pid: number): Promise<ProcessInfo | undefined> {
  const [state, ...started] = (await ps(pid, 'state=,lstart=')).split(/\s+/);
  return state ? { state: state.slice(0, 1), startTime: started.join(' ') } : undefined;
}

async function ps(pid: number, format: string): Promise<string> {
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
    const { stdout } = await run('ps', ['-ww', '-o', format, '-p', String(pid)], { env });
    return stdout.trim();
  } catch (error) {
    // `ps` ends with 1 when there is no such process.
    if (error instanceof Error && 'code' in error && error.code === 1) return '';
    throw error;
  }
}
