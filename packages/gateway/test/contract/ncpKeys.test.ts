import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  base64,
  gatewayRefusal,
  INVALID_REQUEST,
  INVALID_STATUS,
  type NcpAnswer,
  type NcpGateway,
  NOT_FOUND,
  refusal,
  shown,
  startNcpGateway,
  UNKNOWN_URI,
} from '../support/ncpGateway.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let ncp: NcpGateway;

beforeAll(async () => {
  ncp = await startNcpGateway();
});

afterAll(() => ncp.close());

const MARK = { headers: { 'x-ncp-request': '1' } };
const CONFLICT = refusal(409, 'CONFLICT', 'Conflict');

const create = (input: Record<string, unknown>): Promise<NcpAnswer> =>
  ncp.call('POST', '/kms/v1/keys', input, MARK);
const on = (tag: string, method: string, action: string, body?: unknown): Promise<NcpAnswer> =>
  ncp.call(method, `/kms/v1/keys/${tag}${action}`, body, MARK);
const data = async (answer: Promise<NcpAnswer>): Promise<Record<string, unknown>> => {
  const { status, json, text } = await answer;
  if (status !== 200 || json.code !== 'SUCCESS') throw new Error(`refused: ${text}`);
  return json.data ?? {};
};

describe('Create Key', () => {
  test('makes a key and shows it', async () => {
    const answer = await create({
      keyName: 'Payments_1-a',
      keyType: 'AES256',
      memo: '결제 키',
      isConvergent: true,
      isAutoRotation: true,
      rotationPeriod: 30,
      protectionType: 'COMMON_HSM',
    });
    expect(answer.headers['content-type']).toBe('application/json;charset=UTF-8');
    expect(shown(answer)).toEqual({
      status: 200,
      json: {
        code: 'SUCCESS',
        data: {
          keyId: expect.any(Number),
          keyTag: expect.stringMatching(/^[0-9a-f]{64}$/),
          keyName: 'Payments_1-a',
          keyType: 'AES256',
          status: 'ENABLE',
          keystoreId: expect.any(Number),
          protectionType: 'COMMON_HSM',
          memo: '결제 키',
          isConvergent: true,
          isAutoRotation: true,
          rotationPeriod: 30,
          nextRotationDate: START_MS + 30 * DAY_MS,
          registerDate: START_MS,
        },
      },
    });
  });

  test('takes nothing but name, type and protection, and shows the defaults', async () => {
    const made = await data(
      create({ keyName: 'plain-key', keyType: 'ECDSA', protectionType: 'BASIC' }),
    );
    const info = await data(on(String(made['keyTag']), 'GET', ''));
    expect(info).toEqual({
      ...made,
      nrn: `nrn:PUB:KMS::${ACCOUNT}:Key/${made['keyId']}`,
      baseUrl: ncp.gateway.url,
      currentVersion: 1,
    });
    expect(made).toMatchObject({
      memo: '',
      isConvergent: false,
      isAutoRotation: false,
      rotationPeriod: 90,
      nextRotationDate: null,
    });
  });

  test.each([
    ['no name', { keyName: undefined }],
    ['a short name', { keyName: 'ab' }],
    ['a long name', { keyName: 'a234567890123456' }],
    ['a name that begins with a digit', { keyName: '1abc' }],
    ['a name with a dot', { keyName: 'a.bc' }],
    ['no type', { keyType: undefined }],
    ['an unknown type', { keyType: 'AES128' }],
    ['a type that is no text', { keyType: 7 }],
    ['no protection', { protectionType: undefined }],
    ['an unknown protection', { protectionType: 'HSM' }],
    ['a long memo', { memo: 'm'.repeat(101) }],
    ['a period of no days', { rotationPeriod: 0 }],
    ['a period beyond two years', { rotationPeriod: 731 }],
    ['a convergent RSA key', { keyType: 'RSA2048', isConvergent: true }],
    ['a text for a boolean', { isAutoRotation: 'true' }],
  ])('refuses %s', async (_what, wrong) => {
    const right = { keyName: 'refused', keyType: 'AES256', protectionType: 'BASIC' };
    expect(shown(await create({ ...right, ...wrong }))).toEqual(INVALID_REQUEST);
  });

  test('refuses a name that another key has, until that is gone', async () => {
    const input = { keyName: 'only-one', keyType: 'AES256', protectionType: 'BASIC' };
    const first = String((await data(create(input)))['keyTag']);
    expect(shown(await create(input))).toEqual(CONFLICT);
    await data(on(first, 'POST', '/request-deletion'));
    expect(shown(await create(input))).toEqual(CONFLICT);
    await data(on(first, 'DELETE', ''));
    await data(create(input));
    expect(shown(await create(input))).toEqual(CONFLICT);
  });

  test('gives one of many clients the name', async () => {
    const input = { keyName: 'raced', keyType: 'AES256', protectionType: 'BASIC' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${ncp.gateway.url}/ncp/kms/v1/keys`, {
          method: 'POST',
          body: JSON.stringify(input),
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
  });
});

describe('Get Key List', () => {
  test('pages by number, oldest first', async () => {
    const other = await startNcpGateway();
    const tags: string[] = [];
    for (let made = 0; made < 5; made += 1) {
      tags.push(await other.makeKey());
      other.clock.nowMs += 1_000;
    }
    const page = async (query: string): Promise<Record<string, unknown>> =>
      (await other.call('GET', `/kms/v1/keys${query}`, undefined, MARK)).json.data ?? {};
    const tagsOf = (list: Record<string, unknown>): unknown[] =>
      (list['keyList'] as { keyTag: string }[]).map(({ keyTag }) => keyTag);
    const first = await page('?pageNo=1&pageSize=2');
    expect(first).toMatchObject({ currentPageNo: 1, totalPageNo: 3, totalCount: 5 });
    expect(tagsOf(first)).toEqual(tags.slice(0, 2));
    expect(tagsOf(await page('?pageNo=3&pageSize=2'))).toEqual(tags.slice(4));
    expect(tagsOf(await page('?pageNo=4&pageSize=2'))).toEqual([]);
    expect(await page('')).toMatchObject({ currentPageNo: 1, totalPageNo: 1, totalCount: 5 });

    await other.call('POST', `/kms/v1/keys/${tags[0]}/request-deletion`, undefined, MARK);
    const [item] = (await page('?pageSize=1'))['keyList'] as unknown[];
    expect(item).toEqual({
      keyId: expect.any(Number),
      keyTag: tags[0],
      keyName: expect.any(String),
      keyType: 'AES256',
      status: 'REVOKE',
      protectionType: 'BASIC',
      isConvergent: false,
      registerDate: START_MS,
      destroyDate: START_MS + 5_000 + 3 * DAY_MS,
    });
    other.clock.nowMs += 3 * DAY_MS;
    expect(await page('?pageSize=1')).toMatchObject({ totalCount: 4 });
    await other.close();
  });

  test.each(['pageNo=0', 'pageNo=x', 'pageNo=-1', 'pageSize=0', 'pageSize=201', 'pageSize=1.5'])(
    'refuses %s',
    async (query) => {
      const answer = await ncp.call('GET', `/kms/v1/keys?${query}`, undefined, MARK);
      expect(shown(answer)).toEqual(INVALID_REQUEST);
    },
  );

  test('ignores filters, which it does not have, and says so in the journal', async () => {
    await data(ncp.call('GET', '/kms/v1/keys?keyName=a', undefined, MARK));
    const journal = await ncp.send({
      method: 'GET',
      path: '/_keyglot/journal',
      headers: { authorization: `Bearer ${ncp.gateway.adminToken}` },
    });
    const { entries } = JSON.parse(journal.text);
    const listed = entries.filter((entry: { operation: string }) =>
      entry.operation.includes('List'),
    );
    expect(JSON.stringify(listed)).toContain('"ignored":["keyName"]');
  });
});

describe('name and memo', () => {
  test('change, and leave the tag alone', async () => {
    const tag = await ncp.makeKey({ keyName: 'before' });
    const renamed = await data(on(tag, 'PUT', '/name', { keyName: 'after' }));
    expect(renamed).toEqual({ keyTag: tag, keyName: 'after' });
    expect(await data(on(tag, 'PUT', '/name', { keyName: 'after' }))).toEqual(renamed);
    expect(await data(on(tag, 'PUT', '/memo', { memo: 'm'.repeat(100) }))).toEqual({
      keyTag: tag,
      memo: 'm'.repeat(100),
    });
    expect(await data(on(tag, 'GET', ''))).toMatchObject({ keyName: 'after' });
    // The former name is free, the new one is not.
    await ncp.makeKey({ keyName: 'before' });
    const third = await ncp.makeKey();
    expect(shown(await on(third, 'PUT', '/name', { keyName: 'after' }))).toEqual(CONFLICT);
    expect(shown(await on(third, 'PUT', '/name', { keyName: 'x' }))).toEqual(INVALID_REQUEST);
    expect(shown(await on(third, 'PUT', '/name', {}))).toEqual(INVALID_REQUEST);
    expect(shown(await on(third, 'PUT', '/memo', {}))).toEqual(INVALID_REQUEST);
  });
});

// https://guide.ncloud-docs.com/docs/en/kms-status
describe('status against operation', () => {
  const crypto: readonly [string, string, unknown?][] = [
    ['POST', '/encrypt', { plaintext: base64('a') }],
    ['POST', '/create-custom-key', {}],
    ['POST', '/rotate'],
    ['POST', '/versions/1/enable'],
    ['POST', '/disable'],
  ];

  test('a disabled key only changes and comes back', async () => {
    const tag = await ncp.makeKey();
    const { ciphertext } = await data(on(tag, 'POST', '/encrypt', { plaintext: base64('a') }));
    expect(shown(await on(tag, 'POST', '/enable'))).toEqual(INVALID_STATUS);
    expect(await data(on(tag, 'POST', '/disable'))).toEqual({
      keyTag: tag,
      status: 'DISABLE',
      statusDate: START_MS,
    });
    for (const [method, action, body] of [
      ...crypto,
      ['POST', '/decrypt', { ciphertext }],
      ['POST', '/re-encrypt', { ciphertext }],
      ['POST', '/cancel-deletion'],
      ['DELETE', ''],
    ] as const) {
      expect(shown(await on(tag, method, action, body)), action).toEqual(INVALID_STATUS);
    }
    await data(on(tag, 'PUT', '/memo', { memo: 'still' }));
    expect(await data(on(tag, 'POST', '/enable'))).toMatchObject({ status: 'ENABLE' });
    await data(on(tag, 'POST', '/decrypt', { ciphertext }));
  });

  test('a key that waits for its deletion can be kept, and comes back disabled', async () => {
    const tag = await ncp.makeKey();
    expect(await data(on(tag, 'POST', '/request-deletion'))).toEqual({
      keyTag: tag,
      status: 'REVOKE',
      statusDate: START_MS,
    });
    for (const [method, action, body] of [
      ...crypto,
      ['POST', '/enable'],
      ['POST', '/request-deletion'],
      ['PUT', '/name', { keyName: 'other-name' }],
    ] as const) {
      expect(shown(await on(tag, method, action, body)), action).toEqual(INVALID_STATUS);
    }
    expect(await data(on(tag, 'GET', ''))).toMatchObject({ status: 'REVOKE' });
    expect(await data(on(tag, 'POST', '/cancel-deletion'))).toMatchObject({ status: 'DISABLE' });
    await data(on(tag, 'POST', '/request-deletion'));
    expect(shown(await on(tag, 'DELETE', ''))).toEqual({
      status: 200,
      json: { code: 'SUCCESS', data: null },
    });
    expect(shown(await on(tag, 'GET', ''))).toEqual(NOT_FOUND);
  });

  test('a key ends 72 hours after the request', async () => {
    const own = await startNcpGateway();
    const tag = await own.makeKey();
    const path = `/kms/v1/keys/${tag}`;
    await own.call('POST', `${path}/request-deletion`);
    own.clock.nowMs += 3 * DAY_MS - 1;
    expect((await own.call('GET', path)).status).toBe(200);
    own.clock.nowMs += 1;
    expect(shown(await own.call('GET', path))).toEqual(NOT_FOUND);
    expect(shown(await own.call('POST', `${path}/cancel-deletion`))).toEqual(NOT_FOUND);
    await own.close();
  });
});

describe('versions', () => {
  test('a rotation adds one, and older ciphertexts still open', async () => {
    const tag = await ncp.makeKey();
    const { ciphertext } = await data(on(tag, 'POST', '/encrypt', { plaintext: base64('old') }));
    expect(await data(on(tag, 'POST', '/rotate'))).toEqual({
      keyTag: tag,
      version: 2,
      rotatedDate: START_MS,
    });
    expect(await data(on(tag, 'POST', '/decrypt', { ciphertext }))).toEqual({
      plaintext: base64('old'),
    });
    const next = await data(on(tag, 'POST', '/encrypt', { plaintext: base64('new') }));
    expect(next['ciphertext']).toMatch(/^ncpkms:v2:/);
    const version = { status: 'ENABLE', statusDate: START_MS, rotatedDate: START_MS };
    expect(await data(on(tag, 'GET', '/versions'))).toEqual({
      keyTag: tag,
      currentVersion: 2,
      versionList: [
        { version: 1, ...version },
        { version: 2, ...version },
      ],
    });
  });

  test('a disabled version opens nothing, and keeps its status while the key changes its own', async () => {
    const tag = await ncp.makeKey();
    const { ciphertext } = await data(on(tag, 'POST', '/encrypt', { plaintext: base64('old') }));
    await data(on(tag, 'POST', '/rotate'));
    expect(await data(on(tag, 'POST', '/versions/1/disable'))).toEqual({
      version: 1,
      status: 'DISABLE',
      statusDate: START_MS,
    });
    expect(shown(await on(tag, 'POST', '/versions/1/disable'))).toEqual(INVALID_STATUS);
    expect(shown(await on(tag, 'POST', '/decrypt', { ciphertext }))).toEqual(INVALID_STATUS);
    expect(shown(await on(tag, 'POST', '/re-encrypt', { ciphertext }))).toEqual(INVALID_STATUS);
    await data(on(tag, 'POST', '/disable'));
    await data(on(tag, 'POST', '/enable'));
    expect(shown(await on(tag, 'POST', '/decrypt', { ciphertext }))).toEqual(INVALID_STATUS);
    expect(await data(on(tag, 'POST', '/versions/1/enable'))).toMatchObject({ status: 'ENABLE' });
    await data(on(tag, 'POST', '/decrypt', { ciphertext }));
  });

  test.each([
    ['the newest version', '2/disable', INVALID_STATUS],
    ['a version that is enabled', '1/enable', INVALID_STATUS],
    ['a version that is not there', '3/disable', NOT_FOUND],
    ['a version that is no number', 'one/disable', INVALID_REQUEST],
    ['version 0', '0/enable', INVALID_REQUEST],
    ['an unknown action', '1/destroy', UNKNOWN_URI],
  ])('refuses to change %s', async (_what, action, expected) => {
    const tag = await ncp.makeKey();
    await data(on(tag, 'POST', '/rotate'));
    expect(shown(await on(tag, 'POST', `/versions/${action}`))).toEqual(expected);
  });
});

describe('automatic rotation', () => {
  test('happens on its day, also to a disabled key, and does not move with a manual one', async () => {
    const own = await startNcpGateway();
    const tag = await own.makeKey({ isAutoRotation: true, rotationPeriod: 10 });
    const path = `/kms/v1/keys/${tag}`;
    const info = async (): Promise<unknown> => (await own.call('GET', path)).json.data;
    own.clock.nowMs += 4 * DAY_MS;
    await own.call('POST', `${path}/rotate`);
    const tenth = START_MS + 10 * DAY_MS;
    expect(await info()).toMatchObject({ currentVersion: 2, nextRotationDate: tenth });
    await own.call('POST', `${path}/disable`);
    own.clock.nowMs = tenth - 1;
    expect(await info()).toMatchObject({ currentVersion: 2 });
    own.clock.nowMs = START_MS + 35 * DAY_MS;
    expect(await info()).toMatchObject({
      currentVersion: 5,
      nextRotationDate: START_MS + 40 * DAY_MS,
    });
    const { versionList } = (await own.call('GET', `${path}/versions`)).json.data ?? {};
    expect(
      (versionList as { rotatedDate: number }[]).map(({ rotatedDate }) => rotatedDate),
    ).toEqual([0, 4, 10, 20, 30].map((days) => START_MS + days * DAY_MS));
    await own.close();
  });

  test('adds one version however many requests come at that moment', async () => {
    const own = await startNcpGateway();
    const tag = await own.makeKey({ isAutoRotation: true, rotationPeriod: 1 });
    own.clock.nowMs += DAY_MS;
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const url = `${own.gateway.url}/kms/v1/keys/${tag}/encrypt`;
        const body = JSON.stringify({ plaintext: base64('a') });
        return (await fetch(url, { method: 'POST', body })).text();
      }),
    );
    for (const text of answers) expect(text).toContain('ncpkms:v2:');
    await own.close();
  });

  test('catches up over years in bounded steps', async () => {
    const own = await startNcpGateway();
    const tag = await own.makeKey({ isAutoRotation: true, rotationPeriod: 1 });
    own.clock.nowMs += 1_000 * DAY_MS;
    const { json } = await own.call('GET', `/kms/v1/keys/${tag}`);
    expect(json.data).toMatchObject({
      currentVersion: 101,
      nextRotationDate: START_MS + 1_001 * DAY_MS,
    });
    await own.close();
  });

  test('can be switched on and off, and its period changed while it is on', async () => {
    const tag = await ncp.makeKey();
    const period = { rotationPeriod: 7 };
    expect(shown(await on(tag, 'PUT', '/rotation-period', period))).toEqual(INVALID_STATUS);
    expect(shown(await on(tag, 'POST', '/disable-auto-rotation'))).toEqual(INVALID_STATUS);
    expect(await data(on(tag, 'POST', '/enable-auto-rotation'))).toEqual({
      keyTag: tag,
      isAutoRotation: true,
      rotationPeriod: 90,
      nextRotationDate: START_MS + 90 * DAY_MS,
    });
    expect(await data(on(tag, 'PUT', '/rotation-period', period))).toEqual({
      keyTag: tag,
      rotationPeriod: 7,
      nextRotationDate: START_MS + 7 * DAY_MS,
    });
    for (const rotationPeriod of [0, 731, '7', undefined]) {
      const answer = await on(tag, 'PUT', '/rotation-period', { rotationPeriod });
      expect(shown(answer)).toEqual(INVALID_REQUEST);
    }
    expect(await data(on(tag, 'POST', '/disable-auto-rotation'))).toEqual({
      keyTag: tag,
      isAutoRotation: false,
    });
  });
});

describe('boundaries', () => {
  const host = (name: string): { headers: Record<string, string> } => ({ headers: { host: name } });
  const make = (name: string, input: Record<string, unknown> = {}): Promise<NcpAnswer> =>
    ncp.call(
      'POST',
      '/kms/v1/keys',
      { keyName: 'bounded', keyType: 'AES256', protectionType: 'BASIC', ...input },
      host(name),
    );

  test.each([
    ['ocapi.ncloud.com', 'https://ocapi.ncloud.com'],
    ['ocapi-kr.ncloud.com', 'https://ocapi-kr.ncloud.com'],
    ['ocapi-jp.ncloud.com', 'https://ocapi-jp.ncloud.com'],
  ])('a key made at %s is found there only', async (name, baseUrl) => {
    const { keyTag } = await data(make(name));
    const path = `/kms/v1/keys/${keyTag}`;
    expect(await data(ncp.call('GET', path, undefined, host(name)))).toMatchObject({ baseUrl });
    const others = ['ocapi.ncloud.com', 'ocapi-kr.ncloud.com', 'ocapi-jp.ncloud.com'];
    for (const other of others.filter((one) => one !== name)) {
      expect(shown(await ncp.call('GET', path, undefined, host(other)))).toEqual(NOT_FOUND);
    }
  });

  test('the government zone has no protectionType', async () => {
    const made = await data(make('ocapi.gov-ncloud.com', { protectionType: undefined }));
    expect(made).not.toHaveProperty('protectionType');
  });
});

test('answers operations that are not there yet like addresses that are not there', async () => {
  const tag = await ncp.makeKey();
  for (const action of ['/activities', '/last-use-info', '/public-key', '/encrypt']) {
    expect(shown(await on(tag, 'GET', action)), action).toEqual(UNKNOWN_URI);
  }
});

test('says not found for a tag that nobody has', async () => {
  const tag = '0'.repeat(64);
  expect(shown(await on(tag, 'GET', ''))).toEqual(NOT_FOUND);
  expect(shown(await on(tag, 'POST', '/rotate'))).toEqual(NOT_FOUND);
  expect(shown(await on('%zz', 'POST', '/rotate'))).toEqual(
    gatewayRefusal(400, '100', 'Bad Request Exception'),
  );
});
