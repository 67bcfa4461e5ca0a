import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findPostmaster } from '../../src/launcher/postmaster.js';
import { isRoot, kill, makeWorkbench, query, until, type Workbench } from './launcherFixture.js';

let bench: Workbench;
let dataDir: string;

beforeEach(async () => {
  bench = await makeWorkbench();
  dataDir = join(bench.folder, 'data');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await bench.close();
});

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('the embedded server', () => {
  it('serves an empty database at its first start and the same data at the next', async () => {
    const first = await bench.start();
    await query(first.connection, 'create table t as select 42 as n');
    await first.stop();
    expect(first.pid()).toBeUndefined();
    const second = await bench.start();
    expect(await query(second.connection, 'select n from t')).toEqual([{ n: 42 }]);
    expect(second.connection.password).toBe(first.connection.password);
  });

  it('is durable, small, in UTC, encoded in UTF8 and reachable by its socket alone', async () => {
    const { connection } = await bench.start();
    const rows = await query(
      connection,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit',
       'full_page_writes', 'listen_addresses', 'jit', 'TimeZone', 'max_connections',
       'server_encoding', 'data_checksums', 'password_encryption')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      jit: 'off',
      TimeZone: 'UTC',
      max_connections: '40',
      server_encoding: 'UTF8',
      data_checksums: 'on',
      password_encryption: 'scram-sha-256',
    });
    expect(await query(connection, 'show shared_buffers')).toEqual([{ shared_buffers: '32MB' }]);
  });

  it('refuses a wrong password', async () => {
    const { connection } = await bench.start();
    await expect(query({ ...connection, password: 'wrong' }, 'select 1')).rejects.toMatchObject({
      code: '28P01',
    });
  });

  it('keeps its password in a file for the owner only, and out of log and messages', async () => {
    const { connection } = await bench.start();
    const file = join(dataDir, 'postgres-password');
    expect((await readFile(file, 'utf8')).trim()).toBe(connection.password);
    expect(connection.password).toMatch(/^[\w-]{32}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(bench.logged)).not.toContain(connection.password);
    const log = await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain(connection.password);
  });

  it('inherits no environment in which the root key might be', async () => {
    vi.stubEnv('KEYGLOT_ROOT_KEY', 'very-secret');
    const server = await bench.start();
    const environment = await readFile(`/proc/${server.pid()}/environ`, 'utf8');
    expect(environment).toContain('LC_ALL=C');
    expect(environment).not.toContain('very-secret');
  });

  it('has a private socket folder with a short path however deep the folders lie', async () => {
    const deep = join(bench.folder, ...Array.from({ length: 8 }, (_, i) => `${i}`.repeat(50)));
    await mkdir(deep, { recursive: true });
    vi.stubEnv('TMPDIR', deep);
    const server = await bench.start({ dataDir: join(deep, 'data') });
    expect(await query(server.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
    const { host } = server.connection;
    expect(Buffer.byteLength(host)).toBeLessThan(60);
    const folder = await stat(host);
    expect(folder.mode & 0o777).toBe(0o700);
    expect(folder.uid).toBe((await stat(join(deep, 'data/postgres/data'))).uid);
  });

  it('works in a folder with blanks, quotes, colons and dollars in its name', async () => {
    const odd = join(bench.folder, 'a b:c\'d"e$HOME,f');
    const server = await bench.start({ dataDir: odd });
    expect(await query(server.connection, 'show data_directory')).toEqual([
      { data_directory: join(odd, 'postgres/data') },
    ]);
  });

  it('leaves no lock, no socket folder and no process behind', async () => {
    const server = await bench.start();
    const pid = server.pid();
    await server.stop();
    expect(await exists(`/proc/${pid}`)).toBe(false);
    expect(await exists(server.connection.host)).toBe(false);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres-password']);
    expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual([
      'data',
      'postgres.log',
      'socket-folder',
    ]);
  });

  it('stops once however often it is told to, with a client connected, and stays stopped', async () => {
    const server = await bench.start();
    const busy = query(server.connection, 'select pg_sleep(60)').catch((error) => error.code);
    await until(async () => {
      const rows = await query(
        server.connection,
        "select 1 from pg_stat_activity where query like '%pg_sleep(60)' and pid <> pg_backend_pid()",
      );
      return rows.length === 1;
    });
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await busy).toBe('57P01');
    expect(bench.logged.filter(([, message]) => message.startsWith('stopped'))).toEqual([
      ['info', 'stopped the embedded PostgreSQL', expect.objectContaining({ outcome: 'fast' })],
    ]);
    await expect(server.ensureRunning()).rejects.toMatchObject({ code: 'Stopped' });
  });

  it('runs in a process group of its own, which Ctrl-C does not reach', async () => {
    const server = await bench.start();
    const text = await readFile(`/proc/${server.pid()}/stat`, 'utf8');
    const [, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    expect(group).toBe(String(server.pid()));
  });
});

