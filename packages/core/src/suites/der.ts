/** One element of a DER encoding: its tag and where its content lies. @internal */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** Offset behind the element. */
  readonly end: number;
}

/** ASN.1 tags that key material and SM2 use. @internal */
export const DER_TAGS = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  sequence: 0x30,
} as const;

/**
 * Reads the element at an offset; undefined when it is not strict DER: lengths are the shortest ones
 * and of at most two bytes.
 *
 * @internal
 */
export function readDer(bytes: Buffer, at: number): DerElement | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (more > 2 || first === 0x80 || at + 2 + more > bytes.length) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const shortest = length < 0x80 ? 0 : length < 0x100 ? 1 : 2;
  const start = at + 2 + more;
  const end = start + length;
  if (more !== shortest || end > bytes.length) return undefined;
  return { tag, content: bytes.subarray(start, end), end };
}

/**
 * The elements of a sequence that fills `bytes` and has exactly these tags; undefined otherwise.
 *
 * @internal
 */
export function readDerSequence(
  bytes: Buffer,
  tags: readonly number[],
): readonly Buffer[] | undefined {
  const outer = readDer(bytes, 0);
  if (outer?.tag !== DER_TAGS.sequence || outer.end !== bytes.length) return undefined;
  const parts: Buffer[] = [];
  let at = 0;
  for (const tag of tags) {
    const element = readDer(outer.content, at);
    if (element?.tag !== tag) return undefined;
    parts.push(element.content);
    at = element.end;
  }
  return at === outer.content.length ? parts : undefined;
}

/**
 * A non-negative INTEGER as big-endian bytes of a fixed length; undefined when it is negative, too
 * long or not the shortest form.
 *
 * @internal
 */
export function derUnsigned(content: Buffer, sizeBytes: number): Buffer | undefined {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) return undefined;
  if (first === 0 && second !== undefined && second < 0x80) return undefined;
  const digits = first === 0 ? content.subarray(1) : content;
  if (digits.length > sizeBytes) return undefined;
  return Buffer.concat([Buffer.alloc(sizeBytes - digits.length), digits]);
}

/** Writes an element. @internal */
export function writeDer(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

/** Writes a non-negative INTEGER. @internal */
export function writeDerUnsigned(value: Buffer): Buffer {
  let at = 0;
  while (at < value.length - 1 && value[at] === 0) at += 1;
  const digits = value.subarray(at);
  const sign = (digits[0] ?? 0) >= 0x80 || digits.length === 0 ? Buffer.from([0]) : Buffer.alloc(0);
  return writeDer(DER_TAGS.integer, sign, digits);
}
