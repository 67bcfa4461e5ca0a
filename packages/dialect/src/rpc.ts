import type { WireRequest } from './wire.js';

/** The answer to a unary gRPC call, before framing. @public */
export interface RpcAnswer {
  /** HTTP status that stands for the outcome, for journal and metrics. */
  readonly status: number;
  /** Number of the gRPC status; 0 is success. */
  readonly grpcStatus: number;
  /** Plain text; the host encodes it. */
  readonly grpcMessage: string;
  /** Serialised `google.rpc.Status`, for errors. */
  readonly details: Buffer | undefined;
  /** Names and values in turn; sent with the headers and again with the trailers. */
  readonly metadata: readonly string[];
  /** The serialised answer; not sent with an error. */
  readonly message: Buffer;
}

/**
 * The gRPC side of a dialect. In a request the path is `/<package>.<Service>/<Method>`, the headers are
 * the metadata, and the body is the serialised message without its frame.
 *
 * @public
 */
export interface RpcService {
  /** Largest message in bytes. */
  readonly messageLimitBytes: number;
  handle(request: WireRequest): RpcAnswer | Promise<RpcAnswer>;
}
