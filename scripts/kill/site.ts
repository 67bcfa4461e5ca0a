import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GATEWAY,
  gatewayEnvironment,
  launch,
  type Program,
  type Starting,
} from '../program/program.js';
import { type Belief, createBelief } from './belief.js';
import { type Client, createClient } from './client.js';
import { isPostgresOn, killProcess } from './processes.js';

/** A data folder, the gateway that runs on it, and what must be in it. */
export interface Site {
  readonly folder: string;
  readonly belief: Belief;
  /** Starts the gateway and waits until it is ready. */
  start(): Promise<Running>;
  /** Starts the gateway and does not wait. */
  launch(): Starting;
  /** Process number of the database server, or undefined when none runs. */
  postmaster(): number | undefined;
  /** Ends what still runs by force and removes the folder, unless it is to be kept. */
  remove(keep: boolean): Promise<void>;
}

/** A gateway with a client. */
export interface Running {
  readonly program: Program;
  readonly client: Client;
}

/** Makes a new, empty data folder. */
export function createSite(): Site {
  const parent = mkdtempSync(join(tmpdir(), 'keyglot-kill-'));
  // As root, the database runs as another user who has to reach it.
  chmodSync(parent, 0o711);
  const folder = join(parent, 'data');
  const args = ['--store', 'embedded', '--data', folder, '--port', '0', '--host', '127.0.0.1'];
  const started: Starting[] = [];

  let removed = false;
  const begin = (): Starting => {
    if (removed) throw new Error('the data folder has been removed');
    const starting = launch(GATEWAY, {
      args: [...args, '--auth', 'open'],
      env: gatewayEnvironment(),
    });
    // Whoever kills it on the way does not wait for it.
    starting.ready.catch(() => undefined);
    started.push(starting);
    return starting;
  };
  const postmaster = (): number | undefined => {
    const data = join(folder, 'postgres/data');
    const file = join(data, 'postmaster.pid');
    if (!existsSync(file)) return undefined;
    const pid = Math.abs(Number.parseInt(readFileSync(file, 'utf8'), 10));
    return isPostgresOn(pid, realpathSync(data)) ? pid : undefined;
  };

  return {
    folder,
    belief: createBelief(),
    launch: begin,
    async start() {
      const program = await begin().ready;
      return { program, client: createClient(program.url) };
    },
    postmaster,
    async remove(keep) {
      removed = true;
      for (const starting of started) await starting.end('SIGKILL');
      const pid = postmaster();
      if (pid !== undefined) await killProcess(pid);
      if (keep) return;
      const home = join(folder, 'postgres');
      // As root the database may lie elsewhere, and the entry is a link to it.
      if (existsSync(home)) rmSync(realpathSync(home), { recursive: true, force: true });
      rmSync(parent, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
