import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { InputError } from './inputError.js';
import type { Sink } from './problems.js';

const CARRIAGE_RETURN = 13;

/** What the parser gives for each record. */
interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads one column of CSV (RFC 4180, with any line ends and with quotes inside bare fields).
 *
 * @param column name in the first record, which then is no value; or number from 1, when no column has
 *   that name, and then the first record is one as any other; undefined when there is one column only
 * @throws InputError when there is no such column, or a record is over the bound
 * @internal
 */
export async function readCsv(
  chunks: AsyncIterable<Buffer>,
  { column, delimiter }: { readonly column: string | undefined; readonly delimiter: string },
  maxBytes: number,
  sink: Sink,
): Promise<void> {
  const parser = parse({
    delimiter,
    info: true,
    max_record_size: maxBytes,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  // The parser goes on behind what it skips, except behind a record over the bound.
  let overBound: number | undefined;
  parser.on('skip', (error: CsvError) => {
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      overBound = lineOf(error);
      parser.destroy();
    } else sink.problem('broken-record', lineOf(error));
  });
  const feeding = pipeline(withLineFeeds(chunks), parser).catch((error: unknown) => {
    if (overBound === undefined) throw error;
  });
  // Its error is thrown by the loop below, or awaited behind it.
  feeding.catch(() => {});

  let index: number | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<Row>) {
      if (index === undefined) {
        const found = columnOf(record, column);
        index = found.index;
        if (found.isHeader) continue;
      }
      const value = record[index];
      if (value === undefined) sink.problem('no-value', info.lines);
      else sink.value(value, info.lines);
    }
  } catch (error) {
    // The parser's own messages show fields.
    if (error instanceof CsvError) throw new InputError('the input is no CSV');
    if (overBound === undefined) throw error;
  }
  if (overBound !== undefined) {
    throw new InputError(
      `a CSV record that ends behind line ${overBound} is longer than ${maxBytes} bytes; is a quote not closed?`,
    );
  }
  await feeding;
}

/** The parser counts a carriage return in quotes as a line of its own; values do without. */
async function* withLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = '';
  for await (const chunk of chunks) {
    if (held === '' && !chunk.includes(CARRIAGE_RETURN)) {
      yield chunk;
      continue;
    }
    const text = `${held}${chunk.toString('latin1')}`;
    // Its line feed may come with the next chunk.
    held = text.endsWith('\r') ? '\r' : '';
    const whole = text.slice(0, text.length - held.length);
    yield Buffer.from(whole.replaceAll('\r\n', '\n'), 'latin1');
  }
  if (held !== '') yield Buffer.from(held, 'latin1');
}

function columnOf(
  first: readonly string[],
  column: string | undefined,
): { readonly index: number; readonly isHeader: boolean } {
  if (column === undefined) return { index: 0, isHeader: false };
  const index = first.indexOf(column);
  if (index >= 0) return { index, isHeader: true };
  // Names of columns are not shown: the first line may be no header.
  if (!/^[1-9]\d{0,4}$/.test(column)) {
    throw new InputError(
      `the first line names no column of that name among its ${first.length}; name one, or give its number`,
    );
  }
  return { index: Number(column) - 1, isHeader: false };
}

function lineOf(error: CsvError): number {
  const lines: unknown = Reflect.get(error, 'lines');
  return typeof lines === 'number' ? lines : 0;
}
