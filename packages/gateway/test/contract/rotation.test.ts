import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AGREE,
  type AwsGateway,
  bytes,
  HMAC,
  makeKey,
  members,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

async function materialOf(KeyId: string): Promise<string | undefined> {
  const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
  return key?.CurrentKeyMaterialId;
}

describe('RotateKeyOnDemand', () => {
  test('answers with the ARN and changes nothing but the material', async () => {
    const { id, arn } = await makeKey(kms);
    const before = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    const answer = await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect(members(answer)).toEqual({ KeyId: arn });
    const after = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    const { CurrentKeyMaterialId: old, ...same } = before.KeyMetadata ?? {};
    expect(after.KeyMetadata).toEqual({
      ...same,
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(after.KeyMetadata?.CurrentKeyMaterialId).not.toBe(old);
  });

  test('seals with the new material and still opens what the old ones sealed', async () => {
    const { id } = await makeKey(kms);
    const sealed = [];
    for (let n = 0; n < 3; n += 1) {
      if (n > 0) await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
      const Plaintext = Buffer.from(`generation ${n}`);
      const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: id, Plaintext }));
      sealed.push({ Plaintext, CiphertextBlob, material: await materialOf(id) });
    }
    expect(new Set(sealed.map(({ material }) => material)).size).toBe(3);
    for (const { Plaintext, CiphertextBlob, material } of sealed) {
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
      expect([bytes(opened.Plaintext), opened.KeyMaterialId]).toEqual([Plaintext, material]);
    }
    const drawn = await kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }));
    expect(drawn.KeyMaterialId).toBe(sealed.at(-1)?.material);
  });

  test('rotates 25 times and not once more', async () => {
    const { id, arn } = await makeKey(kms);
    for (let n = 0; n < 25; n += 1) await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    // The official client retries this error, by its name.
    const answer = await aws.call('RotateKeyOnDemand', { KeyId: id });
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        __type: 'LimitExceededException',
        message: `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arn}`,
      },
    ]);
  });

  test('keeps to the limit when requests race', async () => {
    const { id } = await makeKey(kms);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        fetch(aws.url, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'TrentService.RotateKeyOnDemand',
          },
          body: JSON.stringify({ KeyId: id }),
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(25);
    expect((await aws.loaded(id)).record.versions).toHaveLength(26);
  });

  test.each([
    ['an RSA key for encryption', RSA],
    ['a key for signatures', SIGN],
    ['a key for agreement', AGREE],
    ['a key for MACs', HMAC],
  ])('refuses %s without a text, but tells its state first', async (_what, input) => {
    const { id, arn } = await makeKey(kms, input);
    const answer = await aws.call('RotateKeyOnDemand', { KeyId: id });
    expect([answer.status, answer.body]).toEqual([
      400,
      { __type: 'UnsupportedOperationException' },
    ]);
    await aws.force(id, 'disabled');
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: id })))).toEqual(
      refused('DisabledException', `${arn} is disabled.`),
    );
  });
});
