import { open, rename, rm } from 'node:fs/promises';
import type { Entropy } from '@keyglot/core';

/**
 * Writes a file that afterwards is there as a whole or as it was before, whatever happens meanwhile.
 *
 * @param mode permissions of the file, like 0o600
 *
 * @internal
 */
export async function writeAtomically(
  path: string,
  text: string,
  mode: number,
  entropy: Entropy,
): Promise<void> {
  const draft = `${path}.${entropy.uuid()}.tmp`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
