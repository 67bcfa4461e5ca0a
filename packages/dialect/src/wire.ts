import type { IncomingHttpHeaders } from 'node:http';

/** The head of a request, without any parsing of values. @public */
export interface RequestHead {
  readonly method: string;
  /** Path as sent, still percent-encoded: what signatures cover. */
  readonly rawPath: string;
  /** Path after the sandbox and mount prefixes, always with a leading slash, still percent-encoded. */
  readonly path: string;
  /** Query as sent, without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Host name in lower case, without port. */
  readonly hostname: string;
}

/** A request with its whole body, on its way into a dialect. @public */
export interface WireRequest {
  readonly head: RequestHead;
  readonly body: Buffer;
  /** UUID in lower case, made at arrival. */
  readonly requestId: string;
  /** Real time of arrival, milliseconds since 1970. */
  readonly receivedAtMs: number;
  /** Address of the other end of the connection, for rules about source addresses. */
  readonly peerAddress?: string;
  readonly sandbox: string;
  /** Mount prefix or host that named the dialect, or empty. */
  readonly mount: string;
}

/** An answer, ready to be written. @public */
export interface WireResponse {
  readonly status: number;
  /** Names and values in turn, as `http.ServerResponse.writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** One value of a header, the first one if it was sent several times. @public */
export function header(head: RequestHead, name: string): string | undefined {
  const value = head.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
