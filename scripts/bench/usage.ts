import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface Usage {
  /** Processor time of all its threads in microseconds, in steps of 10,000 on most systems. */
  readonly cpuUs: number;
  /** Resident memory in bytes. */
  readonly rssBytes: number;
}

/** Reads the usage of a process; on Linux from `/proc`, elsewhere by `ps`. */
export function usageOf(pid: number): Usage {
  if (process.platform !== 'linux') return byPs(pid);
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is a name in parentheses that may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN);
  return { cpuUs: (ticks * 1_000_000) / ticksPerSecond(), rssBytes: kib * 1_024 };
}

let known: number | undefined;

function ticksPerSecond(): number {
  known ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return known;
}

function byPs(pid: number): Usage {
  const text = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' });
  const [time = '', kib = ''] = text.trim().split(/\s+/);
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return { cpuUs: seconds * 1_000_000, rssBytes: Number(kib) * 1_024 };
}
