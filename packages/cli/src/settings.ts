import { isIP } from 'node:net';
import { Secret } from '@keyglot/core';
import type { AuthMode, LogLevel, QkmsForm, RootKeySource, StoreChoice } from '@keyglot/gateway';

/**
 * One thing that can be set by a flag or by the environment variable of the same name: `--root-key`
 * and `KEYGLOT_ROOT_KEY`.
 *
 * @internal
 */
export interface Setting<T> {
  /** Name of the flag, without dashes. */
  readonly flag: string;
  /** What stands for the value in the help; without one, the flag takes no value. */
  readonly placeholder?: string;
  readonly help: string;
  /** What holds when nothing is given, as text; undefined when that is nothing at all. */
  readonly fallback: string | undefined;
  /** What a value has to be, for the error message. */
  readonly expected: string;
  /** @returns undefined when the text is not valid */
  parse(text: string): T | undefined;
  /** Whether a text is a secret itself: other users of the machine can read a command line. */
  isSecret?(text: string): boolean;
}

const ROOT_KEY_BYTES = 32;

/** Everything that `keyglot start` can be told, in the order of the help. @internal */
export const SETTINGS: {
  readonly port: Setting<number>;
  readonly host: Setting<string>;
  readonly store: Setting<StoreChoice>;
  readonly data: Setting<string>;
  readonly auth: Setting<AuthMode>;
  readonly rootKey: Setting<RootKeySource>;
  readonly account: Setting<string>;
  readonly region: Setting<string>;
  readonly logLevel: Setting<LogLevel>;
  readonly allowOpen: Setting<boolean>;
  readonly settle: Setting<boolean>;
  readonly qkms: Setting<QkmsForm>;
} = {
  port: {
    flag: 'port',
    placeholder: 'number',
    help: 'TCP port; 0 takes any that is free',
    fallback: '8567',
    expected: 'a number from 0 to 65535',
    parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
  },
  host: {
    flag: 'host',
    placeholder: 'host',
    help: 'address to listen on; localhost is 127.0.0.1 and ::1',
    fallback: 'localhost',
    expected: 'an IP address or a host name',
    parse: (text) =>
      isIP(text) !== 0 || /^(?=.{1,253}$)[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/i.test(text)
        ? text
        : undefined,
  },
  store: {
    flag: 'store',
    placeholder: 'store',
    help: 'embedded (a PostgreSQL in the data folder), memory, or a postgres:// URL; DATABASE_URL is taken when neither is given',
    fallback: 'embedded',
    expected: 'embedded, memory or a postgres:// URL',
    parse: parseStore,
  },
  data: {
    flag: 'data',
    placeholder: 'folder',
    help: 'folder for keys and certificates',
    fallback: '.keyglot',
    expected: 'the path of a folder',
    parse: parsePath,
  },
  auth: {
    flag: 'auth',
    placeholder: 'mode',
    help: 'open (any credential), audit (any, but record what enforce would refuse), enforce',
    fallback: 'open',
    expected: 'open, audit or enforce',
    parse: oneOf('open', 'audit', 'enforce'),
  },
  rootKey: {
    flag: 'root-key',
    placeholder: 'file',
    help: 'file of mode 0600 with the root key; the variable may also hold base64: and 44 characters',
    fallback: undefined,
    expected:
      'the path of a file, or (in the variable only) base64: and 44 characters for 32 bytes',
    parse: parseRootKey,
    isSecret: isBareKey,
  },
  account: {
    flag: 'account',
    placeholder: 'id',
    help: 'account of requests that name none',
    fallback: '000000000000',
    expected: '12 digits',
    parse: (text) => (/^\d{12}$/.test(text) ? text : undefined),
  },
  region: {
    flag: 'region',
    placeholder: 'name',
    help: 'region of requests that name none',
    fallback: 'us-east-1',
    expected: 'a region like us-east-1',
    parse: (text) => (/^([a-z]+-){2,3}\d+$/.test(text) ? text : undefined),
  },
  logLevel: {
    flag: 'log-level',
    placeholder: 'level',
    help: 'error, warn, info or debug',
    fallback: 'info',
    expected: 'error, warn, info or debug',
    parse: oneOf('error', 'warn', 'info', 'debug'),
  },
  allowOpen: {
    flag: 'allow-open',
    help: 'let other machines in without authentication',
    fallback: 'false',
    expected: 'true or false',
    parse: parseBoolean,
  },
  settle: {
    flag: 'settle',
    help: 'several gateways on one database: acknowledge a disable or a revocation only when it holds in all of them, 2 s later',
    fallback: 'false',
    expected: 'true or false',
    parse: parseBoolean,
  },
  qkms: {
    flag: 'qkms',
    placeholder: 'form',
    help: 'QKMS as its client and those of AWS read it (client), or as its pages have it (pages)',
    fallback: 'client',
    expected: 'client or pages',
    parse: oneOf('client', 'pages'),
  },
};

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['yes', true],
  ['0', false],
  ['false', false],
  ['no', false],
]);

/** The environment variable of a setting. @internal */
export function variableOf(setting: Setting<unknown>): string {
  return `KEYGLOT_${setting.flag.toUpperCase().replaceAll('-', '_')}`;
}

/** With the prefix, or what is obviously meant to be the bare key, never the name of a file. */
function isBareKey(text: string): boolean {
  return /^base64:|^[a-z0-9+/_-]{43}=?$|^[0-9a-f]{64}$/i.test(text);
}

function oneOf<const T extends string>(...values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text);
}

function parseBoolean(text: string): boolean | undefined {
  return BOOLEANS.get(text.toLowerCase());
}

function parsePath(text: string): string | undefined {
  return text.trim() === '' || text.includes('\0') ? undefined : text;
}

function parseStore(text: string): StoreChoice | undefined {
  if (text === 'embedded' || text === 'memory') return { kind: text };
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  return { kind: 'postgres', url: new Secret(Buffer.from(text, 'utf8')) };
}

function parseRootKey(text: string): RootKeySource | undefined {
  if (!isBareKey(text)) {
    const path = parsePath(text);
    return path === undefined ? undefined : { kind: 'file', path };
  }
  if (!text.startsWith('base64:')) return undefined;
  const encoded = text.slice('base64:'.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding skips what is no base64; only the canonical text encodes back to itself.
  if (bytes.length !== ROOT_KEY_BYTES || bytes.toString('base64') !== encoded) return undefined;
  return { kind: 'bytes', key: new Secret(bytes) };
}
