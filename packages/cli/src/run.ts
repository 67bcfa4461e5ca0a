import type { StartOptions } from '@keyglot/gateway';
import { CommandLineExit } from './exit.js';
import type { InspectOptions } from './inspect/options.js';
import { type CommandLine, type Environment, parseCommandLine } from './options.js';

/** What the command line needs of a gateway that runs. @public */
export interface RunningGateway {
  /** Base URL by which it can be reached, like `http://127.0.0.1:8567`. */
  readonly url: string;
  /** Lets requests in flight finish, then ends. */
  close(): Promise<void>;
}

/** The world around the command line: the process in production, a test's own otherwise. @public */
export interface World {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly version: string;
  start(options: StartOptions): Promise<RunningGateway>;
  /** Reports on a column of ciphertexts; gives the exit code. */
  inspect(options: InspectOptions): Promise<number>;
  /** Write one text, newline included. */
  out(text: string): void;
  err(text: string): void;
  /** Calls `stop` at each signal to end. */
  onSignal(stop: () => void): void;
  exit(code: number): void;
}

/**
 * Runs the program: parses, starts, says that it is ready, and ends gracefully at the first signal and
 * at once at the third. Exit codes: 0 ended as told, 1 failed, 2 wrong command line or option. The command
 * `inspect` has exit codes of its own.
 *
 * @public
 */
export async function run(world: World): Promise<void> {
  let given: CommandLine;
  try {
    given = parseCommandLine(world.argv, world.env, world.version);
  } catch (error) {
    if (!(error instanceof CommandLineExit)) throw error;
    if (error.exitCode === 0) world.out(`${error.message}\n`);
    else world.err(`keyglot: ${error.message}\n`);
    world.exit(error.exitCode);
    return;
  }
  if (given.command === 'inspect') await inspect(world, given.options);
  else await serve(world, given.options);
}

async function inspect(world: World, options: InspectOptions): Promise<void> {
  try {
    world.exit(await world.inspect(options));
  } catch (error) {
    world.err(`keyglot: ${oneLine(error)}\n`);
    world.exit(1);
  }
}

async function serve(world: World, options: StartOptions): Promise<void> {
  let signals = 0;
  const stopped = new Promise<void>((resolve) => {
    world.onSignal(() => {
      signals += 1;
      // npm passes Ctrl-C on to a child that the terminal has already told, so the second is no wish.
      if (signals > FORGIVEN_SIGNALS) world.exit(1);
      resolve();
    });
  });
  try {
    const gateway = await world.start(options);
    // A signal that came while it was starting.
    if (signals === 0) world.out(readyLine(gateway, options));
    await stopped;
    await gateway.close();
    world.exit(0);
  } catch (error) {
    world.err(`keyglot: ${oneLine(error)}\n`);
    // By name, since the gateway with its class is loaded only when a start gets that far.
    world.exit(error instanceof Error && error.name === 'OptionError' ? 2 : 1);
  }
}

const FORGIVEN_SIGNALS = 2;

function readyLine(gateway: RunningGateway, options: StartOptions): string {
  return `keyglot ready ${gateway.url} store=${options.store.kind} auth=${options.auth}\n`;
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').trim() || 'failed without a message';
}
