import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The openssl command in a folder of its own. */
export interface Openssl {
  run(...args: readonly string[]): string;
  write(name: string, bytes: string | Buffer): void;
  read(name: string): Buffer;
  remove(): void;
}

/** These tests are the second implementation: without the command they fail, they are not skipped. */
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
