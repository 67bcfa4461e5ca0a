import { spawn } from 'node:child_process';

/** Signals that end a wait for a child process; Ctrl-C and the stop of a container arrive as these. */
const stopSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const signalNumbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
const keptOutputBytes = 65_536;

/**
 * Prints one line for the person who waits. Standard output belongs to the program that is started
 * afterwards, so everything here goes to standard error.
 *
 * @param {string} line
 * @returns {void}
 */
export function say(line) {
  process.stderr.write(`keyglot: ${line}\n`);
}

/**
 * Prints one line and ends the process.
 *
 * @param {string} line
 * @param {number} [exitCode]
 * @returns {never}
 */
export function fail(line, exitCode = 1) {
  say(line);
  process.exit(exitCode);
}

/**
 * Runs a command with its output shown on standard error and returns its exit code and the end of
 * its output. A stop signal is passed on to the command, and then ends this process too.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
export function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      // npx is a .cmd file on Windows, which only a shell starts.
      shell: process.platform === 'win32' && command === 'npx',
    });
    let output = '';
    /** @param {Buffer} chunk */
    const show = (chunk) => {
      process.stderr.write(chunk);
      output = (output + chunk.toString()).slice(-keptOutputBytes);
    };
    child.stdout.on('data', show);
    child.stderr.on('data', show);

    /** @type {(typeof stopSignals)[number] | undefined} */
    let stoppedBy;
    const handlers = stopSignals.map((signal) => {
      const handler = () => {
        stoppedBy = signal;
        child.kill(signal);
      };
      process.on(signal, handler);
      return { signal, handler };
    });
    /** @param {number} exitCode */
    const finish = (exitCode) => {
      for (const { signal, handler } of handlers) process.off(signal, handler);
      if (stoppedBy !== undefined) process.exit(128 + signalNumbers[stoppedBy]);
      resolve({ exitCode, output });
    };
    child.on('error', (error) => {
      say(`cannot run ${command}: ${error.message}`);
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}
