import { fault, type Store } from '@keyglot/core';
import { createAliases } from './aliases.js';
import { createDatabase } from './database.js';
import { createForeignChanges } from './foreignChanges.js';
import { createKeyChanges } from './keyChanges.js';
import { createKeyResources } from './keyResources.js';
import { createKeys } from './keys.js';
import { migrate } from './migrate.js';
import type { PostgresStoreOptions } from './options.js';
import { connectionConfig, createPool, poolSize } from './pool.js';
import { createPurge } from './purge.js';
import { createResources } from './resources.js';
import { createRootKeys } from './rootKey.js';
import { createUses } from './uses.js';

/** A store in Postgres, with what only such a store needs. @public */
export interface PostgresStore extends Store {
  /**
   * Removes records of changes made before `beforeMs` (real time, milliseconds since 1970). Keep at
   * least an hour: a record is the proof that a write whose answer was lost did happen.
   *
   * @returns how many were removed, at most `limit`
   */
  purgeChanges(sandbox: string, beforeMs: number, limit: number): Promise<number>;
}

/**
 * Opens a store in a Postgres database and brings its tables up to date.
 *
 * @throws KmsFault Unavailable when the database cannot be reached, Unsupported when a newer program
 * wrote it, InputInvalid when the URL is not one
 *
 * @example
 * const store = await createPostgresStore({
 *   url: 'postgres://keyglot@127.0.0.1/keyglot',
 *   clock: createSystemClock(),
 *   entropy: createSystemEntropy(),
 * });
 *
 * @public
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const connection = connectionConfig(options);
  const pool = createPool(options);
  const shared = options.shared ?? true;
  try {
    await migrate(pool, connection);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const foreign = createForeignChanges({
    pool,
    connection,
    origin: options.entropy.uuid(),
    report: (event) => options.onError?.(event),
  });
  const database = createDatabase({
    pool,
    poolSize: poolSize(options),
    named: options.namedStatements ?? true,
    realMs: () => Math.floor(options.clock.realMs()),
    newId: () => options.entropy.uuid(),
    changed: (touched) => {
      if (shared) foreign.tell(touched);
    },
  });
  let closing: Promise<void> | undefined;
  return {
    shared,
    ...createKeys(database),
    ...createKeyChanges(database),
    ...createAliases(database),
    ...createResources(database),
    ...createKeyResources(database),
    ...createRootKeys(database),
    ...createUses(database),
    ...createPurge(database),
    onForeignChange(listener) {
      if (closing !== undefined) throw fault('Unavailable', { what: 'the store is closed' });
      if (shared) foreign.listen(listener);
    },
    async ping() {
      await database.read('ping', { text: 'SELECT 1' }, []);
    },
    close() {
      closing ??= foreign.close().then(() => pool.end());
      return closing;
    },
  };
}
