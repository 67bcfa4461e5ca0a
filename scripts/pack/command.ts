import { spawnSync } from 'node:child_process';

const longestRunMs = 5 * 60_000;

/**
 * Runs a command and returns its standard output.
 *
 * @throws Error with the end of its output when it fails or takes longer than five minutes.
 */
export function output(command: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: longestRunMs });
  if (result.status === 0) return result.stdout;
  const reason = result.error?.message ?? `exit code ${result.status}`;
  const tail = `${result.stdout}\n${result.stderr}`.slice(-4_000);
  throw new Error(`${command} ${args.join(' ')}: ${reason}\n${tail}`);
}
