import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyLastUsageCommand,
  type KMSClient,
  ListGrantsCommand,
  ReEncryptCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { operationsTaking } from '@keyglot/adapter-aws/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  makeKey,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import { caseName, OPERATION_CASES } from '../support/operationCases.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

const PASSED = refused(
  'DryRunOperationException',
  'The request would have succeeded, but the DryRun option is set.',
);
const DRY = OPERATION_CASES.filter(({ dryRun }) => dryRun === true).map((one) => ({
  ...one,
  name: caseName(one),
}));

// Operations whose input has the member, counted in the published model and in the documentation:
// https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
const WITH_DRY_RUN = new Set([
  'CreateGrant',
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'RetireGrant',
  'RevokeGrant',
  'Sign',
  'Verify',
  'VerifyMac',
]);

test('the documentation and the published model name the same operations', () => {
  expect(operationsTaking('DryRun')).toEqual(WITH_DRY_RUN);
});

test('every operation whose input has DryRun is tried dry', () => {
  const told = OPERATION_CASES.map(({ operation, dryRun }) => [operation, dryRun === true]);
  expect(told).toEqual(
    OPERATION_CASES.map(({ operation }) => [operation, WITH_DRY_RUN.has(operation)]),
  );
});

describe.each(DRY)('$name', ({ key: input, states, prepare }) => {
  test('says that it would have succeeded, and succeeds when it is not dry', async () => {
    const key = await makeKey(kms, input);
    const send = await prepare(kms, key);
    expect(await refusal(send(kms, key.id, true))).toEqual(PASSED);
    await send(kms, key.id, false);
  });

  test('changes nothing', async () => {
    const key = await makeKey(kms, input);
    const send = await prepare(kms, key);
    const state = async (): Promise<unknown> => {
      const listed = await kms.send(new ListGrantsCommand({ KeyId: key.id }));
      const used = await kms.send(new GetKeyLastUsageCommand({ KeyId: key.id }));
      return [(await aws.loaded(key.id)).record, listed.Grants, used.KeyLastUsage];
    };
    const before = await state();
    expect(await refusal(send(kms, key.id, true))).toEqual(PASSED);
    expect(await state()).toEqual(before);
  });

  test('tells a missing key and a wrong state before', async () => {
    const key = await makeKey(kms, input);
    const send = await prepare(kms, key);
    const missing = '1234abcd-12ab-34cd-56ef-1234567890ab';
    expect(await refusal(send(kms, missing, true))).toEqual(
      refused(
        'NotFoundException',
        `Key 'arn:aws:kms:us-east-1:000000000000:key/${missing}' does not exist`,
      ),
    );
    await aws.force(key.id, 'disabled');
    const disabled = refused('DisabledException', `${key.arn} is disabled.`);
    expect(await refusal(send(kms, key.id, true))).toEqual(
      states?.disabled === 'ok' ? PASSED : disabled,
    );
  });
});

describe('a dry run', () => {
  test('judges the content: ciphertext, signature', async () => {
    const [key, signer] = [await makeKey(kms), await makeKey(kms, SIGN)];
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('x') }),
    );
    const broken = bytes(CiphertextBlob);
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    const opened = kms.send(new DecryptCommand({ CiphertextBlob: broken, DryRun: true }));
    expect(await refusal(opened)).toEqual(refused('InvalidCiphertextException'));
    const moved = kms.send(
      new ReEncryptCommand({ CiphertextBlob: broken, DestinationKeyId: key.id, DryRun: true }),
    );
    expect(await refusal(moved)).toEqual(refused('InvalidCiphertextException'));
    const what = {
      KeyId: signer.id,
      SigningAlgorithm: 'ECDSA_SHA_256',
      Message: Buffer.from('m'),
    } as const;
    const { Signature } = await kms.send(new SignCommand(what));
    const other = { ...what, Message: Buffer.from('n') };
    const verified = kms.send(new VerifyCommand({ ...other, Signature, DryRun: true }));
    expect(await refusal(verified)).toEqual(refused('KMSInvalidSignatureException'));
  });

  test('gives nothing away', async () => {
    const key = await makeKey(kms);
    const answer = await aws.call('GenerateDataKey', {
      KeyId: key.id,
      KeySpec: 'AES_256',
      DryRun: true,
    });
    expect(Object.keys(answer.body)).toEqual(['__type', 'message']);
  });
});

