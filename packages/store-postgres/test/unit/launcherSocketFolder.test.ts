import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { currentUser, UNPRIVILEGED } from '../../src/launcher/serverUser.js';
import { removeSocketFolder } from '../../src/launcher/socketFolder.js';

const isRoot = process.getuid?.() === 0;
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder as a start leaves it that is killed before it gives the folder to the server's account. */
function unfinishedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyglot-'));
  made.push(folder);
  mkdirSync(join(folder, 'lib'));
  symlinkSync('/nowhere/libpq.so', join(folder, 'lib', 'libpq.so'));
  return folder;
}

describe('the folder of the socket', () => {
  test('is removed with its links', async () => {
    const folder = unfinishedFolder();
    await removeSocketFolder(folder, currentUser());
    expect(existsSync(folder)).toBe(false);
  });

  test.runIf(isRoot)('is removed too when the server was never given it', async () => {
    const folder = unfinishedFolder();
    await removeSocketFolder(folder, UNPRIVILEGED);
    expect(existsSync(folder)).toBe(false);
  });

  test('stays when there is something in it that is not ours', async () => {
    const folder = unfinishedFolder();
    writeFileSync(join(folder, 'letter'), 'keep me');
    await expect(removeSocketFolder(folder, currentUser())).rejects.toThrow('ENOTEMPTY');
    expect(existsSync(join(folder, 'letter'))).toBe(true);
  });
});
