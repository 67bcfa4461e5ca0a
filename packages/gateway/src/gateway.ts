import { join } from 'node:path';
import { type AwsSettings, createAwsDialect } from '@keyglot/adapter-aws';
import {
  type Clock,
  createSystemClock,
  createSystemEntropy,
  type Entropy,
  openVault,
  tick,
  type Vault,
} from '@keyglot/core';
import type { Dialect, PipelineServices } from '@keyglot/dialect';
import { createTokens, loadOrCreateTokens } from './admin/tokens.js';
import type { Mount } from './claim/place.js';
import { createFastLane, type Fallback } from './fastLane.js';
import { createJournal } from './journal.js';
import { createJsonLogger, errorText } from './logger.js';
import { createFrontDoor, type FrontDoorOptions } from './net/frontDoor.js';
import { openStore } from './openStore.js';
import type { StartOptions } from './options.js';
import { rootKeyFor } from './rootKeyFile.js';
import { createDevCa, dialectNames, loadOrCreateDevCa } from './tls/devCa.js';
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
export interface GatewayParts {
  readonly clock?: Clock;
  readonly entropy?: Entropy;
  readonly limits?: FrontDoorOptions['limits'];
}

const GRACE_MS = 10_000;
const TICK_MS = 60_000;
const MAIN = 'main';

// Names in the server certificate beside the local ones, for clients behind a hosts file.
const CERTIFICATE_NAMES = [
  ...dialectNames(['aws', 'qkms']),
  'kms.us-east-1.amazonaws.com',
  'qkms.quilibrium.com',
];

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
  const clock = parts.clock ?? createSystemClock();
  const entropy = parts.entropy ?? createSystemEntropy();
  const log = createJsonLogger(options.logLevel);
  const onDefect = (error: unknown): void => {
    log.error('a defect in Keyglot', { error: errorText(error), stack: stackOf(error) });
  };
  const memory = options.store.kind === 'memory';
  const tokens = memory
    ? createTokens(entropy)
    : await loadOrCreateTokens(options.dataFolder, entropy);
  const rootKey = await rootKeyFor(options, entropy);
  const opened = await openStore(options, clock, entropy, log);
  try {
    const vault = await openVault({ store: opened.store, clock, entropy, rootKey });
    const journal = createJournal();
    const services: PipelineServices = { vault, journal, onDefect };
    const dialects = createDialects(services, options);
    const certificates = onFirstUse(() => {
      const now = new Date(clock.realMs());
      return memory
        ? createDevCa(now, entropy, CERTIFICATE_NAMES)
        : loadOrCreateDevCa(join(options.dataFolder, 'tls'), now, entropy, CERTIFICATE_NAMES);
    });
    const fallback = lazyApp(async () => {
      const { createApp } = await import('./app.js');
      return createApp({
        vault,
        journal,
        tokens,
        host: options.host,
        account: options.account,
        coverage: () => [...new Set(dialects.values())].flatMap((dialect) => dialect.coverage()),
        caCertificate: async () => (await certificates()).ca,
        onDefect,
      });
    }, onDefect);
    const door = createFrontDoor({
      handle: createFastLane({ dialects, clock, entropy, fallback, onDefect }),
      tls: certificates,
      onClientError: (error, stage) =>
        log.debug('a connection failed', { stage, error: errorText(error) }),
      ...(parts.limits === undefined ? {} : { limits: parts.limits }),
    });
    const { port } = await door.listen({ hosts: [options.host], port: options.port });
    const timers = startTimers(vault, (error) =>
      log.warn('due work failed', { error: errorText(error) }),
    );
    log.info('listening', {
      port,
      host: options.host,
      store: options.store.kind,
      auth: options.auth,
    });

    const close = onFirstUse(async () => {
      for (const timer of timers) clearInterval(timer);
      await door.close({ graceMs: GRACE_MS });
      await vault.suites.close();
      await opened.close();
      log.info('stopped');
    });
    return { url: urlOf(options.host, port), port, adminToken: tokens.material, vault, close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function createDialects(
  services: PipelineServices,
  options: StartOptions,
): ReadonlyMap<Mount, Dialect> {
  const { auth, account, region } = options;
  const settings: AwsSettings = { auth, account, region };
  const aws = createAwsDialect(services, settings);
  return new Map<Mount, Dialect>([
    ['aws', aws],
    ['qkms', aws],
  ]);
}

/** Loads Express with the first request that needs it; most processes never do. */
function lazyApp(
  load: () => Promise<import('express').Express>,
  onDefect: (error: unknown) => void,
): Fallback {
  const app = onFirstUse(load);
  return (request, response, { pending }) => {
    app().then(
      (handle) => {
        // Express makes `locals` only when it is missing.
        Object.assign(response, { locals: { pending } });
        handle(request, response);
      },
      (error: unknown) => {
        onDefect(error);
        response.destroy();
      },
    );
  };
}

function startTimers(vault: Vault, onError: (error: unknown) => void): NodeJS.Timeout[] {
  const renew = setInterval(() => {
    vault.keys.renewLeases().catch(onError);
  }, vault.leaseMs / 2);
  const due = setInterval(() => {
    tick(vault, MAIN, vault.clock.virtualMs(MAIN)).catch(onError);
  }, TICK_MS);
  return [renew.unref(), due.unref()];
}

/** Without signatures anybody who reaches the port owns the keys. */
function requireLoopback({ host, auth, allowOpen }: StartOptions): void {
  const loopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
  if (!loopback && auth !== 'enforce' && !allowOpen) {
    throw new Error(
      `--auth ${auth} on ${host} lets everybody who reaches it use all keys; add --allow-open to say that you want this, or use --auth enforce`,
    );
  }
}

function urlOf(host: string, port: number): string {
  const name = host === 'localhost' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
