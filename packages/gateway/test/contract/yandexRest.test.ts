import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlainAnswer, PlainRequest } from '../support/httpClient.js';
import { startYandexGateway, type YandexGateway } from '../support/yandexGateway.js';

let gateway: YandexGateway;
let keyId = '';

beforeAll(async () => {
  gateway = await startYandexGateway();
  keyId = await makeKey();
});
afterAll(() => gateway.close());

const AUTH = { authorization: 'Bearer t1.any' };
const text = (value: string): string => Buffer.from(value).toString('base64');

async function post(path: string, body: unknown, more: PlainRequest = {}): Promise<PlainAnswer> {
  return gateway.send({
    path,
    headers: AUTH,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    ...more,
  });
}

async function makeKey(more: object = {}): Promise<string> {
  const request = { folderId: 'b1grest', defaultAlgorithm: 'AES_256', ...more };
  const answer = await post('/kms/v1/keys', request);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.text).metadata.keyId;
}

async function seal(plaintext: string, more: object = {}): Promise<string> {
  const answer = await post(`/kms/v1/keys/${keyId}:encrypt`, { plaintext, ...more });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.text).ciphertext;
}

/** Status, number and text of an error, whose body has the recorded form. */
function error(answer: PlainAnswer): [number, number, string] {
  const body = JSON.parse(answer.text);
  expect(Object.keys(body)).toEqual(['code', 'message', 'details']);
  expect(body.details).toEqual([
    {
      '@type': 'type.googleapis.com/google.rpc.RequestInfo',
      requestId: answer.headers['x-request-id'],
    },
  ]);
  return [answer.status, body.code, body.message];
}

