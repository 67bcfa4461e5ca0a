import { DescribeKeyCommand, EncryptCommand, KMSServiceException } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsGateway, makeKey, refusal, SIGN, startAwsGateway } from '../support/awsGateway.js';
import { MODEL_OPERATIONS, PRESENT_OPERATIONS } from '../support/awsOperations.js';

let aws: AwsGateway;

beforeAll(async () => {
  aws = await startAwsGateway();
});

afterAll(() => aws.close());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HEADERS = {
  'x-amzn-requestid': expect.stringMatching(UUID),
  'cache-control': 'no-cache, no-store, must-revalidate, private',
  expires: '0',
  pragma: 'no-cache',
  'content-type': 'application/x-amz-json-1.1',
  date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
};
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1' };
const target = (operation: string): Record<string, string> => ({
  ...JSON_TYPE,
  'x-amz-target': `TrentService.${operation}`,
});

describe('every answer', () => {
  test('has the headers of the service', async () => {
    const good = await aws.call('ListKeys', {});
    expect(good.headers).toMatchObject(HEADERS);
    expect(good.headers['content-length']).toBe(String(Buffer.byteLength(good.text)));
    const bad = await aws.call('DescribeKey', { KeyId: 'x' });
    expect(bad.headers).toMatchObject(HEADERS);
    expect(bad.headers['content-length']).toBe(String(Buffer.byteLength(bad.text)));
    const ids = [good, bad].map(({ headers }) => headers['x-amzn-requestid']);
    expect(new Set(ids).size).toBe(2);
  });

  test('has no header that hides the error from some client', async () => {
    const answer = await aws.call('DescribeKey', { KeyId: 'x' });
    const names = Object.keys(answer.headers);
    expect(names).not.toContain('x-amzn-query-error');
    expect(names).not.toContain('x-powered-by');
    expect(names).not.toContain('access-control-allow-origin');
  });

  test('is understood by the official client, with the request id', async () => {
    const client = aws.client();
    const error: unknown = await client
      .send(new DescribeKeyCommand({ KeyId: 'x' }))
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(KMSServiceException);
    expect(error).toMatchObject({
      name: 'NotFoundException',
      $fault: 'client',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(UUID), attempts: 1 },
    });
  });
});

