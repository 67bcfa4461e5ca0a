import { describe, expect, test } from 'vitest';
import { claimByForm, claimOf } from '../../src/claim/claim.js';
import { type Mount, placeOf } from '../../src/claim/place.js';
import { type Incoming, incoming } from '../support/incoming.js';

const AWS_MARK = { 'x-amz-target': 'TrentService.ListKeys' };
const ALIBABA_MARK = { 'x-acs-action': 'ListKeys' };
const NCP_MARK = { 'x-ncp-iam-access-key': 'a' };
const YANDEX_MARK = { authorization: 'Bearer t1.a' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const TAG = 'ab'.repeat(32);
const YANDEX_ID = 'abj0123456789abcdefg'.slice(0, 20);

/** `aws` by a mark, `aws!` when named by mount or host, `form`, or `nobody`. */
function claim(request: Incoming): string {
  const found = claimOf(placeOf(incoming(request)));
  if (found.kind !== 'dialect') return found.kind;
  return found.named ? `${found.name}!` : found.name;
}

describe('paths of the gateway itself', () => {
  const paths = [
    '/_keyglot',
    '/_keyglot/',
    '/_keyglot/journal',
    '/healthz',
    '/readyz',
    '/metrics',
    '/metrics/x',
  ];

  test.each(paths)('%s are never claimed, whatever the host or headers', (url) => {
    const hosts = [
      'aws.localhost',
      'box.qkms.localhost',
      'kms.us-east-1.amazonaws.com',
      'kms.yandex',
    ];
    for (const headers of [AWS_MARK, ALIBABA_MARK, NCP_MARK, YANDEX_MARK, FORM]) {
      for (const host of hosts)
        expect(claim({ url, headers: { ...headers, host } })).toBe('nobody');
    }
    expect(claim({ url: `${url}?Action=ListKeys&X-Amz-Algorithm=AWS4-HMAC-SHA256` })).toBe(
      'nobody',
    );
    expect(claim({ url: `http://x${url}`, headers: AWS_MARK })).toBe('nobody');
  });

  test.each([
    '/healthz2',
    '/_keyglots',
    '/metricsx',
    '//healthz',
    '/x/healthz',
    '/HEALTHZ',
    '/s/box/_keyglot/',
  ])('do not include %s', (url) => {
    expect(claim({ url, headers: AWS_MARK })).toBe('aws');
  });
});

describe('a mount or a host of ours', () => {
  test.each<Mount>(['aws', 'qkms', 'alibaba', 'yandex', 'ncp'])(
    'names %s before any mark',
    (name) => {
      for (const headers of [{}, AWS_MARK, ALIBABA_MARK, NCP_MARK, YANDEX_MARK, FORM]) {
        for (const url of [
          `/${name}`,
          `/${name}/`,
          `/s/box/${name}`,
          `/s/box/${name}/x?Action=a`,
        ]) {
          expect(claim({ url, headers })).toBe(`${name}!`);
        }
        for (const host of [`${name}.localhost`, `box.${name}.localhost:8567`]) {
          expect(claim({ headers: { ...headers, host } })).toBe(`${name}!`);
        }
      }
    },
  );

  test('names a dialect before a host of a provider', () => {
    expect(claim({ url: '/qkms/', headers: { host: 'kms.us-east-1.amazonaws.com' } })).toBe(
      'qkms!',
    );
  });

  test('with a sandbox that is misnamed names nobody', () => {
    expect(claim({ url: '/s/Box/aws/', headers: AWS_MARK })).toBe('nobody');
    expect(claim({ headers: { ...AWS_MARK, host: 'my_job.aws.localhost' } })).toBe('nobody');
  });
});

describe('a host of a provider', () => {
  test.each([
    ['kms.us-east-1.amazonaws.com', 'aws!'],
    ['kms-fips.us-gov-west-1.amazonaws.com', 'aws!'],
    ['kms.cn-north-1.amazonaws.com.cn', 'aws!'],
    ['kms.eu-central-1.api.aws', 'aws!'],
    ['sts.amazonaws.com', 'aws!'],
    ['sts.eu-west-1.amazonaws.com', 'aws!'],
    ['qkms.quilibrium.com', 'qkms!'],
    ['kms.cn-hangzhou.aliyuncs.com', 'alibaba!'],
    ['kms-vpc.cn-hangzhou.aliyuncs.com', 'alibaba!'],
    ['kst-abc.cryptoservice.kms.aliyuncs.com', 'alibaba!'],
    ['kms.yandex', 'yandex!'],
    ['kms.api.cloud.yandex.net', 'yandex!'],
    ['iam.api.cloud.yandex.net', 'yandex!'],
    ['operation.api.cloud.yandex.net', 'yandex!'],
    ['kms.apigw.ntruss.com', 'ncp!'],
    ['ocapi.ncloud.com', 'ncp!'],
    ['kms.us-east-1.amazonaws.com.example', 'nobody'],
    ['dynamodb.us-east-1.amazonaws.com', 'nobody'],
    ['xkms.yandex', 'nobody'],
    ['localhost', 'nobody'],
  ])('%s means %s', (host, expected) => {
    expect(claim({ url: '/any', headers: { host: `${host.toUpperCase()}:443` } })).toBe(expected);
  });

  test('comes before marks of others', () => {
    expect(claim({ headers: { ...AWS_MARK, host: 'kms.yandex' } })).toBe('yandex!');
    expect(claim({ headers: { ...YANDEX_MARK, host: 'sts.amazonaws.com' } })).toBe('aws!');
  });
});

describe('a mark in the head', () => {
  test.each<[string, Incoming, string]>([
    ['any X-Amz-Target', { headers: { 'x-amz-target': 'DynamoDB.X' } }, 'aws'],
    ['an empty X-Amz-Target', { headers: { 'x-amz-target': '' } }, 'aws'],
    [
      'an X-Amz-Target on any path and method',
      { method: 'GET', url: '/x', headers: AWS_MARK },
      'aws',
    ],
    ['a signature of AWS', { headers: { authorization: 'AWS4-HMAC-SHA256 x' } }, 'aws'],
    ['another signature of AWS', { headers: { authorization: 'AWS4-ECDSA-P256-SHA256' } }, 'aws'],
    ['a signature of AWS in the query', { url: '/?X-Amz-Algorithm=AWS4-HMAC-SHA256' }, 'aws'],
    [
      'an action of STS in the query',
      { method: 'GET', url: '/?Version=2011-06-15&Action=x' },
      'aws',
    ],
    ['an action of an older STS', { url: '/?Version=2010-05-08&Action=x' }, 'alibaba'],
    ['any x-acs header', { headers: { 'x-acs-date': '' } }, 'alibaba'],
    ['a signature of Alibaba', { headers: { authorization: 'ACS3-HMAC-SHA256 x' } }, 'alibaba'],
    ['an action in the query', { url: '/?Action=' }, 'alibaba'],
    ['any x-ncp header', { url: '/x', headers: { 'x-ncp-apigw-timestamp': '' } }, 'ncp'],
    ['gRPC', { url: '/a/b', headers: { 'content-type': 'application/grpc' } }, 'yandex'],
    ['gRPC with a codec', { headers: { 'content-type': 'application/grpc+proto' } }, 'yandex'],
    ['a bearer token', { url: '/x', headers: { authorization: 'bearer x' } }, 'yandex'],
    ['an API key', { headers: { authorization: 'Api-Key x' } }, 'yandex'],
    ['the path of tokens', { url: '/iam/v1/tokens' }, 'yandex'],
    ['the path of an operation', { url: '/operations/x' }, 'yandex'],
    ['the path of endpoints', { url: '/endpoints' }, 'yandex'],
    ['the path of metadata', { url: '/computeMetadata/v1/x' }, 'yandex'],
    ['the path of asymmetric keys', { url: '/kms/v1/asymmetricEncryptionKeys' }, 'yandex'],
    ['an unknown scheme', { headers: { authorization: 'Basic x' } }, 'nobody'],
    ['another x-amz header', { headers: { 'x-amz-date': 'x' } }, 'nobody'],
    ['an empty query', { url: '/?' }, 'nobody'],
    ['action in small letters', { url: '/?action=x' }, 'nobody'],
    ['nothing', {}, 'nobody'],
  ])('%s', (_what, request, expected) => {
    expect(claim(request)).toBe(expected);
    const { url = '/' } = request;
    expect(claim({ ...request, url: `/s/box${url}` })).toBe(expected);
  });

  test('of AWS comes before that of Alibaba, NCP and Yandex, in this order', () => {
    const all = { ...YANDEX_MARK, ...NCP_MARK, ...ALIBABA_MARK, ...AWS_MARK };
    expect(claim({ headers: all })).toBe('aws');
    expect(claim({ headers: { ...YANDEX_MARK, ...NCP_MARK, ...ALIBABA_MARK } })).toBe('alibaba');
    expect(claim({ headers: { ...YANDEX_MARK, ...NCP_MARK } })).toBe('ncp');
    expect(claim({ headers: YANDEX_MARK })).toBe('yandex');
  });

  test('comes before the shape of a path', () => {
    const url = `/kms/v1/keys/${YANDEX_ID}:encrypt`;
    expect(claim({ url, headers: NCP_MARK })).toBe('ncp');
    expect(claim({ url: `/keys/v1/${TAG}`, headers: YANDEX_MARK })).toBe('yandex');
  });
});

describe('the shape of a path', () => {
  test.each([
    [`/kms/v1/keys/${YANDEX_ID}:encrypt`, 'yandex'],
    [`/kms/v1/keys/${YANDEX_ID}%3Adecrypt`, 'yandex'],
    [`/kms/v1/keys/${YANDEX_ID}%3adecrypt`, 'yandex'],
    ['/keys/x:generateDataKey', 'yandex'],
    ['/keys/x:encrypt/encrypt', 'yandex'],
    [`/keys/v1/${TAG}`, 'ncp'],
    ['/keys/v2/x/encrypt', 'ncp'],
    [`/keys/${TAG}/encrypt`, 'ncp'],
    [`/kms/v1/keys/${TAG}/reencrypt`, 'ncp'],
    [`/kms/v1/keys/${TAG}/versions/3/enable`, 'ncp'],
    ['/kms/v1/keys/x/unknown', 'nobody'],
    ['/keys/x:', 'nobody'],
    ['/keys/x:1', 'nobody'],
    [`/kms/v1/keys/${YANDEX_ID}`, 'yandex'],
    [`/kms/v1/keys/${YANDEX_ID}/versions`, 'yandex'],
    [`/kms/v1/keys/${TAG}`, 'ncp'],
    [`/keys/${TAG}/versions`, 'ncp'],
    ['/kms/v1/keys', 'nobody'],
    ['/kms/v1/keys?folderId=x', 'yandex'],
    ['/keys?pageToken=x', 'yandex'],
    ['/kms/v1/keys?pageNo=1', 'ncp'],
    ['/kms/v1/keys?folderId=x&pageNo=1', 'yandex'],
    [`/kms/v1/keys/${TAG}?folderId=x`, 'ncp'],
    ['/kms/v1/keys/abj', 'nobody'],
    ['/kms/v1/key', 'nobody'],
  ])('%s means %s', (url, expected) => {
    expect(claim({ method: 'GET', url })).toBe(expected);
    expect(claim({ method: 'POST', url: `/s/box${url}` })).toBe(expected);
  });
});

describe('a form without any other mark', () => {
  test.each<[string, Incoming, string]>([
    ['is read', { headers: FORM }, 'form'],
    [
      'is read in any spelling',
      { headers: { 'content-type': 'Application/X-WWW-Form-URLencoded; charset=utf-8' } },
      'form',
    ],
    ['is read in a sandbox', { url: '/s/box/', headers: FORM }, 'form'],
    ['is not read on another path', { url: '/x', headers: FORM }, 'nobody'],
    ['is not read with another method', { method: 'PUT', headers: FORM }, 'nobody'],
    ['is not read when a mark tells', { headers: { ...FORM, ...AWS_MARK } }, 'aws'],
    [
      'is not read when it is of another type',
      { headers: { 'content-type': 'multipart/form-data' } },
      'nobody',
    ],
  ])('%s', (_what, request, expected) => {
    expect(claim(request)).toBe(expected);
  });

  test.each([
    ['Action=GetCallerIdentity&Version=2011-06-15', 'aws'],
    ['Version=2011-06-15&Action=', 'aws'],
    ['Action=ListKeys&Version=2016-01-20', 'alibaba'],
    ['Action=AssumeRole&Version=2015-04-01', 'alibaba'],
    ['Action', 'alibaba'],
    ['%41ction=x', 'alibaba'],
    ['action=x', 'nobody'],
    ['', 'nobody'],
    ['\u0000\u00ff', 'nobody'],
  ])('of %j belongs to %s', (body, expected) => {
    const found = claimByForm(Buffer.from(body, 'latin1'));
    expect(found.kind === 'dialect' ? found.name : found.kind).toBe(expected);
  });
});
