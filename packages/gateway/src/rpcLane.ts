import type { IncomingHttpHeaders } from 'node:http';
import type { Clock, Entropy } from '@keyglot/core';
import type { Dialect, RpcAnswer, RpcService } from '@keyglot/dialect';
import { claimOf } from './claim/claim.js';
import { type Mount, placeOf } from './claim/place.js';

/** The head of a gRPC call, its pseudo-headers taken apart. @internal */
export interface RpcHead {
  readonly path: string;
  /** Names in lower case; `host` is the authority. */
  readonly headers: IncomingHttpHeaders;
  readonly peerAddress: string;
}

/** A call whose dialect is found; it still needs its message. @internal */
export interface RpcTarget {
  readonly messageLimitBytes: number;
  handle(message: Buffer): RpcAnswer | Promise<RpcAnswer>;
}

/** The way of a gRPC call into a dialect. @internal */
export interface RpcLane {
  /** Undefined when nobody claims the call, or a dialect does that has no gRPC. */
  find(head: RpcHead): RpcTarget | undefined;
  onDefect(error: unknown): void;
}

/** What the lane needs. @internal */
export interface RpcLaneOptions {
  readonly dialects: ReadonlyMap<Mount, Dialect>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly onDefect: (error: unknown) => void;
}

const MAIN = 'main';

/** Makes the lane: calls are claimed by the same rules as requests of REST. @internal */
export function createRpcLane({ dialects, clock, entropy, onDefect }: RpcLaneOptions): RpcLane {
  return {
    find({ path, headers, peerAddress }) {
      const place = placeOf({ method: 'POST', url: path, headers });
      const claim = claimOf(place);
      if (claim.kind !== 'dialect') return undefined;
      const service: RpcService | undefined = dialects.get(claim.name)?.rpc;
      if (service === undefined) return undefined;
      return {
        messageLimitBytes: service.messageLimitBytes,
        handle: (body) =>
          service.handle({
            head: place.head,
            body,
            requestId: entropy.uuid(),
            receivedAtMs: clock.realMs(),
            peerAddress,
            sandbox: place.sandbox ?? MAIN,
            mount: claim.named ? claim.name : '',
          }),
      };
    },
    onDefect,
  };
}
