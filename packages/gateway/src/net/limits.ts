/** Bounds of what one connection may take, in bytes, counts and milliseconds. @public */
export interface FrontDoorLimits {
  /** Request line and header fields together; more is answered 431. */
  readonly maxHeaderBytes: number;
  /** Header fields of a request; more is answered 431. */
  readonly maxHeaders: number;
  /** From the accepted connection until its first bytes tell the protocol. */
  readonly firstBytesMs: number;
  /** Whole TLS handshake, however often the client sends something. */
  readonly handshakeMs: number;
  /** From the first byte of a request to the end of its head; later is answered 408. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body; later is answered 408. */
  readonly requestMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs: number;
  /** How long a refused client may go on sending before its connection is cut. */
  readonly lingerMs: number;
}

/** The bounds that hold when nothing else is said. @public */
export const FRONT_DOOR_LIMITS: FrontDoorLimits = {
  // Clients of Alibaba's current generation put everything into the URL: a text of 6,144 bytes with its
  // contexts, or a secret of 30,720, where each byte may take three characters.
  maxHeaderBytes: 128 * 1024,
  maxHeaders: 200,
  firstBytesMs: 10_000,
  handshakeMs: 10_000,
  headersMs: 15_000,
  requestMs: 60_000,
  // Longer than the idle time after which client pools give up a connection by themselves (Go 90 s,
  // Java 60 s), so that a server's close hardly ever meets a request that is just being sent.
  keepAliveMs: 100_000,
  lingerMs: 1_000,
};
