import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  canBecomeUnprivileged,
  isRoot,
  kill,
  makeWorkbench,
  query,
  UNPRIVILEGED,
  until,
  type Workbench,
} from './launcherFixture.js';

let bench: Workbench;
let dataDir: string;

beforeEach(async () => {
  bench = await makeWorkbench();
  dataDir = join(bench.folder, 'data');
});

afterEach(async () => {
  await bench.close();
});

const state = async (pid: number | undefined): Promise<string | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3);
};

/** Lets a first process start a server and make a table, and kills that process. */
async function leaveServerBehind(): Promise<number> {
  const { answer, process: child } = await bench.gateway(dataDir);
  if (!answer.connection || !answer.pid) throw new Error(answer.error?.message);
  await query(answer.connection, 'create table t as select 42 as n');
  await kill(child.pid);
  return answer.pid;
}

async function holdsLock(pid: number | undefined): Promise<boolean> {
  const lock = await readFile(join(dataDir, 'owner.lock'), 'utf8').catch(() => '{}');
  return JSON.parse(lock).pid === pid;
}

/** A number in `postmaster.pid` that is not the server's. */
async function recordPid(pid: number): Promise<void> {
  const path = join(await realpath(join(dataDir, 'postgres/data')), 'postmaster.pid');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/^\d+/, String(pid)));
}

async function serverUser(): Promise<{ uid?: number; gid?: number }> {
  const { uid, gid } = await stat(join(dataDir, 'postgres/data'));
  return isRoot ? { uid, gid } : {};
}

describe('a server whose owner was killed', () => {
  it('goes on running and is adopted with its data', async () => {
    const pid = await leaveServerBehind();
    expect(await state(pid)).toMatch(/^[RSD]$/);
    const server = await bench.start();
    expect(server.pid()).toBe(pid);
    expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
    await server.stop();
    expect(['Z', undefined]).toContain(await state(pid));
  });

  it('is started again after it was adopted and killed', async () => {
    const pid = await leaveServerBehind();
    const server = await bench.start();
    await kill(pid);
    await until(() => server.pid() !== pid && server.pid() !== undefined);
    expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
  });

  it('is not adopted as long as its owner lives', async () => {
    const { answer, process: child, end } = await bench.gateway(dataDir);
    await expect(bench.start()).rejects.toMatchObject({
      code: 'DataFolderInUse',
      details: { dataDir, pid: child.pid },
    });
    const connection = answer.connection;
    if (connection) expect(await query(connection, 'select 1 as n')).toEqual([{ n: 1 }]);
    await end();
    await expect(bench.start()).resolves.toBeDefined();
  });

  it('recovers when it was killed too', async () => {
    await kill(await leaveServerBehind());
    const server = await bench.start();
    expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
  });
});

describe('a start in which everything was killed', () => {
  it('is followed by one that succeeds, at whatever moment that was', async () => {
    // The moments count from the lock, because how long a process needs to get there is the machine's.
    for (const afterMs of [0, 100, 200, 300, 450, 600]) {
      const { child, answer } = bench.spawn(dataDir);
      await until(() => holdsLock(child.pid));
      await Promise.race([answer, delay(afterMs)]);
      await kill(child.pid);
    }
    const server = await bench.start();
    expect(await query(server.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});

describe('a number in postmaster.pid', () => {
  it('of a zombie does not stop the next start', async () => {
    await kill(await leaveServerBehind());
    // The shell becomes a program that never waits for the child.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      ...(await serverUser()),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [output] = await once(parent.stdout, 'data');
      const zombie = Number(output);
      const comm = `/proc/${parent.pid}/comm`;
      await until(async () => (await readFile(comm, 'utf8')).trim() === 'sleep');
      process.kill(zombie, 'SIGKILL');
      await until(async () => (await state(zombie)) === 'Z');
      await recordPid(zombie);
      const server = await bench.start();
      expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
      expect(await state(zombie)).toBe('Z');
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('of another program does not stop the next start, nor is that program touched', async () => {
    await kill(await leaveServerBehind());
    const other = spawn('sleep', ['60'], await serverUser());
    try {
      await recordPid(other.pid ?? 0);
      const server = await bench.start();
      expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
      await server.stop();
      expect(await state(other.pid)).toBe('S');
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('of the server of another database does not lead to its adoption', async () => {
    const other = await bench.start({ dataDir: join(bench.folder, 'other') });
    await kill(await leaveServerBehind());
    await recordPid(other.pid() ?? 0);
    const server = await bench.start();
    expect(server.pid()).not.toBe(other.pid());
    expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
    expect(await query(other.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});

describe.runIf(canBecomeUnprivileged())('a process without rights', () => {
  it('runs the server under its own account in its own home', async () => {
    const home = await mkdtemp(join(bench.folder, 'home-'));
    await chown(home, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
    const deep = join(home, 'x'.repeat(200), 'y'.repeat(200), '.keyglot');
    const first = await bench.gateway(deep, { ...UNPRIVILEGED, env: { HOME: home } });
    expect(first.answer.error).toBeUndefined();
    expect((await stat(`/proc/${first.answer.pid}`)).uid).toBe(UNPRIVILEGED.uid);
    expect((await stat(deep)).mode & 0o777).toBe(0o700);
    await kill(first.process.pid);
    const second = await bench.gateway(deep, { ...UNPRIVILEGED, env: { HOME: home } });
    expect(second.answer.pid).toBe(first.answer.pid);
    const third = await bench.gateway(deep, { ...UNPRIVILEGED, env: { HOME: home } });
    expect(third.answer.error).toMatchObject({
      code: 'DataFolderInUse',
      details: { dataDir: deep, pid: second.process.pid },
    });
    await second.end();
    expect(['Z', undefined]).toContain(await state(first.answer.pid));
  });

  it('is told in one line when the folder belongs to another', async () => {
    await mkdir(dataDir, { mode: 0o700 });
    const { answer } = await bench.gateway(dataDir, UNPRIVILEGED);
    expect(answer.error).toMatchObject({ code: 'DataFolderUnusable', details: { dataDir } });
    expect(answer.error?.message).toMatch(
      /^LaunchError: the data folder .* cannot be used: EACCES[^\n]*$/,
    );
  });

  it('cannot use a database that root has made', async () => {
    await (await bench.start()).stop();
    await chmod(dataDir, 0o777);
    await rm(join(dataDir, 'postgres-password'));
    const { answer } = await bench.gateway(dataDir, UNPRIVILEGED);
    expect(answer.error).toMatchObject({ code: 'DataFolderUnusable' });
    expect(answer.error?.message).toContain('belongs to uid 65534');
  });
});
