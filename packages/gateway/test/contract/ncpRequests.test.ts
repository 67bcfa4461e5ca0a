import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  base64,
  gatewayRefusal,
  INVALID_REQUEST,
  type NcpEnvelope,
  type NcpGateway,
  NOT_FOUND,
  signedHeaders,
  startNcpGateway,
  UNKNOWN_URI,
} from '../support/ncpGateway.js';

let ncp: NcpGateway;
let tag: string;
let convergent: string;
let sealed: string;

beforeAll(async () => {
  ncp = await startNcpGateway();
  tag = await ncp.makeKey();
  convergent = await ncp.makeKey({ isConvergent: true });
  const made = await ncp.call('POST', `/kms/v1/keys/${tag}/encrypt`, { plaintext: base64('a') });
  sealed = String(made.json.data?.['ciphertext']);
});

afterAll(() => ncp.close());

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const send = async (sent: Sent): Promise<{ status: number; json: NcpEnvelope }> => {
  const { status, text } = await ncp.send(sent);
  return { status, json: JSON.parse(text) };
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const UTF8 = { 'content-type': 'application/json;charset=UTF-8' };
const SIGNER = { accessKey: 'AK', secretKey: 'SK' };
const signed = (path: string, more: Record<string, string> = {}): Record<string, string> => ({
  ...signedHeaders('POST', path, SIGNER),
  ...more,
});

/**
 * Requests as clients in the wild send them, but for host, key and ciphertext; to the one port, without
 * prefix or host name.
 */
const CAPTURED: readonly [string, (key: string, body: string) => Sent][] = [
  // https://github.com/openbao/go-kms-wrapping/pull/109
  [
    'the OpenBao wrapper',
    (key, body) => ({
      path: `/keys/v2/${key}/decrypt`,
      headers: signed(`/keys/v2/${key}/decrypt`, UTF8),
      body,
    }),
  ],
  // https://github.com/jayground8/ncloud-sdk-go: scheme v2 in the header of scheme v1
  [
    'the Go SDK with a KMS client',
    (key, body) => ({
      path: `/keys/v2/${key}/decrypt`,
      headers: {
        ...UTF8,
        ...signedHeaders('POST', `/keys/v2/${key}/decrypt`, { ...SIGNER, scheme: 'v1' }),
      },
      body,
    }),
  ],
  [
    'a Java service with an API key',
    (key, body) => ({
      path: `/keys/v1/${key}/reencrypt`,
      headers: {
        'content-type': 'application/json',
        ...signedHeaders('POST', `/keys/v1/${key}/reencrypt`, {
          ...SIGNER,
          apiKey: 'GW',
          scheme: 'v1',
        }),
      },
      body,
    }),
  ],
  [
    'a Go client of the API 2.0',
    (key, body) => ({
      path: `/kms/v1/keys/${key}/decrypt`,
      headers: signed(`/kms/v1/keys/${key}/decrypt`, UTF8),
      body,
    }),
  ],
  // https://api.ncloud-docs.com/docs/en/security-kms2-token-reencrypt, sent by curl
  [
    "the documentation's own line",
    (key, body) => ({
      path: `/kms/v1/keys/${key}/re-encrypt`,
      headers: { 'x-ncp-ocapi-token': '{Access Token}', ...FORM },
      body,
    }),
  ],
  [
    'the shortened path without any header',
    (key, body) => ({ path: `/keys/${key}/re-encrypt`, headers: FORM, body }),
  ],
];

describe.each(CAPTURED)('a request of %s', (_who, request) => {
  test('is served', async () => {
    const { status, json } = await send(request(tag, JSON.stringify({ ciphertext: sealed })));
    expect(status).toBe(200);
    expect(json.code).toBe('SUCCESS');
    expect([['plaintext'], ['newCiphertext']]).toContainEqual(Object.keys(json.data ?? {}));
  });

  test('gets our errors for a wrong value', async () => {
    const wrong = JSON.stringify({ ciphertext: 'AQICAH' }, undefined, 2);
    expect(await send(request(tag, wrong))).toEqual(INVALID_REQUEST);
    const body = JSON.stringify({ ciphertext: sealed });
    expect(await send(request('e'.repeat(64), body))).toEqual(NOT_FOUND);
    expect(await send(request('a1b2c3d4', body))).toEqual(NOT_FOUND);
  });
});

// https://api.ncloud-docs.com/docs/en/security-kms2-token-reencrypt
describe('the documented example of Re-encrypt', () => {
  const path = (): string => `/kms/v1/keys/${convergent}/re-encrypt`;
  const headers = { 'x-ncp-ocapi-token': '{Access Token}', ...FORM };
  const context = base64('{BASE64_CONTEXT}');
  const encrypt = async (plaintext: unknown): Promise<unknown> => {
    const body = { plaintext, context };
    const made = await ncp.call('POST', `/kms/v1/keys/${convergent}/encrypt`, body);
    return made.json.data?.['ciphertext'];
  };

  test('takes a text', async () => {
    const ciphertext = await encrypt(base64('one'));
    const body = `{\n  "ciphertext": "${ciphertext}",\n  "context": "${context}"\n}`;
    expect(await send({ path: path(), headers, body })).toEqual({
      status: 200,
      json: { code: 'SUCCESS', data: { newCiphertext: ciphertext } },
    });
  });

  test('takes an array', async () => {
    const ciphertext = await encrypt(['one', 'two', 'three'].map(base64));
    const body = JSON.stringify({ ciphertext, context }, undefined, 2);
    expect(await send({ path: path(), headers, body })).toEqual({
      status: 200,
      json: { code: 'SUCCESS', data: { newCiphertext: ciphertext } },
    });
  });
});

describe('signed requests on shared paths', () => {
  test.each([
    ['POST', '/kms/v1/keys', INVALID_REQUEST],
    ['GET', '/kms/v1/keys?pageNo=0', INVALID_REQUEST],
    ['GET', '/kms/v1/keys/some-tag', NOT_FOUND],
    ['GET', '/keys/some-tag/versions', NOT_FOUND],
    ['PATCH', '/kms/v1/keys', UNKNOWN_URI],
    ['POST', '/kms/v1/keyrings', UNKNOWN_URI],
    ['POST', '/kms/v2/keys', UNKNOWN_URI],
    ['GET', '/', UNKNOWN_URI],
  ])('%s %s reaches this dialect by its headers', async (method, path, expected) => {
    const headers = signedHeaders(method, path, SIGNER);
    expect(await send({ method, path, headers, body: '{}' })).toEqual(expected);
  });

  test.each(['kms.apigw.ntruss.com', 'ocapi.ncloud.com', 'ncp.localhost', 'ci-1.ncp.localhost'])(
    'host %s needs no header',
    async (host) => {
      const answer = await send({ method: 'GET', path: '/kms/v1/keys/none', headers: { host } });
      expect(answer).toEqual(NOT_FOUND);
    },
  );

  test('the tag of a key is enough', async () => {
    const { status } = await send({ method: 'GET', path: `/kms/v1/keys/${tag}` });
    expect(status).toBe(200);
  });
});

describe('hostile bodies', () => {
  const encrypt = (body: string | Buffer, more: Record<string, string> = {}): Promise<unknown> =>
    ncp
      .send({ path: `/kms/v1/keys/${tag}/encrypt`, headers: more, body })
      .then(({ status, text }) => ({ status, json: JSON.parse(text) }));

  test.each([
    ['nothing', ''],
    ['broken JSON', '{"plaintext":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"a"'],
    ['a number', '1'],
    ['a form', 'plaintext=YQ=='],
    ['depth', `{"plaintext":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['depth that does not end', '['.repeat(200_000)],
    ['depth beside', `{"x":${'{"y":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
    ['__proto__', '{"__proto__":{"plaintext":"YQ=="}}'],
    ['constructor', '{"constructor":{"prototype":{"plaintext":"YQ=="}}}'],
    ['a null', '{"plaintext":null}'],
    ['a null in an array', '{"plaintext":[null]}'],
    ['a lone surrogate', '{"plaintext":"\\ud800"}'],
    ['a number too large', '{"plaintext":1e999}'],
  ])('%s is an invalid request', async (_what, body) => {
    expect(await encrypt(body)).toEqual(INVALID_REQUEST);
  });

  test('members of other names do no harm, and are reported', async () => {
    const body = '{"__proto__":{"context":"YQ=="},"toString":1,"plaintext":"YQ=="}';
    expect(await encrypt(body)).toMatchObject({ status: 200 });
    const journal = await ncp.send({
      method: 'GET',
      path: '/_keyglot/journal',
      headers: { authorization: `Bearer ${ncp.gateway.adminToken}` },
    });
    expect(journal.text).toContain('"__proto__","toString"');
  });

  test('what is not UTF-8 does not pass the gateway of the service', async () => {
    const body = Buffer.from('{"plaintext":"\xff"}', 'latin1');
    expect(await encrypt(body)).toEqual(gatewayRefusal(400, '100', 'Bad Request Exception'));
  });

  test('a body of more than a megabyte is refused', async () => {
    const large = JSON.stringify({ plaintext: 'A'.repeat(1_048_576) });
    const refused = gatewayRefusal(413, '430', 'Request Entity Too Large');
    expect(await encrypt(large)).toEqual(refused);
    const padded = `{"plaintext":"YQ=="${' '.repeat(1_048_576 - 21)}}`;
    expect(Buffer.byteLength(padded)).toBeLessThanOrEqual(1_048_576);
    expect(await encrypt(padded)).toMatchObject({ status: 200 });
  });

  test('a content type of any kind is ignored', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', '']) {
      const answer = await encrypt('{"plaintext":"YQ=="}', { 'content-type': type });
      expect(answer).toMatchObject({ status: 200 });
    }
  });

  test('bodies of operations without input are not looked at', async () => {
    const answer = await send({ path: `/kms/v1/keys/${tag}/rotate`, body: '{{{' });
    expect(answer.status).toBe(200);
  });

  test('no path or query gives a server error', async () => {
    const paths = [
      '/kms/v1/keys/%00/encrypt',
      '/kms/v1/keys/__proto__/encrypt',
      '/kms/v1/keys/constructor',
      `/kms/v1/keys/${'a'.repeat(5_000)}/encrypt`,
      `/keys/v1/%E0%A4%A/encrypt`,
      '/kms/v1/keys/a%0Ab/sign',
      `/kms/v1/keys/${tag}/versions/99999999999999999999/enable`,
      `/kms/v1/keys/${tag}/versions/1%2e0/enable`,
      '/kms/v1/keys?pageNo=999999999&pageSize=200',
      '/kms/v1/keys?__proto__=1&pageNo=__proto__',
      '/kms/v1/keys?pageNo=%zz',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const headers = { 'x-ncp-request': '1' };
        const { status } = await ncp.send({ method, path, headers, body: '{"plaintext":"YQ=="}' });
        expect(status, `${method} ${path}`).toBeLessThan(500);
      }
    }
  });
});

describe('evidence', () => {
  const asked = { 'x-keyglot-evidence': '1', 'x-ncp-request': '1' };
  const evidenceOf = async (sent: Sent): Promise<unknown> =>
    (await ncp.send({ ...sent, headers: asked })).headers['x-keyglot-evidence'];

  test('is shown on request, with the page of the API that was called', async () => {
    const body = JSON.stringify({ ciphertext: sealed });
    expect(await evidenceOf({ path: `/kms/v1/keys/${tag}/re-encrypt`, body })).toBe(
      'documented; 2026-11-24; https://api.ncloud-docs.com/docs/en/security-kms2-reencrypt',
    );
    expect(await evidenceOf({ path: `/keys/v1/${tag}/reencrypt`, body })).toBe(
      'documented; 2026-11-24; https://api.ncloud-docs.com/docs/en/security-kms-reencrypt',
    );
    const silent = await ncp.send({ path: `/keys/v1/${tag}/reencrypt`, body });
    expect(silent.headers).not.toHaveProperty('x-keyglot-evidence');
  });

  test('tells guesses from documents in refusals', async () => {
    expect(await evidenceOf({ method: 'GET', path: '/kms/v1/nothing' })).toMatch(/^documented; /);
    expect(await evidenceOf({ method: 'GET', path: '/kms/v1/keys/none' })).toMatch(/^inferred; /);
  });
});
