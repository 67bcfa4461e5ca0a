import { header, type RequestHead } from '@keyglot/dialect';
import { awsFault } from './faults.js';
import { ALGORITHM, percent, type SignatureParts } from './sigv4.js';

type Parsed = Omit<SignatureParts, 'signature' | 'timestamp' | 'sessionToken' | 'canonicalQuery'>;

const MAX_KEPT = 1_000;

/**
 * Reads the signature of a request from its header or its query. Keeps what it parsed of the header,
 * up to the signature itself, because clients repeat it for a whole day.
 *
 * @internal
 */
export function createSignatureReader(): (head: RequestHead) => SignatureParts | undefined {
  const kept = new Map<string, Parsed>();

  return (head) => {
    const authorization = header(head, 'authorization');
    if (authorization === undefined) {
      return head.query.includes('X-Amz-Algorithm=') ? fromQuery(head) : undefined;
    }
    const at = authorization.lastIndexOf('Signature=');
    const prefix = at < 0 ? authorization : authorization.slice(0, at);
    let parsed = at < 0 ? undefined : kept.get(prefix);
    const timestamp = header(head, 'x-amz-date') ?? dateHeader(head) ?? '';
    if (parsed === undefined) {
      parsed = parseHeader(authorization, timestamp !== '');
      if (kept.size >= MAX_KEPT) kept.clear();
      if (at >= 0) kept.set(prefix, parsed);
    }
    return {
      ...parsed,
      signature: authorization.slice(at + 'Signature='.length).trim(),
      timestamp,
      sessionToken: header(head, 'x-amz-security-token') ?? '',
      canonicalQuery: head.query === '' ? '' : canonicalQuery(head.query, ''),
    };
  };
}

/** Texts as other services of the same stack send them. @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
function parseHeader(authorization: string, dated: boolean): Parsed {
  const [scheme, ...rest] = authorization.split(' ');
  const fields = new Map<string, string>();
  const listed = scheme === ALGORITHM ? rest.join(' ') : authorization;
  for (const part of listed.split(/[\s,]+/)) {
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
      message: `${texts.join('')}Authorization=${listed}`,
    });
  }
  return {
    ...parseCredential(fields.get('Credential') ?? ''),
    signedHeaders: (fields.get('SignedHeaders') ?? '').toLowerCase().split(';'),
    expiresSeconds: undefined,
  };
}

function parseCredential(
  credential: string,
): Pick<Parsed, 'accessKeyId' | 'date' | 'region' | 'service' | 'terminator'> {
  const parts = credential.split('/');
  if (parts.length < 5) {
    throw awsFault('IncompleteSignature', {
      message: `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    });
  }
  const [date = '', region = '', service = '', terminator = ''] = parts.slice(-4);
  return { accessKeyId: parts.slice(0, -4).join('/'), date, region, service, terminator };
}

function fromQuery(head: RequestHead): SignatureParts {
  const query = new URLSearchParams(head.query);
  const get = (name: string): string => query.get(name) ?? '';
  const names = ['X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'];
  const missing = names.filter((name) => get(name) === '');
  if (missing.length > 0 || get('X-Amz-Algorithm') !== ALGORITHM) {
    throw awsFault('IncompleteSignature', {
      message: missing
        .map((name) => `AWS query-string parameters must include '${name}'. `)
        .join('')
        .concat('Re-examine the query-string parameters.'),
    });
  }
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

/** A `Date` header stands in for `X-Amz-Date`; its form differs, so it is turned into that form. */
function dateHeader(head: RequestHead): string | undefined {
  const parsed = Date.parse(header(head, 'date') ?? '');
  if (Number.isNaN(parsed)) return undefined;
  return new Date(parsed).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function canonicalQuery(query: string, without: string): string {
  const pairs: string[] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== without) pairs.push(`${encode(name)}=${encode(value)}`);
  }
  return pairs.sort().join('&');
}

function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~]/gu, percent);
}
