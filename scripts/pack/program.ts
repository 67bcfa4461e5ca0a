import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

const longestStartMs = 60_000;
const longestStopMs = 20_000;

/** A started program and the address from its ready line. */
export interface RunningProgram {
  readonly url: string;
  /** Sends SIGTERM and returns the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts a program and waits for the line on standard output that names its address.
 *
 * @throws Error with everything it printed when it ends, or says nothing for a minute.
 */
export async function startProgram(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<RunningProgram> {
  const child = spawn(file, args, { cwd });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const url = await readyUrl(child, closed);
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), longestStopMs);
      const exitCode = await closed;
      clearTimeout(timer);
      return exitCode;
    },
  };
}

async function readyUrl(
  child: ChildProcessWithoutNullStreams,
  closed: Promise<number | null>,
): Promise<string> {
  let stdout = '';
  let stderr = '';
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      const giveUp = (reason: string): void =>
        reject(new Error(`the program ${reason}; it printed\n${stdout}${stderr}`));
      timer = setTimeout(() => {
        child.kill('SIGKILL');
        giveUp('was not ready in time');
      }, longestStartMs);
      child.on('error', (error) => giveUp(`cannot run: ${error.message}`));
      closed.then((code) => giveUp(`ended with ${code}`), reject);
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        const url = /^.*?(https?:\/\/[^\s/]+:\d+).*\n/m.exec(stdout)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
  } finally {
    clearTimeout(timer);
  }
}
