import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  KMSClient,
  type KMSClientConfig,
  KMSServiceException,
} from '@aws-sdk/client-kms';
import { type Clock, changeKey, type KeyState, type LoadedKey, withLoads } from '@keyglot/core';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Gateway, type StartOptions, startGateway } from '../../src/index.js';
import { createHttpClient, type PlainAnswer, type PlainRequest } from './httpClient.js';
import { createTestClock, type TestClock } from './testClock.js';

export const ACCOUNT = '000000000000';
export const OTHER_ACCOUNT = '111122223333';
export const REGION = 'us-east-1';

/** How a client differs from the usual one. */
export interface ClientOptions {
  readonly region?: string;
  /** Account of the caller: a 12-digit access key names it. */
  readonly account?: string;
  /** Path behind the base URL, like `/qkms`. */
  readonly path?: string;
  /** Host name to be sent; the connection goes to this machine whatever it is. */
  readonly host?: string;
  readonly credentials?: NonNullable<KMSClientConfig['credentials']>;
}

/** A gateway in this process, with the official client and plain HTTP pointed at it. */
export interface AwsGateway {
  readonly gateway: Gateway;
  readonly url: string;
  readonly clock: TestClock;
  /** The official client, changed in nothing but endpoint, region and credentials. */
  client(options?: ClientOptions): KMSClient;
  /** A request as it is written here, over a connection of its own. */
  send(request: PlainRequest): Promise<PlainAnswer>;
  /** A request of the JSON protocol without a signature. */
  call(
    operation: string,
    input: unknown,
    more?: { readonly path?: string; readonly headers?: { readonly [name: string]: string } },
  ): Promise<JsonAnswer>;
  /** Registers a credential through the admin API. */
  register(credential: Record<string, string>): Promise<void>;
  /** Puts a key into a state that no request leads to yet. */
  force(keyId: string, state: KeyState, deletionAt?: Date): Promise<void>;
  /** The key as the vault holds it. */
  loaded(keyId: string): Promise<LoadedKey>;
  close(): Promise<void>;
}

/** An answer of the JSON protocol. */
export interface JsonAnswer extends PlainAnswer {
  readonly body: Record<string, unknown>;
}

export async function startAwsGateway(
  options: Partial<StartOptions> = {},
  realClock?: Clock,
): Promise<AwsGateway> {
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
      region: REGION,
      logLevel: 'error',
      allowOpen: false,
      ...options,
    },
    { clock: realClock ?? clock },
  );
  const http = createHttpClient(gateway.port);
  const clients: KMSClient[] = [];

  const send: AwsGateway['send'] = (request) => http.send(request);
  const loaded: AwsGateway['loaded'] = async (keyId) => {
    const id = keyId.slice(keyId.lastIndexOf('/') + 1);
    // A multi-Region key is in several; the one of the usual region is meant, unless an ARN says another.
    const region = keyId.split(':')[3] ?? REGION;
    const scope = { sandbox: 'main', nowMs: clock.nowMs, pinned: new Map() };
    const dialects = ['aws', 'qkms'];
    for (const dialect of dialects) {
      const key = await withLoads(() =>
        gateway.vault.keys.byWireId(
          scope,
          dialect,
          id,
          (place) => dialect === 'qkms' || place.region === region,
        ),
      );
      if (key !== undefined) return key;
    }
    throw new Error(`there is no key ${keyId}`);
  };
  return {
    gateway,
    url: gateway.url,
    clock,
    client(wanted = {}) {
      const client = new KMSClient(clientConfig(gateway, wanted));
      clients.push(client);
      return client;
    },
    send,
    async call(operation, input, more = {}) {
      const answer = await send({
        path: more.path ?? '/',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `TrentService.${operation}`,
          ...more.headers,
        },
        body: typeof input === 'string' ? input : JSON.stringify(input),
      });
      return { ...answer, body: answer.text === '' ? {} : JSON.parse(answer.text) };
    },
    async register(credential) {
      const answer = await send({
        path: '/_keyglot/credentials',
        headers: {
          authorization: `Bearer ${gateway.adminToken}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(credential),
      });
      if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`);
    },
    async force(keyId, state, deletionAt) {
      const { record } = await loaded(keyId);
      const set = { state, deletionAt: deletionAt ?? null };
      await changeKey(gateway.vault, record, clock.nowMs, () => ({ set }));
    },
    loaded,
    async close() {
      for (const client of clients) client.destroy();
      http.close();
      await gateway.close();
    },
  };
}

function clientConfig(gateway: Gateway, wanted: ClientOptions): KMSClientConfig {
  const { host, path = '', region = REGION } = wanted;
  const credentials = wanted.credentials ?? {
    accessKeyId: wanted.account ?? 'test',
    secretAccessKey: 'test',
  };
  const endpoint = `http://${host ?? '127.0.0.1'}:${gateway.port}${path}`;
  if (host === undefined) return { region, endpoint, credentials };
  const httpAgent = new Agent({ keepAlive: true, lookup: thisMachine });
  return { region, endpoint, credentials, requestHandler: new NodeHttpHandler({ httpAgent }) };
}

/** Stands in for a hosts file. */
const thisMachine: LookupFunction = (_name, options, done) => {
  if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

/** What the official client makes of an error. */
export interface Refusal {
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
}

/** Text that the official client shows for an error without one. */
export const NO_TEXT = 'UnknownError';

/** The refusal of a request; it is an error when the request is answered. */
export async function refusal(answer: Promise<unknown>): Promise<Refusal> {
  const settled = await answer.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in settled)) throw new Error(`answered: ${Object.keys(settled.value ?? {})}`);
  const { error } = settled;
  if (!(error instanceof KMSServiceException)) throw error;
  return { status: error.$metadata.httpStatusCode, code: error.name, message: error.message };
}

/** A refusal with HTTP 400, which is what all client errors have. */
export function refused(code: string, message: string = NO_TEXT): Refusal {
  return { status: 400, code, message };
}

/** `1 validation error detected: …` */
export function violation(item: string): Refusal {
  return refused('ValidationException', `1 validation error detected: ${item}`);
}

/** A new key's id and ARN. */
export interface MadeKey {
  readonly id: string;
  readonly arn: string;
}

/** The keys that the tests use most. */
export const SIGN: CreateKeyCommandInput = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
export const RSA: CreateKeyCommandInput = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' };
export const HMAC: CreateKeyCommandInput = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
export const AGREE: CreateKeyCommandInput = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };

/** A key policy that allows everybody everything. */
export const OPEN_POLICY: string = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
});

export async function makeKey(
  client: KMSClient,
  input: CreateKeyCommandInput = {},
): Promise<MadeKey> {
  const { KeyMetadata: made } = await client.send(new CreateKeyCommand(input));
  if (made?.KeyId === undefined || made.Arn === undefined) throw new Error('no key was made');
  return { id: made.KeyId, arn: made.Arn };
}

/** Bytes that must be in an answer. */
export function bytes(value: Uint8Array | undefined): Buffer {
  if (value === undefined) throw new Error('the answer has no such member');
  return Buffer.from(value);
}

/** Members of an answer, without what the client adds. */
export function members(answer: { readonly $metadata: unknown }): Record<string, unknown> {
  const { $metadata: _, ...rest } = answer;
  return rest;
}
