import { fault, Secret } from '@keyglot/core';
import { type ClientConfig, Pool } from 'pg';
import { failureOf } from './failure.js';
import type { PostgresStoreOptions } from './options.js';

const POOL_SIZE = 8;
const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** By how much longer than the server the driver waits before it gives a statement up. */
const ANSWER_GRACE_MS = 2_000;
const IDLE_TRANSACTION_MS = 30_000;
const IDLE_CONNECTION_MS = 60_000;

/**
 * Where and how to connect, without limits of time for statements.
 *
 * @throws KmsFault InputInvalid when a connection string is no URL
 * @internal
 */
export function connectionConfig(options: PostgresStoreOptions): ClientConfig {
  const common = {
    application_name: 'keyglot',
    keepAlive: true,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
  };
  const { url } = options;
  if (typeof url === 'string') {
    // The error of a bad URL would carry the whole of it, password included.
    if (!URL.canParse(url) && !url.startsWith('/')) {
      throw fault('InputInvalid', { reason: 'the database URL is not a URL' });
    }
    return { ...common, connectionString: url };
  }
  const { password, ...rest } = url;
  if (password === undefined) return { ...common, ...rest };
  const plain = password instanceof Secret ? password.expose().toString('utf8') : password;
  return { ...common, ...rest, password: plain };
}

/** Makes the pool; connects to nothing yet. @internal */
export function createPool(options: PostgresStoreOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const pool = new Pool({
    ...connectionConfig(options),
    max: poolSize(options),
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    allowExitOnIdle: true,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
  });
  const report = (error: unknown): void => {
    options.onError?.({ kind: 'connection-lost', message: failureOf(error).message });
  };
  // Without these listeners the end of the server would end this process: the pool listens to a client
  // only while that is idle.
  pool.on('error', report);
  pool.on('connect', (client) => {
    client.on('error', () => {
      // The statement under way, or the next one, fails and is dealt with there.
    });
  });
  return pool;
}

/** How many connections a pool with these options has at most. @internal */
export function poolSize(options: PostgresStoreOptions): number {
  return options.poolSize ?? POOL_SIZE;
}