describe('the JSON of answers', () => {
  test('has the form of the recorded operation: one space a level, texts last, booleans always', async () => {
    const labels = { env: 'test' };
    const request = { folderId: 'b1gshape', name: 'n', labels, defaultAlgorithm: 'AES_256' };
    const answer = await post('/kms/v1/keys', request);
    const operation = JSON.parse(answer.text);
    expect(answer.text).toBe(JSON.stringify(operation, undefined, 1));
    expect(Object.keys(operation)).toEqual([
      'done',
      'metadata',
      'response',
      'id',
      'description',
      'createdAt',
      'createdBy',
      'modifiedAt',
    ]);
    expect(Object.keys(operation.metadata)).toEqual(['@type', 'keyId', 'primaryVersionId']);
    const key = Object.keys(operation.response);
    expect(key).toEqual([
      '@type',
      'labels',
      'primaryVersion',
      'deletionProtection',
      'id',
      'folderId',
      'createdAt',
      'name',
      'status',
      'defaultAlgorithm',
      'rotatedAt',
    ]);
    expect(operation.response.primaryVersion).toMatchObject({ primary: true, hostedByHsm: false });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-server-trace-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('leaves out empty lists and tokens', async () => {
    const path = '/kms/v1/keys?folderId=b1gnobody';
    const answer = await gateway.send({ method: 'GET', path });
    expect(answer.text).toBe('{}');
  });

  test('gives back the request id of the client', async () => {
    const headers = { ...AUTH, 'x-request-id': 'e38e71c3-adc6-4584-98a4-b0f103d55f61' };
    const answer = await gateway.send({ method: 'GET', path: '/operations/abj0', headers });
    expect(answer.headers['x-request-id']).toBe(headers['x-request-id']);
    expect(error(answer)).toEqual([404, 5, 'Operation abj0 not found']);
  });

  test('shows its evidence on request', async () => {
    const headers = { ...AUTH, 'x-keyglot-evidence': '1' };
    const answer = await gateway.send({ method: 'GET', path: `/kms/v1/keys/${keyId}`, headers });
    expect(answer.headers['x-keyglot-evidence']).toBe(
      'documented; 2026-11-24; https://yandex.cloud/en/docs/kms/api-ref/SymmetricKey/get',
    );
    expect(await gateway.journal()).toMatchObject({ evidence: 'documented', status: 200 });
  });
});

describe('the JSON of requests', () => {
  const decrypt = (body: unknown, more: PlainRequest = {}): Promise<PlainAnswer> =>
    post(`/kms/v1/keys/${keyId}:decrypt`, body, more);

  test('has names in either spelling, and whatever content type', async () => {
    const ciphertext = await seal(text('x'), { aad_context: text('a') });
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json']) {
      const headers = { ...AUTH, 'content-type': type };
      const answer = await decrypt({ ciphertext, aadContext: text('a') }, { headers });
      expect(JSON.parse(answer.text)).toMatchObject({ plaintext: text('x') });
    }
  });

  test('has base64 in either alphabet, with padding or without', async () => {
    const bytes = Buffer.from('fbefbeff', 'hex');
    const aadContext = bytes.toString('base64');
    expect(aadContext).toBe('++++/w==');
    const ciphertext = await seal(text('x'), { aadContext });
    for (const spelled of ['++++/w==', '++++/w', '----_w==', '----_w']) {
      const answer = await decrypt({ ciphertext, aadContext: spelled });
      expect(answer.status, spelled).toBe(200);
    }
    const base64url = Buffer.from(ciphertext, 'base64').toString('base64url');
    expect((await decrypt({ ciphertext: base64url, aadContext })).status).toBe(200);
  });

  test.each(['*', 'A', 'AAAAA', 'AA=A', 'AAA==', 'A A=', 'ключ'])(
    'has no base64 like %j',
    async (spelled) => {
      const answer = await decrypt({ ciphertext: spelled });
      expect(error(answer)).toEqual([400, 3, "Invalid value of field 'ciphertext'"]);
    },
  );

  test('ignores unknown members and reports them', async () => {
    const ciphertext = await seal(text('x'));
    const odd = '{"keyID":1,"__proto__":{"a":1},"constructor":2,';
    const answer = await decrypt(`${odd}"ciphertext":"${ciphertext}"}`);
    expect(answer.status).toBe(200);
    const entry = await gateway.journal();
    expect(entry['ignored']).toEqual(['keyID', '__proto__', 'constructor']);
  });

  test('takes null for absence and the path before the body', async () => {
    const ciphertext = await seal(text('x'));
    const request = { ciphertext, aadContext: null, keyId: 'abj00000000000000000' };
    expect((await decrypt(request)).status).toBe(200);
  });

  test('takes enums by number, and numbers as texts', async () => {
    const path = `/kms/v1/keys/${keyId}:generateDataKey`;
    const answer = await post(path, { dataKeySpec: 1 });
    expect(JSON.parse(answer.text).dataKeyPlaintext).toHaveLength(24);
    const listing = '/kms/v1/keys?folder_id=b1grest&pageSize=1';
    const listed = await gateway.send({ method: 'GET', path: listing, headers: AUTH });
    expect(JSON.parse(listed.text).keys).toHaveLength(1);
    const strange = await post(path, { dataKeySpec: 9 });
    const unknown = 'Validation failed:\n  - data_key_spec: Unknown value';
    expect(error(strange)).toEqual([400, 3, unknown]);
  });

  test('needs no body for a rotation, and reports one', async () => {
    expect((await post(`/kms/v1/keys/${keyId}:rotate`, '')).status).toBe(200);
    expect((await post(`/kms/v1/keys/${keyId}:rotate`, 'not json')).status).toBe(200);
    expect(await gateway.journal()).toMatchObject({ ignored: ['<body>'] });
  });

  test.each([
    ['a truncated body', '{"ciphertext":', 'Request body is not valid JSON'],
    ['a body that is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'Request body is not valid JSON'],
    ['single quotes', "{'ciphertext': 'AA=='}", 'Request body is not valid JSON'],
    ['a list', '[]', 'Request body is not a JSON object'],
    ['a text', '"x"', 'Request body is not a JSON object'],
    ['null', 'null', 'Request body is not a JSON object'],
    ['a deep body', '['.repeat(200_000) + ']'.repeat(200_000), 'Request body is not a JSON object'],
    ['a number for bytes', '{"ciphertext":1}', "Invalid value of field 'ciphertext'"],
    ['a list for bytes', '{"ciphertext":["AA=="]}', "Invalid value of field 'ciphertext'"],
    ['an object for bytes', '{"ciphertext":{}}', "Invalid value of field 'ciphertext'"],
    ['a truth for bytes', '{"aad_context":true}', "Invalid value of field 'aad_context'"],
    ['an empty body', '', 'Validation failed:\n  - ciphertext: Field is required'],
    ['an empty object', '{}', 'Validation failed:\n  - ciphertext: Field is required'],
  ])('refuses %s', async (_what, body, message) => {
    expect(error(await decrypt(body))).toEqual([400, 3, message]);
  });

  test.each([
    ['name', '{"name":"\\ud800"}'],
    ['labels', '{"labels":[]}'],
    ['labels', '{"labels":{"a":1}}'],
    ['labels', '{"labels":{"\\udfff":"x"}}'],
    ['default_algorithm', '{"defaultAlgorithm":"aes_256"}'],
    ['default_algorithm', '{"defaultAlgorithm":1.5}'],
    ['default_algorithm', '{"defaultAlgorithm":{}}'],
    ['rotation_period', '{"rotationPeriod":"1d"}'],
    ['rotation_period', '{"rotationPeriod":86400}'],
    ['deletion_protection', '{"deletionProtection":"true"}'],
  ])('refuses a wrong %s: %s', async (name, body) => {
    const answer = await post('/kms/v1/keys', body);
    expect(error(answer)).toEqual([400, 3, `Invalid value of field '${name}'`]);
  });

  test('keeps labels apart from the prototype of objects', async () => {
    const body = '{"folderId":"f","defaultAlgorithm":3,"labels":{"__proto__":"x","a":"b"}}';
    const answer = await post('/kms/v1/keys', body);
    const pattern = 'Map key does not match the pattern /[a-z][-_0-9a-z]*/';
    expect(error(answer)).toEqual([400, 3, `Validation failed:\n  - labels: ${pattern}`]);
    const constructed = '{"folderId":"f","defaultAlgorithm":3,"labels":{"constructor":"x"}}';
    const made = await post('/kms/v1/keys', constructed);
    expect(JSON.parse(made.text).response.labels).toEqual({ constructor: 'x' });
  });

  test('has a limit', async () => {
    const answer = await decrypt(Buffer.alloc(1_048_577, 0x20));
    expect(error(answer)).toEqual([413, 8, 'Payload Too Large']);
    const below = await decrypt(Buffer.alloc(1_048_576, 0x20));
    expect(error(below)).toEqual([400, 3, 'Request body is not valid JSON']);
  });
});

describe('paths', () => {
  test.each([
    ['GET', '/kms/v1/keys/{id}:encrypt'],
    ['POST', '/kms/v1/keys/{id}'],
    ['PUT', '/kms/v1/keys/{id}'],
    ['POST', '/kms/v1/keys/{id}:explode'],
    ['POST', '/kms/v1/keys/{id}:ENCRYPT'],
    ['GET', '/kms/v1/keys/{id}/'],
    ['GET', '/kms/v1/keys/{id}/versions/1'],
    ['GET', '/kms/v2/keys/{id}'],
    ['GET', '/keys/{id}'],
    ['POST', '/keys/{id}:encrypt'],
    ['GET', '/kms/v1/keys/%E0%A4%A/versions'],
    ['GET', '/computeMetadata/v1/instance/service-accounts/default/token'],
  ])('%s %s lead nowhere', async (method, template) => {
    const path = template.replace('{id}', keyId);
    expect(error(await gateway.send({ method, path, headers: AUTH }))).toEqual([
      404,
      5,
      'Not found',
    ]);
  });

  test('take the colon of a verb percent-encoded', async () => {
    for (const colon of [':', '%3A', '%3a']) {
      const answer = await post(`/kms/v1/keys/${keyId}${colon}encrypt`, { plaintext: text('x') });
      expect(answer.status).toBe(200);
    }
  });

  test.each([
    ['GET', '/kms/v1/keys/{id}/operations', 'kms.v1.SymmetricKeyService/ListOperations'],
    [
      'GET',
      '/kms/v1/keys/{id}:listAccessBindings',
      'kms.v1.SymmetricKeyService/ListAccessBindings',
    ],
    ['POST', '/kms/v1/keys/{id}:setAccessBindings', 'kms.v1.SymmetricKeyService/SetAccessBindings'],
    [
      'POST',
      '/kms/v1/keys/{id}:updateAccessBindings',
      'kms.v1.SymmetricKeyService/UpdateAccessBindings',
    ],
    [
      'POST',
      '/kms/v1/asymmetricEncryptionKeys',
      'kms.v1.asymmetricencryption.AsymmetricEncryptionKeyService/Create',
    ],
    [
      'POST',
      '/kms/v1/asymmetricEncryptionKeys/{id}:decrypt',
      'kms.v1.asymmetricencryption.AsymmetricEncryptionCryptoService/Decrypt',
    ],
    [
      'POST',
      '/kms/v1/asymmetricSignatureKeys/{id}:signHash',
      'kms.v1.asymmetricsignature.AsymmetricSignatureCryptoService/SignHash',
    ],
    [
      'GET',
      '/kms/v1/asymmetricSignatureKeys/{id}/publicKey',
      'kms.v1.asymmetricsignature.AsymmetricSignatureCryptoService/GetPublicKey',
    ],
    ['GET', '/operations/{id}:cancel', 'operation.OperationService/Cancel'],
    ['POST', '/operations/{id}:cancel', 'operation.OperationService/Cancel'],
    ['POST', '/iam/v1/tokens:revoke', 'iam.v1.IamTokenService/Revoke'],
    [
      'POST',
      '/iam/v1/tokens:createForServiceAccount',
      'iam.v1.IamTokenService/CreateForServiceAccount',
    ],
  ])('%s %s are known but not served', async (method, template, name) => {
    const path = template.replace('{id}', keyId);
    const answer = await gateway.send({ method, path, headers: AUTH });
    expect(error(answer)).toEqual([501, 12, `Method not found: yandex.cloud.${name}`]);
  });
});

describe('requests without a prefix or a host hint', () => {
  const OPEN: Record<string, string> = {};
  /** Each captured request, and the same with a value that the service does not take. */
  const captured: readonly (readonly [string, string, object, object, string])[] = [
    [
      'POST',
      '/kms/v1/keys/abjulftcuh1p66lfdmpg:encrypt',
      { versionId: 'abj24us9a9gl3d28f8kt', plaintext: 'password' },
      { plaintext: 'pass word' },
      "Invalid value of field 'plaintext'",
    ],
    [
      'POST',
      '/kms/v1/keys/abjulftcuh1p66lfdmpg:reEncrypt',
      {
        versionId: 'string',
        aadContext: 'c3RyaW5n',
        sourceKeyId: 'abjulftcuh1p66lfdmpg',
        sourceAadContext: 'c3RyaW5n',
        ciphertext: 'c3RyaW5n',
      },
      { sourceKeyId: 'abjulftcuh1p66lfdmpg', ciphertext: '?' },
      "Invalid value of field 'ciphertext'",
    ],
    [
      'PATCH',
      '/kms/v1/keys/abjulftcuh1p66lfdmpg',
      { updateMask: 'name', name: 'x' },
      { updateMask: 1 },
      "Invalid value of field 'update_mask'",
    ],
  ];

  test.each(captured)('%s %s are claimed', async (method, path, body, broken, message) => {
    const answer = await gateway.send({ method, path, headers: OPEN, body: JSON.stringify(body) });
    const unknownKey = 'Symmetric key abjulftcuh1p66lfdmpg not found';
    expect(error(answer)).toEqual([404, 5, unknownKey]);
    const wrong = { method, path, headers: OPEN, body: JSON.stringify(broken) };
    expect(error(await gateway.send(wrong))).toEqual([400, 3, message]);
  });

  test.each([
    ['/kms/v1/keys/abjulftcuh1p66lfdmpg', 404, 5],
    ['/kms/v1/keys/abjulftcuh1p66lfdmpg/versions', 404, 5],
    ['/kms/v1/keys/abjulftcuh1p66lfdmpg/operations', 501, 12],
    ['/kms/v1/keys?folderId=b1g&pageSize=x', 400, 3],
    ['/operations/abjluv2sk1sp00000000', 404, 5],
    ['/endpoints/unknown', 404, 5],
  ])('GET %s are claimed', async (path, status, code) => {
    const [gotStatus, gotCode] = error(await gateway.send({ method: 'GET', path }));
    expect([gotStatus, gotCode]).toEqual([status, code]);
  });

  test('and requests to the hosts of the service', async () => {
    for (const host of ['kms.yandex', 'kms.api.cloud.yandex.net', 'yandex.localhost']) {
      const path = `/kms/v1/keys/${keyId}:encrypt`;
      const body = JSON.stringify({ plaintext: text('x') });
      expect((await gateway.send({ path, headers: { host }, body })).status).toBe(200);
    }
    const list = { method: 'GET', path: '/endpoints', headers: { host: 'api.cloud.yandex.net' } };
    const { endpoints } = JSON.parse((await gateway.send(list)).text);
    expect(endpoints[0]).toEqual({ id: 'endpoint', address: 'api.cloud.yandex.net:443' });
  });
});

describe('the documented ReEncrypt request', () => {
  test('is served as printed but for host, key and ciphertext', async () => {
    const target = await makeKey();
    const versions = await gateway.send({ method: 'GET', path: `/kms/v1/keys/${target}/versions` });
    const versionId = JSON.parse(versions.text).keyVersions[0].id;
    const string = text('string');
    const ciphertext = await seal(text('secret'), { aadContext: string });
    const answer = await gateway.send({
      path: `/kms/v1/keys/${target}:reEncrypt`,
      body: JSON.stringify({
        versionId,
        aadContext: string,
        sourceKeyId: keyId,
        sourceAadContext: string,
        ciphertext,
      }),
    });
    const body = JSON.parse(answer.text);
    expect(answer.status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'keyId',
      'versionId',
      'sourceKeyId',
      'sourceVersionId',
      'ciphertext',
    ]);
    expect(body).toMatchObject({ keyId: target, versionId, sourceKeyId: keyId });
  });
});
