import { InputError } from './inputError.js';

/** Where bytes come from. @internal */
export interface Source {
  readonly chunks: AsyncIterable<Buffer>;
  /** Size in bytes, when it is known before the end. */
  readonly sizeBytes: number | undefined;
}

/** A source whose beginning has been looked at. @internal */
export interface PeekedSource {
  /** The first line that is not blank, without its end; cut off when it is very long. */
  readonly firstLine: string;
  /** Everything, without a byte order mark. */
  readonly chunks: AsyncIterable<Buffer>;
}

const PEEK_BYTES = 65_536;
const BYTE_ORDER_MARK = Buffer.from('efbbbf', 'hex');
const MARKS_OF_OTHERS: readonly (readonly [mark: Buffer, what: string])[] = [
  [Buffer.from('fffe', 'hex'), 'the input is UTF-16; convert it to UTF-8'],
  [Buffer.from('feff', 'hex'), 'the input is UTF-16; convert it to UTF-8'],
  [Buffer.from('1f8b', 'hex'), 'the input is compressed; pipe it through gunzip -c'],
  [Buffer.from('28b52ffd', 'hex'), 'the input is compressed; pipe it through unzstd -c'],
];

/**
 * Reads the beginning of a source.
 *
 * @throws InputError when it can be nothing that is read here
 * @internal
 */
export async function peek(source: AsyncIterable<Buffer>): Promise<PeekedSource> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (!ended && head.length < PEEK_BYTES && firstLineOf(head) === undefined) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  for (const [mark, what] of MARKS_OF_OTHERS) {
    if (head.subarray(0, mark.length).equals(mark)) throw new InputError(what);
  }
  const start = head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const text = head.subarray(start);
  const firstLine = firstLineOf(text) ?? text.toString('utf8').trim();
  return { firstLine, chunks: rest(text, iterator) };
}

function firstLineOf(head: Buffer): string | undefined {
  let at = 0;
  for (let end = head.indexOf(10); end >= 0; end = head.indexOf(10, at)) {
    const line = head.toString('utf8', at, end).trim();
    if (line !== '') return line;
    at = end + 1;
  }
  return undefined;
}

async function* rest(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
