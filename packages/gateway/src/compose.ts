import { join } from 'node:path';
import {
  type Clock,
  createSystemClock,
  createSystemEntropy,
  type Entropy,
  KmsFault,
  openVault,
  type Vault,
} from '@keyglot/core';
import type { Logger } from 'winston';
import { type AdminTokens, createTokens, loadOrCreateTokens } from './admin/tokens.js';
import { MOUNTS } from './claim/place.js';
import { createDialectSet } from './dialectSet.js';
import { createFastLane, type RequestHandler } from './fastLane.js';
import { createJournal } from './journal.js';
import { lazyApp } from './lazyApp.js';
import { createJsonLogger, errorStack, errorText } from './logger.js';
import { startMaintenance } from './maintenance.js';
import { openStore } from './openStore.js';
import { OptionError } from './optionError.js';
import type { StartOptions } from './options.js';
import { rootKeyFor } from './rootKeyFile.js';
import { createRpcLane, type RpcLane } from './rpcLane.js';
import { createDevCa, type DevCertificates, dialectNames, loadOrCreateDevCa } from './tls/devCa.js';
import { onFirstUse } from './tls/onFirstUse.js';

/** Parts that tests replace. @public */
export interface ComposeParts {
  readonly clock?: Clock;
  readonly entropy?: Entropy;
}

/** A gateway without sockets. @internal */
export interface Composition {
  readonly vault: Vault;
  readonly log: Logger;
  readonly tokens: AdminTokens;
  readonly handle: RequestHandler;
  /** Where gRPC calls go. */
  readonly rpc: RpcLane;
  readonly certificates: () => Promise<DevCertificates>;
  /** Ends timers, threads and store; requests must have ended before. */
  close(): Promise<void>;
}

// Names in the server certificate beside the local ones, for clients behind a hosts file.
const CERTIFICATE_NAMES = [
  ...dialectNames(MOUNTS),
  'kms.us-east-1.amazonaws.com',
  'qkms.quilibrium.com',
  'kms.cn-hangzhou.aliyuncs.com',
  'kms.apigw.ntruss.com',
  'ocapi.ncloud.com',
  'kms.yandex',
  'api.cloud.yandex.net',
  '*.api.cloud.yandex.net',
];

/**
 * Puts the gateway together: store, vault, dialects, Express app. The only place that knows them all.
 *
 * @throws Error in one line: data folder in use, no root key, store not reachable
 * @internal
 */
export async function compose(options: StartOptions, parts: ComposeParts): Promise<Composition> {
  const clock = parts.clock ?? createSystemClock();
  const entropy = parts.entropy ?? createSystemEntropy();
  const log = createJsonLogger(options.logLevel);
  const onDefect = (error: unknown): void => {
    log.error('a defect in Keyglot', { error: errorText(error), stack: errorStack(error) });
  };
  // With the embedded store the launcher makes the data folder, so that the server's account gets in.
  const given =
    options.store.kind === 'embedded' ? undefined : await rootKeyFor(options, entropy, false);
  const opened = await openStore(options, clock, entropy, log);
  try {
    const marked = (await opened.store.readRootKey()) !== undefined;
    const rootKey = given ?? (await rootKeyFor(options, entropy, marked));
    const tokens = await tokensOf(options, entropy);
    const settleChanges = options.settle === true;
    const vault = await openVault({ store: opened.store, clock, entropy, rootKey, settleChanges });
    const journal = createJournal();
    const explicitSandboxes = options.auth === 'enforce';
    const services = { vault, journal, onDefect, explicitSandboxes };
    const dialects = createDialectSet(vault, services, options);
    const certificates = onFirstUse(() => certificatesOf(options, clock, entropy));
    const fallback = lazyApp(async () => {
      const [{ createApp }, each] = await Promise.all([import('./app.js'), dialects.all()]);
      return createApp({
        vault,
        journal,
        tokens,
        host: options.host,
        credentials: each.map((dialect) => dialect.credentials),
        enforced: options.auth === 'enforce',
        seeds: options.store.kind === 'memory',
        faces: each.flatMap((dialect) => dialect.faces ?? []),
        coverage: () => each.flatMap((dialect) => dialect.coverage()),
        caCertificate: async () => (await certificates()).ca,
        onDefect,
      });
    }, onDefect);
    const maintenance = startMaintenance(vault, opened, (error) =>
      log.warn('due work failed', { error: errorText(error) }),
    );
    return {
      vault,
      log,
      tokens,
      handle: createFastLane({
        dialects,
        clock,
        entropy,
        fallback,
        onDefect,
      }),
      rpc: createRpcLane({ dialects: dialects.loaded, clock, entropy, onDefect }),
      certificates,
      async close() {
        maintenance.stop();
        await vault.uses.flush().catch((error: unknown) => {
          log.warn('the last uses of keys were not written', { error: errorText(error) });
        });
        await vault.suites.close();
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw inOneLine(error);
  }
}

/** A fault's own message is made for logs; that of a wrong root key is for whoever starts the program. */
function inOneLine(error: unknown): unknown {
  if (!(error instanceof KmsFault) || error.code !== 'InputInvalid') return error;
  // Only this reason comes up while a vault is opened.
  const { reason } = error.details as { readonly reason: string };
  return new OptionError(`--root-key (KEYGLOT_ROOT_KEY): ${reason}`, { cause: error });
}

/** Tokens are a file even with the memory store, because other programs must be able to read them. */
function tokensOf({ dataFolder }: StartOptions, entropy: Entropy): Promise<AdminTokens> {
  if (dataFolder === undefined) return Promise.resolve(createTokens(entropy));
  return loadOrCreateTokens(dataFolder, entropy);
}

function certificatesOf(
  { store, dataFolder }: StartOptions,
  clock: Clock,
  entropy: Entropy,
): Promise<DevCertificates> {
  const now = new Date(clock.realMs());
  return store.kind === 'memory' || dataFolder === undefined
    ? createDevCa(now, entropy, CERTIFICATE_NAMES)
    : loadOrCreateDevCa(join(dataFolder, 'tls'), now, entropy, CERTIFICATE_NAMES);
}
