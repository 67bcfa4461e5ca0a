import type { Inspector } from '@keyglot/gateway';
import { readCsv } from './csvColumn.js';
import { readingOf } from './format.js';
import { InputError } from './inputError.js';
import { jsonColumn } from './jsonColumn.js';
import { readLines } from './lines.js';
import type { InspectOptions } from './options.js';
import type { Progress } from './progress.js';
import { type Report, reportOf } from './report.js';
import { peek, type Source } from './source.js';
import { createTally, sinkOf, type Tally } from './tally.js';
import { textOf } from './text.js';

/** The world around `keyglot inspect`: the process in production, a test's own otherwise. @internal */
export interface InspectWorld {
  readonly inspectors: readonly Inspector[];
  /** @throws InputError when the file cannot be read */
  open(file: string | undefined): Promise<Source>;
  progress(sizeBytes: number | undefined): Progress;
  /** Write one text, newline included. */
  out(text: string): Promise<void>;
  err(text: string): void;
}

/** Longest record in bytes, of which one is in memory at a time. @internal */
export const MAX_RECORD_BYTES = 16_777_216;

/**
 * Reads a column of ciphertexts and says what they are: without keys, in constant memory, one value at
 * a time. No value is shown.
 *
 * @returns exit code: 0 something was recognised, 1 nothing was, 2 the input cannot be read as told
 * @internal
 */
export async function inspect(
  options: InspectOptions,
  world: InspectWorld,
  maxRecordBytes: number = MAX_RECORD_BYTES,
): Promise<0 | 1 | 2> {
  try {
    const report = await read(options, world, maxRecordBytes);
    await world.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
    return report.recognised > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    world.err(`keyglot: ${error.message}\n`);
    return 2;
  }
}

async function read(
  options: InspectOptions,
  world: InspectWorld,
  maxRecordBytes: number,
): Promise<Report> {
  const source = await world.open(options.file);
  const { firstLine, chunks } = await peek(source.chunks);
  const reading = readingOf(firstLine, options);
  const tally = createTally(world.inspectors);
  const sink = sinkOf(tally);
  const progress = world.progress(source.sizeBytes);
  try {
    const watched = watch(chunks, tally, progress);
    if (reading.format === 'csv') await readCsv(watched, reading, maxRecordBytes, sink);
    else {
      await readLines(watched, maxRecordBytes, {
        tooLong: (line) => sink.problem('too-long', line),
        line(bytes, line) {
          // No foreign character of plain lines becomes one of base64, and one byte each is faster.
          if (reading.format === 'lines') return sink.value(bytes.toString('latin1'), line);
          const found = jsonColumn(bytes.toString('utf8'), reading.column);
          if ('value' in found) sink.value(found.value, line);
          else sink.problem(found.problem, line);
        },
      });
    }
  } finally {
    progress.stop();
  }
  return reportOf(tally, reading.format);
}

async function* watch(
  chunks: AsyncIterable<Buffer>,
  tally: Tally,
  progress: Progress,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    progress.update(bytes, tally.values);
    yield chunk;
  }
}
