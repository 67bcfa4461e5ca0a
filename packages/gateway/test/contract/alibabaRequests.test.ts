import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACTION_UNSUPPORTED,
  type AlibabaGateway,
  invalid,
  KEY_NOT_FOUND,
  type MadeKey,
  missing,
  NO_ID,
  type Refusal,
  refusal,
  startAlibabaGateway,
  VERSION,
} from '../support/alibabaGateway.js';
import type { PlainAnswer, PlainRequest } from '../support/httpClient.js';
import { connectRaw } from '../support/rawClient.js';

let alibaba: AlibabaGateway;
let key: MadeKey;

beforeAll(async () => {
  alibaba = await startAlibabaGateway();
  key = await alibaba.makeKey();
});

afterAll(() => alibaba.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Headers that the current generation of clients sends, as captured; `testak` is not registered. */
function v3(action: string): Record<string, string> {
  return {
    'x-acs-version': VERSION,
    'x-acs-action': action,
    'x-acs-date': '2026-11-22T08:08:40Z',
    'x-acs-signature-nonce': '15efdebbef63627fcaf67a0298b580a60efaae67c0df45b24ad0905cd5ee5e4e',
    accept: 'application/json',
    'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-acs-credentials-provider': 'static_ak',
    authorization:
      'ACS3-HMAC-SHA256 Credential=testak,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=3c71a00a50051bda95485956cb4e10ad1d1ba2daa79aafaaa8b342b0a9a50ada',
  };
}

const V1 =
  'SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=n-1&Timestamp=2026-11-22T08%3A08%3A40Z&AccessKeyId=testak&Signature=AAAA%3D';

function refusalOf({ status, text }: PlainAnswer): Refusal {
  const json = JSON.parse(text) as Record<string, unknown>;
  return { status, code: json['Code'], message: json['Message'] };
}

interface Captured {
  readonly name: string;
  readonly request: PlainRequest;
  readonly refused: Refusal;
}

const ALIAS_NOT_FOUND = refusal(
  404,
  'Forbidden.AliasNotFound',
  'The specified Alias is not found.',
);
const BLOB = 'CiphertextBlob=ODZh%2B%2F8%3D';

// Requests as the official clients sent them, in every way in which parameters travel; each names
// something that is not there.
const CAPTURED: readonly Captured[] = [
  {
    name: 'Encrypt of the current generation',
    request: {
      path: '/?EncryptionContext=%7B%22Example%22%3A%22Ex%20ample%22%7D&KeyId=alias%2Fa%20b&Plaintext=SGVsbG8gd29ybGQ%3D',
      headers: v3('Encrypt'),
    },
    refused: ALIAS_NOT_FOUND,
  },
  {
    name: 'ReEncrypt of the current generation',
    request: {
      path: `/?${BLOB}&DestinationEncryptionContext=%7B%22b%22%3A%222%22%2C%22a%22%3A%221%22%7D&DestinationKeyId=key-1&SourceEncryptionAlgorithm=RSAES_OAEP_SHA_256&SourceKeyId=key-2&SourceKeyVersionId=v1`,
      headers: v3('ReEncrypt'),
    },
    refused: KEY_NOT_FOUND,
  },
  {
    name: 'AsymmetricDecrypt of the current generation',
    request: {
      path: '/?Algorithm=SM2PKE&CiphertextBlob=MEU%3D&KeyId=key-1&KeyVersionId=v',
      headers: v3('AsymmetricDecrypt'),
    },
    refused: KEY_NOT_FOUND,
  },
  {
    name: 'TagResources of the current generation',
    request: {
      path: '/?RegionId=cn-hangzhou&ResourceId.1=key-1&ResourceId.2=key-2&ResourceType=key&Tag.1.Key=k&Tag.1.Value=v',
      headers: v3('TagResources'),
    },
    refused: ACTION_UNSUPPORTED,
  },
  {
    name: 'ListClientKeys of the current generation',
    request: { method: 'GET', path: '/?AapName=x', headers: v3('ListClientKeys') },
    refused: ACTION_UNSUPPORTED,
  },
  {
    name: 'the same client with its older signature',
    request: {
      path: `/?Action=Encrypt&Format=json&Version=2016-01-20&KeyId=key-1&Plaintext=eA%3D%3D&${V1}`,
      headers: { 'x-acs-version': VERSION, 'x-acs-action': 'Encrypt' },
    },
    refused: KEY_NOT_FOUND,
  },
  {
    name: 'the generated client on npm',
    request: {
      path: `/?Action=AsymmetricDecrypt&Format=json&Version=2016-01-20&CiphertextBlob=MEU%3D&KeyId=key-1&KeyVersionId=v&Algorithm=SM2PKE&${V1}`,
    },
    refused: KEY_NOT_FOUND,
  },
  {
    name: 'pop-core, all in a form',
    request: {
      headers: { ...FORM, 'x-acs-action': 'ReEncrypt', 'x-sdk-client': 'Node.js(v20)' },
      body: `AccessKeyId=testak&Action=ReEncrypt&${BLOB}&DestinationKeyId=key-1&Format=JSON&RegionId=cn-hangzhou&SignatureMethod=HMAC-SHA1&SignatureNonce=n&SignatureVersion=1.0&SourceEncryptionContext=%7B%22Example%22%3A%22Ex%20ample%22%7D&Timestamp=2026-11-22T08%3A08%3A40Z&Version=2016-01-20&Signature=AAAA`,
    },
    refused: invalid('CiphertextBlob'),
  },
  {
    name: 'pop-core without any header of its own, all in a form',
    request: {
      headers: FORM,
      body: `Action=DescribeKey&KeyId=key-1&Version=2016-01-20&Format=JSON&${V1}`,
    },
    refused: KEY_NOT_FOUND,
  },
  {
    name: 'pop-core, all in the query of a GET',
    request: {
      method: 'GET',
      path: `/?Action=DescribeKey&KeyId=key-1&Version=2016-01-20&Format=JSON&${V1}`,
    },
    refused: KEY_NOT_FOUND,
  },
];

describe('requests of official clients, without prefix or host name', () => {
  test.each(CAPTURED)('$name get the provider’s answer', async ({ request, refused }) => {
    const answer = await alibaba.send(request);
    expect(refusalOf(answer)).toEqual(refused);
    expect(answer.headers['content-type']).toBe('application/json;charset=utf-8');
  });

  test('tea-rpc with a chunked form gets the provider’s answer', async () => {
    const raw = connectRaw(alibaba.gateway.port);
    const query = `Action=CreateKey&Format=json&Version=2016-01-20&RegionId=cn-hangzhou&SecurityToken=&${V1}`;
    const form = 'KeySpec=Aliyun_AES_257&Description=a%20b*~';
    raw.send(
      `POST /?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${FORM['content-type']}\r\n`,
      `Transfer-Encoding: chunked\r\n\r\n${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`,
    );
    const [answer] = await raw.answers(1);
    raw.socket.destroy();
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({
      HttpStatus: 400,
      Code: 'InvalidParameter',
      Message: 'The specified parameter KeySpec is not valid.',
    });
  });

  test('CreateKey of the current generation makes a key that rotates by itself', async () => {
    const path =
      '/?EnableAutomaticRotation=true&KeySpec=Aliyun_AES_256&KeyUsage=ENCRYPT%2FDECRYPT&RotationInterval=365d';
    const answer = await alibaba.send({ path, headers: v3('CreateKey') });
    expect(JSON.parse(answer.text)).toMatchObject({
      KeyMetadata: { AutomaticRotation: 'Enabled', RotationInterval: '31536000s' },
    });
  });

  test('a context may come as one parameter for each member', async () => {
    const KeyId = key.id;
    const flat = { 'EncryptionContext.Example': 'Ex ample' };
    const { CiphertextBlob } = await alibaba.done('Encrypt', { KeyId, Plaintext: 'x', ...flat });
    const context = { EncryptionContext: '{"Example":"Ex ample"}' };
    const opened = await alibaba.done('Decrypt', {
      CiphertextBlob: String(CiphertextBlob),
      ...context,
    });
    expect(opened['Plaintext']).toBe('x');
  });
});

describe('the protocol', () => {
  const get = (query: string, more: PlainRequest = {}): Promise<PlainAnswer> =>
    alibaba.send({ path: `/?${query}`, ...more });

  test.each([
    [
      'an action that nobody knows',
      'Action=MakeCoffee&Version=2016-01-20',
      404,
      'InvalidAction.NotFound',
      'Specified api is not found, please check your url and method.',
    ],
    [
      'a name that objects have',
      'Action=__proto__&Version=2016-01-20',
      404,
      'InvalidAction.NotFound',
      'Specified api is not found, please check your url and method.',
    ],
    [
      'another version',
      'Action=Encrypt&Version=2014-05-26',
      400,
      'InvalidVersion',
      'Specified parameter Version is not valid.',
    ],
    [
      'no version',
      'Action=Encrypt',
      400,
      'MissingParameter',
      'The parameter  Version  needed but no provided.',
    ],
    [
      'an empty action',
      'Action=&Version=2016-01-20',
      400,
      'MissingParameter',
      'The parameter  Action  needed but no provided.',
    ],
    [
      'STS',
      'Action=GetCallerIdentity&Version=2015-04-01',
      400,
      'UnsupportedOperation',
      'This action is not supported.',
    ],
    [
      'an operation that is not there yet',
      'Action=CreateSecret&Version=2016-01-20',
      400,
      'UnsupportedOperation',
      'This action is not supported.',
    ],
    [
      'an operation of another edition',
      'Action=CreateCertificate&Version=2016-01-20',
      400,
      'UnsupportedOperation',
      'This action is not supported.',
    ],
    [
      'escapes that are none',
      'Action=Encrypt&Version=2016-01-20&KeyId=%zz',
      400,
      'ParseRequestParameterException',
      'Server parse parameters exception. Please check your input params.',
    ],
  ])('refuses %s', async (_what, query, status, code, message) => {
    expect(refusalOf(await get(query))).toEqual(refusal(status, code, message));
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('refuses the method %s', async (method) => {
    expect(refusalOf(await get('Action=ListKeys&Version=2016-01-20', { method }))).toEqual(
      refusal(403, 'UnsupportedHTTPMethod', 'This http method is not supported.'),
    );
  });

  test('refuses any path but the root', async () => {
    const answer = await alibaba.send({ path: '/keys?Action=ListKeys&Version=2016-01-20' });
    expect(refusalOf(answer)).toMatchObject({ status: 404, code: 'InvalidAction.NotFound' });
  });

  test.each(['/alibaba?', '/alibaba/?', '/s/box/alibaba/?'])(
    'answers below %s, also without any mark of its own',
    async (prefix) => {
      const answer = await alibaba.send({ path: `${prefix}Version=2016-01-20` });
      expect(refusalOf(answer)).toEqual(missing('Action'));
    },
  );

  test('takes the region from the provider’s host names', async () => {
    for (const host of ['kms.cn-shanghai.aliyuncs.com', 'kms-vpc.cn-shanghai.aliyuncs.com']) {
      const { KeyMetadata } = await alibaba.done('CreateKey', {}, { headers: { host } });
      expect(KeyMetadata).toMatchObject({
        Arn: expect.stringMatching(/^acs:kms:cn-shanghai:1000000000000000:key\//),
      });
    }
    const { arn } = await alibaba.makeKey({ RegionId: 'cn-hangzhou' });
    expect(arn).toMatch(/^acs:kms:us-east-1:/);
  });

  test('writes XML when Format asks for it, and when Accept does', async () => {
    const query = `Action=DescribeKeyVersion&Version=2016-01-20&KeyId=${key.id}&KeyVersionId=${key.version}`;
    const expected = new RegExp(
      `^<\\?xml version="1\\.0" encoding="UTF-8"\\?><KMS><KeyVersion><KeyId>${key.id}</KeyId>` +
        `<KeyVersionId>${key.version}</KeyVersionId><CreationDate>2023-11-14T22:13:20Z</CreationDate>` +
        '</KeyVersion><RequestId>[0-9a-f-]{36}</RequestId></KMS>$',
    );
    for (const answer of [
      await get(`${query}&Format=XML`),
      await get(`${query}&Format=xml`),
      await get(query, { headers: { accept: 'text/xml' } }),
    ]) {
      expect(answer.headers['content-type']).toBe('text/xml;charset=utf-8');
      expect(answer.text).toMatch(expected);
    }
  });

  test('writes errors in either format, with the request id in a header too', async () => {
    const query = `Action=DescribeKey&Version=2016-01-20&KeyId=${NO_ID}`;
    const headers = { host: '127.0.0.1:1' };
    const json = await get(query, { headers });
    const id = json.headers['x-acs-request-id'];
    expect(JSON.parse(json.text)).toEqual({
      HttpStatus: 404,
      RequestId: id,
      HostId: '127.0.0.1:1',
      Code: 'Forbidden.KeyNotFound',
      Message: 'The specified Key is not found.',
      Recommend: `https://api.aliyun.com/troubleshoot?q=Forbidden.KeyNotFound&product=Kms&requestId=${id}`,
    });
    const xml = await get(`${query}&Format=XML`);
    expect(xml.status).toBe(404);
    expect(xml.text).toContain('<KMS><HttpStatus>404</HttpStatus><RequestId>');
    expect(xml.text).toContain('<Code>Forbidden.KeyNotFound</Code>');
  });

  test('shows its evidence on request', async () => {
    const query = 'Action=ListKeys&Version=2016-01-20';
    const headers = { 'x-keyglot-evidence': '1' };
    const shown = await get(query, { headers });
    expect(shown.headers['x-keyglot-evidence']).toMatch(/^documented; 2026-11-24; https:/);
    const refused = await get('Action=Nothing&Version=2016-01-20', { headers });
    expect(refused.headers['x-keyglot-evidence']).toMatch(/^inferred; 2026-11-24; https:/);
    expect((await get(query)).headers['x-keyglot-evidence']).toBeUndefined();
  });

  test('says which parameters it ignored', async () => {
    await alibaba.done('ListKeys', { RegionId: 'cn-hangzhou', Unheard: 'of' });
    const journal = await alibaba.send({
      method: 'GET',
      path: '/_keyglot/journal',
      headers: { authorization: `Bearer ${alibaba.gateway.adminToken}` },
    });
    const { entries } = JSON.parse(journal.text) as { readonly entries: readonly unknown[] };
    expect(entries[0]).toMatchObject({
      dialect: 'alibaba',
      operation: 'ListKeys',
      status: 200,
      code: '',
      evidence: 'documented',
      ignored: ['RegionId', 'Unheard'],
    });
  });

  test('keeps sandboxes apart', async () => {
    const inside = {
      path: `/s/apart/alibaba/?Action=DescribeKey&Version=${VERSION}&KeyId=${key.id}`,
    };
    expect(refusalOf(await alibaba.send(inside))).toEqual(KEY_NOT_FOUND);
  });
});

describe('the example of the ReEncrypt page', () => {
  test('is answered as printed, but for host, key and ciphertext', async () => {
    const destination = await alibaba.makeKey();
    const sealed = await alibaba.done('GenerateDataKeyWithoutPlaintext', { KeyId: key.id });
    const CiphertextBlob = String(sealed['CiphertextBlob']);
    const query = `Action=ReEncrypt\n&CiphertextBlob=${encodeURIComponent(CiphertextBlob)}\n&DestinationKeyId=${destination.id}\n&Version=2016-01-20`;
    const path = `/?${query.replaceAll('\n', '')}`;
    const json = JSON.parse((await alibaba.send({ method: 'GET', path })).text);
    expect(Object.keys(json)).toEqual(['KeyId', 'KeyVersionId', 'CiphertextBlob', 'RequestId']);
    expect(json).toMatchObject({ KeyId: key.id, KeyVersionId: key.version });
    const xml = await alibaba.send({ method: 'GET', path: `${path}&Format=XML` });
    expect(xml.text).toMatch(
      new RegExp(
        `<KMS><KeyId>${key.id}</KeyId><KeyVersionId>${key.version}</KeyVersionId>` +
          '<CiphertextBlob>[A-Za-z0-9+/=]+</CiphertextBlob><RequestId>[0-9a-f-]{36}</RequestId></KMS>$',
      ),
    );
  });
});

describe('hostile requests', () => {
  test('a body above the limit', async () => {
    const body = `Action=ListKeys&Version=${VERSION}&x=${'a'.repeat(1_048_576)}`;
    const headers = { ...FORM, 'x-acs-action': 'ListKeys' };
    const answer = await alibaba.send({ headers, body });
    expect(refusalOf(answer)).toMatchObject({
      status: 413,
      code: 'ParseRequestParameterException',
    });
  });

  test.each([
    ['a thousand and one parameters', `Action=ListKeys&${'a=1&'.repeat(1_001)}`],
    [
      'names of objects',
      'Action=ListKeys&Version=2016-01-20&__proto__=1&constructor=2&__proto__.a=3',
    ],
    [
      'a deep context',
      `Action=Encrypt&Version=2016-01-20&KeyId=a&Plaintext=b&EncryptionContext=${'%5B'.repeat(4_000)}`,
    ],
    [
      'a context that is no object',
      'Action=Encrypt&Version=2016-01-20&KeyId=a&Plaintext=b&EncryptionContext=1',
    ],
    ['filters that are no list', 'Action=ListKeys&Version=2016-01-20&Filters=%7B%7D'],
    ['numbers beyond numbers', 'Action=ListKeys&Version=2016-01-20&PageNumber=1e9'],
    [
      'a key id of a megabyte',
      `Action=DescribeKey&Version=2016-01-20&KeyId=${'a'.repeat(1_000_000)}`,
    ],
    ['a null byte', 'Action=DescribeKey&Version=2016-01-20&KeyId=%00'],
    ['an ARN of nothing', 'Action=DescribeKey&Version=2016-01-20&KeyId=acs%3A'],
    ['text that is no form', '{"Action":"ListKeys"}&Action=x'],
  ])('%s never fail the server', async (_what, body) => {
    const answer = await alibaba.send({ headers: FORM, body });
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.status).toBeLessThan(500);
    expect(() => JSON.parse(answer.text)).not.toThrow();
  });
});
