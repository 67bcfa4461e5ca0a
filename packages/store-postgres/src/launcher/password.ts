import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entropy } from '@keyglot/core';
import { unless } from './launchError.js';

const FILE = 'postgres-password';

/** The password of the database, or undefined when there is none. @internal */
export async function readPassword(dataDir: string): Promise<string | undefined> {
  const text = await unless(['ENOENT'], readFile(join(dataDir, FILE), 'utf8'));
  return text?.trim() || undefined;
}

/** A new password of 192 random bits. @internal */
export function makePassword(entropy: Entropy): string {
  return entropy.bytes(24).toString('base64url');
}

/** Keeps the password in `postgres-password`, which only the account of Keyglot can read. @internal */
export async function writePassword(dataDir: string, password: string): Promise<void> {
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
}
