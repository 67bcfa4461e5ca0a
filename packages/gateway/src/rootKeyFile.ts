import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createRootKey, type Entropy, ROOT_KEY_BYTES, type RootKey, Secret } from '@keyglot/core';
import { OptionError } from './optionError.js';
import type { StartOptions } from './options.js';
import { writeAtomically } from './tls/atomicFile.js';

const FILE = 'root-key';
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;
const PREFIX = 'base64:';

/** What a start without a data folder is told. @internal */
export const NEEDS_FOLDER = 'the embedded store needs a data folder';

/**
 * The root key of a start: the one that was given, else the data folder's own for the embedded store,
 * else a new one for the memory store, which keeps nothing.
 *
 * @param marked - whether the store was already written under some root key
 * @throws OptionError when the key that was given is not usable, or one is needed and none was given
 * @throws Error in one line when the data folder has no usable key
 * @internal
 */
export async function rootKeyFor(
  options: StartOptions,
  entropy: Entropy,
  marked: boolean,
): Promise<RootKey> {
  const { rootKey: source, store, dataFolder } = options;
  if (source?.kind === 'bytes') {
    const bytes = source.key.sizeBytes;
    if (bytes !== ROOT_KEY_BYTES) {
      throw new OptionError(`a root key has ${ROOT_KEY_BYTES} bytes, the one given has ${bytes}`);
    }
    return createRootKey(source.key, entropy);
  }
  if (source?.kind === 'file') return createRootKey(await readGivenFile(source.path), entropy);
  if (store.kind === 'memory') {
    return createRootKey(new Secret(entropy.bytes(ROOT_KEY_BYTES)), entropy);
  }
  if (store.kind === 'postgres') {
    // A key made here would be lost with this machine, and with it every key in that database.
    throw new OptionError(
      'a postgres:// store needs a root key of yours: set KEYGLOT_ROOT_KEY to base64:<32 bytes> or to a file of mode 0600 (make one: openssl rand -base64 32)',
    );
  }
  if (dataFolder === undefined) throw new Error(NEEDS_FOLDER);
  const path = join(dataFolder, FILE);
  const found = await readKeyFile(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found !== undefined) return createRootKey(found, entropy);
  if (marked) {
    throw new Error(
      `the root key '${path}' is gone, and the keys in the data folder cannot be opened without it; restore it from a backup, or remove the data folder to start anew`,
    );
  }
  const made = new Secret(entropy.bytes(ROOT_KEY_BYTES));
  const text = `${PREFIX}${made.expose().toString('base64')}\n`;
  await writeAtomically(path, text, 0o600, entropy);
  return createRootKey(made, entropy);
}

async function readGivenFile(path: string): Promise<Secret> {
  try {
    return await readKeyFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OptionError(`--root-key (KEYGLOT_ROOT_KEY): ${reason}`, { cause: error });
  }
}

async function readKeyFile(path: string): Promise<Secret> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new Error(`the root key file must not be readable by others: chmod 600 '${path}'`);
  }
  const text = (await readFile(path, 'utf8')).trim();
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  if (!BASE64.test(base64)) {
    throw new Error(`the root key file '${path}' must hold the base64 text of 32 bytes`);
  }
  return new Secret(Buffer.from(base64, 'base64'));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
