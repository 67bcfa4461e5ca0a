const HEADER_BYTES = 5;

/** What the frames of a unary call hold, or why they hold no message. @internal */
export type Unframed =
  | { readonly kind: 'message'; readonly message: Buffer }
  | { readonly kind: 'compressed' }
  | { readonly kind: 'too large'; readonly sizeBytes: number }
  | { readonly kind: 'malformed' };

/** Collects the one message of a unary call. @internal */
export interface FrameReader {
  /** @returns a refusal as soon as it is clear */
  push(chunk: Buffer): Unframed | undefined;
  end(): Unframed;
}

/**
 * Makes a reader that keeps no more than `limitBytes` and one frame's header.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 * @internal
 */
export function createFrameReader(limitBytes: number): FrameReader {
  let received: Buffer = Buffer.alloc(0);

  const judge = (): Unframed | undefined => {
    if (received.length < HEADER_BYTES) return undefined;
    const flag = received.readUInt8(0);
    if (flag > 1) return { kind: 'malformed' };
    if (flag === 1) return { kind: 'compressed' };
    const sizeBytes = received.readUInt32BE(1);
    if (sizeBytes > limitBytes) return { kind: 'too large', sizeBytes };
    // A second message, which a unary call does not have.
    return received.length > HEADER_BYTES + sizeBytes ? { kind: 'malformed' } : undefined;
  };
  return {
    push(chunk) {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      return judge();
    },
    end() {
      const refusal = judge();
      if (refusal !== undefined) return refusal;
      const whole =
        received.length >= HEADER_BYTES &&
        received.length === HEADER_BYTES + received.readUInt32BE(1);
      return whole
        ? { kind: 'message', message: received.subarray(HEADER_BYTES) }
        : { kind: 'malformed' };
    },
  };
}

/** Puts a message into its frame. @internal */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, HEADER_BYTES);
  return frame;
}
