import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ComposeParts, compose } from './compose.js';
import type { StartOptions } from './options.js';

/** Keyglot as a handler for somebody's own server. @public */
export interface KeyglotMiddleware {
  /** Fits `app.use(...)` of Express and `http.createServer(...)`; `next` gets what no dialect claims. */
  (request: IncomingMessage, response: ServerResponse, next?: () => void): void;
  /** Token of the admin API with all scopes. */
  readonly adminToken: string;
  /** Closes the store; requests must have ended before. */
  close(): Promise<void>;
}

/**
 * Makes Keyglot a part of another program. Mount it before anything that reads bodies: signatures
 * cover the bytes as sent, and at the root, because they cover the path as well.
 *
 * @example
 * const app = express();
 * const kms = await keyglot({ ...options, store: { kind: 'memory' }, dataFolder: undefined });
 * app.use(kms);
 *
 * @throws Error in one line: data folder in use, no root key, store not reachable
 * @public
 */
export async function keyglot(
  options: Omit<StartOptions, 'port' | 'host' | 'allowOpen'>,
  parts: ComposeParts = {},
): Promise<KeyglotMiddleware> {
  const nowhere = { port: 0, host: 'localhost', allowOpen: false };
  const made = await compose({ ...options, ...nowhere }, parts);
  const handle = (request: IncomingMessage, response: ServerResponse, next?: () => void): void =>
    made.handle(request, response, next);
  return Object.assign(handle, {
    adminToken: made.tokens.material,
    close: () => made.close(),
  });
}
