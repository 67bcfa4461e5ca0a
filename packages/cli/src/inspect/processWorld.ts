import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Inspector } from '@keyglot/gateway';
import { shown } from '../shown.js';
import { InputError } from './inputError.js';
import type { InspectWorld } from './inspect.js';
import { createProgress } from './progress.js';
import type { Source } from './source.js';

const CHUNK_BYTES = 262_144;

/** The process as the world of `keyglot inspect`. @internal */
export function processWorld(inspectors: readonly Inspector[]): InspectWorld {
  return {
    inspectors,
    open,
    progress: (sizeBytes) => createProgress(process.stderr, sizeBytes),
    // Whoever ends the process next must not cut it off.
    out: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
    err: (text) => process.stderr.write(text),
  };
}

async function open(file: string | undefined): Promise<Source> {
  if (file === undefined) {
    if (process.stdin.isTTY) {
      throw new InputError('name a file, or pipe the column in; see keyglot inspect --help');
    }
    return { chunks: readable(process.stdin, 'standard input'), sizeBytes: undefined };
  }
  const name = shown(file);
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  if (found.isDirectory()) throw new InputError(`${name} is a folder`);
  const chunks = readable(createReadStream(file, { highWaterMark: CHUNK_BYTES }), name);
  // A pipe has no size to speak of.
  return { chunks, sizeBytes: found.isFile() ? found.size : undefined };
}

async function* readable(stream: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): InputError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new InputError(`${name} cannot be read (${code})`);
}
