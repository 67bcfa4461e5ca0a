import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startYandexGateway, type YandexGateway } from '../support/yandexGateway.js';
import { type Members, type Outcome, restTransport } from '../support/yandexTransports.js';

let gateway: YandexGateway;
let keyId = '';

const text = (value: string): string => Buffer.from(value).toString('base64');

function call(method: string, request: Members): Promise<Outcome> {
  return restTransport(gateway).call(method, request);
}

async function ok(method: string, request: Members): Promise<Members> {
  const outcome = await call(method, request);
  if (!('value' in outcome)) throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

async function admin(path: string, body: unknown): Promise<{ status: number; body: Members }> {
  const answer = await gateway.send({
    path: `/_keyglot/${path}`,
    headers: {
      authorization: `Bearer ${gateway.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

async function aws(operation: string, input: unknown): Promise<Members> {
  const answer = await gateway.send({
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    },
    body: JSON.stringify(input),
  });
  if (answer.status !== 200) throw new Error(`${operation}: ${answer.text}`);
  return JSON.parse(answer.text);
}

async function awsKey(): Promise<string> {
  const { KeyMetadata } = await aws('CreateKey', {});
  return String((KeyMetadata as Members)['KeyId']);
}

beforeAll(async () => {
  gateway = await startYandexGateway();
  const request = { folderId: 'b1gtransfer', defaultAlgorithm: 'AES_256' };
  const operation = await ok('SymmetricKeyService/Create', request);
  keyId = String((operation['metadata'] as Members)['keyId']);
});
afterAll(() => gateway.close());

describe('a ciphertext', () => {
  test('goes to AWS and comes back, each time with the context of its own side', async () => {
    const aadContext = text('aad');
    const plaintext = text('secret');
    const sealed = await ok('SymmetricCryptoService/Encrypt', { keyId, plaintext, aadContext });
    const awsId = await awsKey();
    const there = await admin('reencrypt', {
      source: { dialect: 'yandex', keyId, ciphertext: sealed['ciphertext'], context: aadContext },
      destination: { dialect: 'aws', keyId: awsId, context: { a: '1' } },
    });
    expect(there).toMatchObject({ status: 200, body: { source: { dialect: 'yandex', keyId } } });
    const { ciphertext } = there.body;
    const EncryptionContext = { a: '1' };
    const opened = await aws('Decrypt', { CiphertextBlob: ciphertext, EncryptionContext });
    expect(opened['Plaintext']).toBe(plaintext);
    const back = await admin('reencrypt', {
      source: { dialect: 'aws', ciphertext, context: EncryptionContext },
      destination: { dialect: 'yandex', keyId, context: text('new') },
    });
    const mine = { keyId, ciphertext: back.body['ciphertext'], aadContext: text('new') };
    expect(await ok('SymmetricCryptoService/Decrypt', mine)).toMatchObject({ plaintext });
  });

  test.each([
    [{ context: text('other') }, 'INVALID_ARGUMENT', 'Invalid ciphertext'],
    [{ context: { a: '1' } }, 'INVALID_ARGUMENT', "Invalid value of field 'aad_context'"],
    [{ ciphertext: '?' }, 'INVALID_ARGUMENT', "Invalid value of field 'ciphertext'"],
    [{ keyId: 'abj0' }, 'NOT_FOUND', 'Symmetric key abj0 not found'],
  ])('is refused in the words of the service for %j', async (more, code, message) => {
    const plaintext = text('x');
    const sealed = await ok('SymmetricCryptoService/Encrypt', { keyId, plaintext });
    const source = { dialect: 'yandex', keyId, ciphertext: sealed['ciphertext'], ...more };
    const destination = { dialect: 'aws', keyId: await awsKey() };
    expect(await admin('reencrypt', { source, destination })).toEqual({
      status: 422,
      body: { error: { dialect: 'yandex', code, message } },
    });
  });
});

test.each([
  [{ algorithm: 'AES_256' }, 'yandex has no use for algorithm'],
  [{ region: 'ru-central1' }, 'yandex has no use for region'],
])('what the dialect has no use for is refused: %j', async (more, error) => {
  const source = { dialect: 'yandex', keyId, ciphertext: text('x'), ...more };
  const destination = { dialect: 'aws', keyId: await awsKey() };
  const answer = await admin('reencrypt', { source, destination });
  expect(answer).toMatchObject({ status: 400, body: { error } });
});

describe('a twin', () => {
  test('of an AWS key opens its ciphertexts, and is rotated with it', async () => {
    const awsId = await awsKey();
    const made = await admin('twins', {
      source: { dialect: 'aws', keyId: awsId },
      twin: { dialect: 'yandex', account: 'b1gtwin', name: 'twin', acceptForeignBlobs: true },
    });
    expect(made.status).toBe(201);
    const twin = String((made.body['twin'] as Members)['keyId']);
    expect(twin).toMatch(/^abj[0-9a-v]{17}$/);
    expect(await ok('SymmetricKeyService/Get', { keyId: twin })).toMatchObject({
      folderId: 'b1gtwin',
      name: 'twin',
      status: 'ACTIVE',
      primaryVersion: { algorithm: 'AES_256', primary: true },
    });
    const sealed = await aws('Encrypt', { KeyId: awsId, Plaintext: text('old') });
    const foreign = { keyId: twin, ciphertext: sealed['CiphertextBlob'] };
    const opened = await ok('SymmetricCryptoService/Decrypt', foreign);
    expect(opened).toMatchObject({ plaintext: text('old') });
    const moved = await ok('SymmetricCryptoService/ReEncrypt', { ...foreign, sourceKeyId: twin });
    expect(moved['sourceVersionId']).toBe(opened['versionId']);

    await aws('RotateKeyOnDemand', { KeyId: awsId });
    await ok('SymmetricKeyService/Rotate', { keyId: twin });
    const { keyVersions } = await ok('SymmetricKeyService/ListVersions', { keyId: twin });
    expect(keyVersions).toHaveLength(3);
    expect(keyVersions).toMatchObject([{ primary: true }, {}, {}]);
    expect(await call('SymmetricCryptoService/Decrypt', foreign)).toMatchObject({ code: 0 });
  });
});
