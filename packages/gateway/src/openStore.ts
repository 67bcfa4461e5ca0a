import { type Clock, createMemoryStore, type Entropy, type Store } from '@keyglot/core';
import type { PostgresStore } from '@keyglot/store-postgres';
import type { Logger } from 'winston';
import type { StartOptions } from './options.js';
import { NEEDS_FOLDER } from './rootKeyFile.js';

/** A store with what has to end after it. @internal */
export interface OpenedStore {
  readonly store: Store;
  /** Removes records of changes in a sandbox that nothing asks for any more. */
  clean(sandbox: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store of a start; the Postgres code is loaded only when it is wanted. @internal */
export async function openStore(
  options: StartOptions,
  clock: Clock,
  entropy: Entropy,
  log: Logger,
): Promise<OpenedStore> {
  const choice = options.store;
  if (choice.kind === 'memory') {
    const store = createMemoryStore();
    return { store, clean: async () => {}, close: () => store.close() };
  }
  const { createPostgresStore, startEmbeddedPostgres } = await import('@keyglot/store-postgres');
  if (choice.kind === 'postgres') {
    const url = choice.url.expose().toString('utf8');
    const store = await createPostgresStore({
      url,
      clock,
      entropy,
      onError: ({ kind, message }) => log.warn(message, { kind }),
    });
    return { store, clean: cleaner(store, clock), close: () => store.close() };
  }
  if (options.dataFolder === undefined) throw new Error(NEEDS_FOLDER);
  const server = await startEmbeddedPostgres({
    dataDir: options.dataFolder,
    entropy,
    log: (level, message, fields) => log.log(level, message, fields),
  });
  let closing = false;
  try {
    const store = await createPostgresStore({
      url: server.connection,
      clock,
      entropy,
      // The data folder's owner lock keeps every other gateway out.
      shared: false,
      onError({ kind, message }) {
        // The server ends the sessions that are left.
        if (closing) return;
        log.warn(message, { kind });
        server.ensureRunning().catch((error: unknown) => {
          log.error('the embedded database cannot be started again', { error: String(error) });
        });
      },
    });
    const close = async (): Promise<void> => {
      closing = true;
      await store.close();
      await server.stop();
    };
    return { store, clean: cleaner(store, clock), close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const CHANGES_KEPT_MS = 3_600_000;
const CHANGES_BATCH = 10_000;

/** Records of changes settle lost answers; an hour is far longer than any of them takes. */
function cleaner(store: PostgresStore, clock: Clock): (sandbox: string) => Promise<void> {
  return async (sandbox) => {
    await store.purgeChanges(sandbox, clock.realMs() - CHANGES_KEPT_MS, CHANGES_BATCH);
  };
}
