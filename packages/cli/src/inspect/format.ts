import { InputError } from './inputError.js';
import type { Format, InspectOptions } from './options.js';

/** How a source is to be read. @internal */
export interface Reading {
  readonly format: Format;
  readonly column: string | undefined;
  /** Separator of CSV fields. */
  readonly delimiter: string;
}

/** Neither base64 nor hexadecimal has any of them. */
const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Decides how to read a source from what was said and from its first line: an object or a text in JSON
 * is JSON lines, a quote or a separator is CSV, everything else is plain lines.
 *
 * @throws InputError when a column must be named, or cannot be
 * @internal
 */
export function readingOf(
  firstLine: string,
  { format: said, column }: Pick<InspectOptions, 'format' | 'column'>,
): Reading {
  const delimiter = delimiterOf(firstLine);
  const format = said ?? detect(firstLine, column, delimiter);
  if (format === 'lines' && column !== undefined) {
    throw new InputError('plain lines have no columns; leave --column out, or say --format csv');
  }
  if (format === 'jsonl' && column === undefined && firstLine.startsWith('{')) {
    throw new InputError('say with --column which member of the JSON objects has the ciphertexts');
  }
  if (format === 'csv' && column === undefined && delimiter !== undefined) {
    throw new InputError('say with --column which CSV column has the ciphertexts');
  }
  return { format, column, delimiter: delimiter ?? ',' };
}

function detect(
  firstLine: string,
  column: string | undefined,
  delimiter: string | undefined,
): Format {
  if (firstLine.startsWith('[')) {
    throw new InputError(
      'the input is one JSON array; make a line of each element, as with jq -c .[]',
    );
  }
  if (firstLine.startsWith('{') || isJsonText(firstLine)) return 'jsonl';
  return column !== undefined || delimiter !== undefined || firstLine.startsWith('"')
    ? 'csv'
    : 'lines';
}

function isJsonText(line: string): boolean {
  if (!line.startsWith('"')) return false;
  try {
    return typeof JSON.parse(line) === 'string';
  } catch {
    return false;
  }
}

/** The separator that the first line has most often outside quotes. */
function delimiterOf(firstLine: string): string | undefined {
  const bare = firstLine.replace(/"(?:[^"]|"")*"/g, '');
  let best: string | undefined;
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}