describe('a server that is killed', () => {
  it('is started again by ensureRunning, in the same socket folder, with the same data', async () => {
    const server = await bench.start();
    await query(server.connection, 'create table t as select 42 as n');
    const before = server.pid();
    await kill(before);
    await Promise.all([server.ensureRunning(), server.ensureRunning(), server.ensureRunning()]);
    expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
    expect(server.pid()).not.toBe(before);
    expect(bench.logged.filter(([, message]) => message.startsWith('started'))).toHaveLength(2);
  });

  it('comes back by itself, time and again', async () => {
    const server = await bench.start();
    await query(server.connection, 'create table t as select 42 as n');
    for (let round = 0; round < 2; round += 1) {
      const before = server.pid();
      await kill(before);
      await until(() => server.pid() !== undefined && server.pid() !== before);
    }
    expect(await query(server.connection, 'select n from t')).toEqual([{ n: 42 }]);
    expect(bench.logged).toContainEqual([
      'warn',
      'the embedded PostgreSQL ended',
      expect.objectContaining({ signal: 'SIGKILL' }),
    ]);
  });

  it('can be stopped for good in the middle of the new start', async () => {
    const server = await bench.start();
    await kill(server.pid());
    const restart = server.ensureRunning().catch((error) => error.code);
    await until(
      async () =>
        (await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8')).split(
          'starting PostgreSQL',
        ).length > 2,
    );
    await server.stop();
    expect([undefined, 'Stopped', 'StartFailed']).toContain(await restart);
    expect(server.pid()).toBeUndefined();
    expect(await exists(server.connection.host)).toBe(false);
    const left = await findPostmaster(join(dataDir, 'postgres/data'));
    expect(left).toBeUndefined();
  });

  it('is left alone by ensureRunning while it runs', async () => {
    const server = await bench.start();
    const before = server.pid();
    await server.ensureRunning();
    expect(server.pid()).toBe(before);
  });

  it('is started again when a cleaner of temporary files has taken its socket', async () => {
    const server = await bench.start();
    const before = server.pid();
    await rm(server.connection.host, { recursive: true });
    await server.ensureRunning();
    expect(server.pid()).not.toBe(before);
    expect(await query(server.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});

describe('a start that cannot be', () => {
  it('is refused on a folder in use, also by another path', async () => {
    const server = await bench.start();
    const other = join(bench.folder, 'other');
    await symlink(dataDir, other);
    await expect(bench.start({ dataDir: other })).rejects.toMatchObject({
      name: 'LaunchError',
      code: 'DataFolderInUse',
      details: { dataDir, pid: process.pid },
    });
    expect(await query(server.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('says why with the last lines of the log, and can be repeated', async () => {
    const first = await bench.start();
    await first.stop();
    const config = join(dataDir, 'postgres/data/postgresql.conf');
    const text = await readFile(config, 'utf8');
    await writeFile(config, `${text}\nno_such_setting = 1\n`);
    await expect(bench.start()).rejects.toMatchObject({
      code: 'StartFailed',
      message: expect.stringMatching(/exit code 1; .*postgres\.log says:\n.*no_such_setting/s),
    });
    expect(await readdir(dataDir)).not.toContain('owner.lock');
    await writeFile(config, text);
    await expect(bench.start()).resolves.toBeDefined();
  });

  it('is refused when the password is lost', async () => {
    await (await bench.start()).stop();
    await writeFile(join(dataDir, 'postgres-password'), '');
    await expect(bench.start()).rejects.toMatchObject({
      code: 'DataFolderUnusable',
      message: expect.stringContaining('the password of the database in'),
    });
  });

  it('is refused on the database of another major version', async () => {
    await (await bench.start()).stop();
    const data = join(dataDir, 'postgres/data');
    await writeFile(join(data, 'PG_VERSION'), '12\n');
    await expect(bench.start()).rejects.toMatchObject({
      code: 'DataFolderUnusable',
      details: { data, found: '12', needed: '18' },
    });
  });
});

describe('files of former starts', () => {
  it('do no harm when a first start was killed half-way', async () => {
    await mkdir(join(dataDir, 'postgres/new-abc123/data'), { recursive: true });
    await chmod(dataDir, 0o755);
    await writeFile(join(dataDir, 'postgres/new-abc123/data/PG_VERSION'), '18\n');
    await writeFile(join(dataDir, 'postgres-password'), '');
    const server = await bench.start();
    expect(await query(server.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual([
      'data',
      'postgres.log',
      'socket-folder',
    ]);
  });

  it('are cut when the log is above 1 MiB', async () => {
    await (await bench.start()).stop();
    const log = join(dataDir, 'postgres/postgres.log');
    await truncate(log, 1024 * 1024 + 1);
    await bench.start();
    expect((await stat(log)).size).toBeLessThan(10_000);
  });

  it('are removed when a socket folder was left by a dead server', async () => {
    const first = await bench.start();
    const data = await realpath(join(dataDir, 'postgres/data'));
    const lines = await readFile(join(data, 'postmaster.pid'), 'utf8');
    await first.stop();
    // As after a power failure: a socket folder with files, and a record of a process that is gone.
    const { uid, gid } = await stat(data);
    const stale = first.connection.host;
    await mkdir(stale, { mode: 0o700 });
    for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock']) {
      await writeFile(join(stale, name), lines);
    }
    await writeFile(join(data, 'postmaster.pid'), lines);
    if (isRoot) {
      await chown(stale, uid, gid);
      await chown(join(data, 'postmaster.pid'), uid, gid);
    }
    const second = await bench.start();
    expect(await query(second.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(second.connection.host).not.toBe(stale);
    expect(dirname(second.connection.host)).toBe(dirname(stale));
    expect(await exists(stale)).toBe(false);
  });
});
