import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccessKey,
  base64,
  INVALID_STATUS,
  type NcpAnswer,
  type NcpGateway,
  NOT_FOUND,
  shown,
  startNcpGateway,
  UNKNOWN_URI,
} from '../support/ncpGateway.js';
import { DAY_MS } from '../support/testClock.js';

// Two whole lives of a key, as the tutorials of both APIs tell them, with every request signed.

const KEY: AccessKey = { accessKey: 'SCENARIOKEY', secretKey: 'SCENARIOSECRET' };
const API_KEY = 'SCENARIOAPIKEY';

let ncp: NcpGateway;

beforeAll(async () => {
  ncp = await startNcpGateway({ auth: 'enforce' });
  await ncp.register({ ...KEY, apiKey: API_KEY, account: '2942' });
});

afterAll(() => ncp.close());

const ok = async (answer: Promise<NcpAnswer>): Promise<Record<string, unknown>> => {
  const { status, json, text } = await answer;
  expect(status, text).toBe(200);
  expect(json.code).toBe('SUCCESS');
  return json.data ?? {};
};

test('API 2.0: create, use, rotate, move, delegate by token, end', async () => {
  const call = (method: string, path: string, body?: unknown): Promise<NcpAnswer> =>
    ncp.call(method, `/kms/v1/keys${path}`, body, { signing: KEY });
  const made = await ok(
    call('POST', '', {
      keyName: 'scenario-2',
      keyType: 'AES256',
      memo: 'first',
      isConvergent: false,
      isAutoRotation: false,
      protectionType: 'BASIC',
    }),
  );
  const tag = String(made['keyTag']);
  const list = await ok(call('GET', '?pageNo=1&pageSize=100'));
  expect(list).toMatchObject({ totalCount: 1, keyList: [{ keyTag: tag, keyName: 'scenario-2' }] });

  const custom = await ok(call('POST', `/${tag}/create-custom-key`, { requestPlainKey: true }));
  const records = ['one', 'two'].map(base64);
  const { ciphertext } = await ok(call('POST', `/${tag}/encrypt`, { plaintext: records }));
  expect(await ok(call('POST', `/${tag}/rotate`))).toMatchObject({ version: 2 });
  const { newCiphertext } = await ok(call('POST', `/${tag}/re-encrypt`, { ciphertext }));
  const { newCiphertext: dataKey } = await ok(
    call('POST', `/${tag}/re-encrypt`, { ciphertext: custom['ciphertext'] }),
  );
  await ok(call('POST', `/${tag}/versions/1/disable`));
  expect(shown(await call('POST', `/${tag}/decrypt`, { ciphertext }))).toEqual(INVALID_STATUS);
  expect(await ok(call('POST', `/${tag}/decrypt`, { ciphertext: newCiphertext }))).toEqual({
    plaintext: records,
  });

  await ok(call('POST', `/${tag}/token-generator`));
  const tokens = await ok(call('POST', `/${tag}/token-set`, { accessTokenHours: 1 }));
  const headers = { 'x-ncp-ocapi-token': String(tokens['accessToken']) };
  const path = `/kms/v1/keys/${tag}/decrypt`;
  const opened = await ncp.call('POST', path, { ciphertext: dataKey }, { headers });
  expect(opened.json.data).toEqual({ plaintext: custom['plaintext'] });

  await ok(call('PUT', `/${tag}/memo`, { memo: 'last' }));
  await ok(call('PUT', `/${tag}/name`, { keyName: 'scenario-2b' }));
  await ok(call('POST', `/${tag}/disable`));
  await ok(call('POST', `/${tag}/request-deletion`));
  await ok(call('POST', `/${tag}/cancel-deletion`));
  await ok(call('POST', `/${tag}/enable`));
  expect(await ok(call('GET', `/${tag}`))).toMatchObject({
    nrn: `nrn:PUB:KMS::2942:Key/${made['keyId']}`,
    keyName: 'scenario-2b',
    memo: 'last',
    status: 'ENABLE',
    currentVersion: 2,
  });
  await ok(call('POST', `/${tag}/request-deletion`));
  ncp.clock.nowMs += 3 * DAY_MS;
  expect(shown(await call('GET', `/${tag}`))).toEqual(NOT_FOUND);
  expect(await ok(call('GET', ''))).toMatchObject({ totalCount: 0, keyList: [] });
});

test.each(['v1', 'v2'] as const)('API 1.0, stage %s: the six operations', async (stage) => {
  const signing = stage === 'v1' ? { ...KEY, apiKey: API_KEY, scheme: stage } : KEY;
  const first = async (tag: string, action: string, body: unknown): Promise<NcpAnswer> =>
    ncp.call('POST', `/keys/${stage}/${tag}/${action}`, body, { signing });
  const aes = await ncp.makeKey({ keyName: `aes-${stage}` }, KEY);
  const ec = await ncp.makeKey({ keyName: `ec-${stage}`, keyType: 'ECDSA' }, KEY);

  const sealed = await first(aes, 'encrypt', { plaintext: base64('text') });
  expect(sealed.text).toMatch(/^\{"code":"SUCCESS","msg":"","data":\{"ciphertext":"ncpkms:v1:/);
  const { ciphertext } = sealed.json.data ?? {};
  expect((await first(aes, 'decrypt', { ciphertext })).json).toEqual({
    code: 'SUCCESS',
    msg: '',
    data: { plaintext: base64('text') },
  });
  const made = await ok(first(aes, 'createCustomKey', { requestPlainKey: true, bits: 128 }));
  expect(made).toMatchObject({ key_version: 1 });
  const { ciphertext: dataKey, plaintext } = made;
  const moved = await ok(first(aes, 'reencrypt', { ciphertext: [ciphertext, dataKey] }));
  const opened = await ok(first(aes, 'decrypt', { ciphertext: moved['newCiphertext'] }));
  expect(opened).toEqual({ plaintext: [base64('text'), plaintext] });
  const { signature } = await ok(first(ec, 'sign', { data: base64('hash') }));
  const judged = await first(ec, 'verify', { data: base64('hash'), signature });
  expect(judged.json).toEqual({ code: 'SUCCESS', msg: '', data: { valid: true } });

  // Management is not part of it.
  expect(shown(await first(aes, 'rotate', {}))).toEqual(UNKNOWN_URI);
  expect(shown(await first('0'.repeat(64), 'encrypt', { plaintext: base64('a') }))).toEqual(
    NOT_FOUND,
  );
});
