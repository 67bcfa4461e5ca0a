import { describe, expect, test } from 'vitest';
import { CommandLineExit } from '../../src/exit.js';
import { type Environment, parseOptions } from '../../src/options.js';

const KEY_TEXT = Buffer.alloc(32, 0xa7).toString('base64');

function failureOf(argv: readonly string[], env: Environment = {}): CommandLineExit {
  try {
    parseOptions(argv, env, '1.2.3');
  } catch (error) {
    if (error instanceof CommandLineExit) return error;
    throw error;
  }
  throw new Error('no failure');
}

describe('parseOptions', () => {
  test('gives the defaults when nothing is said', () => {
    const defaults = {
      port: 8567,
      host: 'localhost',
      store: { kind: 'embedded' },
      dataFolder: '.keyglot',
      auth: 'open',
      rootKey: undefined,
      account: '000000000000',
      region: 'us-east-1',
      logLevel: 'info',
      allowOpen: false,
      settle: false,
      qkms: 'client',
    };
    expect(parseOptions([], {})).toEqual(defaults);
    expect(parseOptions(['start'], {})).toEqual(defaults);
  });

  test.each([
    ['port', '0', 'KEYGLOT_PORT', 'port', 0],
    ['port', '65535', 'KEYGLOT_PORT', 'port', 65_535],
    ['host', '127.0.0.2', 'KEYGLOT_HOST', 'host', '127.0.0.2'],
    ['host', '::1', 'KEYGLOT_HOST', 'host', '::1'],
    ['store', 'memory', 'KEYGLOT_STORE', 'store', { kind: 'memory' }],
    ['store', 'embedded', 'KEYGLOT_STORE', 'store', { kind: 'embedded' }],
    ['data', '/var/lib/key glot', 'KEYGLOT_DATA', 'dataFolder', '/var/lib/key glot'],
    ['auth', 'open', 'KEYGLOT_AUTH', 'auth', 'open'],
    ['auth', 'audit', 'KEYGLOT_AUTH', 'auth', 'audit'],
    ['auth', 'enforce', 'KEYGLOT_AUTH', 'auth', 'enforce'],
    ['root-key', './root.key', 'KEYGLOT_ROOT_KEY', 'rootKey', { kind: 'file', path: './root.key' }],
    ['account', '123456789012', 'KEYGLOT_ACCOUNT', 'account', '123456789012'],
    ['region', 'eu-central-1', 'KEYGLOT_REGION', 'region', 'eu-central-1'],
    ['region', 'us-gov-west-1', 'KEYGLOT_REGION', 'region', 'us-gov-west-1'],
    ['log-level', 'debug', 'KEYGLOT_LOG_LEVEL', 'logLevel', 'debug'],
  ])('takes --%s %s and %s alike', (flag, text, variable, member, value) => {
    expect(parseOptions([`--${flag}`, text], {})).toHaveProperty(member, value);
    expect(parseOptions([`--${flag}=${text}`], {})).toHaveProperty(member, value);
    expect(parseOptions(['start', `--${flag}`, text], {})).toHaveProperty(member, value);
    expect(parseOptions([], { [variable]: text })).toHaveProperty(member, value);
  });

  test('lets a flag win over its variable, even over a wrong one', () => {
    expect(parseOptions(['--port', '1'], { KEYGLOT_PORT: '2' }).port).toBe(1);
    expect(parseOptions(['--port', '1'], { KEYGLOT_PORT: 'x' }).port).toBe(1);
  });

  test('takes an empty variable as not given', () => {
    const env = { KEYGLOT_PORT: '', KEYGLOT_STORE: '', DATABASE_URL: '', KEYGLOT_ROOT_KEY: '' };
    expect(parseOptions([], env)).toEqual(parseOptions([], {}));
  });

  test.each(['postgres', 'postgresql'])('takes a %s:// URL as a secret', (scheme) => {
    const url = `${scheme}://user:pass%40word@db.example:5432/keys?sslmode=require`;
    for (const { store } of [
      parseOptions(['--store', url], {}),
      parseOptions([], { KEYGLOT_STORE: url }),
      parseOptions([], { DATABASE_URL: url }),
    ]) {
      expect(store.kind === 'postgres' && store.url.expose().toString()).toBe(url);
      expect(JSON.stringify(store)).not.toContain('word');
    }
  });

  test('takes DATABASE_URL only when no store is chosen', () => {
    const env = { DATABASE_URL: 'postgres://db.example/keys' };
    expect(parseOptions(['--store', 'memory'], env).store).toEqual({ kind: 'memory' });
    expect(parseOptions([], { ...env, KEYGLOT_STORE: 'memory' }).store).toEqual({ kind: 'memory' });
  });

  test('takes the 32 bytes of a root key from the variable', () => {
    const { rootKey } = parseOptions([], { KEYGLOT_ROOT_KEY: `base64:${KEY_TEXT}` });
    expect(rootKey?.kind === 'bytes' && rootKey.key.expose()).toEqual(Buffer.alloc(32, 0xa7));
  });

  test.each([
    [['--allow-open'], {}, true],
    [[], { KEYGLOT_ALLOW_OPEN: '1' }, true],
    [[], { KEYGLOT_ALLOW_OPEN: 'TRUE' }, true],
    [[], { KEYGLOT_ALLOW_OPEN: 'yes' }, true],
    [[], { KEYGLOT_ALLOW_OPEN: '0' }, false],
    [[], { KEYGLOT_ALLOW_OPEN: 'false' }, false],
    [['--allow-open'], { KEYGLOT_ALLOW_OPEN: '0' }, true],
  ])('reads %j with %j as allow-open %s', (argv, env, value) => {
    expect(parseOptions(argv, env).allowOpen).toBe(value);
  });

  test.each([
    [['--settle'], {}, true],
    [[], { KEYGLOT_SETTLE: 'true' }, true],
    [[], { KEYGLOT_SETTLE: 'no' }, false],
  ])('reads %j with %j as settle %s', (argv, env, value) => {
    expect(parseOptions(argv, env).settle).toBe(value);
  });

  test.each([
    [['--qkms', 'pages'], { KEYGLOT_QKMS: 'client' }, 'pages'],
    [[], { KEYGLOT_QKMS: 'pages' }, 'pages'],
  ])('reads %j with %j as qkms %s', (argv, env, value) => {
    expect(parseOptions(argv, env).qkms).toBe(value);
  });
});

