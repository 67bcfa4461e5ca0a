import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireOwnerLock } from '../../src/launcher/ownerLock.js';
import { parseStat, readProcess, readProcessSpace } from '../../src/launcher/processes.js';
import { entropy } from './launcherFixture.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kg-lock-')));
  path = join(folder, 'owner.lock');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const record = async (changes: object): Promise<string> => {
  const self = await readProcess(process.pid);
  const holder = { pid: process.pid, startTime: self?.startTime, ...(await readProcessSpace()) };
  return `${JSON.stringify({ ...holder, nonce: '00', ...changes })}\n`;
};

/** The number of a process that has ended and been waited for. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the line in /proc/<pid>/stat', () => {
  const rest = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 987654 20 21';

  it.each(['(node)', '(a) S 1 (b)', '(tmux: server)', '(:-))'])(
    'gives state and start time for a program called %s',
    (name) => {
      expect(parseStat(`42 ${name} Z ${rest}`)).toEqual({ state: 'Z', startTime: '987654' });
    },
  );

  it('is refused when it is cut off', () => {
    expect(parseStat('42 (node) S 1 2')).toBeUndefined();
  });
});

describe('the owner lock', () => {
  it('names the owner and the folder to a second starter', async () => {
    const lock = await acquireOwnerLock(folder, entropy);
    await expect(acquireOwnerLock(folder, entropy)).rejects.toMatchObject({
      code: 'DataFolderInUse',
      details: { dataDir: folder, pid: process.pid },
      message: `the data folder ${folder} is in use by process ${process.pid}; stop that process or choose another folder`,
    });
    await lock.release();
  });

  it('is free again after its release and leaves no file', async () => {
    const first = await acquireOwnerLock(folder, entropy);
    await first.release();
    const second = await acquireOwnerLock(folder, entropy);
    await second.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('cannot be released by a former owner', async () => {
    const first = await acquireOwnerLock(folder, entropy);
    await first.release();
    const second = await acquireOwnerLock(folder, entropy);
    await first.release();
    expect(await readdir(folder)).toEqual(['owner.lock']);
    await second.release();
  });

  it('holds for other paths to the same folder', async () => {
    const other = join(folder, 'link');
    await symlink(folder, other);
    const lock = await acquireOwnerLock(other, entropy);
    await expect(acquireOwnerLock(folder, entropy)).rejects.toMatchObject({
      code: 'DataFolderInUse',
    });
    await lock.release();
  });

  it('can be read by its owner only', async () => {
    const lock = await acquireOwnerLock(folder, entropy);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await lock.release();
  });

  it.each([
    ['is empty', async () => ''],
    ['is no JSON', async () => 'nonsense'],
    ['is JSON of another kind', async () => '[1]'],
    ['names no process', async () => record({ pid: -1 })],
    ['names a dead process', async () => record({ pid: await deadPid() })],
    ['names a process that started at another time', async () => record({ startTime: '1' })],
    ['was written before the last boot', async () => record({ boot: 'another' })],
  ])('is taken over when it %s', async (_title, text) => {
    await writeFile(path, await text());
    const lock = await acquireOwnerLock(folder, entropy);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await readdir(folder)).toEqual(['owner.lock']);
    await lock.release();
  });

  it('is taken over by exactly one of many starters', async () => {
    for (let round = 0; round < 25; round += 1) {
      await writeFile(path, await record({ startTime: '1', nonce: String(round) }));
      const starters = Array.from({ length: 12 }, () => acquireOwnerLock(folder, entropy));
      const outcomes = await Promise.allSettled(starters);
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(winners).toHaveLength(1);
      expect(new Set(losers.map(({ reason }) => reason.code))).toEqual(
        new Set(['DataFolderInUse']),
      );
      for (const { value } of winners) await value.release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over although a starter died while it took over', async () => {
    const stale = await record({ startTime: '1' });
    await writeFile(path, stale);
    const digest = createHash('sha256').update(stale).digest('hex').slice(0, 12);
    await writeFile(`${path}.${digest}`, await record({ startTime: '2' }));
    const lock = await acquireOwnerLock(folder, entropy);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('of another container holds as long as that gives signs of life', async () => {
    await writeFile(path, await record({ host: 'other-container', pid: 7 }));
    const beats = setInterval(() => void chmod(path, 0o600), 50);
    try {
      await expect(acquireOwnerLock(folder, entropy, 2000)).rejects.toMatchObject({
        code: 'DataFolderInUse',
        details: { dataDir: folder, pid: 7 },
      });
    } finally {
      clearInterval(beats);
    }
    const lock = await acquireOwnerLock(folder, entropy, 500);
    await lock.release();
  });

  it('changes its change time with each beat', async () => {
    const lock = await acquireOwnerLock(folder, entropy);
    const before = (await stat(path, { bigint: true })).ctimeNs;
    let after = before;
    for (let attempt = 0; attempt < 1000 && after === before; attempt += 1) {
      await lock.beat();
      after = (await stat(path, { bigint: true })).ctimeNs;
    }
    expect(after).toBeGreaterThan(before);
    await lock.release();
  });
});
