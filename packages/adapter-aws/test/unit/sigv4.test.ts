import type { Credential, WireRequest } from '@keyglot/dialect';
import { describe, expect, test } from 'vitest';
import { createSignatureReader } from '../../src/signatureParts.js';
import { signatureMatches } from '../../src/sigv4.js';
import {
  ACCESS_KEY,
  authorizationOf,
  plainRequest,
  presignedRequest,
  SECRET,
  type Signing,
  signedRequest,
  withHeaders,
} from '../support/signedRequest.js';

/** Only the secret and the identity of a credential matter here. */
function credentialOf(secret: string = SECRET): Credential {
  const record = { sandbox: '', kind: '', id: '', parent: '', body: {}, sealed: null, version: 1 };
  return {
    resource: { record, secret: undefined },
    dialect: 'aws',
    sandbox: '',
    expiresAtMs: 0,
    get: (member) => (member === 'secretAccessKey' ? secret : ''),
  };
}

function matches(request: WireRequest, credential: Credential = credentialOf()): boolean {
  const parts = createSignatureReader()(request.head);
  if (parts === undefined) throw new Error('the request is not signed');
  return signatureMatches(request.head, request.body, parts, credential);
}

/** Everything that botocore signs; it sends the rest unsigned and no hash of the body. */
const BOTOCORE: Signing = {
  bodyHash: false,
  unsigned: ['amz-sdk-invocation-id', 'amz-sdk-request', 'accept-encoding', 'content-length'],
  headers: {
    'accept-encoding': 'identity',
    'content-length': '2',
    'amz-sdk-invocation-id': 'a1b2',
    'amz-sdk-request': 'attempt=1; max=5',
  },
};

/** The JS SDK signs nearly all that it sends. */
const JS_SDK: Signing = {
  headers: {
    'content-length': '2',
    'amz-sdk-invocation-id': 'a1b2',
    'amz-sdk-request': 'attempt=1; max=3',
    'user-agent': 'aws-sdk-js/3.1162.0',
    'x-amz-user-agent': 'aws-sdk-js/3.1162.0  ua/2.1   os/linux',
  },
};