describe('IGNORE_CIPHERTEXT', () => {
  const modifiers = { DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] } as const;
  const ignoring = { ...modifiers, DryRunModifiers: [...modifiers.DryRunModifiers] };

  test('asks for the permission alone: no ciphertext, or any', async () => {
    const [from, to] = [await makeKey(kms), await makeKey(kms)];
    for (const CiphertextBlob of [undefined, Buffer.from('no ciphertext')]) {
      const opened = new DecryptCommand({ KeyId: from.id, CiphertextBlob, ...ignoring });
      expect(await refusal(kms.send(opened))).toEqual(PASSED);
      const moved = new ReEncryptCommand({
        SourceKeyId: from.id,
        DestinationKeyId: to.id,
        CiphertextBlob,
        ...ignoring,
      });
      expect(await refusal(kms.send(moved))).toEqual(PASSED);
    }
  });

  test('wants the key of the ciphertext named', async () => {
    const key = await makeKey(kms);
    expect(await refusal(kms.send(new DecryptCommand(ignoring)))).toEqual(
      refused('ValidationException', 'KeyId is required for IGNORE_CIPHERTEXT.'),
    );
    const moved = new ReEncryptCommand({ DestinationKeyId: key.id, ...ignoring });
    expect(await refusal(kms.send(moved))).toEqual(
      refused('ValidationException', 'SourceKeyId is required for IGNORE_CIPHERTEXT.'),
    );
  });

  test('goes with a dry run only', async () => {
    const key = await makeKey(kms);
    const expected = refused(
      'ValidationException',
      'DryRunModifiers can only be specified when DryRun is true.',
    );
    const { DryRunModifiers } = ignoring;
    for (const DryRun of [undefined, false]) {
      const input = { KeyId: key.id, DryRun, DryRunModifiers };
      expect(await refusal(kms.send(new DecryptCommand(input)))).toEqual(expected);
    }
  });

  test('tells a wrong state of either key', async () => {
    const [from, to] = [await makeKey(kms), await makeKey(kms)];
    const moved = (): Promise<unknown> =>
      kms.send(
        new ReEncryptCommand({ SourceKeyId: from.id, DestinationKeyId: to.id, ...ignoring }),
      );
    await aws.force(to.id, 'disabled');
    expect(await refusal(moved())).toEqual(refused('DisabledException', `${to.arn} is disabled.`));
    await aws.force(from.id, 'disabled');
    expect(await refusal(moved())).toEqual(
      refused('DisabledException', `${from.arn} is disabled.`),
    );
  });

  test('tells a wrong usage of either key', async () => {
    const [key, signer] = [await makeKey(kms), await makeKey(kms, SIGN)];
    const opened = new DecryptCommand({ KeyId: signer.id, CiphertextBlob: undefined, ...ignoring });
    const incorrect = refused(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
    expect(await refusal(kms.send(opened))).toEqual(incorrect);
    const moved = (SourceKeyId: string, DestinationKeyId: string): Promise<unknown> =>
      kms.send(
        new ReEncryptCommand({
          SourceKeyId,
          DestinationKeyId,
          CiphertextBlob: undefined,
          ...ignoring,
        }),
      );
    expect(await refusal(moved(signer.id, key.id))).toEqual(incorrect);
    expect(await refusal(moved(key.id, signer.id))).toEqual(
      refused(
        'InvalidKeyUsageException',
        `${signer.arn} key usage is SIGN_VERIFY which is not valid for ReEncrypt.`,
      ),
    );
  });

  test('does not stand for a missing ciphertext without the modifier', async () => {
    const key = await makeKey(kms);
    const wanted = refused(
      'ValidationException',
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    );
    const opened = new DecryptCommand({ KeyId: key.id, DryRun: true, CiphertextBlob: undefined });
    expect(await refusal(kms.send(opened))).toEqual(wanted);
    const moved = new ReEncryptCommand({ DestinationKeyId: key.id, CiphertextBlob: undefined });
    expect(await refusal(kms.send(moved))).toEqual(wanted);
  });
});

test('a dry run leaves the key as it was', async () => {
  const key = await makeKey(kms);
  const before = await kms.send(new DescribeKeyCommand({ KeyId: key.id }));
  await refusal(
    kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('x'), DryRun: true })),
  );
  const after = await kms.send(new DescribeKeyCommand({ KeyId: key.id }));
  expect(after.KeyMetadata).toEqual(before.KeyMetadata);
});
