import { type Context, type Envelope, type EnvelopeLayout, fault } from '@keyglot/core';

/**
 * The layout of AWS KMS ciphertexts, decoded from public examples of `CiphertextBlob`:
 *
 * `01 02 02 00 78`, 32 bytes that name the key material, `01`, 16 bytes of salt, the length of the
 * rest in 4 bytes, then a DER PKCS#7 EncryptedData with AES-256-GCM (nonce of 12 bytes, tag of 16).
 * The encrypted content is 27 bytes longer than the plaintext: 11 unknown bytes and the tag. A data
 * key of 32 bytes gives 184 bytes.
 */
const PREFIX = Buffer.from('0102020078', 'hex');
const ID_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_AT = PREFIX.length;
const SALT_AT = ID_AT + ID_BYTES + 1;
const LENGTH_AT = SALT_AT + SALT_BYTES;
const DER_AT = LENGTH_AT + 4;

/** What stands in the place of the 11 unknown bytes; checked on opening. */
const INNER_PREFIX = Buffer.alloc(11, 0);

const DATA = Buffer.from('06092a864886f70d010701', 'hex');
const ENCRYPTED_DATA = Buffer.from('06092a864886f70d010706', 'hex');
const VERSION_0 = Buffer.from('020100', 'hex');
const AES_256_GCM = Buffer.from('060960864801650304012e', 'hex');
const TAG_LENGTH = Buffer.from('020110', 'hex');

interface Template {
  /** The whole header; id, salt and nonce are zero. */
  readonly header: Buffer;
  readonly nonceAt: number;
}

/** One template for each content length; there are at most as many as plaintext lengths. */
const templates = new Map<number, Template>();
const contentLengths = new Map<number, number>();

/**
 * Makes the layout for one profile.
 *
 * @param dialect name under which the vault derives the envelope key
 * @internal
 */
export function createAwsLayout(dialect: string): EnvelopeLayout {
  return {
    dialect,
    saltBytes: SALT_BYTES,
    contextKind: 'pairs',
    innerPrefix: INNER_PREFIX,
    blank(versionWireId, salt, nonce, contentBytes) {
      const { header, nonceAt } = template(contentBytes);
      const blob = Buffer.allocUnsafe(header.length + contentBytes);
      header.copy(blob);
      blob.write(versionWireId, ID_AT, ID_BYTES, 'hex');
      salt.copy(blob, SALT_AT);
      nonce.copy(blob, nonceAt);
      return { blob, bodyAt: header.length };
    },
    parse,
    canonicalContext,
  };
}

function parse(blob: Buffer): Envelope | undefined {
  if (blob.length < DER_AT + INNER_PREFIX.length + TAG_BYTES) return undefined;
  const contentBytes = contentOf(blob.length);
  if (contentBytes === undefined) return undefined;
  const { header, nonceAt } = template(contentBytes);
  const after = nonceAt + NONCE_BYTES;
  const same =
    header.compare(blob, 0, ID_AT, 0, ID_AT) === 0 &&
    blob[SALT_AT - 1] === header[SALT_AT - 1] &&
    header.compare(blob, LENGTH_AT, nonceAt, LENGTH_AT, nonceAt) === 0 &&
    header.compare(blob, after, header.length, after, header.length) === 0;
  if (!same) return undefined;
  return {
    versionWireId: blob.toString('hex', ID_AT, ID_AT + ID_BYTES),
    salt: blob.subarray(SALT_AT, SALT_AT + SALT_BYTES),
    nonce: blob.subarray(nonceAt, after),
    header: blob.subarray(0, header.length),
    body: blob.subarray(header.length),
  };
}

/** Length of the content in a blob of this length; the header's length moves with it in steps. */
function contentOf(blobBytes: number): number | undefined {
  const known = contentLengths.get(blobBytes);
  if (known !== undefined) return known;
  for (let headerBytes = 120; headerBytes < 145; headerBytes += 1) {
    const contentBytes = blobBytes - headerBytes;
    if (contentBytes < INNER_PREFIX.length + TAG_BYTES) return undefined;
    if (template(contentBytes).header.length === headerBytes) {
      contentLengths.set(blobBytes, contentBytes);
      return contentBytes;
    }
  }
  return undefined;
}

/**
 * The encryption context as bytes: pairs sorted by name, each text behind its length in 4 bytes, so
 * that no two contexts share a form. An empty context equals an absent one.
 *
 * @throws KmsFault InputInvalid for a context of bytes
 */
function canonicalContext(context: Context): Buffer {
  // Only a re-encryption from another dialect can ask for this; to leave the bytes out would unbind it.
  if (context.kind === 'bytes') {
    throw fault('InputInvalid', { reason: 'an encryption context is pairs of name and value' });
  }
  if (context.kind === 'none' || context.pairs.length === 0) return NOTHING;
  const sorted = [...context.pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const parts: Buffer[] = [];
  for (const [name, value] of sorted) parts.push(framed(name), framed(value));
  return Buffer.concat(parts);
}

const NOTHING = Buffer.alloc(0);

/** JSON can carry half of a surrogate pair, which UTF-8 cannot: such a text is framed as UTF-16, marked. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const UTF16_MARK = 0x80000000;

function framed(text: string): Buffer {
  const lone = LONE_SURROGATE.test(text);
  const encoding = lone ? 'utf16le' : 'utf8';
  const size = Buffer.byteLength(text, encoding);
  const out = Buffer.allocUnsafe(4 + size);
  out.writeUInt32BE(lone ? size + UTF16_MARK : size);
  out.write(text, 4, encoding);
  return out;
}

function template(contentBytes: number): Template {
  let made = templates.get(contentBytes);
  if (made === undefined) {
    made = makeTemplate(contentBytes);
    templates.set(contentBytes, made);
  }
  return made;
}

function makeTemplate(contentBytes: number): Template {
  const nonce = Buffer.alloc(NONCE_BYTES);
  const algorithm = der(0x30, AES_256_GCM, der(0x30, der(0x04, nonce), TAG_LENGTH));
  const content = head(0x80, contentBytes);
  const info = [DATA, algorithm, content];
  const infoBytes = total(info) + contentBytes;
  const inner = [VERSION_0, head(0x30, infoBytes), ...info];
  const innerBytes = total(inner) + contentBytes;
  const wrapped = [head(0x30, innerBytes), ...inner];
  const wrappedBytes = total(wrapped) + contentBytes;
  const outer = [ENCRYPTED_DATA, head(0xa0, wrappedBytes), ...wrapped];
  const outerBytes = total(outer) + contentBytes;
  const body = Buffer.concat([head(0x30, outerBytes), ...outer]);

  const clear = Buffer.alloc(DER_AT);
  PREFIX.copy(clear);
  clear[SALT_AT - 1] = 1;
  clear.writeUInt32BE(body.length + contentBytes, LENGTH_AT);
  const header = Buffer.concat([clear, body]);
  const nonceAt = header.length - content.length - TAG_LENGTH.length - NONCE_BYTES;
  return { header, nonceAt };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([head(tag, total(parts)), ...parts]);
}

function head(tag: number, size: number): Buffer {
  if (size < 0x80) return Buffer.from([tag, size]);
  if (size < 0x100) return Buffer.from([tag, 0x81, size]);
  return Buffer.from([tag, 0x82, size >> 8, size & 0xff]);
}

function total(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
