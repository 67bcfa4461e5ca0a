import type { CredentialForm } from './credentials.js';
import type { DialectFace } from './face.js';
import type { CoverageRow } from './operation.js';
import type { RpcService } from './rpc.js';
import type { WireRequest, WireResponse } from './wire.js';

/** A dialect as the gateway sees it: one package, one line there. @public */
export interface Dialect {
  readonly name: string;
  /** Largest request body in bytes. */
  readonly bodyLimitBytes: number;
  handle(request: WireRequest): WireResponse | Promise<WireResponse>;
  /** The dialect's answer to a body that was larger than the limit; `request` has an empty body. */
  refuseLargeBody(request: WireRequest): WireResponse;
  /** How its credentials are registered. */
  readonly credentials: CredentialForm;
  coverage(): readonly CoverageRow[];
  /** Present when the dialect is spoken over gRPC too. */
  readonly rpc?: RpcService;
  /** What it shows to the other dialects; several when it serves several realms. */
  readonly faces?: readonly DialectFace[];
}
