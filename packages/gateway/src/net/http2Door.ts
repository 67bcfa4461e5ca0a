import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { FrontDoorLimits } from './limits.js';

/** Serves connections of HTTP/2 that somebody else has accepted. @internal */
export interface Http2Door {
  /** @returns ends the connection when its streams are done */
  serve(socket: Socket): () => void;
}

/** Serves one stream; must not throw. @internal */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Calls that one connection may have open; clients queue the others. */
const MOST_STREAMS = 100;
/** Frames that make no sense, before a connection counts as hostile. */
const MOST_INVALID_FRAMES = 50;

/**
 * Makes the server of HTTP/2. Broken frames end their connection, with no word to anybody else.
 *
 * @internal
 */
export function createHttp2Door(handle: StreamHandler, limits: FrontDoorLimits): Http2Door {
  // Not imported: it would cost every start 6 ms, and most processes never speak HTTP/2.
  const { createServer } = process.getBuiltinModule('node:http2');
  const server = createServer({
    maxHeaderListPairs: limits.maxHeaders,
    maxSessionInvalidFrames: MOST_INVALID_FRAMES,
    maxSessionRejectedStreams: MOST_STREAMS,
    settings: {
      enablePush: false,
      maxConcurrentStreams: MOST_STREAMS,
      maxHeaderListSize: limits.maxHeaderBytes,
    },
  });
  server.on('stream', handle);
  server.on('sessionError', ignore);
  return {
    serve(socket) {
      let session: ServerHttp2Session | undefined;
      const onSession = (made: ServerHttp2Session): void => {
        session = made;
      };
      server.once('session', onSession);
      // Makes the session at once.
      server.emit('connection', socket);
      server.off('session', onSession);
      session?.setTimeout(limits.keepAliveMs, () => session?.close());
      return () => {
        if (session === undefined || session.closed) socket.destroySoon();
        else session.close();
      };
    },
  };
}

function ignore(): void {}
