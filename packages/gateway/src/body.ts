import type { IncomingMessage } from 'node:http';

/**
 * Reads a body of at most `limitBytes` bytes. Calls back with undefined when it is larger, as soon as
 * that is known, chunked or not. Never calls back when the client goes away.
 *
 * Callbacks instead of a promise: this runs for every request.
 *
 * @internal
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  done: (body: Buffer | undefined) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
    done(undefined);
    return;
  }
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let bytes = 0;
  let over = false;
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    bytes += chunk.length;
    if (bytes > limitBytes) {
      over = true;
      done(undefined);
    } else if (first === undefined) {
      first = chunk;
    } else {
      more ??= [first];
      more.push(chunk);
    }
  });
  request.on('end', () => {
    if (!over) done(more === undefined ? (first ?? EMPTY) : Buffer.concat(more));
  });
  request.on('error', () => {
    over = true;
  });
}

const EMPTY = Buffer.alloc(0);