describe('an error body', () => {
  test('has the bare name and a text in small letters', async () => {
    const answer = await aws.call('DescribeKey', { KeyId: 'x' });
    expect(answer.text).toBe(`{"__type":"NotFoundException","message":"Invalid keyId 'x'"}`);
  });

  test('has Message in capitals where the service has', async () => {
    const type = await aws.call('DescribeKey', { KeyId: ['x'] });
    expect(type.text).toBe(
      '{"__type":"SerializationException","Message":"Start of list found where not expected"}',
    );
    const key = await makeKey(aws.client());
    const denied = await aws.call(
      'DisableKey',
      { KeyId: key.arn },
      { headers: { authorization: unverified('111122223333'), 'x-amz-date': '20231114T221320Z' } },
    );
    expect(Object.keys(denied.body)).toEqual(['__type', 'Message']);
    expect(denied.body['__type']).toBe('AccessDeniedException');
  });

  test('has no text at all where the service has none', async () => {
    const [key, signer] = [await makeKey(aws.client()), await makeKey(aws.client(), SIGN)];
    const common = { KeyId: signer.id, Message: 'AA==' };
    const told = [
      await aws.call('Decrypt', { CiphertextBlob: 'AAAA' }),
      await aws.call('Verify', {
        ...common,
        Signature: 'AAAA',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
      await aws.call('GetPublicKey', { KeyId: key.id }),
    ];
    expect(told.map(({ status, text }) => [status, text])).toEqual([
      [400, '{"__type":"InvalidCiphertextException"}'],
      [400, '{"__type":"KMSInvalidSignatureException"}'],
      [400, '{"__type":"UnsupportedOperationException"}'],
    ]);
  });
});

/** A header as a client sends it whose credentials nobody checks. */
function unverified(accessKeyId: string, region = 'us-east-1'): string {
  const scope = `${accessKeyId}/20231114/${region}/kms/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
}

describe('a request', () => {
  test.each([
    ['with a charset', { 'content-type': 'application/x-amz-json-1.1; charset=utf-8' }],
    ['of JSON 1.0', { 'content-type': 'application/x-amz-json-1.0' }],
    ['of plain JSON', { 'content-type': 'application/json' }],
  ])('%s is taken', async (_what, headers) => {
    expect((await aws.call('ListKeys', {}, { headers })).status).toBe(200);
  });

  test.each(['', '{}', ' { } ', '{"Limit":null}', '{"Unknown":{"a":[1]},"Limit":1}'])(
    'with the body %j means the same as an empty object',
    async (body) => {
      const answer = await aws.send({ headers: target('ListKeys'), body });
      expect(answer.status).toBe(200);
    },
  );

  test.each([
    '{',
    'nonsense',
    '[]',
    '"x"',
    'null',
    '7',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
  ])('with the body %s is a SerializationException', async (body) => {
    const answer = await aws.send({ headers: target('ListKeys'), body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).__type).toBe('SerializationException');
  });

  test.each([
    ['KeyId', 7, 'NUMBER_VALUE can not be converted to a String'],
    ['EncryptionContext', 'x', 'Expected map or null'],
    ['GrantTokens', 'x', 'Expected list or null'],
    ['DryRun', 'x', 'STRING_VALUE can not be converted to an Boolean'],
    ['Plaintext', 'a*==', "Invalid Base64 character: '*'"],
    ['Plaintext', 'AAAAA', 'Base64 encoded length is expected a multiple of 4 bytes but found: 5'],
  ])('with a %s of %j says what is wrong', async (member, value, Message) => {
    const input = { KeyId: 'x', Plaintext: 'AA==', [member]: value };
    const answer = await aws.call('Encrypt', input);
    expect([answer.status, answer.body]).toEqual([
      400,
      { __type: 'SerializationException', Message },
    ]);
  });

  test('with a wrong type is judged before its limits', async () => {
    const answer = await aws.call('Encrypt', { KeyId: '', DryRun: 1 });
    expect(answer.body['__type']).toBe('SerializationException');
  });

  test('above a megabyte is refused with the status of a proxy', async () => {
    const answer = await aws.call('ListKeys', { Marker: 'x'.repeat(1_048_576) });
    expect([answer.status, answer.text]).toEqual([
      413,
      '{"__type":"RequestEntityTooLargeException"}',
    ]);
  });

  test.each(['/', '/aws', '/aws/', '/s/main/', '/s/main/aws', '/s/main/aws/'])(
    'to %s reaches the same keys',
    async (path) => {
      const { id } = await makeKey(aws.client());
      const answer = await aws.call('DescribeKey', { KeyId: id }, { path });
      expect(answer.status).toBe(200);
    },
  );

  test('to another sandbox does not', async () => {
    const { id } = await makeKey(aws.client());
    const answer = await aws.call('DescribeKey', { KeyId: id }, { path: '/s/other/aws/' });
    expect(answer.body['__type']).toBe('NotFoundException');
  });

  test.each(['aws.localhost', 'kms.eu-west-1.amazonaws.com', 'kms-fips.us-east-1.amazonaws.com'])(
    'to the host %s is for AWS',
    async (host) => {
      const answer = await aws.call('ListKeys', {}, { headers: { host } });
      expect(answer.status).toBe(200);
    },
  );

  test.each(['', '/aws', '/aws/'])(
    'of the official client works below the path %j',
    async (path) => {
      const client = aws.client({ path });
      const { arn } = await makeKey(client);
      const answer = await client.send(
        new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('x') }),
      );
      expect(answer.KeyId).toBe(arn);
    },
  );
});

describe('a request that is not of this protocol', () => {
  const XML = '<UnknownOperationException/>\n';

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'by %s gets a 404 in XML',
    async (method) => {
      for (const request of [
        { path: '/', headers: target('ListKeys') },
        { path: '/aws/', headers: {} },
      ]) {
        const answer = await aws.send({ method, ...request });
        expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
          404,
          'application/xml',
          XML,
        ]);
        expect(answer.headers['content-length']).toBe('29');
        expect(answer.headers['x-amzn-requestid']).toMatch(UUID);
      }
    },
  );

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x'])(
    'of the type %s gets it too',
    async (type) => {
      const headers = { ...target('ListKeys'), 'content-type': type };
      const answer = await aws.send({ headers, body: '{}' });
      expect([answer.status, answer.text]).toEqual([404, XML]);
    },
  );
});

describe('an operation', () => {
  test.each([
    ['that nobody knows', 'TrentService.DoSomething'],
    ['in other letters', 'TrentService.encrypt'],
    ['of another service', 'DynamoDB_20120810.ListTables'],
    ['without its prefix', 'Encrypt'],
    ['without a name', 'TrentService.'],
    ['of an object', 'TrentService.constructor'],
    ['of QKMS alone', 'TrentService.GenerateMAC'],
  ])('%s is unknown, without a text', async (_what, name) => {
    const headers = { ...JSON_TYPE, 'x-amz-target': name };
    const answer = await aws.send({ path: '/aws/', headers, body: '{}' });
    expect([answer.status, answer.text]).toEqual([400, '{"__type":"UnknownOperationException"}']);
  });

  const missing = MODEL_OPERATIONS.filter((name) => !PRESENT_OPERATIONS.includes(name));

  test.each(missing)('%s is known and not supported', async (operation) => {
    const answer = await aws.call(operation, {});
    expect([answer.status, answer.text]).toEqual([
      400,
      '{"__type":"UnsupportedOperationException"}',
    ]);
  });

  test('of the model is in the coverage of both profiles, 56 each', async () => {
    const answer = await aws.send({ method: 'GET', path: '/_keyglot/coverage' });
    const { operations } = JSON.parse(answer.text) as {
      operations: { dialect: string; operation: string; state: string; evidence?: unknown }[];
    };
    for (const dialect of ['aws', 'qkms']) {
      const rows = operations.filter((row) => row.dialect === dialect);
      const ofModel = rows.filter(({ operation }) => MODEL_OPERATIONS.includes(operation));
      expect(ofModel.map(({ operation }) => operation)).toEqual(MODEL_OPERATIONS);
      expect(ofModel).toHaveLength(56);
      expect(rows.length - ofModel.length).toBe(dialect === 'qkms' ? 8 : 0);
      const told = ofModel.filter(({ state }) => state === 'done' || state === 'simulated');
      for (const { operation, evidence } of told) {
        expect(PRESENT_OPERATIONS).toContain(operation);
        expect(evidence, operation).toEqual({
          mark: expect.stringMatching(/^(recorded|documented|inferred)$/),
          date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
          source: expect.stringMatching(/^https:/),
        });
      }
      if (dialect === 'aws') expect(told).toHaveLength(PRESENT_OPERATIONS.length);
    }
  });
});

describe('the evidence of an answer', () => {
  const FORM = /^(recorded|documented|inferred); \d{4}-\d\d-\d\d; https:\/\/\S+$/;
  const ask = { headers: { 'x-keyglot-evidence': '1' } };

  test('is shown on request, with success, error and refusal', async () => {
    const { id } = await makeKey(aws.client());
    const told = [
      await aws.call('DescribeKey', { KeyId: id }, ask),
      await aws.call('DescribeKey', { KeyId: 'x' }, ask),
      await aws.call('DoSomething', {}, ask),
      await aws.call('DescribeKey', {}, ask),
      await aws.send({ method: 'GET', path: '/aws/', headers: ask.headers }),
    ];
    expect(told.map(({ status }) => status)).toEqual([200, 400, 400, 400, 404]);
    for (const { headers } of told) expect(headers['x-keyglot-evidence']).toMatch(FORM);
    expect(told[0]?.headers['x-keyglot-evidence']).toBe(
      'documented; 2026-11-24; https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html',
    );
    expect(told[1]?.headers['x-keyglot-evidence']).toMatch(/^recorded; /);
  });

  test('is not shown when nobody asks', async () => {
    const { id } = await makeKey(aws.client());
    const told = [
      await aws.call('DescribeKey', { KeyId: id }),
      await aws.call('DescribeKey', { KeyId: 'x' }),
      await aws.send({ method: 'GET', path: '/aws/' }),
    ];
    for (const { headers } of told) expect(headers['x-keyglot-evidence']).toBeUndefined();
  });

  test('stands in the journal', async () => {
    await refusal(aws.client().send(new DescribeKeyCommand({ KeyId: 'x' })));
    const answer = await aws.send({
      method: 'GET',
      path: '/_keyglot/journal',
      headers: { authorization: `Bearer ${aws.gateway.adminToken}` },
    });
    expect(JSON.parse(answer.text).entries[0]).toMatchObject({
      dialect: 'aws',
      operation: 'DescribeKey',
      status: 400,
      code: 'NotFoundException',
      evidence: 'recorded',
    });
  });
});