describe('a signature', () => {
  // Computed by hand-written code and by botocore 1.43 with the same result.
  test('is that of the published example', () => {
    const request = withHeaders(plainRequest(), {
      'x-amz-date': '20150830T123600Z',
      authorization:
        `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/20150830/us-east-1/kms/aws4_request, ` +
        'SignedHeaders=content-type;host;x-amz-date;x-amz-target, ' +
        'Signature=07499af8ab2ef3d35030bf049520b6c0de4a040bfc6c24cd89fc4dab8a531f56',
    });
    expect(matches(request)).toBe(true);
  });

  const good: readonly [string, Signing][] = [
    ['as botocore makes it', BOTOCORE],
    ['as the JS SDK makes it', JS_SDK],
    ['with a session token', { ...JS_SDK, sessionToken: 'token/+=' }],
    ['without a body', { body: '' }],
    ['over a body beyond ASCII', { body: '{"Description":"žluťoučký 🔑"}' }],
    ['below a prefix with a slash', { path: '/aws/' }],
    ['below a prefix without a slash', { path: '/aws' }],
    ['below a sandbox and a prefix', { path: '/s/box/aws/' }],
    ['over a path with encoded characters', { path: '/aws/a%20b/%C3%A9/' }],
    ['over a path with characters that need encoding', { path: '/aws/a:b@c!$()*+,=' }],
    ['over a path with repeated slashes', { path: '//aws//' }],
    ['over a path with dots', { path: '/x/../aws/./y/' }],
    ['over a path that climbs out', { path: '/../..' }],
    ['over a query', { query: { async: '1' } }],
    ['over a query with names that begin alike', { query: { a: '1', 'a-b': '2', a1: '3' } }],
    ['over a query with repeated names', { query: { b: ['2', '10', '1'], a: '' } }],
    ['over a query that needs encoding', { query: { 'ä ~': "a+b/c=d&e !'()*", '%': '%41' } }],
    ['over a header with inner spaces', { headers: { 'x-amz-note': '  a   b \t c  ' } }],
    ['over an empty header', { headers: { 'x-amz-note': '' } }],
    ['over a header that JavaScript objects have', { headers: { constructor: 'x' } }],
    ['with another method', { method: 'PUT' }],
    ['for STS', { service: 'sts' }],
  ];

  test.each(good)('is taken %s', async (_what, signing) => {
    expect(matches(await signedRequest(signing))).toBe(true);
  });

  test.each(good)('in the query is taken %s', async (_what, signing) => {
    expect(matches(await presignedRequest(signing))).toBe(true);
  });

  test('is refused under another secret', async () => {
    expect(matches(await signedRequest(), credentialOf(`${SECRET}x`))).toBe(false);
    expect(matches(await presignedRequest(), credentialOf(`${SECRET}x`))).toBe(false);
  });

  test('is refused after a change of any of its bits', async () => {
    const request = await signedRequest(JS_SDK);
    const authorization = authorizationOf(request);
    const at = authorization.length - 64;
    expect(authorization.slice(at)).toMatch(/^[0-9a-f]{64}$/);
    for (let index = at; index < authorization.length; index += 1) {
      for (let bit = 0; bit < 7; bit += 1) {
        const flipped = String.fromCharCode(authorization.charCodeAt(index) ^ (1 << bit));
        const other = authorization.slice(0, index) + flipped + authorization.slice(index + 1);
        // A separator makes it another list of parameters; what is left is still no signature.
        if (!/[0-9A-Za-z]/.test(flipped)) continue;
        expect(matches(withHeaders(request, { authorization: other })), other).toBe(false);
      }
    }
  });

  test.each([
    ['in capitals', (signature: string) => signature.toUpperCase()],
    ['with more behind it', (signature: string) => `${signature}zz`],
    ['with more digits behind it', (signature: string) => `${signature}00`],
    ['cut by a digit', (signature: string) => signature.slice(0, 63)],
    ['with another parameter of no digits behind it', (signature: string) => `${signature},a=b`],
  ])('is only taken as it is, not %s', async (what, change) => {
    const request = await signedRequest();
    const authorization = authorizationOf(request);
    const signature = authorization.slice(-64);
    const other = authorization.slice(0, -64) + change(signature);
    const taken = what.startsWith('with another parameter');
    expect(matches(withHeaders(request, { authorization: other }))).toBe(taken);
  });

  test('is refused after a change of any signed header', async () => {
    const request = await signedRequest({ ...JS_SDK, sessionToken: 'token' });
    const listed = /SignedHeaders=([^,]+)/.exec(authorizationOf(request))?.[1]?.split(';') ?? [];
    expect(listed).toEqual([
      'amz-sdk-invocation-id',
      'amz-sdk-request',
      'content-length',
      'content-type',
      'host',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-security-token',
      'x-amz-target',
      'x-amz-user-agent',
    ]);
    for (const name of listed) {
      const value = String(request.head.headers[name]);
      expect(matches(withHeaders(request, { [name]: `${value}x` })), name).toBe(false);
      if (name === 'x-amz-date') continue;
      expect(matches(withHeaders(request, { [name]: undefined })), name).toBe(false);
    }
  });

  test('does not cover headers that it does not list', async () => {
    const request = await signedRequest(BOTOCORE);
    expect(matches(withHeaders(request, { 'amz-sdk-request': 'attempt=2' }))).toBe(true);
  });

  test('is refused after a change of method, path, query or body', async () => {
    const request = await signedRequest({ ...BOTOCORE, path: '/aws/', query: { a: '1' } });
    const { head } = request;
    expect(matches({ ...request, head: { ...head, method: 'PUT' } })).toBe(false);
    expect(matches({ ...request, head: { ...head, rawPath: '/aws' } })).toBe(false);
    expect(matches({ ...request, head: { ...head, query: 'a=2' } })).toBe(false);
    expect(matches({ ...request, head: { ...head, query: 'a=1&b=' } })).toBe(false);
    expect(matches({ ...request, head: { ...head, query: '' } })).toBe(false);
    for (const body of ['', '{ }', '{}\n', '[]']) {
      expect(matches({ ...request, body: Buffer.from(body) }), body).toBe(false);
    }
  });

  test('in the query is refused after a change of any other part of the query', async () => {
    const request = await presignedRequest({ sessionToken: 'token' });
    const { head } = request;
    for (const pair of head.query.split('&')) {
      const changed = head.query.replace(pair, pair.endsWith('a') ? `${pair}b` : `${pair}a`);
      // Names of parameters and the algorithm are read before; here only a difference counts.
      if (/^X-Amz-(Algorithm|Credential)=/.test(pair)) continue;
      expect(matches({ ...request, head: { ...head, query: changed } }), pair).toBe(false);
    }
  });

  test.each([
    ['UNSIGNED-PAYLOAD', 'UNSIGNED-PAYLOAD'],
    ['a streaming one', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
    ['that of another body', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['an empty one', ''],
  ])('is refused beside a hash of the body that is not the hash: %s', async (_what, stated) => {
    const headers = { 'x-amz-content-sha256': stated };
    expect(matches(await signedRequest({ headers }))).toBe(false);
    const unsigned = await signedRequest(BOTOCORE);
    expect(matches(unsigned)).toBe(true);
    expect(matches(withHeaders(unsigned, headers))).toBe(false);
  });

  test('is found again for a credential that is read anew with another secret', async () => {
    const request = await signedRequest();
    expect(matches(request, credentialOf())).toBe(true);
    expect(matches(request, credentialOf('other'))).toBe(false);
    expect(matches(await signedRequest({ secretAccessKey: 'other' }), credentialOf('other'))).toBe(
      true,
    );
  });

  test('is right for one credential over more scopes than are kept', async () => {
    const credential = credentialOf();
    for (let index = 0; index < 150; index += 1) {
      const request = await signedRequest({ region: `us-east-${index}` });
      expect(matches(request, credential), String(index)).toBe(true);
    }
    expect(matches(await signedRequest({ region: 'us-east-0' }), credential)).toBe(true);
  });
});
