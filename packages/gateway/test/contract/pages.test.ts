import {
  CreateAliasCommand,
  CreateGrantCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  type MadeKey,
  makeKey,
  startAwsGateway,
} from '../support/awsGateway.js';
import type { PlainAnswer } from '../support/httpClient.js';
import { signed, stampOf } from '../support/signedRequest.js';
import { START_MS } from '../support/testClock.js';

// Requests as the providers' pages about re-encryption print them, but for host, key and ciphertext.

let aws: AwsGateway;

beforeAll(async () => {
  aws = await startAwsGateway();
});

afterAll(() => aws.close());

async function sealed(
  client: KMSClient,
  key: MadeKey,
  context?: Record<string, string>,
): Promise<string> {
  const Plaintext = Buffer.from('the plaintext');
  const input = { KeyId: key.id, Plaintext, EncryptionContext: context };
  return bytes((await client.send(new EncryptCommand(input))).CiphertextBlob).toString('base64');
}

describe('the page of QKMS', () => {
  const headers = {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': 'TrentService.ReEncrypt',
  };
  // The token of the page.
  const GRANT_TOKEN =
    'AQpAM2RhZTk1MGMyNTk2ZmZmMzEyYWVhOWViN2I1MWM4Mzc0MWFiYjc0ZDE1ODkyNGFlNTIzODZhMzgyZjBlNDkxOAF4';
  let client: KMSClient;
  let source: MadeKey;
  let destination: MadeKey;
  let body: Record<string, unknown>;

  beforeAll(async () => {
    client = aws.client({ path: '/qkms' });
    source = await makeKey(client);
    destination = await makeKey(client);
    body = {
      CiphertextBlob: await sealed(client, source, { Department: 'Finance' }),
      SourceKeyId: source.id,
      DestinationKeyId: destination.id,
      SourceEncryptionContext: { Department: 'Finance' },
      DestinationEncryptionContext: { Purpose: 'Test' },
    };
  });

  const send = (input: unknown): Promise<PlainAnswer> =>
    aws.send({ method: 'POST', path: '/qkms/', headers, body: JSON.stringify(input) });

  test('its example is answered with every member that it prints', async () => {
    const answer = await send(body);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(JSON.parse(answer.text)).toEqual({
      CiphertextBlob: expect.stringMatching(/^AQICAH/),
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      SourceKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      DestinationKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(source.arn).toMatch(/^arn:verenc:\d{12}:key\/[0-9a-f-]{36}$/);
  });

  test('its request syntax, with algorithms and a grant token, is answered too', async () => {
    const made = await client.send(
      new CreateGrantCommand({
        KeyId: source.id,
        GranteePrincipal: 'arn:verenc:000000000000:root',
        Operations: ['ReEncryptFrom'],
      }),
    );
    const algorithms = {
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
    const answer = await send({ ...body, ...algorithms, GrantTokens: [made.GrantToken] });
    expect([answer.status, JSON.parse(answer.text).KeyId]).toEqual([200, destination.arn]);
  });

  test('its grant token, which was not made here, is refused', async () => {
    const answer = await send({ ...body, GrantTokens: [GRANT_TOKEN] });
    expect([answer.status, answer.text]).toEqual([400, '{"__type":"InvalidGrantTokenException"}']);
  });

  test('its ciphertext, which is two bytes short of its own length, is refused', async () => {
    const answer = await send({
      ...body,
      CiphertextBlob:
        'AQICAHiWj6qDgGqSQXkNHcsbq8Q3+q6lThTZqXXRRXYtGhEQXwEH5qV5eN9LQI6CtDwBUvNVAAAAfjB8BgkqhkiG9w0BBwagbzBtAgEAMGgGCSqGSIb3DQEHATAeBglghkgBZQMEAS4wEQQM6v4DhjrVUqgdqVEuAgEQgDsgli8KqqW4qp0g9ZWnHdRGYc3ZJzpV3xH9qVGFRwzVVKJNK/Ey/fGS2tl4TOQXLcTYJMEOxR8gPjA=',
    });
    expect([answer.status, answer.text]).toEqual([400, '{"__type":"InvalidCiphertextException"}']);
  });

  test('the same request without a mount is one for AWS', async () => {
    const kms = aws.client();
    const [from, to] = [await makeKey(kms), await makeKey(kms)];
    const answer = await aws.send({
      path: '/',
      headers,
      body: JSON.stringify({
        CiphertextBlob: await sealed(kms, from),
        SourceKeyId: from.id,
        DestinationKeyId: to.id,
      }),
    });
    expect(JSON.parse(answer.text)).toMatchObject({ SourceKeyId: from.arn, KeyId: to.arn });
  });
});

describe('R paws, a client of 2018', () => {
  const KEY = {
    accessKeyId: 'AKIAPAWSUSER00000000',
    secretAccessKey: 'secret-of-paws',
    account: '111122223333',
  };
  let client: KMSClient;
  let key: MadeKey;
  let destination: MadeKey;

  beforeAll(async () => {
    await aws.register({ dialect: 'aws', ...KEY });
    client = aws.client({ account: KEY.account });
    key = await makeKey(client);
    destination = await makeKey(client);
  });

  /** Signed are the host and what it sets itself; the headers of its HTTP library are not. */
  function paws(operation: string, body: string): Promise<PlainAnswer> {
    const headers = signed({
      ...KEY,
      date: stampOf(START_MS),
      region: 'us-east-1',
      headers: {
        'content-length': String(Buffer.byteLength(body)),
        'content-type': 'application/x-amz-json-1.1',
        host: new URL(aws.url).host,
        'x-amz-target': `TrentService.${operation}`,
      },
      body,
    });
    const library = {
      accept: 'application/json, text/xml, application/xml, */*',
      'accept-encoding': 'deflate, gzip',
      'user-agent': 'paws/0.1.0 (R3.5.1; linux-gnu; x86_64)',
    };
    return aws.send({ path: '/', headers: { ...headers, ...library }, body });
  }

  /** Its rule: the code is what stands before a number sign, the text is found in any letters. */
  function errorOf(answer: PlainAnswer): { readonly code: string; readonly message: string } {
    const error: Record<string, string> = JSON.parse(answer.text);
    const name = Object.keys(error).find((member) => /message/i.test(member));
    return {
      code: error['__type']?.split('#')[0] ?? '',
      message: name === undefined ? '' : (error[name] ?? ''),
    };
  }

  test('re-encrypts with the four members of its page', async () => {
    await client.send(
      new CreateAliasCommand({ AliasName: 'alias/ExampleAlias', TargetKeyId: destination.id }),
    );
    const blob = await sealed(client, key, { string: 'string' });
    const names = [
      destination.id,
      destination.arn,
      'alias/ExampleAlias',
      `arn:aws:kms:us-east-1:${KEY.account}:alias/ExampleAlias`,
    ];
    for (const name of names) {
      const answer = await paws(
        'ReEncrypt',
        `{"CiphertextBlob":"${blob}","SourceEncryptionContext":{"string":"string"},"DestinationKeyId":"${name}","DestinationEncryptionContext":{"string":"other"}}`,
      );
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        200,
        expect.objectContaining({
          CiphertextBlob: expect.stringMatching(/^AQICAH/),
          SourceKeyId: key.arn,
          KeyId: destination.arn,
        }),
      ]);
    }
  });

  test('re-encrypts as its example does, with two members and empty lists', async () => {
    const CiphertextBlob = await sealed(client, key);
    const input = { CiphertextBlob, DestinationKeyId: destination.id };
    expect((await paws('ReEncrypt', JSON.stringify(input))).status).toBe(200);
    const empty = { ...input, SourceEncryptionContext: {}, GrantTokens: [] };
    expect((await paws('ReEncrypt', JSON.stringify(empty))).status).toBe(200);
  });

  test('sends an empty object when there is nothing to say', async () => {
    const answer = await paws('ListKeys', '{}');
    expect(JSON.parse(answer.text).Keys).toContainEqual({ KeyId: key.id, KeyArn: key.arn });
  });

  test('reads code and text of every kind of error', async () => {
    const unknown = '0987dcba-09fe-87dc-65ba-ab0987654321';
    const blob = await sealed(client, key);
    const told = [
      await paws('ReEncrypt', `{"CiphertextBlob":"${blob}","DestinationKeyId":"${unknown}"}`),
      await paws('ReEncrypt', `{"CiphertextBlob":"AAAA","DestinationKeyId":"${destination.id}"}`),
      await paws('ReEncrypt', `{"CiphertextBlob":["${blob}"],"DestinationKeyId":"x"}`),
    ];
    expect(told.map(errorOf)).toEqual([
      {
        code: 'NotFoundException',
        message: `Key 'arn:aws:kms:us-east-1:${KEY.account}:key/${unknown}' does not exist`,
      },
      { code: 'InvalidCiphertextException', message: '' },
      {
        code: 'SerializationException',
        message: 'Start of list found where not expected',
      },
    ]);
  });
});

describe('pages of other dialects', () => {
  const ncp = {
    method: 'POST',
    path: '/kms/v1/keys/a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6/re-encrypt',
    headers: {
      'x-ncp-ocapi-token': '{Access Token}',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: '{\n  "ciphertext": "{CIPHERTEXT}",\n  "context": "{BASE64_CONTEXT}"\n}',
  };
  const yandex = {
    method: 'POST',
    path: '/kms/v1/keys/abjabcdefghijklmnopq:reEncrypt',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      versionId: 'string',
      aadContext: 'string',
      sourceKeyId: 'string',
      sourceAadContext: 'string',
      ciphertext: 'string',
    }),
  };
  const alibaba = {
    method: 'GET',
    path: `/?${new URLSearchParams({
      Action: 'ReEncrypt',
      CiphertextBlob: 'ODZhOWVmZDktM2QxNi00ODk0LWJkNGYtMWZjNDNmM2YyYWJm',
      DestinationKeyId: '1234abcd-12ab-34cd-56ef-12345678****',
      Format: 'JSON',
      Version: '2016-01-20',
    })}`,
  };

  test.each([
    ['ncp', ncp],
    ['yandex', yandex],
    ['alibaba', alibaba],
  ])('the request of %s reaches its dialect', async (_name, request) => {
    const answer = await aws.send(request);
    expect(answer.text).not.toMatch(/looked_at|Keyglot/);
  });
});
