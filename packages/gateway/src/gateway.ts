import type { Vault } from '@keyglot/core';
import { type ComposeParts, type Composition, compose } from './compose.js';
import { errorText } from './logger.js';
import { createFrontDoor, type FrontDoorOptions } from './net/frontDoor.js';
import { serveGrpcStream } from './net/grpcStream.js';
import { FRONT_DOOR_LIMITS } from './net/limits.js';
import { ListenError } from './net/listening.js';
import { OptionError } from './optionError.js';
import type { StartOptions } from './options.js';
import { onFirstUse } from './tls/onFirstUse.js';

/** A gateway that answers. @public */
export interface Gateway {
  /** Base URL, like `http://127.0.0.1:8567`. */
  readonly url: string;
  readonly port: number;
  /** Token of the admin API with all scopes. */
  readonly adminToken: string;
  readonly vault: Vault;
  /** Stops accepting, lets requests in flight finish, closes the store. */
  close(): Promise<void>;
}

/** Parts that tests replace. @public */
export interface GatewayParts extends ComposeParts {
  readonly limits?: FrontDoorOptions['limits'];
  /** When the development authority is made after the start, in milliseconds. Default 1,000. */
  readonly authorityAfterMs?: number;
}

const GRACE_MS = 10_000;

/**
 * Starts a gateway.
 *
 * @example
 * const gateway = await startGateway({ ...options, port: 0, store: { kind: 'memory' } });
 * // point a client at gateway.url
 * await gateway.close();
 *
 * @throws Error in one line: port taken, data folder in use, no root key, store not reachable
 * @public
 */
export async function startGateway(
  options: StartOptions,
  parts: GatewayParts = {},
): Promise<Gateway> {
  requireLoopback(options);
  const made = await compose(options, parts);
  const { log, tokens, vault } = made;
  const limits = { ...FRONT_DOOR_LIMITS, ...parts.limits };
  const door = createFrontDoor({
    handle: made.handle,
    handleStream(stream, headers) {
      const serve = (): void => serveGrpcStream(stream, headers, made.rpc, limits.requestMs);
      if (vault.loadDialects === undefined) {
        serve();
        return;
      }
      vault.loadDialects().then(serve, (error: unknown) => {
        made.rpc.onDefect(error);
        stream.destroy();
      });
    },
    tls: made.certificates,
    onClientError: (error, stage) =>
      log.debug('a connection failed', { stage, error: errorText(error) }),
    limits,
  });
  try {
    const { port } = await door.listen({ hosts: [options.host], port: options.port });
    const { host, auth } = options;
    log.info('listening', { port, host, store: options.store.kind, auth });
    const authority = makeAuthority(options, made, parts.authorityAfterMs ?? AUTHORITY_AFTER_MS);
    const close = onFirstUse(async () => {
      await door.close({ graceMs: GRACE_MS });
      await authority.stop();
      await made.close();
      log.info('stopped');
    });
    return { url: urlOf(host, port), port, adminToken: tokens.material, vault, close };
  } catch (error) {
    await made.close();
    throw hostError(error);
  }
}

/** Long enough for the first requests to be answered before the event loop is kept busy. */
const AUTHORITY_AFTER_MS = 1_000;

/** Makes the development authority at the first start, so that its file is there for whoever wants to trust it. */
function makeAuthority(
  { store, dataFolder }: StartOptions,
  { certificates, log }: Composition,
  afterMs: number,
): { stop(): Promise<void> } {
  let making: Promise<void> = Promise.resolve();
  if (store.kind === 'memory' || dataFolder === undefined) return { stop: () => making };
  const timer = setTimeout(() => {
    making = certificates().then(
      () => undefined,
      (error: unknown) => {
        log.warn('the development authority cannot be made', { error: errorText(error) });
      },
    );
  }, afterMs);
  timer.unref();
  return {
    stop() {
      clearTimeout(timer);
      return making;
    },
  };
}

// Of a name that does not exist, and of an address that is not this machine's.
const WRONG_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']);

/** A host that is not there is a wrong option; a port in use is not. */
function hostError(error: unknown): unknown {
  if (!(error instanceof ListenError) || !WRONG_HOST.has(error.code)) return error;
  return new OptionError(`--host (KEYGLOT_HOST): ${error.message}`, { cause: error });
}

/** Without signatures anybody who reaches the port owns the keys. */
function requireLoopback({ host, auth, allowOpen }: StartOptions): void {
  const loopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
  if (!loopback && auth !== 'enforce' && !allowOpen) {
    throw new OptionError(
      `--auth ${auth} on ${host} lets everybody who reaches it use all keys; add --allow-open to say that you want this, or use --auth enforce`,
    );
  }
}

function urlOf(host: string, port: number): string {
  const name = host === 'localhost' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
