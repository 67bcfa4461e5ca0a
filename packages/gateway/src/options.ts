import type { AuthMode, QkmsForm } from '@keyglot/adapter-aws';
import type { Secret } from '@keyglot/core';

/**
 * Where the vault keeps its records: an own PostgreSQL in the data folder, nothing but memory, or
 * somebody's PostgreSQL. The URL may hold a password and is therefore a secret (UTF-8 bytes).
 *
 * @public
 */
export type StoreChoice =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'postgres'; readonly url: Secret };

/** Where the root key comes from: a file that only its owner may read, or 32 bytes. @public */
export type RootKeySource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'bytes'; readonly key: Secret };

/** The least severe entries that reach the log. @public */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Everything that the start of a gateway can be told. @public */
export interface StartOptions {
  /** TCP port, 0 to 65535; 0 takes any that is free. */
  readonly port: number;
  /** Address or name to listen on; `localhost` stands for 127.0.0.1 and ::1 together. */
  readonly host: string;
  readonly store: StoreChoice;
  /**
   * Folder for everything that is kept on disk; relative paths start at the working directory.
   * Undefined, which only the memory store allows, writes nothing to disk at all.
   */
  readonly dataFolder: string | undefined;
  readonly auth: AuthMode;
  /** Without it, the embedded store makes its own and the memory store a new one at each start. */
  readonly rootKey: RootKeySource | undefined;
  /** Account of requests that name none, 12 digits. */
  readonly account: string;
  /** Region of requests that name none, like `us-east-1`. */
  readonly region: string;
  readonly logLevel: LogLevel;
  /** Whether somebody asked for unauthenticated access on an address other machines can reach. */
  readonly allowOpen: boolean;
  /**
   * Whether a change that takes something away (a disabled key, a moved alias, a removed credential)
   * is acknowledged only when no other gateway on the same database may still act on what was before.
   * Costs each such change the length of a lease. Default false.
   */
  readonly settle?: boolean;
  /** How QKMS answers where its pages and its client differ. Default `client`. */
  readonly qkms?: QkmsForm;
}
