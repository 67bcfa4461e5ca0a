import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { WireRequest } from '@keyglot/dialect';
import { SignatureV4 } from '@smithy/signature-v4';

/** 2026-11-24T12:00:00.000Z */
export const NOW_MS = Date.UTC(2026, 10, 24, 12);

export const ACCESS_KEY = 'AKIDEXAMPLE';
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** A request to be signed by the official signer; what is left out is as the clients send it. */
export interface Signing {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  readonly service?: string;
  readonly atMs?: number;
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Headers that are sent unsigned, as botocore does with all but four. */
  readonly unsigned?: readonly string[];
  /** Whether the body's hash goes along, as the JS SDK does and botocore does not. */
  readonly bodyHash?: boolean;
}

/** Where and when the signed request arrives. */
export interface Arrival {
  readonly receivedAtMs?: number;
  readonly mount?: string;
  readonly sandbox?: string;
}

/** Signs in the Authorization header. */
export async function signedRequest(
  signing: Signing = {},
  arrival: Arrival = {},
): Promise<WireRequest> {
  const signed = await signerOf(signing).sign(requestOf(signing), {
    signingDate: new Date(signing.atMs ?? NOW_MS),
    unsignableHeaders: new Set(signing.unsigned),
  });
  return arrived(signing, signed.query, signed.headers, arrival);
}

/** Signs in the query. */
export async function presignedRequest(
  signing: Signing & { readonly expiresIn?: number } = {},
  arrival: Arrival = {},
): Promise<WireRequest> {
  const signed = await signerOf(signing).presign(requestOf(signing), {
    signingDate: new Date(signing.atMs ?? NOW_MS),
    expiresIn: signing.expiresIn ?? 300,
    // Otherwise all headers go into the query.
    hoistableHeaders: new Set(),
    unhoistableHeaders: new Set(Object.keys(requestOf(signing).headers)),
  });
  return arrived(signing, signed.query, signed.headers, arrival);
}

/** A request without any signature. */
export function plainRequest(signing: Signing = {}, arrival: Arrival = {}): WireRequest {
  const { query, headers } = requestOf(signing);
  return arrived(signing, query, headers, arrival);
}

/** The same request with other headers; undefined takes one away. */
export function withHeaders(
  request: WireRequest,
  headers: { readonly [name: string]: string | undefined },
): WireRequest {
  const all = { ...request.head.headers, ...headers };
  for (const [name, value] of Object.entries(headers)) if (value === undefined) delete all[name];
  return { ...request, head: { ...request.head, headers: all } };
}

export function authorizationOf(request: WireRequest): string {
  return request.head.headers.authorization ?? '';
}

function signerOf({
  accessKeyId = ACCESS_KEY,
  secretAccessKey = SECRET,
  sessionToken,
  region = 'us-east-1',
  service = 'kms',
  bodyHash = true,
}: Signing): SignatureV4 {
  return new SignatureV4({
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    region,
    service,
    sha256: Sha256,
    applyChecksum: bodyHash,
  });
}

function requestOf({
  method = 'POST',
  path = '/',
  query = {},
  headers = {},
  body = '{}',
}: Signing) {
  return {
    method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    path,
    query,
    headers: {
      host: 'kms.us-east-1.amazonaws.com',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.ListKeys',
      ...headers,
    },
    body,
  };
}

function arrived(
  { method = 'POST', path = '/', body = '{}' }: Signing,
  query: { readonly [name: string]: string | string[] | null } | undefined,
  headers: { readonly [name: string]: string },
  { receivedAtMs = NOW_MS, mount = '', sandbox = 'main' }: Arrival,
): WireRequest {
  const pairs = Object.entries(query ?? {}).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => `${encoded(name)}=${encoded(value)}`),
  );
  const lower = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return {
    head: {
      method,
      rawPath: path,
      path: '/',
      query: pairs.join('&'),
      headers: Object.fromEntries(lower),
      hostname: '',
    },
    body: Buffer.from(body),
    requestId: '00000000-0000-4000-8000-000000000000',
    receivedAtMs,
    sandbox,
    mount,
  };
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The hash that the signer wants to be given. */
class Sha256 {
  #state: Hash | Hmac;
  readonly #secret: string | Uint8Array | undefined;

  constructor(secret?: unknown) {
    this.#secret = typeof secret === 'string' || secret instanceof Uint8Array ? secret : undefined;
    this.#state = this.#fresh();
  }

  update(data: string | Uint8Array): void {
    this.#state.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#state.digest()));
  }

  reset(): void {
    this.#state = this.#fresh();
  }

  #fresh(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}
