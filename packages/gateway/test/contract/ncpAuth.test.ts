import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccessKey,
  base64,
  FORBIDDEN,
  INVALID_REQUEST,
  INVALID_STATUS,
  type NcpAnswer,
  type NcpGateway,
  type NcpSigning,
  NOT_AUTHENTICATED,
  NOT_FOUND,
  shown,
  signedHeaders,
  startNcpGateway,
  UNAUTHORIZED,
} from '../support/ncpGateway.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

const KEY: AccessKey = {
  accessKey: 'EXAMPLEACCESSKEY0001',
  secretKey: 'EXAMPLESECRETKEY0001abcdefghijklmnopqrst',
  apiKey: 'EXAMPLEAPIGWKEY0001',
};
const OTHER: AccessKey = { accessKey: 'OTHERACCESSKEY000002', secretKey: 'OTHERSECRETKEY000002' };
const { apiKey: _, ...KEY_V2 } = KEY;
const HOUR_MS = 3_600_000;

const servers: NcpGateway[] = [];

/** A gateway in a mode of its own, with two accounts. */
async function start(auth: 'open' | 'audit' | 'enforce'): Promise<NcpGateway> {
  const ncp = await startNcpGateway({ auth });
  servers.push(ncp);
  await ncp.register({ ...KEY, account: '1001' });
  await ncp.register({ ...OTHER, account: '2002' });
  return ncp;
}

afterAll(async () => {
  for (const ncp of servers) await ncp.close();
});

const LIST = '/kms/v1/keys?pageNo=1&pageSize=1';

async function auditOf(ncp: NcpGateway): Promise<unknown> {
  const journal = await ncp.send({
    method: 'GET',
    path: '/_keyglot/journal',
    headers: { authorization: `Bearer ${ncp.gateway.adminToken}` },
  });
  const { entries } = JSON.parse(journal.text);
  return entries.map(({ audit }: { audit: string }) => audit);
}

