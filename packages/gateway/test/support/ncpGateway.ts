import { createHmac } from 'node:crypto';
import { type Gateway, type StartOptions, startGateway } from '../../src/index.js';
import { createHttpClient, type PlainAnswer, type PlainRequest } from './httpClient.js';
import { createTestClock, START_MS, type TestClock } from './testClock.js';

export const ACCOUNT = '000000000000';

/** An access key as its owner has it. */
export interface AccessKey {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly apiKey?: string;
}

/** What a client signs beside method and target. */
export interface NcpSigning extends AccessKey {
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  readonly scheme?: 'v1' | 'v2';
}

/** Members of an answer in the envelopes of either API. */
export interface NcpAnswer extends PlainAnswer {
  readonly json: NcpEnvelope;
}

/** Any envelope of the service or of its gateway. */
export interface NcpEnvelope {
  readonly code?: string;
  readonly msg?: string;
  // Each operation has members of its own; a test that reads a wrong one gets undefined.
  readonly data?: Record<string, unknown> | null;
  readonly error?: { readonly errorCode: string; readonly message: string };
}

/** A gateway in this process and a client that speaks plain HTTP. */
export interface NcpGateway {
  readonly gateway: Gateway;
  readonly clock: TestClock;
  send(request: PlainRequest): Promise<PlainAnswer>;
  /** Sends a JSON request; without `signing` nothing proves who sends it. */
  call(
    method: string,
    path: string,
    body?: unknown,
    more?: { readonly headers?: Record<string, string>; readonly signing?: NcpSigning },
  ): Promise<NcpAnswer>;
  register(credential: Record<string, string>): Promise<void>;
  /** Tag of a new key. */
  makeKey(input?: Record<string, unknown>, signing?: NcpSigning): Promise<string>;
  close(): Promise<void>;
}

/**
 * Headers of account authentication, written apart from the product after
 * https://api.ncloud-docs.com/docs/en/common-ncpapi
 */
export function signedHeaders(
  method: string,
  target: string,
  { accessKey, secretKey, apiKey, timestamp = START_MS, scheme = 'v2' }: NcpSigning,
): Record<string, string> {
  const lines = [`${method} ${target}`, String(timestamp)];
  if (scheme === 'v1' && apiKey !== undefined) lines.push(apiKey);
  lines.push(accessKey);
  const signature = createHmac('sha256', secretKey).update(lines.join('\n')).digest('base64');
  return {
    'x-ncp-apigw-timestamp': String(timestamp),
    'x-ncp-iam-access-key': accessKey,
    ...(apiKey === undefined ? {} : { 'x-ncp-apigw-api-key': apiKey }),
    [`x-ncp-apigw-signature-${scheme}`]: signature,
  };
}

export async function startNcpGateway(options: Partial<StartOptions> = {}): Promise<NcpGateway> {
  const clock = createTestClock();
  const gateway = await startGateway(
    {
      port: 0,
      host: '127.0.0.1',
      store: { kind: 'memory' },
      dataFolder: undefined,
      auth: 'open',
      rootKey: undefined,
      account: ACCOUNT,
      region: 'us-east-1',
      logLevel: 'error',
      allowOpen: false,
      ...options,
    },
    { clock },
  );
  const http = createHttpClient(gateway.port);
  const send: NcpGateway['send'] = (request) => http.send(request);
  let made = 0;
  const call: NcpGateway['call'] = async (method, path, body, { headers = {}, signing } = {}) => {
    const auth = signing === undefined ? {} : signedHeaders(method, path, signing);
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await send({ method, path, headers: { ...auth, ...headers }, body: text });
    return { ...answer, json: JSON.parse(answer.text) };
  };
  return {
    gateway,
    clock,
    send,
    call,
    async register(credential) {
      const answer = await send({
        path: '/_keyglot/credentials',
        headers: {
          authorization: `Bearer ${gateway.adminToken}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ dialect: 'ncp', ...credential }),
      });
      if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`);
    },
    async makeKey(input = {}, signing) {
      made += 1;
      const body = {
        keyName: `key-${made}`,
        keyType: 'AES256',
        isAutoRotation: false,
        protectionType: 'BASIC',
        ...input,
      };
      // The shared path needs a mark that it is for this dialect.
      const headers = { 'x-ncp-request': '1' };
      const more = signing === undefined ? { headers } : { headers, signing };
      const answer = await call('POST', '/kms/v1/keys', body, more);
      if (answer.status !== 200) throw new Error(`no key was made: ${answer.text}`);
      return String(answer.json.data?.['keyTag']);
    },
    async close() {
      http.close();
      await gateway.close();
    },
  };
}

/** Base64 of a text. */
export function base64(text: string | Buffer): string {
  return Buffer.from(text).toString('base64');
}

/** A refusal of the service. */
export function refusal(status: number, code: string, msg: string): Refusal {
  return { status, json: { code, msg, data: null } };
}

/** A refusal of the gateway in front of it. */
export function gatewayRefusal(status: number, errorCode: string, message: string): Refusal {
  return { status, json: { error: { errorCode, message } } };
}

/** What a refused request gets. */
export interface Refusal {
  readonly status: number;
  readonly json: NcpEnvelope;
}

export const INVALID_REQUEST: Refusal = refusal(400, 'INVALID_REQUEST', 'Invalid request');
export const INVALID_STATUS: Refusal = refusal(422, 'UNPROCESSABLE_ENTITY', 'Invalid status');
export const NOT_FOUND: Refusal = refusal(404, 'NOT_FOUND', 'Not found');
export const UNAUTHORIZED: Refusal = refusal(401, 'UNAUTHORIZED', 'Unauthorized');
export const FORBIDDEN: Refusal = refusal(403, 'FORBIDDEN', 'Forbidden');
export const NOT_AUTHENTICATED: Refusal = gatewayRefusal(401, '200', 'Authentication Failed');
export const UNKNOWN_URI: Refusal = gatewayRefusal(404, '300', 'Not Found Exception');

/** The parts of an answer that tests compare. */
export function shown({ status, json }: NcpAnswer): Refusal {
  return { status, json };
}
