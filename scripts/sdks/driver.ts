import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Call, Outcome } from './protocol.js';

/** How a driver is started. */
export interface DriverCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The folder where its SDK is installed. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A running driver: one call at a time. */
export interface Driver {
  /** @throws Error when it has ended or takes longer than a minute */
  send(call: Call): Promise<Outcome>;
  /** Closes its standard input, on which it ends, and ends it by force when it does not. */
  end(): Promise<void>;
}

const CALL_MS = 60_000;
const END_MS = 5_000;
const KEPT_CHARACTERS = 4_096;

/** Starts a driver. */
export function startDriver({ command, args, cwd, env }: DriverCommand): Driver {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-KEPT_CHARACTERS);
  });
  // A driver that has ended is noticed below, by its exit.
  child.stdin.on('error', () => undefined);
  const over = new Promise<string>((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, signal) => settle(signal ?? `exit code ${code}`));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const end = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await over;
    clearTimeout(timer);
  };
  return {
    async send(call) {
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const timer = setTimeout(() => child.kill('SIGKILL'), CALL_MS);
      const { done, value } = await lines.next();
      clearTimeout(timer);
      if (done === true) throw new Error(`the driver ended (${await over})\n${errors}`);
      // A line of our own driver.
      return JSON.parse(value) as Outcome;
    },
    end,
  };
}
