/** What a line reader calls. @internal */
export interface LineSink {
  /** A line without its end; never blank. */
  line(bytes: Buffer, number: number): void;
  /** A line over the bound. */
  tooLong(number: number): void;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Splits bytes into lines at line feeds and skips blank ones. Keeps no more than one line; of a line
 * over the bound it keeps nothing.
 *
 * @internal
 */
export async function readLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  sink: LineSink,
): Promise<void> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let number = 1;
  const finish = (): void => {
    if (keptBytes > maxBytes) sink.tooLong(number);
    else if (keptBytes > 0) emit(kept.length === 1 ? kept[0] : Buffer.concat(kept), number, sink);
    kept = [];
    keptBytes = 0;
  };
  const keep = (part: Buffer): void => {
    if (part.length === 0) return;
    keptBytes += part.length;
    if (keptBytes > maxBytes) kept = [];
    else kept.push(part);
  };
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      keep(chunk.subarray(at, end));
      finish();
      number += 1;
      at = end + 1;
    }
    keep(chunk.subarray(at));
  }
  finish();
}

function emit(line: Buffer | undefined, number: number, sink: LineSink): void {
  if (line === undefined) return;
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  if (end > 0) sink.line(line.subarray(0, end), number);
}
