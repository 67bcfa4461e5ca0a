import { isIPv4 } from 'node:net';
import type { StartOptions, StoreChoice } from '@keyglot/gateway';
import { Command, CommanderError, Option } from 'commander';
import { CommandLineExit, wrongUsage } from './exit.js';
import { addInspect, type InspectOptions } from './inspect/options.js';
import { SETTINGS, type Setting, variableOf } from './settings.js';
import { shown } from './shown.js';

/** Environment variables, like `process.env`. @public */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the program is told to do. @public */
export type CommandLine =
  | { readonly command: 'start'; readonly options: StartOptions }
  | { readonly command: 'inspect'; readonly options: InspectOptions };

/**
 * Reads the command line and the environment. Flags win over variables, an empty variable counts as not
 * given. Touches nothing outside its parameters.
 *
 * @param argv arguments after the program's name
 * @param version what `--version` prints
 * @throws CommandLineExit when a text was asked for (code 0) or something is wrong (code 2)
 *
 * @public
 */
export function parseCommandLine(
  argv: readonly string[],
  env: Environment,
  version = 'unknown',
): CommandLine {
  const given = parseArguments(argv, version);
  return given.command === 'inspect'
    ? given
    : { command: 'start', options: startOptions(given.flags, env) };
}

/**
 * Reads what `keyglot start` is told by the command line and the environment, as
 * {@link parseCommandLine} does.
 *
 * @throws CommandLineExit as there, and when another command is given
 *
 * @public
 */
export function parseOptions(
  argv: readonly string[],
  env: Environment,
  version = 'unknown',
): StartOptions {
  const given = parseCommandLine(argv, env, version);
  if (given.command !== 'start') throw wrongUsage(`${given.command} does not start anything`);
  return given.options;
}

/** Values of flags, by commander's camel-cased names. */
type Flags = Readonly<Record<string, unknown>>;

type Arguments =
  | { readonly command: 'start'; readonly flags: Flags }
  | { readonly command: 'inspect'; readonly options: InspectOptions };

function parseArguments(argv: readonly string[], version: string): Arguments {
  let written = '';
  let given: Arguments | undefined;
  const program = new Command('keyglot')
    .description('One endpoint that speaks the key-management APIs of several clouds.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        written += text;
      },
      writeErr: () => {},
    });
  const start = program
    .command('start', { isDefault: true })
    .description('start the gateway (what happens without a command)')
    .action((flags: Flags) => {
      given = { command: 'start', flags };
    });
  for (const setting of Object.values(SETTINGS)) start.addOption(optionOf(setting));
  const inspect = addInspect(program, (options) => {
    given = { command: 'inspect', options };
  });
  program.addHelpText('after', () => `\n${start.helpInformation()}`.trimEnd());
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new CommandLineExit(0, written.trimEnd());
    throw wrongUsage(problemOf(error, start.args, inspect.args));
  }
  return given ?? { command: 'start', flags: {} };
}

function optionOf(setting: Setting<unknown>): Option {
  const fallback = setting.fallback === undefined ? '' : `, default: ${setting.fallback}`;
  return new Option(
    setting.placeholder === undefined
      ? `--${setting.flag}`
      : `--${setting.flag} <${setting.placeholder}>`,
    `${setting.help} (${variableOf(setting)}${fallback})`,
  );
}

/** One line for what commander found, without values that may be secret. */
function problemOf(
  error: CommanderError,
  operands: readonly string[],
  inspected: readonly string[],
): string {
  const seeHelp = 'see keyglot --help';
  if (error.code === 'commander.excessArguments') {
    if (inspected.length > 0) return 'inspect takes one file; see keyglot inspect --help';
    return `unknown command ${shown(operands[0] ?? '')}; ${seeHelp}`;
  }
  if (error.code === 'commander.unknownOption') {
    // An unknown flag may carry a value behind an equals sign.
    const flag = /'(-[^'=]*)/.exec(error.message)?.[1] ?? '';
    const hint = /\((Did you mean [^)]*)\)/.exec(error.message)?.[1];
    return `unknown flag ${shown(flag)}; ${hint ?? seeHelp}`;
  }
  if (error.code === 'commander.optionMissingArgument') {
    return `${/--[a-z-]+/.exec(error.message)?.[0] ?? 'a flag'} needs a value; ${seeHelp}`;
  }
  if (error.code === 'commander.invalidArgument') {
    // Only what a flag's own parser says, which has no value in it.
    const [, flag, expected] =
      /'(--[a-z-]+)[^']*' argument .* is invalid\. (.*)$/s.exec(error.message) ?? [];
    return `${flag ?? 'a flag'} is not valid, ${expected ?? seeHelp}`;
  }
  return `wrong command line; ${seeHelp}`;
}

