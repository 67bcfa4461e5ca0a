/** What the first bytes of a connection say that it speaks. @internal */
export type WireProtocol = 'tls' | 'http2' | 'http1';

/** First byte of every TLS record that carries a handshake (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;
/** First line of the HTTP/2 connection preface (RFC 9113, section 3.4). */
const HTTP2_PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n', 'latin1');

/**
 * Tells the protocol of a connection by its first bytes.
 *
 * @param bytes everything received so far, at least one byte
 * @returns undefined as long as more bytes are needed
 *
 * @internal
 */
export function wireProtocol(bytes: Buffer): WireProtocol | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return 'tls';
  // POST, PUT and PATCH begin like the preface and leave it at the second byte.
  const length = Math.min(bytes.length, HTTP2_PREFACE.length);
  if (bytes.compare(HTTP2_PREFACE, 0, length, 0, length) !== 0) return 'http1';
  return length === HTTP2_PREFACE.length ? 'http2' : undefined;
}
