import { inspectors } from '@keyglot/gateway/inspectors';
import { inspect } from '../../src/inspect/inspect.js';
import type { InspectOptions } from '../../src/inspect/options.js';
import type { Report } from '../../src/inspect/report.js';

/** What an inspection did. */
export interface Inspected {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The report, when JSON was asked for and one was made. */
  readonly report: Report;
  /** Bytes and values of each progress, then -1 for its end. */
  readonly progress: readonly number[];
}

/** Inputs that are no iterables of chunks are one chunk. */
export type Input = string | Buffer | Iterable<string | Buffer>;

export async function inspectThe(
  input: Input,
  options: Partial<InspectOptions> = {},
  maxRecordBytes?: number,
): Promise<Inspected> {
  let [out, err] = ['', ''];
  const progress: number[] = [];
  const code = await inspect(
    { file: undefined, format: undefined, column: undefined, json: true, ...options },
    {
      inspectors: inspectors(),
      open: async () => ({ chunks: chunksOf(input), sizeBytes: undefined }),
      progress: () => ({
        update: (bytes) => progress.push(bytes),
        stop: () => progress.push(-1),
      }),
      out: async (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    maxRecordBytes,
  );
  // Without a report nothing may read it.
  const report = (out.startsWith('{') ? JSON.parse(out) : undefined) as Report;
  return { code, out, err, report, progress };
}

/** A text in pieces of so many bytes, so that lines and characters are cut anywhere. */
export function* pieces(text: string | Buffer, bytes: number): Generator<Buffer> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += bytes) yield all.subarray(at, at + bytes);
}

async function* chunksOf(input: Input): AsyncGenerator<Buffer> {
  const chunks = typeof input === 'string' || Buffer.isBuffer(input) ? [input] : input;
  for (const chunk of chunks) yield Buffer.from(chunk);
}
