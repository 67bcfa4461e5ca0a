import { Secret } from '@keyglot/core';
import { type Gateway, type StartOptions, startGateway } from '../../src/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import { createHttpClient, type PlainAnswer, type PlainRequest } from '../support/httpClient.js';
import type { Address } from './database.js';

/** How long a gateway may act on what it has read, as the documentation states it. */
export const LEASE_MS = 2_000;

/** The root key that all replicas have, as the variable takes it. */
export const ROOT_KEY_TEXT: string = `base64:${Buffer.alloc(32, 7).toString('base64')}`;
const ROOT_KEY = { kind: 'bytes', key: new Secret(Buffer.alloc(32, 7)) } as const;

/** Much longer than any bound: whoever waits so long waits in vain. */
const DEADLINE_MS = 20_000;
const POLL_MS = 4;

/** What a request of the AWS protocol came to. */
export interface Answer {
  readonly status: number;
  /** Error code, or `ok`. */
  readonly code: string;
  readonly output: Readonly<Record<string, unknown>>;
}

/** Somebody who talks to one gateway. */
export interface Client {
  readonly send: (request: PlainRequest) => Promise<PlainAnswer>;
  /** Asks the AWS dialect, unsigned; the path may name a sandbox. */
  readonly call: (
    operation: string,
    input: object,
    path?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  close(): void;
}

/** A gateway in this process on a database that others use too. */
export interface Replica extends Client {
  readonly gateway: Gateway;
  readonly admin: (method: string, path: string, body?: object) => Promise<PlainAnswer>;
  stop(): Promise<void>;
}

/** The connection string of a test's database. */
export function urlOf({ user, password, host, port, database }: Address): string {
  const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgres://${who}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

export async function startReplica(
  address: Address,
  options: Partial<StartOptions> = {},
): Promise<Replica> {
  const gateway = await startGateway({
    ...MEMORY_OPTIONS,
    store: { kind: 'postgres', url: new Secret(Buffer.from(urlOf(address))) },
    rootKey: ROOT_KEY,
    ...options,
  });
  const client = clientOf(gateway.port);
  return {
    ...client,
    gateway,
    admin: (method, path, body) =>
      client.send({
        method,
        path: `/_keyglot${path}`,
        headers: {
          authorization: `Bearer ${gateway.adminToken}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async stop() {
      client.close();
      await gateway.close();
    },
  };
}

export function clientOf(port: number): Client {
  const http = createHttpClient(port);
  return {
    send: (request) => http.send(request),
    async call(operation, input, path = '/', more = {}) {
      const headers = {
        ...more,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${operation}`,
      };
      return answerOf(await http.send({ path, headers, body: JSON.stringify(input) }));
    },
    close: () => http.close(),
  };
}

export function answerOf({ status, text }: PlainAnswer): Answer {
  const output: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
  return { status, code: status === 200 ? 'ok' : String(output['__type']), output };
}

/** Makes a key and gives its id. */
export async function makeKey({ call }: Client, path = '/'): Promise<string> {
  const { code, output } = await call('CreateKey', {}, path);
  if (code !== 'ok') throw new Error(`no key: ${code}`);
  const metadata: Record<string, unknown> = Object(output['KeyMetadata']);
  return String(metadata['KeyId']);
}

/** Encrypts something under a key or an alias. */
export function seal({ call }: Client, KeyId: string, path = '/'): Promise<Answer> {
  return call('Encrypt', { KeyId, Plaintext: 'c2VjcmV0' }, path);
}

/** What a watcher saw. */
export interface Sight<T> {
  readonly answer: T;
  /** When the last request began that got an old answer, on the clock of `performance`; or 0. */
  readonly lastOldMs: number;
}

/**
 * Asks again and again, one request after another, until an answer is new.
 *
 * @throws Error when all answers are old for 20 seconds
 */
export async function watch<T>(
  ask: () => Promise<T>,
  isNew: (answer: T) => boolean,
): Promise<Sight<T>> {
  const endMs = performance.now() + DEADLINE_MS;
  let lastOldMs = 0;
  for (;;) {
    const startedMs = performance.now();
    const answer = await ask();
    if (isNew(answer)) return { answer, lastOldMs };
    lastOldMs = startedMs;
    if (startedMs > endMs) throw new Error(`still the old answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Many answers, one after another. */
export async function repeat<T>(times: number, ask: () => Promise<T>): Promise<readonly T[]> {
  const answers: T[] = [];
  for (let time = 0; time < times; time += 1) answers.push(await ask());
  return answers;
}
