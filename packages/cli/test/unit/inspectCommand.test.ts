import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandLineExit } from '../../src/exit.js';
import { InputError } from '../../src/inspect/inputError.js';
import { processWorld } from '../../src/inspect/processWorld.js';
import { createProgress } from '../../src/inspect/progress.js';
import { type CommandLine, parseCommandLine, parseOptions } from '../../src/options.js';

const parse = (...argv: string[]): CommandLine =>
  parseCommandLine(['inspect', ...argv], {}, '1.2.3');

function failureOf(run: () => unknown): CommandLineExit {
  try {
    run();
  } catch (error) {
    if (error instanceof CommandLineExit) return error;
    throw error;
  }
  throw new Error('no failure');
}

describe('keyglot inspect', () => {
  const nothing = { file: undefined, format: undefined, column: undefined, json: false };

  test.each<[string[], object]>([
    [[], {}],
    [['-'], {}],
    [['dump.csv'], { file: 'dump.csv' }],
    [['--column', 'a.b', 'dump'], { file: 'dump', column: 'a.b' }],
    [['--column=__proto__', '--json'], { column: '__proto__', json: true }],
    [['--format', 'csv', '--', '--odd'], { file: '--odd', format: 'csv' }],
  ])('takes %j', (argv, given) => {
    expect(parse(...argv)).toEqual({ command: 'inspect', options: { ...nothing, ...given } });
  });

  test.each<[string[], string]>([
    [['--format', 'xml'], '--format is not valid, expected jsonl, csv, lines'],
    [['a', 'b'], 'inspect takes one file; see keyglot inspect --help'],
    [['--column'], '--column needs a value; see keyglot --help'],
    [['--port', '1'], 'unknown flag "--port"; Did you mean --format?'],
    [['--hunter2=x'], 'unknown flag "--hunter2"; see keyglot --help'],
  ])('refuses %j with code 2 and one line', (argv, message) => {
    expect(failureOf(() => parse(...argv))).toMatchObject({ exitCode: 2, message });
  });

  test('has a help of its own', () => {
    const { exitCode, message } = failureOf(() => parse('--help'));
    expect(exitCode).toBe(0);
    for (const part of ['--format', '--column', '--json', 'Exit codes']) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain('--port');
  });

  test('is listed in the help of the program', () => {
    const { message } = failureOf(() => parseCommandLine(['--help'], {}));
    expect(message).toContain('inspect [options] [file]');
  });

  test('takes no variable and is no start', () => {
    const env = { KEYGLOT_PORT: 'wrong' };
    expect(parseCommandLine(['inspect'], env)).toMatchObject({ command: 'inspect' });
    expect(failureOf(() => parseOptions(['inspect'], {})).exitCode).toBe(2);
  });
});

describe('its input', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyglot-inspect-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is a file with its size', async () => {
    const file = join(folder, 'column');
    writeFileSync(file, 'a\nb\n');
    const { chunks, sizeBytes } = await processWorld([]).open(file);
    expect(sizeBytes).toBe(4);
    let text = '';
    for await (const chunk of chunks) text += chunk.toString();
    expect(text).toBe('a\nb\n');
  });

  test.each([
    ['nowhere', 'cannot be read (ENOENT)'],
    ['', 'is a folder'],
    ['no\0file', 'cannot be read (ERR_INVALID_ARG_VALUE)'],
  ])('that is no file (%j) ends in one line', async (name, message) => {
    const opened = processWorld([]).open(join(folder, name));
    await expect(opened).rejects.toThrow(InputError);
    await expect(opened).rejects.toThrow(message);
  });
});

describe('its progress', () => {
  /** A stream that says whether it is a terminal, and keeps what is written. */
  function terminal(isTTY: boolean): { readonly stream: NodeJS.WriteStream; text(): string } {
    let text = '';
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    for (const name of ['cursorTo', 'clearLine', 'moveCursor']) Reflect.set(stream, name, () => {});
    // Nothing else of a terminal is used.
    return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
  }

  test.each([
    [1_000, '%'],
    [undefined, 'values'],
  ])('of %s bytes is shown on a terminal', async (size, part) => {
    const { stream, text } = terminal(true);
    const progress = createProgress(stream, size);
    progress.update(1_000, 1_234);
    progress.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toContain(part);
    expect(text()).toContain('1,234 values');
  });

  test('is silent elsewhere', async () => {
    const { stream, text } = terminal(false);
    const progress = createProgress(stream, 1_000);
    progress.update(500, 1);
    progress.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toBe('');
  });
});
