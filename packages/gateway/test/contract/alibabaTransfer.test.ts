import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AlibabaGateway,
  type MadeKey,
  type Members,
  type Params,
  startAlibabaGateway,
} from '../support/alibabaGateway.js';

let alibaba: AlibabaGateway;
let key: MadeKey;

beforeAll(async () => {
  alibaba = await startAlibabaGateway();
  key = await alibaba.makeKey();
});

afterAll(() => alibaba.close());

interface Answer {
  readonly status: number;
  readonly body: Members;
}

async function admin(path: string, body: unknown): Promise<Answer> {
  const answer = await alibaba.send({
    path: `/_keyglot/${path}`,
    headers: {
      authorization: `Bearer ${alibaba.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

async function aws(operation: string, input: unknown): Promise<Members> {
  const answer = await alibaba.send({
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

async function seal(Plaintext: string, more: Params = {}): Promise<string> {
  const made = await alibaba.done('Encrypt', { KeyId: key.id, Plaintext, ...more });
  return String(made['CiphertextBlob']);
}

describe('a ciphertext', () => {
  test.each([
    ['utf8', 'grüße', Buffer.from('grüße')],
    ['base64', 'AAH/', Buffer.from([0, 1, 255])],
  ])('goes to AWS as %s and comes back', async (plaintext, text, bytes) => {
    const there = await admin('reencrypt', {
      source: {
        dialect: 'alibaba',
        ciphertext: await seal(text, { EncryptionContext: '{"a":"1"}' }),
        context: { a: '1' },
      },
      destination: { dialect: 'aws', keyId: await awsKey(), context: { b: '2' } },
      plaintext,
    });
    expect(there).toMatchObject({
      status: 200,
      body: { source: { dialect: 'alibaba', keyId: key.id }, destination: { dialect: 'aws' } },
    });
    const { ciphertext } = there.body;
    const opened = await aws('Decrypt', {
      CiphertextBlob: ciphertext,
      EncryptionContext: { b: '2' },
    });
    expect(opened['Plaintext']).toBe(bytes.toString('base64'));
    const back = await admin('reencrypt', {
      source: { dialect: 'aws', ciphertext, context: { b: '2' } },
      destination: { dialect: 'alibaba', keyId: key.arn, context: { c: '3' } },
      plaintext,
    });
    expect(back.status).toBe(200);
    const again = await alibaba.done('Decrypt', {
      CiphertextBlob: String(back.body['ciphertext']),
      EncryptionContext: '{"c":"3"}',
    });
    expect(again['Plaintext']).toBe(text);
  });

  test('needs to be told what its text stands for', async () => {
    const source = { dialect: 'alibaba', ciphertext: await seal('not base64') };
    const destination = { dialect: 'aws', keyId: await awsKey() };
    for (const more of [{}, { plaintext: 'base64' }]) {
      const answer = await admin('reencrypt', { source, destination, ...more });
      expect(answer).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/base64/) },
      });
    }
  });

  test('is refused in the provider’s words', async () => {
    const destination = { dialect: 'aws', keyId: await awsKey() };
    const refused = async (source: object): Promise<unknown> => {
      const end = { dialect: 'alibaba', ...source };
      const body = { source: end, destination, plaintext: 'utf8' };
      return (await admin('reencrypt', body)).body['error'];
    };
    const invalid = (name: string) => ({
      dialect: 'alibaba',
      code: 'InvalidParameter',
      message: `The specified parameter ${name} is not valid.`,
    });
    const ciphertext = await seal('x');
    expect(await refused({ ciphertext: 'AAAA' })).toEqual(invalid('CiphertextBlob'));
    expect(await refused({ ciphertext, context: { a: '1' } })).toEqual(invalid('CiphertextBlob'));
    expect(await refused({ ciphertext, context: [] })).toEqual(invalid('EncryptionContext'));
    const { id: keyId } = await alibaba.makeKey();
    expect(await refused({ ciphertext, keyId })).toEqual(invalid('CiphertextBlob'));
  });

  test('of a public key comes over as bytes', async () => {
    const pair = await alibaba.makeKey({ KeySpec: 'EC_SM2', KeyUsage: 'ENCRYPT/DECRYPT' });
    const made = await alibaba.done('AsymmetricEncrypt', {
      KeyId: pair.id,
      KeyVersionId: pair.version,
      Algorithm: 'SM2PKE',
      Plaintext: 'AAH/',
    });
    const moved = await admin('reencrypt', {
      source: {
        dialect: 'alibaba',
        keyId: pair.id,
        keyVersionId: pair.version,
        algorithm: 'SM2PKE',
        ciphertext: made['CiphertextBlob'],
      },
      destination: { dialect: 'aws', keyId: await awsKey() },
    });
    const opened = await aws('Decrypt', { CiphertextBlob: moved.body['ciphertext'] });
    expect(opened['Plaintext']).toBe('AAH/');
  });
});

describe('twins', () => {
  const twin = (source: object, wanted: object): Promise<Answer> =>
    admin('twins', { source, twin: wanted });
  const idOf = ({ body }: Answer): string => String((body['twin'] as Members)['keyId']);

  test('of AWS keys look like keys of this service and rotate together', async () => {
    const keyId = await awsKey();
    const made = await twin({ dialect: 'aws', keyId }, { dialect: 'alibaba' });
    expect(made.status).toBe(201);
    const KeyId = idOf(made);
    const { KeyMetadata } = await alibaba.done('DescribeKey', { KeyId });
    expect(KeyMetadata).toMatchObject({
      KeyId,
      KeySpec: 'Aliyun_AES_256',
      KeyUsage: 'ENCRYPT/DECRYPT',
      KeyState: 'Enabled',
      Creator: ACCOUNT,
    });
    await aws('RotateKeyOnDemand', { KeyId: keyId });
    const listed = await alibaba.done('ListKeyVersions', { KeyId });
    expect(listed['TotalCount']).toBe(2);
    await alibaba.done('CreateKeyVersion', { KeyId });
    expect((await alibaba.done('ListKeyVersions', { KeyId }))['TotalCount']).toBe(3);
    const sealed = await aws('Encrypt', { KeyId: keyId, Plaintext: 'AAH/' });
    const moved = await admin('reencrypt', {
      source: { dialect: 'aws', ciphertext: sealed['CiphertextBlob'] },
      destination: { dialect: 'alibaba', keyId: KeyId },
      plaintext: 'base64',
    });
    const CiphertextBlob = String(moved.body['ciphertext']);
    expect((await alibaba.done('Decrypt', { CiphertextBlob }))['Plaintext']).toBe('AAH/');
  });

  test('of ours in AWS open our ciphertexts when they are told to', async () => {
    const source = { dialect: 'alibaba', keyId: key.id };
    const made = await twin(source, { dialect: 'aws', acceptForeignBlobs: true });
    const opened = await aws('Decrypt', {
      KeyId: idOf(made),
      CiphertextBlob: await seal('text', { EncryptionContext: '{"a":"1"}' }),
      EncryptionContext: { a: '1' },
    });
    expect(Buffer.from(String(opened['Plaintext']), 'base64').toString()).toBe('text');
  });

  test('of asymmetric keys are refused where these do not rotate', async () => {
    for (const KeySpec of ['EC_P256', 'EC_SM2']) {
      const pair = await alibaba.makeKey({ KeySpec });
      const there = await twin({ dialect: 'alibaba', keyId: pair.id }, { dialect: 'aws' });
      expect(there).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/^only symmetric keys can be twins here/) },
      });
    }
  });

  test('do not open the ciphertexts of others, whose plaintexts are no texts', async () => {
    const wanted = { dialect: 'alibaba', acceptForeignBlobs: true };
    const made = await twin({ dialect: 'aws', keyId: await awsKey() }, wanted);
    expect(made).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^alibaba cannot accept foreign ciphertexts/) },
    });
  });
});
