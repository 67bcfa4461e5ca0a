import { GenerateRandomCommand, type KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  members,
  refusal,
  refused,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

describe('GenerateRandom', () => {
  test.each([1, 32, 1024])('gives %i bytes and nothing else', async (NumberOfBytes) => {
    const answer = await kms.send(new GenerateRandomCommand({ NumberOfBytes }));
    expect(members(answer)).toEqual({ Plaintext: expect.any(Uint8Array) });
    expect(answer.Plaintext).toHaveLength(NumberOfBytes);
  });

  test('never gives the same bytes twice', async () => {
    const draw = async (): Promise<string> => {
      const answer = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }));
      return bytes(answer.Plaintext).toString('hex');
    };
    const drawn = [await draw(), await draw(), await draw()];
    expect(new Set(drawn).size).toBe(3);
  });

  test('wants a size although the model has it optional', async () => {
    const answer = kms.send(new GenerateRandomCommand({}));
    expect(await refusal(answer)).toEqual(
      refused('ValidationException', 'NumberOfBytes is required.'),
    );
  });

  test.each([
    [0, 'Member must have value greater than or equal to 1'],
    [1025, 'Member must have value less than or equal to 1024'],
  ])('refuses %i bytes', async (NumberOfBytes, rule) => {
    const answer = kms.send(new GenerateRandomCommand({ NumberOfBytes }));
    expect(await refusal(answer)).toEqual(
      violation(
        `Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: ${rule}`,
      ),
    );
  });

  test('knows no custom key store', async () => {
    const answer = kms.send(
      new GenerateRandomCommand({ NumberOfBytes: 32, CustomKeyStoreId: 'cks-1234567890abcdef0' }),
    );
    expect(await refusal(answer)).toEqual(
      refused(
        'CustomKeyStoreNotFoundException',
        'Custom key store cks-1234567890abcdef0 is not found.',
      ),
    );
  });

  test('refuses an attestation, which it cannot answer', async () => {
    const answer = kms.send(
      new GenerateRandomCommand({
        NumberOfBytes: 32,
        Recipient: {
          KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
          AttestationDocument: Buffer.alloc(16, 1),
        },
      }),
    );
    expect(await refusal(answer)).toEqual(refused('UnsupportedOperationException'));
  });
});
