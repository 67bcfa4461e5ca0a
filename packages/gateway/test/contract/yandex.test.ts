import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startYandexGateway, type YandexGateway } from '../support/yandexGateway.js';
import {
  grpcTransport,
  type Members,
  type Outcome,
  restTransport,
  type Transport,
} from '../support/yandexTransports.js';
import { DIFFERENCES, SCENARIOS, type Scenario } from './yandexScenarios.js';

/** Everything that differs from run to run, by what it looks like; ids by their first appearance. */
function normalised(outcomes: readonly Outcome[]): unknown[] {
  const ids = new Map<string, string>();
  const known = (id: string): string => {
    const name = ids.get(id) ?? `<id ${ids.size + 1}>`;
    ids.set(id, name);
    return name;
  };
  const shown = (value: unknown, member: string): unknown => {
    if (Array.isArray(value)) {
      const list = value.map((one) => shown(one, member));
      // Ids are random, and so is an order by them.
      return member === 'keys' ? list.length : list;
    }
    if (typeof value === 'object' && value !== null) {
      // JSON prints texts last, so the order of members differs.
      const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(members.map(([name, one]) => [name, shown(one, name)]));
    }
    if (/ciphertext|plaintext/i.test(member)) {
      return `<${Buffer.from(String(value), 'base64').length} bytes>`;
    }
    if (member === 'iamToken' || member === 'nextPageToken') return '<token>';
    if (member === 'address') return '<address>';
    return typeof value === 'string' ? value.replace(/abj[0-9a-v]{17}/g, known) : value;
  };
  return outcomes.map((outcome) => shown(outcome, ''));
}

async function play(scenario: Scenario, open: (gateway: YandexGateway) => Transport) {
  const gateway = await startYandexGateway();
  const transport = open(gateway);
  const outcomes: Outcome[] = [];
  const call = async (method: string, request: Members, headers?: Record<string, string>) => {
    const outcome = await transport.call(method, request, headers);
    outcomes.push(outcome);
    return outcome;
  };
  try {
    await scenario.run({
      clock: gateway.clock,
      transport: transport.name,
      call,
      async ok(method, request, headers) {
        const outcome = await call(method, request, headers);
        if (!('value' in outcome)) throw new Error(`${method}: ${JSON.stringify(outcome)}`);
        return outcome.value;
      },
      async refused(method, request, code, message) {
        expect(await call(method, request), method).toEqual({ code, message });
      },
    });
    return normalised(outcomes);
  } finally {
    transport.close();
    await gateway.close();
  }
}

describe.each(SCENARIOS)('Yandex Cloud KMS $name', (scenario) => {
  let rest: unknown[] = [];
  let grpc: unknown[] = [];

  test('over REST', async () => {
    rest = await play(scenario, restTransport);
  });

  test('over gRPC', async () => {
    grpc = await play(scenario, grpcTransport);
  });

  test('in the same way', () => {
    const steps = (outcomes: readonly unknown[]): [string, unknown][] =>
      outcomes.map((outcome, at) => [`${scenario.name} #${at + 1}`, outcome]);
    const named = new Set(Object.keys(DIFFERENCES));
    const unnamed = (all: [string, unknown][]) => all.filter(([step]) => !named.has(step));
    expect(unnamed(steps(rest))).toEqual(unnamed(steps(grpc)));
    for (const [at, [step, outcome]] of steps(rest).entries()) {
      if (named.has(step)) expect(outcome, step).not.toEqual(grpc[at]);
    }
  });
});

describe('the gateway', () => {
  let gateway: YandexGateway;
  beforeAll(async () => {
    gateway = await startYandexGateway();
  });
  afterAll(() => gateway.close());

  test('lists every method of the published services in its coverage', async () => {
    const answer = await gateway.send({ method: 'GET', path: '/_keyglot/coverage' });
    const rows: { dialect: string; operation: string; state: string }[] = JSON.parse(
      answer.text,
    ).operations;
    const own = rows.filter(({ dialect }) => dialect === 'yandex');
    expect(own).toHaveLength(48);
    const done = own.filter(({ state }) => state === 'done').map(({ operation }) => operation);
    expect(done).toEqual([
      'SymmetricCrypto.Encrypt',
      'SymmetricCrypto.Decrypt',
      'SymmetricCrypto.ReEncrypt',
      'SymmetricCrypto.GenerateDataKey',
      'SymmetricKey.Create',
      'SymmetricKey.Get',
      'SymmetricKey.List',
      'SymmetricKey.ListVersions',
      'SymmetricKey.Update',
      'SymmetricKey.Delete',
      'SymmetricKey.SetPrimaryVersion',
      'SymmetricKey.ScheduleVersionDestruction',
      'SymmetricKey.CancelVersionDestruction',
      'SymmetricKey.Rotate',
      'Operation.Get',
      'ApiEndpoint.Get',
      'ApiEndpoint.List',
      'IamToken.Create',
    ]);
  });
});
