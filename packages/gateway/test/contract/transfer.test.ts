import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsGateway, startAwsGateway } from '../support/awsGateway.js';

let aws: AwsGateway;
beforeAll(async () => {
  aws = await startAwsGateway();
});
afterAll(() => aws.close());

const post = async (path: string, body: unknown, token = aws.gateway.adminToken) => {
  const response = await fetch(`${aws.url}/_keyglot/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const base64 = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? new Uint8Array()).toString('base64');

test('re-encrypts a ciphertext of AWS under its context for a key of QKMS and another context', async () => {
  const from = aws.client();
  const to = aws.client({ path: '/qkms' });
  const source = (await from.send(new CreateKeyCommand({}))).KeyMetadata;
  const target = (await to.send(new CreateKeyCommand({}))).KeyMetadata;
  const Plaintext = Buffer.from('secret');
  const sealed = await from.send(
    new EncryptCommand({ KeyId: source?.KeyId, Plaintext, EncryptionContext: { a: '1' } }),
  );
  const moved = await post('reencrypt', {
    source: {
      dialect: 'aws',
      ciphertext: base64(sealed.CiphertextBlob),
      context: { a: '1' },
    },
    destination: { dialect: 'qkms', keyId: target?.KeyId, context: { b: '2' } },
  });
  expect(moved).toMatchObject({
    status: 200,
    body: {
      source: { dialect: 'aws', keyId: source?.Arn },
      destination: { dialect: 'qkms', keyId: target?.Arn },
    },
  });
  const opened = await to.send(
    new DecryptCommand({
      CiphertextBlob: Buffer.from(String(moved.body['ciphertext']), 'base64'),
      EncryptionContext: { b: '2' },
    }),
  );
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret');
});

test("answers a wrong context and a disabled key in the speaking dialect's words", async () => {
  const client = aws.client();
  const key = (await client.send(new CreateKeyCommand({}))).KeyMetadata;
  const sealed = await client.send(
    new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.from('x') }),
  );
  const source = { dialect: 'aws', ciphertext: base64(sealed.CiphertextBlob) };
  const destination = { dialect: 'aws', keyId: key?.KeyId };
  const wrong = await post('reencrypt', { source: { ...source, context: { a: '' } }, destination });
  expect(wrong).toEqual({
    status: 422,
    body: { error: { dialect: 'aws', code: 'InvalidCiphertextException', message: '' } },
  });
  await client.send(new DisableKeyCommand({ KeyId: key?.KeyId }));
  const disabled = await post('reencrypt', { source, destination });
  expect(disabled).toEqual({
    status: 422,
    body: {
      error: { dialect: 'aws', code: 'DisabledException', message: `${key?.Arn} is disabled.` },
    },
  });
});

test('refuses unknown members, unknown dialects, a needless encoding and a missing token', async () => {
  const end = { dialect: 'aws', keyId: 'x' };
  const source = { ...end, ciphertext: 'AAAA' };
  expect(await post('reencrypt', { source, destination: end, extra: 1 })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('unknown member extra') },
  });
  expect(
    await post('reencrypt', { source, destination: { ...end, dialect: 'gcp' } }),
  ).toMatchObject({
    status: 400,
    body: { error: 'dialect gcp is not one of aws, qkms, alibaba, ncp, yandex' },
  });
  expect((await post('reencrypt', {}, 'no-token')).status).toBe(401);
  expect((await post('twins', {}, 'no-token')).status).toBe(401);
});

test('a twin in QKMS opens what QKMS sealed and follows rotations of its source', async () => {
  const client = aws.client();
  const key = (await client.send(new CreateKeyCommand({}))).KeyMetadata;
  const made = await post('twins', {
    source: { dialect: 'aws', keyId: key?.KeyId },
    twin: { dialect: 'qkms' },
  });
  expect(made.status).toBe(201);
  const twin = made.body['twin'] as { keyId: string };
  expect(twin.keyId).toMatch(/^arn:verenc:000000000000:key\/[0-9a-f-]{36}$/);
  const other = aws.client({ path: '/qkms' });
  const sealed = await other.send(
    new EncryptCommand({ KeyId: twin.keyId, Plaintext: Buffer.from('y') }),
  );
  const opened = await other.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }));
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('y');
  expect(opened.KeyId).toBe(twin.keyId);
});

test('a twin opens ciphertexts of its source only when it was told to, and under the same context', async () => {
  const client = aws.client();
  const key = (await client.send(new CreateKeyCommand({}))).KeyMetadata;
  const EncryptionContext = { a: '1' };
  const sealed = await client.send(
    new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.from('z'), EncryptionContext }),
  );
  const twinOf = async (acceptForeignBlobs: boolean): Promise<string> => {
    const made = await post('twins', {
      source: { dialect: 'aws', keyId: key?.KeyId },
      twin: { dialect: 'qkms', acceptForeignBlobs },
    });
    return (made.body['twin'] as { keyId: string }).keyId;
  };
  const other = aws.client({ path: '/qkms' });
  const { CiphertextBlob } = sealed;
  const KeyId = await twinOf(true);
  const open = (input: object) => other.send(new DecryptCommand({ CiphertextBlob, ...input }));
  const opened = await open({ KeyId, EncryptionContext });
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('z');
  expect(opened.KeyId).toBe(KeyId);
  await expect(open({ KeyId })).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  const strict = await twinOf(false);
  await expect(open({ KeyId: strict, EncryptionContext })).rejects.toMatchObject({
    name: 'IncorrectKeyException',
  });
});
