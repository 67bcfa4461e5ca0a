import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The openssl command in a folder of its own. @public */
export interface Openssl {
  run(...args: readonly string[]): string;
  write(name: string, bytes: string | Buffer): void;
  read(name: string): Buffer;
  remove(): void;
}

/**
 * Opens a folder for the openssl command, which is a second implementation to test against.
 *
 * @throws Error when there is no such command: tests that need it fail, they are not skipped
 * @public
 */
export function openOpenssl(): Openssl {
  const folder = mkdtempSync(join(tmpdir(), 'keyglot-openssl-'));
  const run = (...args: readonly string[]): string =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  try {
    run('version');
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw new Error('These tests need the openssl command on PATH; install the package openssl.', {
      cause: error,
    });
  }
  return {
    run,
    write: (name, bytes) => writeFileSync(join(folder, name), bytes),
    read: (name) => readFileSync(join(folder, name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
