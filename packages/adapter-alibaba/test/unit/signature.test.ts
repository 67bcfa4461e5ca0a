import { createSecretKey, type KeyObject } from 'node:crypto';
import type { RequestHead } from '@keyglot/dialect';
import { describe, expect, it } from 'vitest';
import { canonicalPairs, percentEncode } from '../../src/percent.js';
import { sameText, signV1, stringToSignV1 } from '../../src/signatureV1.js';
import {
  bodyDigest,
  canonicalRequest,
  readAuthorization,
  signV3,
  stringToSignV3,
} from '../../src/signatureV3.js';

function secretKey(text: string): KeyObject {
  return createSecretKey(Buffer.from(text));
}

function params(text: string): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(text));
}

describe('version 1.0', () => {
  it('signs the request of the KMS page, as its final URL has it', () => {
    const text = stringToSignV1(
      'GET',
      params(
        'AccessKeyId=testid&Action=CreateKey&Format=json&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&Timestamp=2016-03-28T03:13:08Z&Version=2016-01-20&Signature=left-out',
      ),
    );
    expect(text).toBe(
      'GET&%2F&AccessKeyId%3Dtestid%26Action%3DCreateKey%26Format%3Djson%26SignatureMethod%3DHMAC-SHA1%26SignatureVersion%3D1.0%26Timestamp%3D2016-03-28T03%253A13%253A08Z%26Version%3D2016-01-20',
    );
    expect(signV1(secretKey('testsecret&'), text)).toBe('41wk2SSX1GJh7fwnc5eqOfiJPFg=');
  });

  it('signs the example of the RPC pages', () => {
    const text = stringToSignV1(
      'GET',
      params(
        'Timestamp=2016-02-23T12:46:24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0',
      ),
    );
    expect(signV1(secretKey('testsecret&'), text)).toBe('OLeaidS1JvxuMvnyHOwuJ+uX5qY=');
  });

  it('signs parameters without a value', () => {
    expect(stringToSignV1('POST', params('b=&a=1'))).toBe('POST&%2F&a%3D1%26b%3D');
  });
});

describe('the third generation', () => {
  const query =
    'CiphertextBlob=ODZh%2B%2F8%3D&DestinationEncryptionContext=%7B%22b%22%3A%222%22%2C%22a%22%3A%221%22%7D&DestinationKeyId=key-1&SourceEncryptionAlgorithm=RSAES_OAEP_SHA_256&SourceKeyId=key-2&SourceKeyVersionId=v1';
  const authorization =
    'ACS3-HMAC-SHA256 Credential=testak,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=3c71a00a50051bda95485956cb4e10ad1d1ba2daa79aafaaa8b342b0a9a50ada';
  const head: RequestHead = {
    method: 'POST',
    rawPath: '/',
    path: '/',
    query,
    hostname: '127.0.0.1',
    headers: {
      host: '127.0.0.1:35333',
      'x-acs-version': '2016-01-20',
      'x-acs-action': 'ReEncrypt',
      'x-acs-date': '2026-11-22T08:08:40Z',
      'x-acs-signature-nonce': '15efdebbef63627fcaf67a0298b580a60efaae67c0df45b24ad0905cd5ee5e4e',
      accept: 'application/json',
      'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-acs-credentials-provider': 'static_ak',
    },
  };

  it('gives the signature of a request that the official client sent', () => {
    const parts = readAuthorization(authorization);
    expect(parts).toMatchObject({ algorithm: 'ACS3-HMAC-SHA256', accessKeyId: 'testak' });
    const pairs = [...new URLSearchParams(query)];
    const canonical = canonicalRequest(head, pairs, parts?.signedHeaders ?? []);
    expect(signV3(secretKey('testsk'), stringToSignV3(canonical))).toBe(parts?.signature);
    expect(bodyDigest(Buffer.alloc(0))).toBe(head.headers['x-acs-content-sha256']);
  });

  it('puts a blank line between headers and their names', () => {
    expect(canonicalRequest(head, [], ['x-acs-version', 'host'])).toBe(
      `POST\n/\n\nhost:127.0.0.1:35333\nx-acs-version:2016-01-20\n\nhost;x-acs-version\n${head.headers['x-acs-content-sha256']}`,
    );
  });

  it.each([
    ['spaces behind the commas', authorization.replaceAll(',', ', '), 'testak'],
    [
      'a later generation',
      'ACS4-HMAC-SHA256 Credential=ak/20261122/cn-hangzhou/kms/aliyun_v4_request,SignedHeaders=host,Signature=0a',
      'ak',
    ],
    ['nothing but a name', 'ACS3-HMAC-SHA256', undefined],
    ['no signature', 'ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host', undefined],
    [
      'an empty credential',
      'ACS3-HMAC-SHA256 Credential=,SignedHeaders=host,Signature=00',
      undefined,
    ],
    ['another scheme', 'Bearer abc', undefined],
  ])('reads an authorization with %s', (_what, text, accessKeyId) => {
    expect(readAuthorization(text)?.accessKeyId).toBe(accessKeyId);
  });
});

describe('percentEncode', () => {
  it('leaves only the unreserved characters', () => {
    expect(percentEncode("aZ09-_.~ !*'()+/=ü")).toBe('aZ09-_.~%20%21%2A%27%28%29%2B%2F%3D%C3%BC');
  });

  it('sorts names by code unit', () => {
    expect(
      canonicalPairs([
        ['b', '1'],
        ['a', '2'],
        ['B', '3'],
      ]),
    ).toBe('B=3&a=2&b=1');
  });
});

describe('sameText', () => {
  it.each([
    ['', '', true],
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'aa', false],
  ])('compares %j with %j', (a, b, same) => {
    expect(sameText(a, b)).toBe(same);
  });
});
