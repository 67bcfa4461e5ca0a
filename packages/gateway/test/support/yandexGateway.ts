import { createSystemClock } from '@keyglot/core';
import {
  type Gateway,
  type GatewayParts,
  type StartOptions,
  startGateway,
} from '../../src/index.js';
import { createHttpClient, type PlainAnswer, type PlainRequest } from './httpClient.js';
import { createTestClock, type TestClock } from './testClock.js';

/** A gateway in this process, with plain HTTP pointed at it. */
export interface YandexGateway {
  readonly gateway: Gateway;
  readonly clock: TestClock;
  /** A request as it is written here. */
  send(request: PlainRequest): Promise<PlainAnswer>;
  /** Registers a credential through the admin API. */
  register(credential: Record<string, string>): Promise<Record<string, unknown>>;
  /** The latest journal entry. */
  journal(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * @param realTime whether the certificates are made for today: real TLS clients look at the time
 */
export async function startYandexGateway(
  options: Partial<StartOptions> = {},
  realTime = false,
  limits: NonNullable<GatewayParts['limits']> = {},
): Promise<YandexGateway> {
  const clock = createTestClock();
  if (realTime) clock.realMs = createSystemClock().realMs;
  const gateway = await startGateway(
    {
      port: 0,
      host: '127.0.0.1',
      store: { kind: 'memory' },
      dataFolder: undefined,
      auth: 'open',
      rootKey: undefined,
      account: '000000000000',
      region: 'us-east-1',
      logLevel: 'error',
      allowOpen: false,
      ...options,
    },
    { clock, limits },
  );
  const http = createHttpClient(gateway.port);
  const authorization = `Bearer ${gateway.adminToken}`;
  return {
    gateway,
    clock,
    send: (request) => http.send(request),
    async register(credential) {
      const answer = await http.send({
        path: '/_keyglot/credentials',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ dialect: 'yandex', ...credential }),
      });
      if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`);
      return JSON.parse(answer.text);
    },
    async journal() {
      const path = '/_keyglot/journal';
      const answer = await http.send({ method: 'GET', path, headers: { authorization } });
      return JSON.parse(answer.text).entries[0];
    },
    async close() {
      http.close();
      await gateway.close();
    },
  };
}
