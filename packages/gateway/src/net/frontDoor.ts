import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { clientErrorHandler } from './clientError.js';
import { wireProtocol } from './firstBytes.js';
import { createHttp2Door, type Http2Door, type StreamHandler } from './http2Door.js';
import { endWhenIdle } from './inFlight.js';
import { FRONT_DOOR_LIMITS, type FrontDoorLimits } from './limits.js';
import { closeServer, type Listening, listenOnAll } from './listening.js';

/** Where a connection failed: accepting, making the TLS server, TLS handshake, or HTTP. @public */
export type ClientErrorStage = 'accept' | 'certificate' | 'handshake' | 'http';

/** What a front door is made of. @public */
export interface FrontDoorOptions {
  /** Serves one request; must not throw. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Serves one stream of HTTP/2; must not throw. Without it HTTP/2 is not offered, and a connection
   * that speaks it is closed.
   */
  readonly handleStream?: StreamHandler;
  /** Key and certificate in PEM. Called on the first TLS byte; the result is kept, a failure is not. */
  readonly tls: () => Promise<{ readonly key: string; readonly cert: string }>;
  /** Told of connections that failed; the answer, if any, is already on its way. */
  readonly onClientError?: (error: Error, stage: ClientErrorStage) => void;
  readonly limits?: Partial<FrontDoorLimits>;
}

/** One TCP port that serves HTTP/1.1, HTTP/2 and both of them over TLS. @public */
export interface FrontDoor {
  /**
   * Listens on the same port of all hosts; `localhost` stands for 127.0.0.1 and ::1. Port 0 takes
   * one that is free.
   *
   * @throws ListenError in one line that says what to do
   */
  listen(where: { readonly hosts: readonly string[]; readonly port: number }): Promise<Listening>;
  /**
   * Stops accepting, closes idle connections and lets requests in flight finish, for `graceMs`
   * milliseconds at most. Fulfilled when every connection is closed. Further calls wait for the first.
   */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Makes the front door: the first bytes of a connection decide who serves it. All work of its own is
 * per connection, none per request.
 *
 * @example
 * const door = createFrontDoor({ handle, tls: certificates });
 * const { port } = await door.listen({ hosts: ['localhost'], port: 0 });
 *
 * @public
 */
export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const limits: FrontDoorLimits = { ...FRONT_DOOR_LIMITS, ...options.limits };
  const report = options.onClientError ?? ignore;
  const { handleStream } = options;
  const server = httpServer(options.handle, limits);
  const [serveHttp] = server.listeners('connection');
  if (serveHttp === undefined) throw new Error('http.Server has no listener for connections');
  // node:http enforces its timeouts only for connections of a server that listens, so this one
  // listens itself, and only its way from connection to parser is taken over.
  server.removeAllListeners('connection');
  server.on('connection', accept);
  server.on('error', (error) => report(error, 'accept'));
  const onHttpError = clientErrorHandler(limits.lingerMs);
  server.on('clientError', (error, socket) => {
    report(error, 'http');
    onHttpError(error, socket as Socket); // every connection comes through `accept` as a Socket
  });

  /** Connections that HTTP does not have yet, with the timer that ends them. */
  const opening = new Map<Socket, NodeJS.Timeout>();
  /** Those of them that are in a TLS handshake, by {@link peerOf}: tls.Server never names them. */
  const handshaking = new Map<string, Socket>();
  /** Connections that are served; those of HTTP/2 with what ends them politely. */
  const serving = new Map<Socket, (() => void) | undefined>();
  let http2: Http2Door | undefined;
  let listening: readonly Server[] = [];
  let secure: Promise<TlsServer> | undefined;
  let closed: Promise<void> | undefined;

  function accept(socket: Socket): void {
    socket.on('error', ignore);
    if (closed !== undefined) {
      socket.destroy();
      return;
    }
    expire(socket, limits.firstBytesMs);
    socket.once('close', () => opened(socket));
    let received: Buffer | undefined;
    const onEnd = (): void => {
      socket.destroy();
    };
    const onData = (chunk: Buffer): void => {
      received = received === undefined ? chunk : Buffer.concat([received, chunk]);
      const protocol = wireProtocol(received);
      if (protocol === undefined) return;
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.pause();
      socket.unshift(received);
      if (protocol === 'tls') void shakeHands(socket);
      else serve(socket, socket, protocol === 'http2');
    };
    socket.on('data', onData);
    socket.on('end', onEnd);
  }

  function expire(socket: Socket, ms: number): void {
    clearTimeout(opening.get(socket));
    opening.set(
      socket,
      setTimeout(() => socket.destroy(), ms),
    );
  }

  function opened(socket: Socket): void {
    clearTimeout(opening.get(socket));
    opening.delete(socket);
  }

