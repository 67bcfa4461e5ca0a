import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';

/** A child process that has printed a ready line with its URL. */
export interface Program {
  readonly pid: number;
  readonly url: string;
  /** Milliseconds from its start to the ready line. */
  readonly startMs: number;
  /** Fulfilled with what ended it, `exit 0` or `SIGKILL`; undefined as long as it runs. */
  ended(): string | undefined;
  /** The end of what it wrote to standard error. */
  errors(): string;
  /** Sends a signal and waits for the end, which is forced after 30 s. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<string>;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly args: readonly string[];
  /** Options of Node itself, before the file. */
  readonly nodeArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How long it may take to its ready line. Default 60 s. */
  readonly startTimeoutMs?: number;
}

const KEPT_CHARACTERS = 16_384;
const END_MS = 30_000;

/** The built command line. */
export const GATEWAY: string = join(root, 'packages/cli/dist/main.js');

/** A child process on its way to the ready line; it can be ended before that. */
export interface Starting {
  readonly pid: number;
  /** @throws Error with the end of its standard error, when it ends or takes too long */
  readonly ready: Promise<Program>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<string>;
}

/** Starts a JavaScript file with this Node. */
export function launch(file: string, options: ProgramOptions): Starting {
  const { args, nodeArgs = [], env = process.env, cwd, startTimeoutMs = 60_000 } = options;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeArgs, file, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${process.execPath}`);
  let ended: string | undefined;
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-KEPT_CHARACTERS);
  });
  const over = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal ?? `exit ${code}`;
      resolve(ended);
    });
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<string> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    const how = await over;
    clearTimeout(timer);
    return how;
  };
  const ready = readyUrl(child, over, startTimeoutMs).then(
    (url) => ({
      pid,
      url,
      startMs: performance.now() - startedAt,
      ended: () => ended,
      errors: () => errors,
      end,
    }),
    async (error: unknown) => {
      await end('SIGKILL');
      throw new Error(`${String(error)}; standard error ended with:\n${errors}`);
    },
  );
  return { pid, ready, end };
}

function readyUrl(child: ChildProcess, over: Promise<string>, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no ready line within ${timeoutMs} ms`)),
      timeoutMs,
    );
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /ready (https?:\/\/[^\s/]+)[^\n]*\n/.exec(text)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    over.then((how) => {
      clearTimeout(timer);
      reject(new Error(`ended (${how}) before it was ready`));
    }, reject);
  });
}

/** For a gateway: nothing that the person at the keyboard has set for one of his own gets in. */
export function gatewayEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('KEYGLOT_') && name !== 'DATABASE_URL',
  );
  return Object.fromEntries(kept);
}
