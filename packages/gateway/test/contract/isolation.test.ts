import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOUNTS, type Mount } from '../../src/claim/place.js';
import { type Gateway, startGateway } from '../../src/index.js';
import { senderAt } from '../support/actors/actor.js';
import { awsHeaders } from '../support/actors/aws.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import type { PlainRequest } from '../support/httpClient.js';
import { signedHeaders } from '../support/ncpGateway.js';
import { ALIBABA_PROBES } from '../support/probes/alibaba.js';
import { awsProbes } from '../support/probes/aws.js';
import { NCP_PROBES } from '../support/probes/ncp.js';
import type { Probes, Reach } from '../support/probes/probe.js';
import { YANDEX_PROBES } from '../support/probes/yandex.js';
import { createTestClock } from '../support/testClock.js';

// Every operation of every dialect: what it names is to be reached from its own sandbox and realm only.
// The same request must be refused elsewhere first and then be answered at home.

const PROBES: { readonly [dialect in Mount]: Probes } = {
  aws: awsProbes('aws'),
  qkms: awsProbes('qkms'),
  alibaba: ALIBABA_PROBES,
  yandex: YANDEX_PROBES,
  ncp: NCP_PROBES,
};

/** Somewhere else: the same request as somebody sends it from there. */
interface Elsewhere {
  readonly name: string;
  from(request: PlainRequest): PlainRequest;
  /** Whether somebody there may send the request after all. */
  allows?(reach: Reach): boolean;
}

const OTHER_SANDBOX: Elsewhere = {
  name: 'another sandbox',
  from: (request) => ({ ...request, path: `/s/elsewhere${request.path ?? '/'}` }),
};

const FOREIGN = { id: 'FOREIGNKEY', secret: 'not-a-real-secret' };

/** Realms that a dialect keeps apart; ids of Yandex name their key in any folder. */
const REALMS: { readonly [dialect in Mount]: readonly Elsewhere[] } = {
  aws: [
    { name: 'another account', from: withHeaders(awsHeaders({ account: '111122223333' })) },
    { name: 'another region', from: withHeaders(awsHeaders({ region: 'eu-west-1' })) },
  ],
  qkms: [{ name: 'another account', from: withHeaders(awsHeaders({ account: '111122223333' })) }],
  alibaba: [
    { name: 'another region', from: withHeaders({ host: 'kms.cn-beijing.aliyuncs.com' }) },
    { name: 'another account', from: signedForAlibaba },
  ],
  yandex: [],
  ncp: [
    { name: 'another boundary', from: withHeaders({ host: 'ocapi-kr.ncloud.com' }) },
    // A token is how an owner lets others in.
    { name: 'another account', from: signedForNcp, allows: ({ byToken }) => byToken === true },
  ],
};

let gateway: Gateway;
let home: ReturnType<typeof senderAt>;
/** Operations with a row, by dialect. */
let served: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  gateway = await startGateway(MEMORY_OPTIONS, { clock: createTestClock() });
  home = senderAt(gateway.port, {});
  const { operations } = JSON.parse(
    (await home({ method: 'GET', path: '/_keyglot/coverage' })).text,
  );
  const found = new Map<string, string[]>();
  for (const { dialect, operation, state } of operations) {
    if (state !== 'done' && state !== 'simulated') continue;
    found.set(dialect, [...(found.get(dialect) ?? []), operation]);
  }
  served = found;
  await register({
    dialect: 'alibaba',
    accessKeyId: FOREIGN.id,
    accessKeySecret: FOREIGN.secret,
    account: '2000000000000000',
  });
  await register({
    dialect: 'ncp',
    accessKey: FOREIGN.id,
    secretKey: FOREIGN.secret,
    account: '4711',
  });
});

afterAll(async () => {
  home.close();
  await gateway.close();
});

async function register(credential: Record<string, string>): Promise<void> {
  const answer = await home({
    path: '/_keyglot/credentials',
    headers: {
      authorization: `Bearer ${gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(credential),
  });
  expect(answer.status, answer.text).toBe(201);
}

describe.each(MOUNTS)('%s', (dialect) => {
  const probes = Object.entries(PROBES[dialect]);

  test('has a probe for each operation that it serves', () => {
    const known = new Set(probes.map(([operation]) => operation));
    expect(served.get(dialect)?.filter((operation) => !known.has(operation))).toEqual([]);
  });

  const rows = probes.flatMap(([operation, probe]) =>
    typeof probe === 'function' ? [[operation, probe] as const] : [],
  );
  test.each(rows)('%s', async (operation, probe) => {
    // QKMS does not have all of AWS's operations.
    if (served.get(dialect)?.includes(operation) !== true) return;
    const reach = await probe(home);
    const { request, lists, refusesOthers } = reach;
    for (const elsewhere of [OTHER_SANDBOX, ...REALMS[dialect]]) {
      if (elsewhere.allows?.(reach) === true) continue;
      const answer = await home(elsewhere.from(request));
      const shown = `from ${elsewhere.name}: ${answer.status} ${answer.text}`;
      if (lists === undefined) {
        expect(answer.status, shown).toBeGreaterThanOrEqual(400);
        expect(answer.status, shown).toBeLessThan(500);
      } else {
        const refused = refusesOthers === true && answer.status === 400;
        expect(refused ? 200 : answer.status, shown).toBe(200);
        expect(answer.text, shown).not.toContain(lists);
      }
    }
    const own = await home(request);
    expect(own.status, own.text).toBe(200);
    if (lists !== undefined) expect(own.text).toContain(lists);
  });
});

function withHeaders(headers: Record<string, string>): Elsewhere['from'] {
  return (request) => ({ ...request, headers: { ...request.headers, ...headers } });
}

/** Signature of version 1.0 by the owner of another account, written apart from the product. */
function signedForAlibaba(request: PlainRequest): PlainRequest {
  const mark = request.path?.indexOf('?') ?? -1;
  const params = new Map(new URLSearchParams(request.path?.slice(mark + 1)));
  serial += 1;
  for (const [name, value] of [
    ['AccessKeyId', FOREIGN.id],
    ['SignatureMethod', 'HMAC-SHA1'],
    ['SignatureVersion', '1.0'],
    ['SignatureNonce', `nonce-${serial}`],
    ['Timestamp', '2023-11-14T22:13:20Z'],
  ] as const) {
    params.set(name, value);
  }
  const canonical = [...params]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const signature = createHmac('sha1', `${FOREIGN.secret}&`)
    .update(`POST&%2F&${encode(canonical)}`)
    .digest('base64');
  params.set('Signature', signature);
  return { ...request, path: `/alibaba/?${new URLSearchParams([...params])}` };
}

let serial = 0;

function encode(text: string): string {
  const escaped = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, escaped);
}

/** Signed by another account; the headers mark the dialect, so that the mount is not needed. */
function signedForNcp(request: PlainRequest): PlainRequest {
  const path = request.path?.replace(/^\/ncp/, '') ?? '/';
  const signing = { accessKey: FOREIGN.id, secretKey: FOREIGN.secret };
  const headers = signedHeaders(request.method ?? 'POST', path, signing);
  return { ...request, path, headers: { ...request.headers, ...headers } };
}
