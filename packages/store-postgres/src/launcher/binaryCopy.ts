import { constants } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Entropy } from '@keyglot/core';
import type { Binaries } from './binaries.js';
import { errnoOf } from './launchError.js';
import { readProcess } from './processes.js';
import { canReach, type ServerUser } from './serverUser.js';

/**
 * Whether the server can run from the package itself: its user can reach every part, and on macOS
 * all library names exist there, since the shell through which `initdb` starts the server drops
 * `DYLD_LIBRARY_PATH`.
 *
 * @internal
 */
export async function canRunInPlace(binaries: Binaries, user: ServerUser): Promise<boolean> {
  const lib = join(binaries.native, 'lib');
  const parts = [
    join(binaries.native, 'bin/initdb'),
    join(binaries.native, 'bin/postgres'),
    join(binaries.native, 'share/postgresql'),
    ...binaries.aliases.map(({ file }) => join(lib, file)),
  ];
  const reached = await Promise.all(parts.map((part) => canReach(part, user)));
  if (reached.includes(false)) return false;
  if (process.platform !== 'darwin') return true;
  const names = new Set(await readdir(lib));
  return binaries.aliases.every(({ name }) => names.has(name));
}

/**
 * Copies the binaries, readable for everybody and with all library names, to
 * `<folder>/<version>-<platform>-<arch>`, unless they are there. The copy appears complete or not at
 * all.
 *
 * @returns the binaries in the copy
 * @internal
 */
export async function copyBinaries(
  binaries: Binaries,
  folder: string,
  entropy: Entropy,
): Promise<Binaries> {
  const target = join(folder, `${binaries.version}-${process.platform}-${process.arch}`);
  const copy = { ...binaries, native: target };
  if (await exists(target)) return copy;
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  const draft = `${target}.new-${process.pid}-${entropy.bytes(4).toString('hex')}`;
  await removeAbandoned(folder);
  try {
    await copyFolder(binaries.native, draft);
    for (const { name, file } of binaries.aliases) {
      await symlink(file, join(draft, 'lib', name)).catch(ignoreExisting);
    }
    await rename(draft, target).catch(ignoreExisting);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return copy;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyFolder(source, target);
    // Static libraries serve compilers only.
    else if (entry.isFile() && !entry.name.endsWith('.a')) await copyOne(source, target);
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r');
  try {
    const { mode } = await file.stat();
    await file.chmod((mode & 0o100) === 0 ? 0o644 : 0o755);
    // Else a power failure could leave an empty file under the final name for good.
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && (await readProcess(Number(pid))) === undefined) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function ignoreExisting(error: unknown): void {
  const code = errnoOf(error);
  if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw error;
}
