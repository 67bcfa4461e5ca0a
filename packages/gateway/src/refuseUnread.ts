import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WireResponse } from '@keyglot/dialect';
import { FRONT_DOOR_LIMITS } from './net/limits.js';

/**
 * Answers a request whose body was not read, and ends the connection. The rest of the body is read and
 * thrown away for a while first: closing while unread bytes wait resets the connection, and takes the
 * answer with it before a client that still sends has seen it.
 *
 * @internal
 */
export function refuseUnread(
  request: IncomingMessage,
  response: ServerResponse,
  answer: WireResponse,
): void {
  response.setHeader('Connection', 'close');
  for (let at = 0; at + 1 < answer.headers.length; at += 2) {
    response.setHeader(answer.headers[at] ?? '', answer.headers[at + 1] ?? '');
  }
  response.statusCode = answer.status;
  if (request.complete) {
    response.end(answer.body);
    return;
  }
  // The whole answer, but for the end of the connection.
  response.write(answer.body);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, FRONT_DOOR_LIMITS.lingerMs);
  request.once('end', end);
  request.once('close', end);
  request.resume();
}
