import type { IncomingHttpHeaders } from 'node:http';
import type {
  IncomingHttpHeaders as Http2Headers,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
} from 'node:http2';
import type { RpcAnswer } from '@keyglot/dialect';
import { isCrossSite } from '../crossSite.js';
import type { RpcLane, RpcTarget } from '../rpcLane.js';
import { createFrameReader, framed, type Unframed } from './grpcFrames.js';
import { encodeGrpcMessage, GRPC_STATUS, readGrpcTimeout } from './grpcText.js';

/** Codes of RFC 9113, section 7. */
const NO_ERROR = 0x0;
const CANCEL = 0x8;

const CONTENT_TYPE = 'application/grpc';
const GRPC = /^application\/grpc(?:\+proto)?(?:;|$)/i;
/** The longest delay that a timer takes; a later deadline is none. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Serves one stream of HTTP/2 as a unary gRPC call. What is no gRPC is refused by an HTTP status.
 *
 * @param requestMs longest time from the first header to the end of the message
 * @internal
 */
export function serveGrpcStream(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  lane: RpcLane,
  requestMs: number,
): void {
  stream.on('error', ignore);
  const httpStatus = refusedStatus(headers);
  if (httpStatus !== undefined) {
    stream.respond({ ':status': httpStatus }, { endStream: true });
    stop(stream);
    return;
  }
  const encoding = headers['grpc-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    refuse(stream, GRPC_STATUS.unimplemented, 'Compression is not supported', IDENTITY_ONLY);
    return;
  }
  const timeout = headers['grpc-timeout'];
  const timeoutMs = timeout === undefined ? undefined : readGrpcTimeout(String(timeout));
  if (timeout !== undefined && timeoutMs === undefined) {
    refuse(stream, GRPC_STATUS.invalidArgument, 'Invalid grpc-timeout');
    return;
  }
  const path = headers[':path'] ?? '';
  const target = lane.find({ path, headers: plainHeaders(headers), peerAddress: peerOf(stream) });
  if (target === undefined) {
    refuse(stream, GRPC_STATUS.unimplemented, 'Method not found');
    return;
  }
  const deadline = deadlineTimer(stream, timeoutMs);
  readMessage(stream, target, requestMs, (message) => {
    answer(stream, target, message, lane, () => clearTimeout(deadline));
  });
}

const IDENTITY_ONLY: OutgoingHttpHeaders = { 'grpc-accept-encoding': 'identity' };

function refusedStatus(headers: Http2Headers): number | undefined {
  if (headers[':method'] !== 'POST') return 405;
  if (!GRPC.test(String(headers['content-type'] ?? ''))) return 415;
  return isCrossSite(headers) ? 403 : undefined;
}

function deadlineTimer(
  stream: ServerHttp2Stream,
  timeoutMs: number | undefined,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS) return undefined;
  const timer = setTimeout(() => {
    refuse(stream, GRPC_STATUS.deadlineExceeded, 'Deadline exceeded');
  }, timeoutMs);
  stream.once('close', () => clearTimeout(timer));
  return timer;
}

function readMessage(
  stream: ServerHttp2Stream,
  { messageLimitBytes }: RpcTarget,
  requestMs: number,
  done: (message: Buffer) => void,
): void {
  const reader = createFrameReader(messageLimitBytes);
  const timer = setTimeout(() => stop(stream, CANCEL), requestMs);
  stream.once('close', () => clearTimeout(timer));
  const refuseFrames = (found: Unframed): void => {
    clearTimeout(timer);
    stream.removeAllListeners('data');
    stream.removeAllListeners('end');
    if (found.kind === 'compressed') {
      refuse(stream, GRPC_STATUS.unimplemented, 'Compression is not supported', IDENTITY_ONLY);
    } else if (found.kind === 'too large') {
      const text = `Received message larger than max (${found.sizeBytes} vs. ${messageLimitBytes})`;
      refuse(stream, GRPC_STATUS.resourceExhausted, text);
    } else {
      refuse(stream, GRPC_STATUS.invalidArgument, 'Request is not one gRPC message');
    }
  };
  stream.on('data', (chunk: Buffer) => {
    const refusal = reader.push(chunk);
    if (refusal !== undefined) refuseFrames(refusal);
  });
  const finish = (): void => {
    clearTimeout(timer);
    // A stream that was reset ends too.
    if (stream.aborted || stream.headersSent) return;
    const found = reader.end();
    if (found.kind === 'message') done(found.message);
    else refuseFrames(found);
  };
  // A call without a body may have ended while its dialect was loaded.
  if (stream.readableEnded) finish();
  else stream.on('end', finish);
}

function answer(
  stream: ServerHttp2Stream,
  target: RpcTarget,
  message: Buffer,
  lane: RpcLane,
  finished: () => void,
): void {
  const send = (answered: RpcAnswer): void => {
    finished();
    if (!isOpen(stream)) return;
    if (answered.grpcStatus === 0) sendMessage(stream, answered);
    else sendError(stream, answered);
  };
  const fail = (error: unknown): void => {
    finished();
    lane.onDefect(error);
    refuse(stream, GRPC_STATUS.internal, 'Internal error');
  };
  try {
    const answered = target.handle(message);
    if (answered instanceof Promise) answered.then(send).catch(fail);
    else send(answered);
  } catch (error) {
    fail(error);
  }
}

function sendMessage(stream: ServerHttp2Stream, { message, metadata }: RpcAnswer): void {
  const shared = pairs(metadata);
  stream.respond(
    { ':status': 200, 'content-type': CONTENT_TYPE, ...shared },
    { waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', ...shared }));
  stream.end(framed(message));
}

function sendError(stream: ServerHttp2Stream, answered: RpcAnswer): void {
  const { grpcStatus, grpcMessage, details, metadata } = answered;
  const more = details === undefined ? {} : { 'grpc-status-details-bin': unpadded(details) };
  refuse(stream, grpcStatus, grpcMessage, { ...more, ...pairs(metadata) });
}

/** An answer without a message is one block of headers, so that clients see the status as such. */
function refuse(
  stream: ServerHttp2Stream,
  grpcStatus: number,
  text: string,
  more: OutgoingHttpHeaders = {},
): void {
  if (!isOpen(stream)) return;
  const status = { 'grpc-status': String(grpcStatus), 'grpc-message': encodeGrpcMessage(text) };
  stream.respond(
    { ':status': 200, 'content-type': CONTENT_TYPE, ...status, ...more },
    { endStream: true },
  );
  stop(stream);
}

/** Tells a client that still sends that nobody reads any more. */
function stop(stream: ServerHttp2Stream, code: number = NO_ERROR): void {
  if (stream.readableEnded) return;
  stream.resume();
  stream.close(code);
}

function isOpen(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && !stream.closed && !stream.headersSent;
}

function plainHeaders(headers: Http2Headers): IncomingHttpHeaders {
  const plain: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(':')) plain[name] = value;
  }
  const authority = headers[':authority'] ?? headers.host;
  if (authority !== undefined) plain.host = authority;
  return plain;
}

function pairs(list: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (let at = 0; at + 1 < list.length; at += 2) out[list[at] ?? ''] = list[at + 1] ?? '';
  return out;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function peerOf(stream: ServerHttp2Stream): string {
  return stream.session?.socket.remoteAddress ?? '';
}

function ignore(): void {}
