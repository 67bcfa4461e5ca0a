import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Entropy } from '@keyglot/core';
import { Client } from 'pg';
import { findPostmaster, stopProcess } from '../../src/launcher/postmaster.js';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresConnection,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/launcher/startEmbeddedPostgres.js';

export const isRoot: boolean = process.geteuid?.() === 0;

/** An account without rights that exists on every system. */
export const UNPRIVILEGED = { uid: 1, gid: 1 };

/** Whether that account can read the code: not in a checkout below a closed folder. */
export function canBecomeUnprivileged(): boolean {
  const read = `require('node:fs').accessSync(${JSON.stringify(import.meta.filename)})`;
  return (
    isRoot && spawnSync(process.execPath, ['-e', read], { ...UNPRIVILEGED, cwd: '/' }).status === 0
  );
}

export const entropy: Entropy = {
  bytes: (size) => randomBytes(size),
  pooled: (size) => randomBytes(size),
  uuid: () => randomUUID(),
};

/** One line of what the launcher logged. */
export type LogLine = readonly [level: string, message: string, fields: Record<string, unknown>];

export interface Gateway {
  readonly process: ChildProcess;
  /** The first line that it printed. */
  readonly answer: {
    readonly pid?: number;
    readonly connection?: EmbeddedPostgresConnection;
    readonly error?: {
      readonly message: string;
      readonly code?: string;
      readonly details?: unknown;
    };
  };
  end(): Promise<void>;
}

/** Everything that a test starts or makes, and the end of it. */
export interface Workbench {
  /** A temporary folder that everybody can pass through. */
  readonly folder: string;
  readonly logged: LogLine[];
  start(options?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres>;
  gateway(dataDir: string, options?: GatewayOptions): Promise<Gateway>;
  /** The same without waiting for the first line. */
  spawn(dataDir: string): StartingGateway;
  close(): Promise<void>;
}

interface GatewayOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: NodeJS.ProcessEnv;
}

interface StartingGateway {
  readonly child: ChildProcess;
  /** The first line that it printed, empty when it ended without one. */
  readonly answer: Promise<Gateway['answer']>;
  end(): Promise<void>;
}

export async function makeWorkbench(): Promise<Workbench> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'kg-test-')));
  await chmod(folder, 0o755);
  const servers: EmbeddedPostgres[] = [];
  const gateways: StartingGateway[] = [];
  const databases = new Set<string>();
  const logged: LogLine[] = [];
  const spawnIn = (dataDir: string, options: GatewayOptions = {}): StartingGateway => {
    databases.add(dataDir);
    const gateway = spawnGateway(dataDir, options);
    gateways.push(gateway);
    return gateway;
  };
  return {
    folder,
    logged,
    start: async (options = {}) => {
      const dataDir = options.dataDir ?? join(folder, 'data');
      databases.add(dataDir);
      const server = await startEmbeddedPostgres({
        entropy,
        log: (...line) => void logged.push(line),
        systemFolders: [join(folder, 'system')],
        ...options,
        dataDir,
      });
      servers.push(server);
      return server;
    },
    gateway: async (dataDir, options = {}) => {
      const { child, answer, end } = spawnIn(dataDir, options);
      return { process: child, answer: await answer, end };
    },
    spawn: spawnIn,
    close: async () => {
      for (const gateway of gateways) await gateway.end();
      for (const server of servers) await server.stop();
      for (const dataDir of databases) {
        const data = await realpath(join(dataDir, 'postgres/data')).catch(() => undefined);
        const left = data === undefined ? undefined : await findPostmaster(data);
        if (left?.kind !== 'ours') continue;
        await stopProcess(left.pid, left.startTime);
        if (left.socketFolder) await rm(left.socketFolder, { recursive: true, force: true });
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function spawnGateway(dataDir: string, { env = {}, ...user }: GatewayOptions): StartingGateway {
  const loader = createRequire(import.meta.url).resolve('tsx');
  const program = fileURLToPath(new URL('launcherChild.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, program, dataDir], {
    ...user,
    env: { PATH: process.env['PATH'], TSX_DISABLE_CACHE: '1', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    answer: lines.next().then((line) => (line.done ? {} : JSON.parse(line.value))),
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) child.stdin.end();
      await ended;
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function query(
  connection: EmbeddedPostgresConnection,
  text: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(connection);
  // A server that is killed must not end the test run.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until the condition holds, at most 20 seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    if (await condition()) return;
    await delay(10);
  }
  throw new Error('the condition did not come true within 20 seconds');
}

/** Kills a process and waits until it is gone or a zombie. */
export async function kill(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new Error('no process to kill');
  process.kill(pid, 'SIGKILL');
  await until(async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  });
}