describe('a wrong command line', () => {
  test.each<[string, string[], Environment, string]>([
    [
      'port',
      ['--port', '65536'],
      {},
      '--port: "65536" is not valid, expected a number from 0 to 65535',
    ],
    ['port', ['--port', '80a'], {}, '--port: "80a" is not valid'],
    ['port', ['--port', '1e3'], {}, '--port: "1e3" is not valid'],
    ['port', ['--port=-1'], {}, '--port: "-1" is not valid'],
    ['port', ['--port', ''], {}, '--port: "" is not valid'],
    ['port', [], { KEYGLOT_PORT: ' 80' }, 'KEYGLOT_PORT: " 80" is not valid'],
    [
      'host',
      ['--host', '[::1]'],
      {},
      '--host: "[::1]" is not valid, expected an IP address or a host',
    ],
    ['host', [], { KEYGLOT_HOST: 'a b' }, 'KEYGLOT_HOST: "a b" is not valid'],
    [
      'store',
      ['--store', 'sqlite'],
      {},
      '--store: "sqlite" is not valid, expected embedded, memory or',
    ],
    ['data', ['--data', ' '], {}, '--data: " " is not valid, expected the path of a folder'],
    [
      'auth',
      [],
      { KEYGLOT_AUTH: 'Open' },
      'KEYGLOT_AUTH: "Open" is not valid, expected open, audit or',
    ],
    ['account', ['--account', '12345'], {}, '--account: "12345" is not valid, expected 12 digits'],
    ['region', ['--region', 'moon'], {}, '--region: "moon" is not valid, expected a region like'],
    [
      'level',
      ['--log-level', 'trace'],
      {},
      '--log-level: "trace" is not valid, expected error, warn',
    ],
    ['allow-open', [], { KEYGLOT_ALLOW_OPEN: 'on' }, 'KEYGLOT_ALLOW_OPEN: "on" is not valid'],
    ['a missing value', ['--port'], {}, '--port needs a value; see keyglot --help'],
    ['an unknown flag', ['--prot', '1'], {}, 'unknown flag "--prot"; Did you mean --port?'],
    ['an unknown flag', ['start', '--zzz=1'], {}, 'unknown flag "--zzz"; see keyglot --help'],
    ['an unknown short flag', ['-p'], {}, 'unknown flag "-p"; see keyglot --help'],
    ['an unknown command', ['sing'], {}, 'unknown command "sing"; see keyglot --help'],
    ['an unknown command', ['sing', '--port', '1'], {}, 'unknown command "sing"; see'],
    ['a further word', ['start', 'now'], {}, 'unknown command "now"; see keyglot --help'],
    [
      'control characters',
      ['--auth', 'a\nb\u001b[0m'],
      {},
      '--auth: "a\\nb\\u001b[0m" is not valid',
    ],
  ])('of %s ends with code 2 and one line (%j %j)', (_what, argv, env, message) => {
    const failure = failureOf(argv, env);
    expect(failure.exitCode).toBe(2);
    expect(failure.message.startsWith(message), failure.message).toBe(true);
    expect(failure.message).not.toMatch(/\p{Cc}/u);
  });

  test('does not show all of a long value', () => {
    expect(failureOf(['--auth', 'x y '.repeat(50)]).message.length).toBeLessThan(150);
  });

  test.each([
    ['--store', 'mysql://user:hunter2@db.example/keys'],
    ['--store', 'postgres://user:hunter2@db exa mple:x/'],
    ['--store', 'postgres:user:hunter2@db.example'],
    ['--store', 'host=db password=hunter2'],
    ['--hunter2=hunter2', 'x'],
    ['--store', 'user:hunter2@db.example'],
  ])('never shows what may be a password (%s %s)', (flag, value) => {
    const { message, exitCode } = failureOf([flag, value]);
    expect(exitCode).toBe(2);
    expect(message.replace('--hunter2', '')).not.toContain('hunter2');
  });

  test.each(['DATABASE_URL', 'KEYGLOT_STORE'])('never shows the password in %s', (variable) => {
    const { message, exitCode } = failureOf([], { [variable]: 'mysql://me:hunter2@db/keys' });
    expect(exitCode).toBe(2);
    expect(message).toMatch(new RegExp(`^${variable}: "mysql://…" is not`));
    expect(message).not.toContain('hunter2');
  });

  test('of DATABASE_URL does not choose a store without a database', () => {
    expect(failureOf([], { DATABASE_URL: 'memory' }).message).toContain(
      'DATABASE_URL: "memory" is not a postgres:// URL',
    );
  });

  test.each([
    `base64:${KEY_TEXT}`,
    `BASE64:${KEY_TEXT}`,
    KEY_TEXT,
    KEY_TEXT.slice(0, -1),
    Buffer.alloc(32, 0xa7).toString('hex'),
  ])('of a secret as a flag points to the variable (case %#)', (secret) => {
    const { message, exitCode } = failureOf(['--root-key', secret]);
    expect(exitCode).toBe(2);
    expect(message).toContain('KEYGLOT_ROOT_KEY');
    expect(message).toContain('file of mode 0600');
    expect(message).not.toContain('p6en');
    expect(message).not.toContain('a7a7');
  });

  test.each([
    'base64:',
    `base64:${Buffer.alloc(31, 0xa7).toString('base64')}`,
    `base64:${Buffer.alloc(33, 0xa7).toString('base64')}`,
    `base64:${KEY_TEXT.slice(0, -1)}`,
    `base64: ${KEY_TEXT}`,
    `base64:${KEY_TEXT.slice(0, -2)}f=`,
    KEY_TEXT,
    Buffer.alloc(32, 0xa7).toString('hex'),
  ])('of a root key that is not 32 bytes in base64 is refused unseen (case %#)', (text) => {
    const { message, exitCode } = failureOf([], { KEYGLOT_ROOT_KEY: text });
    expect(exitCode).toBe(2);
    expect(message).toMatch(
      /^KEYGLOT_ROOT_KEY: \(not shown\) is not valid, expected the path of a f/,
    );
    expect(message).not.toContain('p6en');
  });

  test.each(['0.0.0.0', '::', '192.168.0.7', 'keys.example', '128.0.0.1'])(
    'of host %s without authentication needs an explicit flag',
    (host) => {
      for (const auth of ['open', 'audit']) {
        const { message, exitCode } = failureOf(['--host', host, '--auth', auth]);
        expect(exitCode).toBe(2);
        expect(message).toContain('--allow-open (KEYGLOT_ALLOW_OPEN=true)');
      }
      expect(parseOptions(['--host', host, '--auth', 'enforce'], {}).host).toBe(host);
      expect(parseOptions(['--host', host, '--allow-open'], {}).host).toBe(host);
    },
  );

  test.each(['localhost', '127.0.0.1', '127.9.8.7', '::1'])('host %s needs no flag', (host) => {
    expect(parseOptions(['--host', host], {}).host).toBe(host);
  });
});

describe('texts that are asked for', () => {
  test.each([[['--help']], [['start', '--help']], [['help']], [['help', 'start']]])(
    '%j names every flag, variable and default',
    (argv) => {
      const { message, exitCode } = failureOf(argv);
      expect(exitCode).toBe(0);
      const text = message.replace(/\s+/g, ' ');
      for (const part of [
        'KEYGLOT_PORT, default: 8567',
        'KEYGLOT_HOST, default: localhost',
        'KEYGLOT_STORE, default: embedded',
        'DATABASE_URL',
        'KEYGLOT_DATA, default: .keyglot',
        'KEYGLOT_AUTH, default: open',
        'KEYGLOT_ROOT_KEY',
        'KEYGLOT_ACCOUNT, default: 000000000000',
        'KEYGLOT_REGION, default: us-east-1',
        'KEYGLOT_LOG_LEVEL, default: info',
        'KEYGLOT_ALLOW_OPEN, default: false',
        'KEYGLOT_SETTLE, default: false',
        '--port <number>',
        '--allow-open',
      ]) {
        expect(text).toContain(part);
      }
    },
  );

  test('--version prints the version alone', () => {
    expect(failureOf(['--version'])).toMatchObject({ exitCode: 0, message: '1.2.3' });
  });
});