function startOptions(flags: Flags, env: Environment): StartOptions {
  const options: StartOptions = {
    port: required(SETTINGS.port, flags, env),
    host: required(SETTINGS.host, flags, env),
    store: storeChoice(flags, env),
    dataFolder: required(SETTINGS.data, flags, env),
    auth: required(SETTINGS.auth, flags, env),
    rootKey: optional(SETTINGS.rootKey, flags, env),
    account: required(SETTINGS.account, flags, env),
    region: required(SETTINGS.region, flags, env),
    logLevel: required(SETTINGS.logLevel, flags, env),
    allowOpen: required(SETTINGS.allowOpen, flags, env),
    settle: required(SETTINGS.settle, flags, env),
    qkms: required(SETTINGS.qkms, flags, env),
  };
  // Audit refuses nothing either.
  if (options.auth !== 'enforce' && !options.allowOpen && !isLoopback(options.host)) {
    throw wrongUsage(
      `--host ${shown(options.host)} (KEYGLOT_HOST) with --auth ${options.auth} lets other machines use the keys: ` +
        'set --auth enforce (KEYGLOT_AUTH), or allow it with --allow-open (KEYGLOT_ALLOW_OPEN=true)',
    );
  }
  return options;
}

/** DATABASE_URL is what many platforms set for a program; it counts when nobody chose a store. */
function storeChoice(flags: Flags, env: Environment): StoreChoice {
  const url = env['DATABASE_URL'];
  if (url === undefined || url === '' || find(SETTINGS.store, flags, env) !== undefined) {
    return required(SETTINGS.store, flags, env);
  }
  const choice = SETTINGS.store.parse(url);
  if (choice?.kind === 'postgres') return choice;
  throw wrongUsage(
    `DATABASE_URL: ${shown(url)} is not a postgres:// URL; correct it, or choose with --store (KEYGLOT_STORE)`,
  );
}

function required<T>(setting: Setting<T>, flags: Flags, env: Environment): T {
  const given = optional(setting, flags, env);
  if (given !== undefined) return given;
  const value = setting.fallback === undefined ? undefined : setting.parse(setting.fallback);
  if (value === undefined) throw new Error(`--${setting.flag} has no valid default`);
  return value;
}

function optional<T>(setting: Setting<T>, flags: Flags, env: Environment): T | undefined {
  const given = find(setting, flags, env);
  if (given === undefined) return undefined;
  const { text, where } = given;
  if (where.startsWith('--') && setting.isSecret?.(text) === true) {
    throw wrongUsage(
      `${where}: others can read a secret on the command line; give it in ${variableOf(setting)}, or in a file of mode 0600`,
    );
  }
  const value = setting.parse(text);
  if (value === undefined) {
    throw wrongUsage(`${where}: ${shown(text)} is not valid, expected ${setting.expected}`);
  }
  return value;
}

/** What is given, and the flag or variable that gives it. */
function find(
  setting: Setting<unknown>,
  flags: Flags,
  env: Environment,
): { readonly text: string; readonly where: string } | undefined {
  const flag = `--${setting.flag}`;
  const value = flags[new Option(flag).attributeName()];
  if (value !== undefined) return { text: String(value), where: flag };
  const variable = variableOf(setting);
  const text = env[variable];
  return text === undefined || text === '' ? undefined : { text, where: variable };
}

function isLoopback(host: string): boolean {
  return (
    host.toLowerCase() === 'localhost' ||
    host === '::1' ||
    (isIPv4(host) && host.startsWith('127.'))
  );
}
