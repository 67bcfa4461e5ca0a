import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemEntropy, Secret } from '@keyglot/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StartOptions } from '../../src/index.js';
import { rootKeyFor } from '../../src/rootKeyFile.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';

const entropy = createSystemEntropy();
const BYTES = Buffer.alloc(32, 7);
const TEXT = BYTES.toString('base64');
const POSTGRES: StartOptions['store'] = {
  kind: 'postgres',
  url: new Secret(Buffer.from('postgres://user:password@db.example/keys')),
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kg-root-'));
});

afterEach(() => rm(folder, { recursive: true }));

function keyOf(options: Partial<StartOptions>, marked = false) {
  return rootKeyFor({ ...MEMORY_OPTIONS, ...options }, entropy, marked);
}

async function fileOf(text: string, mode = 0o600): Promise<StartOptions['rootKey']> {
  const path = join(folder, 'given');
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  return { kind: 'file', path };
}

describe('a root key that is given', () => {
  test('is taken for every store', async () => {
    const rootKey = { kind: 'bytes', key: new Secret(BYTES) } as const;
    const ids = new Set<string>();
    for (const store of [{ kind: 'memory' }, { kind: 'embedded' }, POSTGRES] as const) {
      ids.add((await keyOf({ store, rootKey, dataFolder: folder })).id);
    }
    expect(ids.size).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['alone', TEXT],
    ['with a line feed', `${TEXT}\n`],
    ['with the prefix of the setting', `base64:${TEXT}\r\n`],
    ['between blanks', `  ${TEXT}  `],
  ])('is read from a file %s', async (_what, text) => {
    const bytes = await keyOf({ rootKey: { kind: 'bytes', key: new Secret(BYTES) } });
    expect((await keyOf({ store: POSTGRES, rootKey: await fileOf(text) })).id).toBe(bytes.id);
  });

  test.each([0o640, 0o604, 0o644, 0o620, 0o601, 0o660])(
    'is refused from a file of the mode %o',
    async (mode) => {
      const rootKey = await fileOf(TEXT, mode);
      const failure = keyOf({ rootKey });
      await expect(failure).rejects.toThrow(
        `the root key file must not be readable by others: chmod 600 '${join(folder, 'given')}'`,
      );
    },
  );

  test('is refused from a link to a file that others may read', async () => {
    await fileOf(TEXT, 0o644);
    const path = join(folder, 'link');
    await symlink(join(folder, 'given'), path);
    await expect(keyOf({ rootKey: { kind: 'file', path } })).rejects.toThrow('readable by others');
  });

  test.each([
    ['nothing', ''],
    ['31 bytes', Buffer.alloc(31, 7).toString('base64')],
    ['33 bytes', Buffer.alloc(33, 7).toString('base64')],
    ['hexadecimal digits', BYTES.toString('hex')],
    ['raw bytes', BYTES.toString('latin1')],
    ['two lines', `${TEXT}\n${TEXT}`],
    ['base64 without padding', TEXT.slice(0, -1)],
    ['a password', 'correct horse battery staple'],
  ])('is refused when the file holds %s, without showing it', async (_what, text) => {
    const rootKey = await fileOf(text);
    const failure = await keyOf({ rootKey }).catch((error: unknown) => error);
    expect(String(failure)).toBe(
      `OptionError: --root-key (KEYGLOT_ROOT_KEY): the root key file '${join(folder, 'given')}' must hold the base64 text of 32 bytes`,
    );
  });

  test('is refused when there is no such file', async () => {
    const path = join(folder, 'missing');
    await expect(keyOf({ rootKey: { kind: 'file', path } })).rejects.toMatchObject({
      name: 'OptionError',
      message: `--root-key (KEYGLOT_ROOT_KEY): ENOENT: no such file or directory, stat '${path}'`,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([0, 16, 31, 33])('is refused when it has %i bytes', async (count) => {
    const rootKey = { kind: 'bytes', key: new Secret(Buffer.alloc(count, 7)) } as const;
    await expect(keyOf({ rootKey })).rejects.toThrow('a root key has 32 bytes');
  });
});

describe('without a root key', () => {
  test('the memory store gets a new one each time, and nothing is written', async () => {
    const first = await keyOf({ dataFolder: folder });
    expect((await keyOf({ dataFolder: folder })).id).not.toBe(first.id);
    expect(await readdir(folder)).toEqual([]);
  });

  test('a database of somebody else is refused, without showing its password', async () => {
    const failure = await keyOf({ store: POSTGRES, dataFolder: folder }).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toMatch(
      /^OptionError: a postgres:\/\/ store needs a root key of yours: /,
    );
    expect(String(failure)).not.toContain('password');
    expect(String(failure)).not.toContain('\n');
    expect(await readdir(folder)).toEqual([]);
  });

  test('the embedded store gets one that is kept for its owner alone', async () => {
    const options = { store: { kind: 'embedded' }, dataFolder: folder } as const;
    const first = await keyOf(options);
    const path = join(folder, 'root-key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^base64:[A-Za-z0-9+/]{43}=\n$/);
    expect((await keyOf(options)).id).toBe(first.id);
    expect((await keyOf(options, true)).id).toBe(first.id);
    expect(await readdir(folder)).toEqual(['root-key']);
  });

  test('the embedded store never gets a new one beside keys that are wrapped under another', async () => {
    const options = { store: { kind: 'embedded' }, dataFolder: folder } as const;
    await expect(keyOf(options, true)).rejects.toThrow(
      `the root key '${join(folder, 'root-key')}' is gone, and the keys in the data folder cannot be opened without it; restore it from a backup, or remove the data folder to start anew`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('the embedded store refuses its own file when others may read it', async () => {
    const options = { store: { kind: 'embedded' }, dataFolder: folder } as const;
    await keyOf(options);
    await chmod(join(folder, 'root-key'), 0o640);
    await expect(keyOf(options)).rejects.toThrow('chmod 600');
  });

  test('the embedded store does not replace a file that it cannot read', async () => {
    await mkdir(join(folder, 'root-key'), { mode: 0o700 });
    const options = { store: { kind: 'embedded' }, dataFolder: folder } as const;
    await expect(keyOf(options)).rejects.toThrow('EISDIR');
  });

  test('the embedded store without a data folder is refused', async () => {
    await expect(keyOf({ store: { kind: 'embedded' } })).rejects.toThrow(
      'the embedded store needs a data folder',
    );
  });
});
