import {
  DisableKeyCommand,
  EncryptCommand,
  GetKeyLastUsageCommand,
  type GetKeyLastUsageCommandOutput,
  type KMSClient,
  ReEncryptCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  makeKey,
  members,
  refusal,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import { caseName, OPERATION_CASES } from '../support/operationCases.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

/** Listed in the model, and not what merely names or administers a key. */
const TRACKED = [
  ...['Decrypt', 'DeriveSharedSecret', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyPair'],
  ...['GenerateDataKeyPairWithoutPlaintext', 'GenerateDataKeyWithoutPlaintext', 'GenerateMac'],
  ...['ReEncrypt', 'Sign', 'Verify', 'VerifyMac', 'Encapsulate', 'Decapsulate'],
];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1_000) * 1_000);

const usageOf = (KeyId: string): Promise<GetKeyLastUsageCommandOutput> =>
  kms.send(new GetKeyLastUsageCommand({ KeyId }));
const encrypt = (KeyId: string, more: { readonly DryRun?: boolean } = {}) =>
  kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), ...more }));

describe('GetKeyLastUsage', () => {
  test('has nothing to tell of a key that nobody used', async () => {
    const { id, arn } = await makeKey(kms);
    for (const KeyId of [id, arn]) {
      expect(members(await usageOf(KeyId))).toEqual({
        KeyId: id,
        KeyLastUsage: {},
        TrackingStartDate: wholeSeconds(START_MS),
        KeyCreationDate: wholeSeconds(START_MS),
      });
    }
  });

  test('tells operation, time and request of the latest use', async () => {
    const { id } = await makeKey(kms);
    await encrypt(id);
    aws.clock.nowMs = START_MS + DAY_MS;
    const { $metadata, CiphertextBlob } = await encrypt(id);
    expect(CiphertextBlob).toBeDefined();
    const { KeyLastUsage, KeyCreationDate } = await usageOf(id);
    expect(KeyLastUsage).toEqual({
      Operation: 'Encrypt',
      Timestamp: wholeSeconds(START_MS + DAY_MS),
      CloudTrailEventId: expect.stringMatching(UUID),
      KmsRequestId: $metadata.requestId,
    });
    expect(KeyCreationDate).toEqual(wholeSeconds(START_MS));
    expect((await usageOf(id)).KeyLastUsage).toEqual(KeyLastUsage);
  });

  test('writes times as whole seconds', async () => {
    const { id } = await makeKey(kms);
    await encrypt(id);
    const { text } = await aws.call('GetKeyLastUsage', { KeyId: id });
    expect(text).toContain('"Timestamp":1700000000,');
    expect(text).toContain('"TrackingStartDate":1700000000,"KeyCreationDate":1700000000}');
  });

  test('gives each key of ReEncrypt an event of its own', async () => {
    const [from, to] = [await makeKey(kms), await makeKey(kms)];
    const { CiphertextBlob } = await encrypt(from.id);
    const moved = new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.id });
    const { $metadata } = await kms.send(moved);
    const usages = [await usageOf(from.id), await usageOf(to.id)].map((one) => one.KeyLastUsage);
    for (const usage of usages) {
      expect(usage).toMatchObject({ Operation: 'ReEncrypt', KmsRequestId: $metadata.requestId });
    }
    expect(usages[0]?.CloudTrailEventId).not.toBe(usages[1]?.CloudTrailEventId);
  });

  const onKeys = OPERATION_CASES.filter(({ key, needs }) => key !== undefined && !needs);
  test.each(onKeys.map((one) => ({ ...one, name: caseName(one) })))(
    'counts $name when it uses the key',
    async ({ operation, key: input, prepare, dryRun }) => {
      const key = await makeKey(kms, input);
      const send = await prepare(kms, key);
      const before = (await usageOf(key.id)).KeyLastUsage;
      if (dryRun === true) {
        expect(await refusal(send(kms, key.id, true))).toMatchObject({
          code: 'DryRunOperationException',
        });
      }
      expect((await usageOf(key.id)).KeyLastUsage).toEqual(before);
      await send(kms, key.id);
      const after = (await usageOf(key.id)).KeyLastUsage;
      if (TRACKED.includes(operation)) expect(after).toMatchObject({ Operation: operation });
      else expect(after).toEqual(before);
    },
  );

  test('does not count what failed', async () => {
    const { id } = await makeKey(kms, SIGN);
    const what = {
      KeyId: id,
      Message: Buffer.from('m'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    } as const;
    await kms.send(new SignCommand(what));
    const wrong = kms.send(new VerifyCommand({ ...what, Signature: Buffer.alloc(70) }));
    expect(await refusal(wrong)).toMatchObject({ code: 'KMSInvalidSignatureException' });
    expect((await usageOf(id)).KeyLastUsage?.Operation).toBe('Sign');
    const unused = await makeKey(kms);
    await kms.send(new DisableKeyCommand({ KeyId: unused.id }));
    expect(await refusal(encrypt(unused.id))).toMatchObject({ code: 'DisabledException' });
    expect((await usageOf(unused.id)).KeyLastUsage).toEqual({});
  });

  test('tells the same after the use was written', async () => {
    const { id } = await makeKey(kms);
    await encrypt(id);
    const before = members(await usageOf(id));
    await aws.gateway.vault.uses.flush();
    expect(members(await usageOf(id))).toEqual(before);
    const { record } = await aws.loaded(id);
    expect(await aws.gateway.vault.store.readUse(record)).toMatchObject({ operation: 'Encrypt' });
  });

  test('is written when the gateway stops', async () => {
    const other = await startAwsGateway();
    const client = other.client();
    const { id } = await makeKey(client);
    const { record } = await other.loaded(id);
    await client.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }));
    const { store } = other.gateway.vault;
    await other.close();
    expect(await store.readUse(record)).toMatchObject({ operation: 'Encrypt' });
  });
});
