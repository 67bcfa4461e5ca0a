import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { type Credential, header, type RequestHead } from '@keyglot/dialect';

/** Name of the one algorithm of the KMS model. @internal */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** A signature: nothing but its 64 lower-case digits, so that every other text is refused. @internal */
export const HEX_SIGNATURE: RegExp = /^[0-9a-f]{64}$/;

/** A moment as signatures write it. @internal */
export const STAMP: RegExp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** What a request says of its signature. @internal */
export interface SignatureParts {
  readonly accessKeyId: string;
  /** `yyyymmdd` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  /** See {@link HEX_SIGNATURE} when well-formed. */
  readonly signature: string;
  /** `yyyymmddThhmmssZ`, or empty. */
  readonly timestamp: string;
  readonly sessionToken: string;
  /** Seconds that a signature in the query stays valid; undefined for one in the header. */
  readonly expiresSeconds: number | undefined;
  /** Query as it was signed: without the signature itself, sorted. */
  readonly canonicalQuery: string;
}

/**
 * A signing key in the two forms in which HMAC hashes it (RFC 2104), each with room for what is hashed
 * behind it. Two digests over them take half the time of `createHmac`.
 */
interface SigningKey {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Algorithm, time, scope and digest take about 150. */
const TEXT_BYTES = 512;

/** Signing keys by credential reading and scope: gone together with the reading. */
const signingKeys = new WeakMap<object, Map<string, SigningKey>>();

/**
 * Computes the signature of a request and compares it in constant time.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @internal
 */
export function signatureMatches(
  head: RequestHead,
  body: Buffer,
  parts: SignatureParts,
  credential: Credential,
): boolean {
  if (!HEX_SIGNATURE.test(parts.signature)) return false;
  const bodyHash = hash('sha256', body, 'hex');
  // UNSIGNED-PAYLOAD too: KMS has no streams, for which that was made.
  const stated = head.headers['x-amz-content-sha256'];
  if (stated !== undefined && stated !== bodyHash) return false;
  let canonical = `${head.method}\n${canonicalPath(head.rawPath)}\n${parts.canonicalQuery}\n`;
  for (const name of parts.signedHeaders) {
    canonical += `${name}:${canonicalValue(header(head, name))}\n`;
  }
  canonical += `\n${parts.signedHeaders.join(';')}\n${bodyHash}`;
  const scope = `${parts.date}/${parts.region}/${parts.service}/${parts.terminator}`;
  const text = `${ALGORITHM}\n${parts.timestamp}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
  const expected = hmac(signingKey(credential, parts, scope), text);
  return timingSafeEqual(Buffer.from(parts.signature, 'hex'), expected);
}

function hmac({ inner, outer }: SigningKey, text: string): Buffer {
  const sizeBytes = BLOCK_BYTES + Buffer.byteLength(text);
  const message = sizeBytes <= inner.length ? inner : Buffer.alloc(sizeBytes);
  if (message !== inner) inner.copy(message, 0, 0, BLOCK_BYTES);
  message.write(text, BLOCK_BYTES);
  hash('sha256', message.subarray(0, sizeBytes), 'buffer').copy(outer, BLOCK_BYTES);
  return hash('sha256', outer, 'buffer');
}

function signingKey(credential: Credential, parts: SignatureParts, scope: string): SigningKey {
  let keys = signingKeys.get(credential.resource);
  if (keys === undefined || keys.size > 64) {
    keys = new Map();
    signingKeys.set(credential.resource, keys);
  }
  let key = keys.get(scope);
  if (key === undefined) {
    let bytes: Buffer = Buffer.from(`AWS4${credential.get('secretAccessKey')}`);
    for (const part of [parts.date, parts.region, parts.service, parts.terminator]) {
      bytes = createHmac('sha256', bytes).update(part).digest();
    }
    const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES, 0x36);
    const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
    for (const [at, byte] of bytes.entries()) {
      inner[at] = byte ^ 0x36;
      outer[at] = byte ^ 0x5c;
    }
    bytes.fill(0);
    key = { inner, outer };
    keys.set(scope, key);
  }
  return key;
}

const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;

/** Services other than S3 sign the path normalised (RFC 3986) and encoded once more. */
function canonicalPath(path: string): string {
  const normal = path.includes('//') || path.includes('/.') ? normalised(path) : path;
  if (PLAIN_PATH.test(normal)) return normal;
  return normal.replace(/[^A-Za-z0-9\-._~/]/g, percent);
}

function normalised(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

/** RFC 3986 encoding of one character, upper-case digits. @internal */
export function percent(character: string): string {
  let out = '';
  for (const byte of Buffer.from(character)) {
    out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function canonicalValue(value: string | undefined): string {
  if (value === undefined) return '';
  // No other white space can be in a header.
  const runs = value.includes('  ') || value.includes('\t');
  return runs ? value.trim().replace(/[ \t]+/g, ' ') : value.trim();
}
