import {
  type Gateway,
  type GatewayParts,
  type StartOptions,
  startGateway,
} from '../../src/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import { connectRaw, type RawAnswer, type RawClient } from '../support/rawClient.js';

/** A gateway to be attacked, with a key that must survive. */
export interface Target {
  readonly gateway: Gateway;
  readonly keyId: string;
  /** A ciphertext of that key. */
  readonly blob: string;
  connect(): RawClient;
  /** One request on a connection of its own. */
  once(...pieces: readonly (string | Buffer)[]): Promise<RawAnswer>;
  /** One operation of AWS KMS. */
  call(operation: string, body: string | Buffer): Promise<RawAnswer>;
  /** Fails unless the gateway still answers and the key still opens its ciphertext. */
  assertIntact(): Promise<void>;
  close(): Promise<void>;
}

export const PLAINTEXT: string = Buffer.from('still here').toString('base64');

export async function startTarget(
  options: Partial<StartOptions> = {},
  parts: GatewayParts = {},
): Promise<Target> {
  const gateway = await startGateway({ ...MEMORY_OPTIONS, ...options }, parts);
  const clients = new Set<RawClient>();
  const connect = (): RawClient => {
    const client = connectRaw(gateway.port);
    clients.add(client);
    client.socket.once('close', () => clients.delete(client));
    return client;
  };
  const once: Target['once'] = async (...pieces) => {
    const client = connect();
    client.send(...pieces);
    const [answer] = await client.answers(1);
    client.socket.destroy();
    if (answer === undefined) throw new Error('no answer');
    return answer;
  };
  const call: Target['call'] = (operation, body) => once(...jsonRequest(operation, body));
  const made = memberOf(await call('CreateKey', '{}'), 'KeyMetadata');
  const keyId = String(new Map(Object.entries(made ?? {})).get('KeyId'));
  const input = JSON.stringify({ KeyId: keyId, Plaintext: PLAINTEXT });
  const blob = String(memberOf(await call('Encrypt', input), 'CiphertextBlob'));
  return {
    gateway,
    keyId,
    blob,
    connect,
    once,
    call,
    async assertIntact() {
      const opened = await call('Decrypt', JSON.stringify({ CiphertextBlob: blob }));
      if (opened.status !== 200 || memberOf(opened, 'Plaintext') !== PLAINTEXT) {
        throw new Error(`the key is no longer intact: ${opened.status} ${opened.body}`);
      }
    },
    async close() {
      for (const client of clients) client.socket.destroy();
      await gateway.close();
    },
  };
}

/** A request of the JSON protocol in two pieces. */
export function jsonRequest(
  operation: string,
  body: string | Buffer,
  more: readonly string[] = [],
): readonly [head: string, body: Buffer] {
  const bytes = Buffer.from(body);
  const head = [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/x-amz-json-1.1',
    `X-Amz-Target: TrentService.${operation}`,
    `Content-Length: ${bytes.length}`,
    ...more,
    '',
    '',
  ];
  return [head.join('\r\n'), bytes];
}

/** A member of a JSON answer. */
export function memberOf(answer: RawAnswer, name: string): unknown {
  const body: unknown = JSON.parse(answer.body === '' ? '{}' : answer.body);
  if (typeof body !== 'object' || body === null) throw new Error(`not an object: ${answer.body}`);
  return Object.entries(body).find(([member]) => member === name)?.[1];
}

/** Code and text of an error of the JSON protocol. */
export function errorOf(
  answer: RawAnswer,
): readonly [status: number, code: unknown, text: unknown] {
  return [
    answer.status,
    memberOf(answer, '__type'),
    memberOf(answer, 'message') ?? memberOf(answer, 'Message'),
  ];
}
