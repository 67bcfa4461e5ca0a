import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AlibabaClient, alibabaClients } from '../support/alibabaClients.js';
import {
  type AlibabaGateway,
  type Members,
  type Params,
  REGION,
  SYSTEM_CLOCK,
  startAlibabaGateway,
} from '../support/alibabaGateway.js';

const KEY = { accessKeyId: 'testak', accessKeySecret: 'testsk' };
const STS = { accessKeyId: 'STS.test', accessKeySecret: 'stssecret', securityToken: 'a token/+=' };
const ACCOUNT = '1234567890123456';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let alibaba: AlibabaGateway;

beforeAll(async () => {
  alibaba = await startAlibabaGateway({ auth: 'enforce' }, SYSTEM_CLOCK);
  await alibaba.register({ ...KEY, account: ACCOUNT });
  await alibaba.register({ ...STS, account: ACCOUNT });
});

afterAll(() => alibaba.close());

// Made before the gateway runs, so that the tests can be named; each is replaced when it is used.
const NAMES = [
  'pop-core POST',
  'pop-core GET',
  'openapi-client v3',
  'openapi-client v2',
  'kms20160120 1.2.0',
];

function clientOf(name: string, credentials = KEY): AlibabaClient {
  const found = alibabaClients(alibaba.gateway, credentials).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no client ${name}`);
  return found;
}

interface Versions {
  readonly KeyVersion: readonly { readonly KeyVersionId: string }[];
}

describe.each(NAMES)('%s', (name) => {
  let client: AlibabaClient;
  const call = (action: string, params: Params = {}): Promise<Members> =>
    client.request(action, params);
  const create = async (params: Params = {}): Promise<Record<string, string>> => {
    const { KeyMetadata } = await call('CreateKey', params);
    return KeyMetadata as Record<string, string>;
  };
  const id = async (params: Params = {}): Promise<string> => (await create(params))['KeyId'] ?? '';
  const versionsOf = async (KeyId: string): Promise<readonly string[]> => {
    const { KeyVersions } = await call('ListKeyVersions', { KeyId });
    return (KeyVersions as Versions).KeyVersion.map(({ KeyVersionId }) => KeyVersionId);
  };

  beforeAll(() => {
    client = clientOf(name);
  });

  test('makes, describes and lists keys', async () => {
    const made = await create({ Description: 'a key & <more> "ü"' });
    expect(made['KeyId']).toMatch(UUID);
    expect(made).toMatchObject({
      Arn: `acs:kms:${REGION}:${ACCOUNT}:key/${made['KeyId']}`,
      KeySpec: 'Aliyun_AES_256',
      KeyUsage: 'ENCRYPT/DECRYPT',
      KeyState: 'Enabled',
      Origin: 'Aliyun_KMS',
      ProtectionLevel: 'SOFTWARE',
      Creator: ACCOUNT,
      Description: 'a key & <more> "ü"',
      AutomaticRotation: 'Disabled',
    });
    const { KeyMetadata, RequestId } = await call('DescribeKey', { KeyId: made['KeyId'] ?? '' });
    expect(RequestId).toMatch(UUID);
    expect(KeyMetadata).toMatchObject({ KeyId: made['KeyId'], KeyState: 'Enabled' });
    const page = await call('ListKeys', { PageNumber: '1', PageSize: '1' });
    expect(page).toMatchObject({ PageNumber: 1, PageSize: 1 });
    expect(page['TotalCount']).toBeGreaterThan(0);
    const { Key: keys } = page['Keys'] as { readonly Key: readonly Record<string, string>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]?.['KeyArn']).toMatch(/^acs:kms:/);
  });

  test('encrypts a text and gives the same text back', async () => {
    const KeyId = await id();
    const [version] = await versionsOf(KeyId);
    for (const Plaintext of ['SGVsbG8gd29ybGQ=', 'not base64 at all: * ~ + & = % ü 密 🔑']) {
      const context = { EncryptionContext: '{"Example":"Ex ample","b":"2"}' };
      const sealed = await call('Encrypt', { KeyId, Plaintext, ...context });
      expect(sealed).toMatchObject({ KeyId, KeyVersionId: version });
      const blob = String(sealed['CiphertextBlob']);
      expect(Buffer.from(blob, 'base64').toString('latin1', 0, 36)).toBe(version);
      const opened = await call('Decrypt', { CiphertextBlob: blob, ...context });
      expect(opened).toMatchObject({ Plaintext, KeyId, KeyVersionId: version });
    }
  });

  test('generates data keys', async () => {
    const KeyId = await id();
    const made = await call('GenerateDataKey', { KeyId, KeySpec: 'AES_128' });
    expect(Buffer.from(String(made['Plaintext']), 'base64')).toHaveLength(16);
    const opened = await call('Decrypt', { CiphertextBlob: String(made['CiphertextBlob']) });
    expect(opened['Plaintext']).toBe(made['Plaintext']);
    const blind = await call('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: '24' });
    expect(blind['Plaintext']).toBeUndefined();
    const shown = await call('Decrypt', { CiphertextBlob: String(blind['CiphertextBlob']) });
    expect(Buffer.from(String(shown['Plaintext']), 'base64')).toHaveLength(24);
  });

  test('makes key versions, and old ciphertexts still open', async () => {
    const KeyId = await id();
    const old = await call('Encrypt', { KeyId, Plaintext: 'before' });
    const { KeyVersion } = await call('CreateKeyVersion', { KeyId });
    const { KeyVersionId } = KeyVersion as Record<string, string>;
    expect(KeyVersionId).toMatch(UUID);
    const described = await call('DescribeKeyVersion', { KeyId, KeyVersionId: KeyVersionId ?? '' });
    expect(described['KeyVersion']).toMatchObject({ KeyId, KeyVersionId });
    expect(await versionsOf(KeyId)).toEqual([old['KeyVersionId'], KeyVersionId]);
    const { KeyMetadata } = await call('DescribeKey', { KeyId });
    expect(KeyMetadata).toMatchObject({ PrimaryKeyVersion: KeyVersionId });
    const fresh = await call('Encrypt', { KeyId, Plaintext: 'after' });
    expect(fresh['KeyVersionId']).toBe(KeyVersionId);
    const opened = await call('Decrypt', { CiphertextBlob: String(old['CiphertextBlob']) });
    expect(opened).toMatchObject({ Plaintext: 'before', KeyVersionId: old['KeyVersionId'] });
  });

  test('disables, enables, schedules and cancels', async () => {
    const KeyId = await id();
    const state = async (): Promise<unknown> => {
      const { KeyMetadata } = await call('DescribeKey', { KeyId });
      return (KeyMetadata as Record<string, string>)['KeyState'];
    };
    await call('DisableKey', { KeyId });
    expect(await state()).toBe('Disabled');
    await call('EnableKey', { KeyId });
    expect(await state()).toBe('Enabled');
    await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
    expect(await state()).toBe('PendingDeletion');
    await call('CancelKeyDeletion', { KeyId });
    expect(await state()).toBe('Enabled');
  });

  test('names keys', async () => {
    const KeyId = await id();
    const other = await id();
    const AliasName = `alias/${name.replace(/\W/g, '-')}/a_b`;
    await call('CreateAlias', { KeyId, AliasName });
    const sealed = await call('Encrypt', { KeyId: AliasName, Plaintext: 'named' });
    expect(sealed['KeyId']).toBe(KeyId);
    await call('UpdateAlias', { KeyId: other, AliasName });
    const AliasArn = `acs:kms:${REGION}:${ACCOUNT}:${AliasName}`;
    const row = { KeyId: other, AliasName, AliasArn };
    const listed = await call('ListAliasesByKeyId', { KeyId: other });
    expect(listed).toMatchObject({ Aliases: { Alias: [row] }, TotalCount: 1 });
    const all = await call('ListAliases', { PageSize: '100' });
    const { Alias } = all['Aliases'] as { readonly Alias: readonly unknown[] };
    expect(Alias).toContainEqual(row);
    await call('DeleteAlias', { AliasName });
    expect(await call('ListAliasesByKeyId', { KeyId: other })).toMatchObject({ TotalCount: 0 });
  });

  test.each([
    ['RSA_2048', 'RSAES_OAEP_SHA_256'],
    ['RSA_3072', 'RSAES_OAEP_SHA_1'],
    ['EC_SM2', 'SM2PKE'],
  ])('encrypts to a key of %s by %s', async (KeySpec, Algorithm) => {
    const KeyId = await id({ KeySpec, KeyUsage: 'ENCRYPT/DECRYPT' });
    const [KeyVersionId = ''] = await versionsOf(KeyId);
    const Plaintext = Buffer.from([0, 1, 2, 250, 255]).toString('base64');
    const named = { KeyId, KeyVersionId, Algorithm };
    const sealed = await call('AsymmetricEncrypt', { ...named, Plaintext });
    expect(sealed).toMatchObject({ KeyId, KeyVersionId });
    const CiphertextBlob = String(sealed['CiphertextBlob']);
    const opened = await call('AsymmetricDecrypt', { ...named, CiphertextBlob });
    expect(opened).toMatchObject({ KeyId, KeyVersionId, Plaintext });
  });

  test.each([
    ['RSA_2048', 'RSA_PSS_SHA_256'],
    ['RSA_2048', 'RSA_PKCS1_SHA_256'],
    ['EC_P256', 'ECDSA_SHA_256'],
    ['EC_P256K', 'ECDSA_SHA_256'],
    ['EC_SM2', 'SM2DSA'],
  ])('signs with a key of %s by %s', async (KeySpec, Algorithm) => {
    const KeyId = await id({ KeySpec });
    const [KeyVersionId = ''] = await versionsOf(KeyId);
    const named = { KeyId, KeyVersionId, Algorithm };
    const Digest = createHash('sha256').update('a message').digest('base64');
    const { Value } = await call('AsymmetricSign', { ...named, Digest });
    const judged = await call('AsymmetricVerify', { ...named, Digest, Value: String(Value) });
    expect(judged).toMatchObject({ KeyId, KeyVersionId, Value: true });
    const other = createHash('sha256').update('another').digest('base64');
    const wrong = await call('AsymmetricVerify', { ...named, Digest: other, Value: String(Value) });
    expect(wrong['Value']).toBe(false);
    const { PublicKey } = await call('GetPublicKey', { KeyId, KeyVersionId });
    expect(PublicKey).toMatch(
      /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+\n-----END PUBLIC KEY-----\n$/,
    );
    if (Algorithm === 'ECDSA_SHA_256') {
      const key = createPublicKey(String(PublicKey));
      const signature = Buffer.from(String(Value), 'base64');
      expect(verify('sha256', Buffer.from('a message'), key, signature)).toBe(true);
    }
  });

  // The generated client on npm is older than the operation.
  const reEncrypts = test.skipIf(name.startsWith('kms20160120'));

  reEncrypts(
    're-encrypts a symmetric ciphertext and answers with the ids of its source',
    async () => {
      const [KeyId, DestinationKeyId] = [await id(), await id()];
      const context = '{"a":"1"}';
      const old = await call('Encrypt', { KeyId, Plaintext: 'text', EncryptionContext: context });
      const made = await call('ReEncrypt', {
        CiphertextBlob: String(old['CiphertextBlob']),
        DestinationKeyId,
        SourceEncryptionContext: context,
        DestinationEncryptionContext: '{"b":"2"}',
      });
      expect(made).toMatchObject({ KeyId, KeyVersionId: old['KeyVersionId'] });
      const opened = await call('Decrypt', {
        CiphertextBlob: String(made['CiphertextBlob']),
        EncryptionContext: '{"b":"2"}',
      });
      expect(opened).toMatchObject({ Plaintext: 'text', KeyId: DestinationKeyId });
    },
  );

  reEncrypts.each([
    ['RSA_2048', 'RSAES_OAEP_SHA_256'],
    ['EC_SM2', 'SM2PKE'],
  ])('re-encrypts a public-key ciphertext of %s', async (KeySpec, Algorithm) => {
    const KeyId = await id({ KeySpec, KeyUsage: 'ENCRYPT/DECRYPT' });
    const [KeyVersionId = ''] = await versionsOf(KeyId);
    const DestinationKeyId = await id();
    const Plaintext = Buffer.from('raw bytes').toString('base64');
    const old = await call('AsymmetricEncrypt', { KeyId, KeyVersionId, Algorithm, Plaintext });
    const made = await call('ReEncrypt', {
      CiphertextBlob: String(old['CiphertextBlob']),
      SourceKeyId: KeyId,
      SourceKeyVersionId: KeyVersionId,
      SourceEncryptionAlgorithm: Algorithm,
      DestinationKeyId,
    });
    expect(made).toMatchObject({ KeyId, KeyVersionId });
    const opened = await call('Decrypt', { CiphertextBlob: String(made['CiphertextBlob']) });
    expect(opened).toMatchObject({ Plaintext, KeyId: DestinationKeyId });
  });

  test('understands a refusal', async () => {
    const KeyId = '11111111-2222-4333-8444-555555555555';
    const refused = await call('DescribeKey', { KeyId }).catch((error: unknown) => error);
    // Two of the generations put a suffix behind the code.
    expect(String((refused as { code: unknown }).code)).toMatch(/^Forbidden\.KeyNotFound(Error)?$/);
    expect(String((refused as Error).message)).toContain('The specified Key is not found.');
  });

  test('is let in with an STS token', async () => {
    const sts = clientOf(name, STS);
    expect(await sts.request('ListKeys', {})).toMatchObject({ PageNumber: 1 });
  });

  test('is refused with a wrong secret', async () => {
    const wrong = clientOf(name, { ...KEY, accessKeySecret: 'wrong' });
    const refused = await wrong.request('ListKeys', {}).catch((error: unknown) => error);
    expect(String((refused as { code: unknown }).code)).toMatch(
      /^(IncompleteSignature|InvalidAccessKeySecret)(Error)?$/,
    );
  });
});
