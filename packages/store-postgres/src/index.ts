export type { LaunchErrorCode } from './launcher/launchError.js';
export { LaunchError } from './launcher/launchError.js';
export type { LauncherLog } from './launcher/log.js';
export type {
  EmbeddedPostgres,
  EmbeddedPostgresConnection,
  EmbeddedPostgresOptions,
} from './launcher/startEmbeddedPostgres.js';
export { startEmbeddedPostgres } from './launcher/startEmbeddedPostgres.js';
export type { PostgresAddress, PostgresEvent, PostgresStoreOptions } from './options.js';
export type { PostgresStore } from './postgresStore.js';
export { createPostgresStore } from './postgresStore.js';