describe.each(['open', 'audit', 'enforce'] as const)('a registered access key in %s', (mode) => {
  let ncp: NcpGateway;

  beforeAll(async () => {
    ncp = await start(mode);
  });

  const list = (signing: NcpSigning, target = LIST, method = 'GET'): Promise<NcpAnswer> =>
    ncp.call(method, target, undefined, { signing });

  test('is let in with a signature of either scheme, however the header is called', async () => {
    expect((await list({ ...KEY_V2, scheme: 'v2' })).status).toBe(200);
    expect((await list({ ...KEY, scheme: 'v2' })).status).toBe(200);
    expect((await list({ ...KEY, scheme: 'v1' })).status).toBe(200);
    // The official SDKs for Go and JavaScript: scheme v2 in the header of v1.
    expect((await list({ ...KEY_V2, scheme: 'v1' })).status).toBe(200);
  });

  test('covers the query as it was sent', async () => {
    const target = '/kms/v1/keys?pageSize=1&pageNo=1&note=a%20b';
    expect((await list(KEY_V2, target)).status).toBe(200);
    const sorted = { ...signedHeaders('GET', '/kms/v1/keys?pageNo=1&pageSize=1', KEY_V2) };
    const swapped = '/kms/v1/keys?pageSize=1&pageNo=1';
    const answer = await ncp.call('GET', swapped, undefined, { headers: sorted });
    expect(shown(answer)).toEqual(NOT_AUTHENTICATED);
  });

  test('takes the decoded query of the official SDK for JavaScript', async () => {
    const headers = signedHeaders('GET', '/kms/v1/keys?pageNo=1&note=a b', KEY_V2);
    const target = '/kms/v1/keys?pageNo=1&note=a%20b';
    expect((await ncp.call('GET', target, undefined, { headers })).status).toBe(200);
  });

  test('may leave out the prefixes of the gateway', async () => {
    const headers = signedHeaders('GET', LIST, KEY_V2);
    for (const prefix of ['', '/ncp', '/s/main', '/s/main/ncp']) {
      const answer = await ncp.call('GET', prefix + LIST, undefined, { headers });
      expect(answer.status, prefix).toBe(200);
      expect((await list(KEY_V2, prefix + LIST)).status, prefix).toBe(200);
    }
  });

  test('has five minutes in either direction', async () => {
    const minutes = 5 * 60_000;
    for (const timestamp of [START_MS - minutes, START_MS + minutes]) {
      expect((await list({ ...KEY_V2, timestamp })).status).toBe(200);
    }
    for (const timestamp of [START_MS - minutes - 1, START_MS + minutes + 1, 0]) {
      expect(shown(await list({ ...KEY_V2, timestamp }))).toEqual(NOT_AUTHENTICATED);
    }
  });

  test.each([
    ['a wrong secret key', { 'x-ncp-apigw-signature-v2': signatureWith({ secretKey: 'wrong' }) }],
    ['no signature', { 'x-ncp-apigw-signature-v2': undefined }],
    ['an empty signature', { 'x-ncp-apigw-signature-v2': '' }],
    ['a signature that is no base64', { 'x-ncp-apigw-signature-v2': '!' }],
    ['no timestamp', { 'x-ncp-apigw-timestamp': undefined }],
    ['a timestamp that is no number', { 'x-ncp-apigw-timestamp': '1e12' }],
    ['another timestamp than the signed one', { 'x-ncp-apigw-timestamp': String(START_MS + 1) }],
  ])('is refused with %s', async (_what, changed) => {
    const headers = Object.fromEntries(
      Object.entries({ ...signedHeaders('GET', LIST, KEY_V2), ...changed }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    expect(shown(await ncp.call('GET', LIST, undefined, { headers }))).toEqual(NOT_AUTHENTICATED);
  });

  test('is refused with another API key than its own', async () => {
    const signing = { ...KEY, apiKey: 'ANOTHERAPIKEY', scheme: 'v1' } as const;
    expect(shown(await list(signing))).toEqual(NOT_AUTHENTICATED);
  });

  test('does not sign for another method or path', async () => {
    const headers = signedHeaders('GET', LIST, KEY_V2);
    const path = '/kms/v1/keys?pageNo=1&pageSize=2';
    expect(shown(await ncp.call('GET', path, undefined, { headers }))).toEqual(NOT_AUTHENTICATED);
    const answer = await ncp.call('POST', LIST, {}, { headers });
    expect(shown(answer)).toEqual(NOT_AUTHENTICATED);
  });

  test('sees the keys of its own account only', async () => {
    const tag = await ncp.makeKey({}, KEY_V2);
    const info = `/kms/v1/keys/${tag}`;
    expect((await list(KEY_V2, info)).status).toBe(200);
    expect(shown(await list(OTHER, info))).toEqual(FORBIDDEN);
    expect((await list(OTHER)).json.data).toMatchObject({ totalCount: 0 });
    const signing = OTHER;
    const path = `/keys/v2/${tag}/encrypt`;
    const body = { plaintext: base64('a') };
    expect(shown(await ncp.call('POST', path, body, { signing }))).toEqual(FORBIDDEN);
  });

  test('can expire', async () => {
    const short: AccessKey = { accessKey: 'SHORTLIVEDKEY', secretKey: 'SHORTLIVEDSECRET' };
    const expiresAt = new Date(ncp.clock.nowMs + HOUR_MS).toISOString();
    await ncp.register({ ...short, account: '1001', expiresAt });
    expect((await list(short)).status).toBe(200);
    ncp.clock.nowMs += HOUR_MS;
    expect(shown(await list(short))).toEqual(NOT_AUTHENTICATED);
  });
});

function signatureWith(changed: Partial<AccessKey>): string {
  const headers = signedHeaders('GET', LIST, { ...KEY_V2, ...changed });
  return String(headers['x-ncp-apigw-signature-v2']);
}

describe('others than registered access keys', () => {
  const unknown: AccessKey = { accessKey: 'NOBODYSKEY', secretKey: 'x' };

  test('open lets everybody in; unsigned requests act for the owner of the key', async () => {
    const ncp = await start('open');
    const tag = await ncp.makeKey({}, KEY_V2);
    const path = `/kms/v1/keys/${tag}/encrypt`;
    const body = { plaintext: base64('a') };
    expect((await ncp.call('POST', path, body)).status).toBe(200);
    // An unknown access key is the default account, and this is somebody else's key.
    const refused = await ncp.call('POST', path, body, { signing: unknown });
    expect(shown(refused)).toEqual(FORBIDDEN);
    const signing = { ...unknown, timestamp: 0 };
    expect((await ncp.call('GET', LIST, undefined, { signing })).status).toBe(200);
    const own = await ncp.makeKey({}, unknown);
    const info = await ncp.call('GET', `/kms/v1/keys/${own}`);
    expect(info.json.data?.['nrn']).toContain('::000000000000:');
  });

  test('audit lets everybody in and notes why enforce would not', async () => {
    const ncp = await start('audit');
    await ncp.call('GET', LIST, undefined, { signing: unknown });
    expect(await auditOf(ncp)).toContain('The access key is not registered.');
    const tag = await ncp.makeKey({}, KEY_V2);
    await ncp.call('GET', `/kms/v1/keys/${tag}`);
    expect(await auditOf(ncp)).toContain('The request is not signed.');
    const headers = { 'x-ncp-ocapi-token': '{Access Token}' };
    const path = `/kms/v1/keys/${tag}/encrypt`;
    await ncp.call('POST', path, { plaintext: base64('a') }, { headers });
    expect(await auditOf(ncp)).toContain('The token was not issued here.');
  });

  test('enforce refuses everybody else', async () => {
    const ncp = await start('enforce');
    const refused = await ncp.call('GET', LIST, undefined, { signing: unknown });
    expect(shown(refused)).toEqual(NOT_AUTHENTICATED);
    const tag = await ncp.makeKey({}, KEY_V2);
    const path = `/kms/v1/keys/${tag}`;
    expect(shown(await ncp.call('GET', `${path}/versions`))).toEqual(NOT_AUTHENTICATED);
    const body = { plaintext: base64('a') };
    expect(shown(await ncp.call('POST', `${path}/encrypt`, body))).toEqual(NOT_AUTHENTICATED);
    const headers = { 'x-ncp-ocapi-token': '{Access Token}' };
    const answer = await ncp.call('POST', `${path}/encrypt`, body, { headers });
    expect(shown(answer)).toEqual(UNAUTHORIZED);
  });
});

// https://guide.ncloud-docs.com/docs/en/kms-token
describe.each(['open', 'enforce'] as const)('tokens in %s', (mode) => {
  let ncp: NcpGateway;
  let tag: string;
  const signing = KEY_V2;

  beforeAll(async () => {
    ncp = await start(mode);
    tag = await ncp.makeKey({}, signing);
  });

  const signed = (method: string, action: string, body?: unknown): Promise<NcpAnswer> =>
    ncp.call(method, `/kms/v1/keys/${tag}/${action}`, body, { signing });
  const withToken = (
    token: string,
    method: string,
    action: string,
    body?: unknown,
    key = tag,
  ): Promise<NcpAnswer> => {
    const headers = { 'x-ncp-ocapi-token': token };
    return ncp.call(method, `/kms/v1/keys/${key}/${action}`, body, { headers });
  };
  const tokensOf = async (
    answer: Promise<NcpAnswer>,
  ): Promise<{ access: string; refresh: string }> => {
    const { json, text } = await answer;
    if (json.data === null || json.data === undefined) throw new Error(text);
    return {
      access: String(json.data['accessToken']),
      refresh: String(json.data['refreshToken']),
    };
  };
  const encrypt = (token: string): Promise<NcpAnswer> =>
    withToken(token, 'POST', 'encrypt', { plaintext: base64('a') });

  test('come from a generator, which begins inactive', async () => {
    const none = {
      tokenGeneratorId: null,
      status: 'INACTIVE',
      enabledDate: null,
      disabledDate: null,
      issuedTokenCount: 0,
    };
    expect((await signed('GET', 'token-generator')).json.data).toEqual(none);
    expect(shown(await signed('POST', 'token-set', {}))).toEqual(INVALID_STATUS);
    expect(shown(await signed('PUT', 'token-generator'))).toEqual(INVALID_STATUS);
    expect(shown(await signed('DELETE', 'token-generator'))).toEqual(INVALID_STATUS);
    const made = await signed('POST', 'token-generator');
    expect(shown(made)).toEqual({ status: 200, json: { code: 'SUCCESS', data: null } });
    expect(shown(await signed('POST', 'token-generator'))).toEqual(INVALID_STATUS);
    expect((await signed('GET', 'token-generator')).json.data).toEqual({
      tokenGeneratorId: expect.any(String),
      status: 'ACTIVE',
      enabledDate: ncp.clock.nowMs,
      disabledDate: null,
      issuedTokenCount: 0,
    });
  });

  test('serve the six crypto operations and the public key of their own key', async () => {
    const { access } = await tokensOf(signed('POST', 'token-set', {}));
    const sealed = await encrypt(access);
    const { ciphertext } = sealed.json.data ?? {};
    for (const [action, body] of [
      ['decrypt', { ciphertext }],
      ['re-encrypt', { ciphertext }],
      ['create-custom-key', {}],
    ] as const) {
      expect((await withToken(access, 'POST', action, body)).status, action).toBe(200);
    }
    // Refused for the key's type, not for the token.
    for (const action of ['sign', 'verify', 'get-pub-key']) {
      const body = { data: base64('a'), signature: 'ncpkms:v1:AAAA' };
      expect(shown(await withToken(access, 'POST', action, body))).toEqual(INVALID_REQUEST);
    }
    const other = await ncp.makeKey({}, signing);
    const body = { plaintext: base64('a') };
    expect(shown(await withToken(access, 'POST', 'encrypt', body, other))).toEqual(UNAUTHORIZED);
  });

  test('do not manage keys', async () => {
    const { access } = await tokensOf(signed('POST', 'token-set', {}));
    for (const [method, action] of [
      ['GET', 'versions'],
      ['POST', 'rotate'],
      ['POST', 'disable'],
      ['POST', 'token-set'],
      ['GET', 'acl'],
    ] as const) {
      expect(shown(await withToken(access, method, action, {})), action).toEqual(NOT_AUTHENTICATED);
    }
  });

  test('access tokens do not refresh, and refresh tokens do nothing else', async () => {
    const { access, refresh } = await tokensOf(signed('POST', 'token-set', {}));
    expect(shown(await withToken(access, 'POST', 'access-token', {}))).toEqual(UNAUTHORIZED);
    expect(shown(await withToken(access, 'PUT', 'token-set', {}))).toEqual(UNAUTHORIZED);
    expect(shown(await encrypt(refresh))).toEqual(UNAUTHORIZED);
    const fresh = await tokensOf(withToken(refresh, 'POST', 'access-token', undefined));
    expect((await encrypt(fresh.access)).status).toBe(200);
    const pair = await tokensOf(withToken(refresh, 'PUT', 'token-set', undefined));
    expect((await encrypt(pair.access)).status).toBe(200);
    expect((await encrypt(access)).status).toBe(200);
  });

  test('live for as long as was asked for', async () => {
    const pair = await tokensOf(
      signed('POST', 'token-set', { accessTokenHours: '2', refreshTokenHours: 3 }),
    );
    const usual = await tokensOf(signed('POST', 'token-set', {}));
    const endless = await tokensOf(
      signed('POST', 'token-set', { accessTokenHours: 'UL', refreshTokenHours: 'UL' }),
    );
    const refreshes = async (token: string): Promise<number> =>
      (await withToken(token, 'POST', 'access-token', {})).status;
    ncp.clock.nowMs += 2 * HOUR_MS - 1_000;
    expect((await encrypt(pair.access)).status).toBe(200);
    ncp.clock.nowMs += 1_000;
    expect(shown(await encrypt(pair.access))).toEqual(UNAUTHORIZED);
    expect(await refreshes(pair.refresh)).toBe(200);
    ncp.clock.nowMs += HOUR_MS;
    expect(await refreshes(pair.refresh)).toBe(401);
    expect((await encrypt(usual.access)).status).toBe(200);
    ncp.clock.nowMs += 69 * HOUR_MS;
    expect((await encrypt(usual.access)).status).toBe(401);
    expect(await refreshes(usual.refresh)).toBe(200);
    ncp.clock.nowMs += 90 * DAY_MS;
    expect(await refreshes(usual.refresh)).toBe(401);
    ncp.clock.nowMs += 3_000 * DAY_MS;
    expect((await encrypt(endless.access)).status).toBe(200);
  });

  test.each([0, 17_521, -1, 1.5, 'ul', '', '1h', true, [1], { hours: 1 }])(
    'refuses %j hours',
    async (accessTokenHours) => {
      const answer = await signed('POST', 'token-set', { accessTokenHours });
      expect(shown(answer)).toEqual(INVALID_REQUEST);
    },
  );

  test('are told good from bad', async () => {
    const { access, refresh } = await tokensOf(
      signed('POST', 'token-set', { accessTokenHours: 1 }),
    );
    const validated = async (token: string): Promise<unknown> =>
      (await withToken(token, 'GET', 'validate-token')).json;
    const good = { code: 'SUCCESS', data: { validated: true } };
    const bad = { code: 'SUCCESS', data: { validated: false } };
    expect(await validated(access)).toEqual(good);
    expect(await validated(refresh)).toEqual(good);
    for (const token of ['{Access Token}', 'a.b.c', `${access}x`]) {
      expect(await validated(token)).toEqual(bad);
    }
    ncp.clock.nowMs += HOUR_MS;
    expect(await validated(access)).toEqual(bad);
    const path = `/kms/v1/keys/${tag}/validate-token`;
    expect(shown(await ncp.call('GET', path, undefined, { signing }))).toEqual(UNAUTHORIZED);
  });

  test('die with their generator', async () => {
    const { access, refresh } = await tokensOf(signed('POST', 'token-set', {}));
    expect((await signed('PUT', 'token-generator')).json).toEqual({ code: 'SUCCESS', data: null });
    expect(shown(await encrypt(access))).toEqual(UNAUTHORIZED);
    expect(shown(await withToken(refresh, 'POST', 'access-token', {}))).toEqual(UNAUTHORIZED);
    const next = await tokensOf(signed('POST', 'token-set', {}));
    expect((await signed('GET', 'token-generator')).json.data).toMatchObject({
      issuedTokenCount: 2,
    });
    expect((await signed('DELETE', 'token-generator')).json).toEqual({
      code: 'SUCCESS',
      data: null,
    });
    expect(shown(await encrypt(next.access))).toEqual(UNAUTHORIZED);
    expect((await signed('GET', 'token-generator')).json.data).toMatchObject({
      status: 'INACTIVE',
      disabledDate: ncp.clock.nowMs,
    });
    await signed('POST', 'token-generator');
    expect(shown(await encrypt(next.access))).toEqual(UNAUTHORIZED);
  });

  test('are counted, also when many are asked for at once', async () => {
    const { refresh } = await tokensOf(signed('POST', 'token-set', {}));
    const count = async (): Promise<number> =>
      Number((await signed('GET', 'token-generator')).json.data?.['issuedTokenCount']);
    const before = await count();
    const url = `${ncp.gateway.url}/kms/v1/keys/${tag}/access-token`;
    const headers = { 'x-ncp-ocapi-token': refresh };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => fetch(url, { method: 'POST', headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await count()).toBe(before + 6);
  });

  test('do not help with the API 1.0', async () => {
    const { access } = await tokensOf(signed('POST', 'token-set', {}));
    const headers = { 'x-ncp-ocapi-token': access };
    const path = `/keys/v2/${tag}/encrypt`;
    const answer = await ncp.call('POST', path, { plaintext: base64('a') }, { headers });
    expect(answer.status).toBe(mode === 'open' ? 200 : 401);
  });

  test('serve a changed state of the key', async () => {
    const { access } = await tokensOf(signed('POST', 'token-set', {}));
    await signed('POST', 'disable');
    expect(shown(await encrypt(access))).toEqual(INVALID_STATUS);
    await signed('POST', 'enable');
    expect((await encrypt(access)).status).toBe(200);
  });

  test('are bound to addresses while the list is on', async () => {
    const { access } = await tokensOf(signed('POST', 'token-set', {}));
    expect((await signed('GET', 'acl')).json.data).toEqual({
      keyTag: tag,
      isAclEnabled: false,
      allowedIpList: [],
    });
    expect((await signed('POST', 'acl/enable')).json.data).toEqual({
      keyTag: tag,
      isAclEnabled: true,
    });
    expect(shown(await encrypt(access))).toEqual(FORBIDDEN);
    expect(shown(await withToken(access, 'GET', 'validate-token'))).toEqual(FORBIDDEN);
    // Account requests are not concerned.
    expect((await signed('POST', 'encrypt', { plaintext: base64('a') })).status).toBe(200);
    const added = await signed('POST', 'acl', { ipList: ['10.0.0.1', '127.0.0.1', '10.0.0.1'] });
    expect(added.json.data).toEqual({ keyTag: tag, allowedIpList: ['10.0.0.1', '127.0.0.1'] });
    expect((await encrypt(access)).status).toBe(200);
    const removed = await signed('DELETE', 'acl', { IpList: ['127.0.0.1', '10.9.9.9'] });
    expect(removed.json.data).toEqual({ keyTag: tag, allowedIpList: ['10.0.0.1'] });
    expect(shown(await encrypt(access))).toEqual(FORBIDDEN);
    expect((await signed('POST', 'acl/disable')).json.data).toEqual({
      keyTag: tag,
      isAclEnabled: false,
    });
    expect((await encrypt(access)).status).toBe(200);
    for (const ipList of [[], undefined, '10.0.0.1', ['10.0.0.0/8'], ['256.0.0.1'], ['::1'], [1]]) {
      expect(shown(await signed('POST', 'acl', { ipList }))).toEqual(INVALID_REQUEST);
    }
  });

  test('end with the key', async () => {
    const { access } = await tokensOf(signed('POST', 'token-set', {}));
    await signed('POST', 'request-deletion');
    expect(shown(await encrypt(access))).toEqual(INVALID_STATUS);
    const path = `/kms/v1/keys/${tag}`;
    await ncp.call('DELETE', path, undefined, { signing });
    expect(shown(await ncp.call('GET', path, undefined, { signing }))).toEqual(NOT_FOUND);
    expect(shown(await encrypt(access))).toEqual(UNAUTHORIZED);
  });
});

test('no secret of a generator is stored in clear', async () => {
  const ncp = await start('open');
  const tag = await ncp.makeKey();
  await ncp.call('POST', `/kms/v1/keys/${tag}/token-generator`);
  const stored = await ncp.gateway.vault.store.readResource('main', 'ncp-token-generator', tag);
  expect(Object.keys(stored?.body ?? {}).sort()).toEqual(
    ['disabledAt', 'enabledAt', 'id', 'isActive', 'issued'].sort(),
  );
  expect(stored?.sealed?.length).toBeGreaterThan(32);
});
