import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** How a command ended. */
export interface Ended {
  /** What went wrong; undefined when the exit code was 0. */
  readonly problem: string | undefined;
  readonly output: string;
}

/** Where and how a command runs. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  readonly input?: string;
}

const LONGEST_MS = 5 * 60_000;
const PAUSES_MS: readonly number[] = [2_000, 8_000];
const SHOWN_CHARACTERS = 4_000;

/** Runs a command to its end and keeps what it says, standard output and standard error together. */
export function runToEnd(
  command: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs = LONGEST_MS, input }: CommandOptions,
): Promise<Ended> {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    // What is stopped on the way leaves no compiler behind.
    const stop = (): void => void child.kill('SIGKILL');
    process.once('exit', stop);
    const finish = (problem: string | undefined): void => {
      clearTimeout(timer);
      process.off('exit', stop);
      settle({ problem, output });
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, signal) =>
      finish(code === 0 ? undefined : (signal ?? `exit code ${code}`)),
    );
  });
}

/**
 * Runs a command that must succeed and returns what it said.
 *
 * @throws Error with the end of what it said
 */
export async function must(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { problem, output } = await runToEnd(command, args, options);
  if (problem === undefined) return output;
  const line = [command, ...args].join(' ');
  throw new Error(`${line}: ${problem}\n${output.slice(-SHOWN_CHARACTERS)}`);
}

/** Runs a command that downloads: three tries with growing pauses. */
export async function download(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<void> {
  for (const waitMs of PAUSES_MS) {
    try {
      await must(command, args, options);
      return;
    } catch (error) {
      console.error(`${String(error)}\ntrying again`);
      await pause(waitMs);
    }
  }
  await must(command, args, options);
}
