import type { IncomingMessage } from 'node:http';

/**
 * Reads a body of at most `limitBytes` bytes. Calls back with undefined when it is larger, as soon as
 * that is known, chunked or not. Never calls back when the client goes away.
 *
 * Callbacks instead of a promise: this runs for every request. Takes memory for the bytes, never for
 * the pieces in which they come: those may be as small as one byte.
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
  let body: Buffer = EMPTY;
  let bytes = 0;
  let over = false;
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    const at = bytes;
    bytes += chunk.length;
    if (bytes > limitBytes) {
      over = true;
      body = EMPTY;
      done(undefined);
    } else if (at === 0) {
      body = chunk;
    } else {
      if (bytes > body.length) body = withRoom(body, at, Math.min(limitBytes, 2 * bytes));
      chunk.copy(body, at);
    }
  });
  request.on('end', () => {
    if (!over) done(bytes === body.length ? body : body.subarray(0, bytes));
  });
  request.on('error', () => {
    over = true;
  });
}

function withRoom(body: Buffer, usedBytes: number, sizeBytes: number): Buffer {
  const larger = Buffer.allocUnsafe(sizeBytes);
  body.copy(larger, 0, 0, usedBytes);
  return larger;
}

const EMPTY = Buffer.alloc(0);
