import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether a process is a PostgreSQL server on this database: a number alone may have been used again. */
export function isPostgresOn(pid: number, data: string): boolean {
  if (!(pid > 1) || stateOf(pid) === 'Z') return false;
  const command = ps(pid, 'command=');
  return command.includes('postgres') && command.includes(data);
}

/** Process numbers of the children of a process. */
export function childrenOf(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [];
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

/** Sends SIGKILL, if the process still exists. */
export function signalKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Ends a process and waits until it is gone, a second at most. */
export async function killProcess(pid: number): Promise<void> {
  signalKill(pid);
  for (let waited = 0; waited < 1_000 && !['', 'Z'].includes(stateOf(pid)); waited += 10) {
    await delay(10);
  }
}

/** One letter, `Z` for a process that has ended and that its parent has not asked about; empty when gone. */
function stateOf(pid: number): string {
  return ps(pid, 'state=').slice(0, 1);
}

function ps(pid: number, format: string): string {
  if (process.platform === 'linux') {
    try {
      if (format === 'command=') {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      }
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return text.slice(text.lastIndexOf(')') + 2);
    } catch {
      return '';
    }
  }
  try {
    return execFileSync('ps', ['-ww', '-o', format, '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
