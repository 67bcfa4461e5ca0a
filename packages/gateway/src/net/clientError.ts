import type { Socket } from 'node:net';
import { responseInFlight } from './inFlight.js';

/** Statuses by the codes of node:http's parser and timer; anything else is a bad request. */
const STATUS_LINES: ReadonlyMap<string, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
]);

/**
 * Makes the handler of `clientError`: answers what cannot be read as HTTP with an empty 400, 408, 413
 * or 431 and ends the connection; where nothing can be written any more, or half an answer already
 * was, it only closes. Answers to requests that came before keep their place.
 *
 * @param lingerMs how long a refused client may go on sending: closing while unread bytes wait would
 *   reset the connection and could take the answer with it
 *
 * @internal
 */
export function clientErrorHandler(lingerMs: number): (error: Error, socket: Socket) => void {
  // The parser reports again for whatever still arrives.
  const refused = new WeakSet<Socket>();

  function answer(status: string, socket: Socket): void {
    const response = responseInFlight(socket);
    if (!socket.writable || (response?.req.complete === false && response.headersSent)) {
      socket.destroy();
    } else if (response?.req.complete === true) {
      response.once('close', () => answer(status, socket));
    } else {
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, 'latin1');
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => clearTimeout(timer));
    }
  }

  return (error, socket) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (code === 'ECONNRESET' || code === 'EPIPE') {
      socket.destroy();
      return;
    }
    if (refused.has(socket)) return;
    refused.add(socket);
    answer(STATUS_LINES.get(code) ?? '400 Bad Request', socket);
  };
}
