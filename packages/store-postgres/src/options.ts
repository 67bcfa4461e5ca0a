import type { ConnectionOptions } from 'node:tls';
import type { Clock, Entropy, Secret } from '@keyglot/core';

/** Where a Postgres server listens and who connects to it. @public */
export interface PostgresAddress {
  /** Host name, or the folder of a unix socket when it starts with `/`. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string | Secret;
  readonly database?: string;
  readonly ssl?: boolean | ConnectionOptions;
}

/**
 * Something that went wrong beside a request and was dealt with. `message` carries no password and no
 * driver object.
 *
 * @public
 */
export interface PostgresEvent {
  readonly kind: 'connection-lost' | 'listen-lost' | 'notify-failed';
  readonly message: string;
}

/** Settings of {@link createPostgresStore}. @public */
export interface PostgresStoreOptions {
  /** Connection string, or the parts of one. */
  readonly url: string | PostgresAddress;
  /** Dates the record of changes, in real time. */
  readonly clock: Pick<Clock, 'realMs'>;
  /** Makes the ids of changes. Must never repeat an id, so a seeded one will not do. */
  readonly entropy: Pick<Entropy, 'uuid'>;
  /**
   * Prepare hot statements once for each connection. Switch off behind a pooler that changes sessions;
   * such a pooler must also let the start-up parameters `statement_timeout` and
   * `idle_in_transaction_session_timeout` through, or ignore them. Default true.
   */
  readonly namedStatements?: boolean;
  /** Most connections at a time, without the one that listens. Default 8. */
  readonly poolSize?: number;
  /** Longest time of one statement in milliseconds, waiting for locks included. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a connection in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Whether other processes may write to the same database. Default true; false spares notifications. */
  readonly shared?: boolean;
  readonly onError?: (event: PostgresEvent) => void;
}
