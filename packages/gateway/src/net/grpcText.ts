type HostStatus =
  | 'invalidArgument'
  | 'deadlineExceeded'
  | 'resourceExhausted'
  | 'unimplemented'
  | 'internal';

/** Numbers of the statuses that the host itself gives. @internal */
export const GRPC_STATUS: { readonly [Name in HostStatus]: number } = Object.freeze({
  invalidArgument: 3,
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
});

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;

/**
 * Encodes the text of a status for its header: UTF-8, with `%` and everything that is not printable
 * ASCII percent-encoded.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 * @internal
 */
export function encodeGrpcMessage(text: string): string {
  if (PLAIN.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
]);

/**
 * Reads a `grpc-timeout`.
 *
 * @returns milliseconds, or undefined when it is not one
 * @internal
 */
export function readGrpcTimeout(text: string): number | undefined {
  const found = /^(\d{1,8})([HMSmun])$/.exec(text);
  const unit = found === null ? undefined : UNITS_MS.get(found[2] ?? '');
  return unit === undefined ? undefined : Number(found?.[1]) * unit;
}
