import { type Clock, createMemoryStore, type Entropy, type Store } from '@keyglot/core';
import type { Logger } from 'winston';
import type { StartOptions } from './options.js';

/** A store with what has to end after it. @internal */
export interface OpenedStore {
  readonly store: Store;
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
    return { store, close: () => store.close() };
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
    return { store, close: () => store.close() };
  }
  const server = await startEmbeddedPostgres({
    dataDir: options.dataFolder,
    entropy,
    log: (level, message, fields) => log.log(level, message, fields),
  });
  try {
    const store = await createPostgresStore({
      url: server.connection,
      clock,
      entropy,
      // The data folder's owner lock keeps every other gateway out.
      shared: false,
      onError({ kind, message }) {
        log.warn(message, { kind });
        server.ensureRunning().catch((error: unknown) => {
          log.error('the embedded database cannot be started again', { error: String(error) });
        });
      },
    });
    const close = async (): Promise<void> => {
      await store.close();
      await server.stop();
    };
    return { store, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
