import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entropy } from '@keyglot/core';
import { unless } from './launchError.js';

const FILE = 'postgres-password';

/** Whether the data folder has a password file. @internal */
export async function hasPassword(dataDir: string): Promise<boolean> {
  return (await readPassword(dataDir)) !== undefined;
}

/** The password of the database, or undefined when there is none. @internal */
export async function readPassword(dataDir: string): Promise<string | undefined> {
  const text = await unless(['ENOENT'], readFile(join(dataDir, FILE), 'utf8'));
  return text?.trim() || undefined;
}

/**
 * Makes a password of 192 random bits and keeps it in `postgres-password`, which only the account of
 * Keyglot can read.
 *
 * @internal
 */
export async function makePassword(dataDir: string, entropy: Entropy): Promise<string> {
  const password = entropy.bytes(24).toString('base64url');
  const path = join(dataDir, FILE);
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${password}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return password;
}