  async function shakeHands(socket: Socket): Promise<void> {
    let tlsServer: TlsServer;
    try {
      secure ??= options.tls().then((identity) => secureServer(identity));
      tlsServer = await secure;
    } catch (error) {
      secure = undefined;
      report(error instanceof Error ? error : new Error(String(error)), 'certificate');
      socket.destroy();
      return;
    }
    if (socket.destroyed) return;
    expire(socket, limits.handshakeMs);
    const peer = peerOf(socket);
    if (peer === undefined) {
      socket.destroy();
      return;
    }
    handshaking.set(peer, socket);
    socket.once('close', () => {
      if (handshaking.get(peer) === socket) handshaking.delete(peer);
    });
    tlsServer.emit('connection', socket);
  }

  function secureServer(identity: { readonly key: string; readonly cert: string }): TlsServer {
    const tlsServer = createTlsServer({
      key: identity.key,
      cert: identity.cert,
      minVersion: 'TLSv1.2',
      // Clients of both, like curl, are served by HTTP/1.1; those of gRPC offer nothing but h2.
      ALPNCallback: ({ protocols }) =>
        protocols.includes('http/1.1')
          ? 'http/1.1'
          : handleStream !== undefined && protocols.includes('h2')
            ? 'h2'
            : undefined,
    });
    tlsServer.on('secureConnection', (socket) => {
      const peer = peerOf(socket);
      const raw = peer === undefined ? undefined : handshaking.get(peer);
      if (raw === undefined) socket.destroy();
      else serve(socket, raw, socket.alpnProtocol === 'h2');
    });
    tlsServer.on('tlsClientError', (error, socket: TLSSocket) => {
      report(error, 'handshake');
      socket.destroy();
    });
    return tlsServer;
  }

  /** Hands a connection to HTTP: `raw` itself, or the decrypted side of it. */
  function serve(socket: Socket, raw: Socket, speaksHttp2: boolean): void {
    opened(raw);
    socket.on('error', ignore);
    socket.once('close', () => serving.delete(socket));
    if (speaksHttp2 && handleStream !== undefined) {
      http2 ??= createHttp2Door(handleStream, limits);
      serving.set(socket, http2.serve(socket));
      return;
    }
    serving.set(socket, undefined);
    serveHttp?.call(server, socket); // node:http closes what begins like HTTP/2
    socket.resume();
  }

  function serverFor(index: number): Server {
    if (index === 0) return server;
    const other = createNetServer({ allowHalfOpen: true, noDelay: true }, accept);
    other.on('error', (error) => report(error, 'accept'));
    return other;
  }

  function dropAll(): void {
    for (const socket of opening.keys()) socket.destroy();
    for (const socket of serving.keys()) socket.destroy();
  }

  async function shut(graceMs: number): Promise<void> {
    const done = Promise.all(listening.map(closeServer));
    for (const socket of opening.keys()) socket.destroy();
    for (const [socket, end] of serving) {
      if (end === undefined) endWhenIdle(socket);
      else end();
    }
    const timer = setTimeout(dropAll, graceMs);
    await done;
    clearTimeout(timer);
    // Only now the server's own close, which also stops its timers.
    server.close(ignore);
  }

  return {
    async listen({ hosts, port }) {
      if (closed !== undefined) throw new Error('the front door is closed');
      try {
        const bound = await listenOnAll(hosts, port, { next: serverFor, dropAll });
        listening = bound.servers;
        return { port: bound.port, addresses: bound.addresses };
      } catch (error) {
        server.close(ignore);
        throw error;
      }
    },
    close({ graceMs }) {
      closed ??= shut(graceMs);
      return closed;
    },
  };
}

function httpServer(
  handle: FrontDoorOptions['handle'],
  limits: FrontDoorLimits,
): ReturnType<typeof createHttpServer> {
  const shortest = Math.min(limits.headersMs, limits.requestMs);
  const server = createHttpServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: shortest,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    // How late a timeout may be noticed.
    connectionsCheckingInterval: Math.min(5_000, Math.max(10, Math.floor(shortest / 4))),
  });
  // node:http drops the fields above its maximum in silence, a signature or a credential perhaps; with
  // room for one more, too many are seen and refused.
  server.maxHeadersCount = limits.maxHeaders + 1;
  const maxRawHeaders = limits.maxHeaders * 2;
  server.on('request', (request, response) => {
    if (request.rawHeaders.length <= maxRawHeaders) handle(request, response);
    else response.writeHead(431, { Connection: 'close', 'Content-Length': 0 }).end();
  });
  return server;
}

/** Names a connection uniquely among those that are open; undefined when it no longer is. */
function peerOf(socket: Socket): string | undefined {
  if (socket.remotePort === undefined) return undefined;
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}

/** For errors of sockets, whose `close` tells enough, and of a server that was closed before. */
function ignore(): void {}
