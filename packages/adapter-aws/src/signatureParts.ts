import { header, type RequestHead } from '@keyglot/dialect';
import { awsFault } from './faults.js';
import { ALGORITHM, HEX_SIGNATURE, percent, type SignatureParts, STAMP } from './sigv4.js';

type Parsed = Omit<SignatureParts, 'timestamp' | 'sessionToken' | 'canonicalQuery'>;

const MAX_KEPT = 1_000;
const SCHEMES = 'AWS4-';
const SIGNATURE = 'Signature=';

/**
 * Reads the signature of a request from its header or its query. Keeps what it parsed of the header,
 * up to the signature itself, because clients repeat it for a whole day. A header of another scheme is
 * the same as none; recorded on DynamoDB.
 *
 * @see https://github.com/architect/dynalite
 * @throws KmsFault IncompleteSignature, SignatureRefused
 * @internal
 */
export function createSignatureReader(): (head: RequestHead) => SignatureParts | undefined {
  const kept = new Map<string, Parsed>();

  return (head) => {
    const authorization = header(head, 'authorization');
    const inQuery = head.query !== '' && head.query.includes('X-Amz-Algorithm=');
    if (authorization === undefined || !authorization.startsWith(SCHEMES)) {
      return inQuery ? fromQuery(head) : undefined;
    }
    if (inQuery) {
      throw awsFault('SignatureRefusedInferred', {
        message:
          "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
      });
    }
    const timestamp = header(head, 'x-amz-date') ?? dateHeader(head) ?? '';
    const at = authorization.lastIndexOf(SIGNATURE) + SIGNATURE.length;
    const last = authorization.slice(at);
    // Only what comes before a signature at the very end is the same in the client's next request.
    const repeats = timestamp !== '' && HEX_SIGNATURE.test(last);
    const parsed = repeats
      ? keptHeader(authorization, authorization.slice(0, at))
      : parseHeader(authorization, timestamp !== '');
    // Member by member: spreading an object costs as much here as a digest.
    return {
      accessKeyId: parsed.accessKeyId,
      date: parsed.date,
      region: parsed.region,
      service: parsed.service,
      terminator: parsed.terminator,
      signedHeaders: parsed.signedHeaders,
      signature: repeats ? last : parsed.signature,
      timestamp,
      sessionToken: header(head, 'x-amz-security-token') ?? '',
      expiresSeconds: parsed.expiresSeconds,
      canonicalQuery: head.query === '' ? '' : canonicalQuery(head.query, ''),
    };
  };

  function keptHeader(authorization: string, repeated: string): Parsed {
    let parsed = kept.get(repeated);
    if (parsed === undefined) {
      parsed = parseHeader(authorization, true);
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(repeated, parsed);
    }
    return parsed;
  }
}

/** Texts as other services of the same stack send them. @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
function parseHeader(authorization: string, dated: boolean): Parsed {
  const [scheme, ...rest] = authorization.split(' ');
  const fields = new Map<string, string>();
  for (const part of rest.join(' ').split(/[\s,]+/)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) {
      throw awsFault('IncompleteSignature', {
        message: `'${part}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
      });
    }
    fields.set(part.slice(0, equals), part.slice(equals + 1));
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !fields.get(name));
  if (missing.length > 0 || !dated) {
    const texts = missing.map((name) => `Authorization header requires '${name}' parameter. `);
    if (!dated) {
      texts.push(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
      );
    }
    throw awsFault('IncompleteSignature', {
      message: `${texts.join('')}Authorization=${authorization}`,
    });
  }
  requireAlgorithm(scheme ?? '');
  return {
    ...parseCredential(fields.get('Credential') ?? ''),
    signedHeaders: (fields.get('SignedHeaders') ?? '').toLowerCase().split(';'),
    signature: fields.get('Signature') ?? '',
    expiresSeconds: undefined,
  };
}

function requireAlgorithm(name: string): void {
  if (name === ALGORITHM) return;
  throw awsFault('IncompleteSignature', {
    message: `Unsupported AWS 'algorithm': '${name}' (only ${ALGORITHM} for now). `,
  });
}

function parseCredential(
  credential: string,
): Pick<Parsed, 'accessKeyId' | 'date' | 'region' | 'service' | 'terminator'> {
  const [accessKeyId = '', date = '', region = '', service = '', terminator, ...more] = credential
    .replace(/\/+$/, '')
    .split('/');
  if (terminator === undefined || more.length > 0) {
    throw awsFault('IncompleteSignature', {
      message: `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    });
  }
  return { accessKeyId, date, region, service, terminator };
}

function fromQuery(head: RequestHead): SignatureParts {
  const query = new URLSearchParams(head.query);
  const get = (name: string): string => query.get(name) ?? '';
  const names = ['X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'];
  const missing = names.filter((name) => get(name) === '');
  if (missing.length > 0) {
    throw awsFault('IncompleteSignature', {
      message: missing
        .map((name) => `AWS query-string parameters must include '${name}'. `)
        .join('')
        .concat('Re-examine the query-string parameters.'),
    });
  }
  requireAlgorithm(get('X-Amz-Algorithm'));
  const expires = Number(get('X-Amz-Expires') || '300');
  return {
    ...parseCredential(get('X-Amz-Credential')),
    signedHeaders: get('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: get('X-Amz-Signature'),
    timestamp: get('X-Amz-Date'),
    sessionToken: get('X-Amz-Security-Token'),
    expiresSeconds: Number.isInteger(expires) && expires > 0 ? expires : 0,
    canonicalQuery: canonicalQuery(head.query, 'X-Amz-Signature'),
  };
}

/** A `Date` header stands in for `X-Amz-Date`; an HTTP date is turned into that header's form. */
function dateHeader(head: RequestHead): string | undefined {
  const given = header(head, 'date');
  if (given === undefined || STAMP.test(given)) return given;
  const parsed = Date.parse(given);
  if (Number.isNaN(parsed)) return given;
  return new Date(parsed).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Sorted by encoded name, then by encoded value. */
function canonicalQuery(query: string, without: string): string {
  const pairs: (readonly [name: string, value: string])[] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== without) pairs.push([encode(name), encode(value)]);
  }
  pairs.sort(([a, x], [b, y]) => order(a, b) || order(x, y));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~]/gu, percent);
}
