import type { StartOptions } from '@keyglot/gateway';
import { expect, test } from 'vitest';
import type { InspectOptions } from '../../src/inspect/options.js';
import { type RunningGateway, run } from '../../src/run.js';

/** A gateway that starts and closes when the test says so, and a process that records its end. */
function stage(argv: readonly string[]) {
  const texts: string[] = [];
  const exits: number[] = [];
  const events: string[] = [];
  const seen: StartOptions[] = [];
  const inspected: InspectOptions[] = [];
  let stop = (): void => {};
  let ready: (gateway: RunningGateway) => void = () => {};
  let failStart: (error: Error) => void = () => {};
  let closed: () => void = () => {};
  let failClose: (error: Error) => void = () => {};
  const gateway: RunningGateway = {
    url: 'http://127.0.0.1:4711',
    close: () => {
      events.push('close');
      return new Promise((resolve, reject) => {
        closed = resolve;
        failClose = reject;
      });
    },
  };
  const done = run({
    argv,
    env: {},
    version: '1.2.3',
    start: (options) => {
      seen.push(options);
      return new Promise((resolve, reject) => {
        ready = resolve;
        failStart = reject;
      });
    },
    inspect: (options) => {
      inspected.push(options);
      return options.file === 'lost'
        ? Promise.reject(new Error('disk\n lost'))
        : Promise.resolve(2);
    },
    out: (text) => texts.push(`out ${text}`),
    err: (text) => texts.push(`err ${text}`),
    onSignal: (listener) => {
      stop = listener;
    },
    exit: (code) => exits.push(code),
  });
  return {
    texts,
    exits,
    events,
    seen,
    inspected,
    done,
    signal: () => stop(),
    ready: () => ready(gateway),
    failStart: (error: Error) => failStart(error),
    closed: () => closed(),
    failClose: (error: Error) => failClose(error),
  };
}

/** Lets everything happen that is due without time passing. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('says once that it is ready, and only when it is', async () => {
  const it = stage(['--port', '0', '--store', 'memory']);
  await settled();
  expect(it.texts).toEqual([]);
  expect(it.seen).toMatchObject([{ port: 0, store: { kind: 'memory' } }]);
  it.ready();
  await settled();
  expect(it.texts).toEqual(['out keyglot ready http://127.0.0.1:4711 store=memory auth=open\n']);
  expect(it.exits).toEqual([]);
});

test('closes at the first signal and ends with 0', async () => {
  const it = stage([]);
  it.ready();
  await settled();
  it.signal();
  await settled();
  expect([it.events, it.exits]).toEqual([['close'], []]);
  it.closed();
  await it.done;
  expect(it.exits).toEqual([0]);
});

test('ends with 1 at once at the third signal', async () => {
  const it = stage([]);
  it.ready();
  await settled();
  it.signal();
  it.signal();
  it.signal();
  expect(it.exits).toEqual([1]);
});

test('closes without the ready line when the signal came during the start', async () => {
  const it = stage([]);
  it.signal();
  it.ready();
  await settled();
  expect([it.events, it.texts]).toEqual([['close'], []]);
  it.closed();
  await it.done;
  expect(it.exits).toEqual([0]);
});

test('a failed start is one line and code 1', async () => {
  const it = stage([]);
  it.failStart(new Error('port 8567 is in use;\n  stop it'));
  await it.done;
  expect([it.texts, it.exits]).toEqual([['err keyglot: port 8567 is in use; stop it\n'], [1]]);
});

test('an option that the start finds wrong is one line and code 2', async () => {
  const it = stage([]);
  it.failStart(Object.assign(new Error('--root-key: no such file'), { name: 'OptionError' }));
  await it.done;
  expect([it.texts, it.exits]).toEqual([['err keyglot: --root-key: no such file\n'], [2]]);
});

test('a failed close is one line and code 1', async () => {
  const it = stage([]);
  it.ready();
  await settled();
  it.signal();
  await settled();
  it.failClose(new Error('store lost'));
  await it.done;
  expect(it.texts.at(-1)).toBe('err keyglot: store lost\n');
  expect(it.exits).toEqual([1]);
});

test('a wrong command line is one line and code 2, and nothing starts', async () => {
  const it = stage(['--port', 'x']);
  await it.done;
  expect(it.texts).toHaveLength(1);
  expect(it.texts[0]).toMatch(/^err keyglot: --port: "x" is not valid, .*\n$/);
  expect([it.exits, it.seen]).toEqual([[2], []]);
});

test('a text that was asked for goes to standard output with code 0', async () => {
  const it = stage(['--version']);
  await it.done;
  expect([it.texts, it.exits, it.seen]).toEqual([['out 1.2.3\n'], [0], []]);
});

test('inspects without starting anything, and ends with the code that it gives', async () => {
  const it = stage(['inspect', 'dump.csv', '--column', 'blob', '--json']);
  await it.done;
  const options = { file: 'dump.csv', format: undefined, column: 'blob', json: true };
  expect([it.inspected, it.seen, it.texts, it.exits]).toEqual([[options], [], [], [2]]);
});

test('an inspection that breaks is one line and code 1', async () => {
  const it = stage(['inspect', 'lost']);
  await it.done;
  expect([it.texts, it.exits]).toEqual([['err keyglot: disk lost\n'], [1]]);
});
