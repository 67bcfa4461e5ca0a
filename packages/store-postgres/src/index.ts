export type { PostgresAddress, PostgresEvent, PostgresStoreOptions } from './options.js';
export type { PostgresStore } from './postgresStore.js';
export { createPostgresStore } from './postgresStore.js';
