import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What node:http hangs on a socket that it serves. Neither member is documented, but both are as old
 * as node:http itself; reading them costs the request path nothing, where bookkeeping would. Missing
 * members only make a shutdown less polite.
 */
interface ServedSocket extends Socket {
  readonly _httpMessage?: ServerResponse<IncomingMessage> | null;
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
}

/**
 * The response that a connection works on: the oldest that is not yet handed to the system.
 *
 * @internal
 */
export function responseInFlight(socket: Socket): ServerResponse<IncomingMessage> | undefined {
  return (socket as ServedSocket)._httpMessage ?? undefined;
}

/** Whether no other request was read from the connection after this response's. */
function isNewest(socket: Socket, response: ServerResponse<IncomingMessage>): boolean {
  return (socket as ServedSocket).parser?.incoming === response.req;
}

/**
 * Ends a connection as soon as it has no request in flight: at once, or when all that were read are
 * answered. Where the last answer's head is still to be written, it says `Connection: close`.
 *
 * @internal
 */
export function endWhenIdle(socket: Socket): void {
  const response = responseInFlight(socket);
  if (response === undefined) {
    socket.destroySoon();
    return;
  }
  // An earlier one of several pipelined responses must not say it: the others would be lost.
  if (!response.headersSent && isNewest(socket, response)) response.shouldKeepAlive = false;
  response.once('close', () => endWhenIdle(socket));
}
