import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  makeKey,
  members,
  OPEN_POLICY,
  OTHER_ACCOUNT,
  refusal,
  refused,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';
import { START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const OAEP = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
const RSA_SIGNING = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
];

const SPECS: readonly [KeySpec, KeyUsageType, string, readonly string[]][] = [
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', ['SYMMETRIC_DEFAULT']],
  ['RSA_2048', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', OAEP],
  ['RSA_2048', 'SIGN_VERIFY', 'SigningAlgorithms', RSA_SIGNING],
  ['RSA_3072', 'SIGN_VERIFY', 'SigningAlgorithms', RSA_SIGNING],
  ['RSA_4096', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', OAEP],
  ['ECC_NIST_P256', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_256']],
  ['ECC_NIST_P256', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms', ['ECDH']],
  ['ECC_NIST_P384', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_384']],
  ['ECC_NIST_P384', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms', ['ECDH']],
  ['ECC_NIST_P521', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_512']],
  ['ECC_NIST_P521', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms', ['ECDH']],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_256']],
  [
    'ECC_NIST_EDWARDS25519',
    'SIGN_VERIFY',
    'SigningAlgorithms',
    ['ED25519_PH_SHA_512', 'ED25519_SHA_512'],
  ],
  ['ML_DSA_44', 'SIGN_VERIFY', 'SigningAlgorithms', ['ML_DSA_SHAKE_256']],
  ['ML_DSA_65', 'SIGN_VERIFY', 'SigningAlgorithms', ['ML_DSA_SHAKE_256']],
  ['ML_DSA_87', 'SIGN_VERIFY', 'SigningAlgorithms', ['ML_DSA_SHAKE_256']],
  ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE', 'EncapsulationAlgorithms', ['ML_KEM']],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', 'EncapsulationAlgorithms', ['ML_KEM']],
  ['ML_KEM_1024', 'ENCAPSULATE_DECAPSULATE', 'EncapsulationAlgorithms', ['ML_KEM']],
  ['HMAC_224', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_224']],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_256']],
  ['HMAC_384', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_384']],
  ['HMAC_512', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_512']],
];

describe('CreateKey', () => {
  test('without members makes a symmetric encryption key and shows all its metadata', async () => {
    const answer = await kms.send(new CreateKeyCommand({}));
    const id = answer.KeyMetadata?.KeyId;
    expect(id).toMatch(UUID);
    expect(members(answer)).toEqual({
      KeyMetadata: {
        AWSAccountId: ACCOUNT,
        Arn: `arn:aws:kms:us-east-1:${ACCOUNT}:key/${id}`,
        CreationDate: new Date(START_MS),
        CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
        CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
        Description: '',
        Enabled: true,
        EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        KeyId: id,
        KeyManager: 'CUSTOMER',
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        MultiRegion: false,
        Origin: 'AWS_KMS',
      },
    });
  });

  test.each(SPECS)('makes a key of %s for %s', async (KeySpec, KeyUsage, list, algorithms) => {
    const answer = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
    const id = answer.KeyMetadata?.KeyId;
    const symmetric = KeySpec === 'SYMMETRIC_DEFAULT';
    expect(answer.KeyMetadata).toEqual({
      AWSAccountId: ACCOUNT,
      Arn: `arn:aws:kms:us-east-1:${ACCOUNT}:key/${id}`,
      CreationDate: new Date(START_MS),
      CustomerMasterKeySpec: KeySpec,
      Description: '',
      Enabled: true,
      KeyId: id,
      KeyManager: 'CUSTOMER',
      KeySpec,
      KeyState: 'Enabled',
      KeyUsage,
      MultiRegion: false,
      Origin: 'AWS_KMS',
      [list]: algorithms,
      ...(symmetric ? { CurrentKeyMaterialId: expect.any(String) } : {}),
    });
    const described = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(members(described)).toEqual(members(answer));
  });

  test('takes the deprecated name of KeySpec', async () => {
    const input = { CustomerMasterKeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
    const { KeyMetadata: made } = await kms.send(new CreateKeyCommand(input));
    expect(made).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      CustomerMasterKeySpec: 'ECC_NIST_P256',
    });
  });

  test('keeps the description, takes tags and a policy, and shows neither of these', async () => {
    const Policy = OPEN_POLICY;
    const answer = await kms.send(
      new CreateKeyCommand({
        Description: 'für Übungen ☃',
        Tags: [
          { TagKey: 'team', TagValue: 'a' },
          { TagKey: 'Team', TagValue: '' },
        ],
        Policy,
        BypassPolicyLockoutSafetyCheck: true,
        Origin: 'AWS_KMS',
        MultiRegion: false,
      }),
    );
    expect(answer.KeyMetadata?.Description).toBe('für Übungen ☃');
    expect(Object.keys(members(answer))).toEqual(['KeyMetadata']);
    expect(Object.keys(answer.KeyMetadata ?? {})).not.toContain('Tags');
  });

  test('writes timestamps as seconds with a fraction of milliseconds', async () => {
    const answer = await aws.call('CreateKey', {});
    expect(answer.text).toContain('"CreationDate":1700000000.123,');
  });

  test.each([
    ['eu-central-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-east-1', 'aws-iso-f'],
  ])('takes the region %s from the signature and its partition %s', async (region, partition) => {
    const { arn, id } = await makeKey(aws.client({ region }));
    expect(arn).toBe(`arn:${partition}:kms:${region}:${ACCOUNT}:key/${id}`);
  });

  test('takes the account from a 12-digit access key', async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    const { KeyMetadata: made } = await other.send(new CreateKeyCommand({}));
    expect(made?.AWSAccountId).toBe(OTHER_ACCOUNT);
    expect(made?.Arn).toBe(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${made?.KeyId}`);
  });

  const USAGE_WANTED = refused(
    'ValidationException',
    'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
  );
  const tag = (TagKey: string, TagValue = 'v'): { TagKey: string; TagValue: string } => ({
    TagKey,
    TagValue,
  });
  const RESERVED = refused('TagException', 'Tags beginning with aws: are reserved');

  test.each<[string, CreateKeyCommandInput, ReturnType<typeof refused>]>([
    ['an RSA key without usage', { KeySpec: 'RSA_2048' }, USAGE_WANTED],
    ['a P-256 key without usage', { KeySpec: 'ECC_NIST_P256' }, USAGE_WANTED],
    ['an HMAC key without usage', { KeySpec: 'HMAC_256' }, USAGE_WANTED],
    ['an SM2 key without usage, before its spec', { KeySpec: 'SM2' }, USAGE_WANTED],
    [
      'a usage that the spec does not have',
      { KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' },
      refused(
        'ValidationException',
        'KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048',
      ),
    ],
    [
      'signing with a symmetric key',
      { KeyUsage: 'SIGN_VERIFY' },
      refused(
        'ValidationException',
        'KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT',
      ),
    ],
    [
      'key agreement on secp256k1',
      { KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'KEY_AGREEMENT' },
      refused(
        'ValidationException',
        'KeyUsage KEY_AGREEMENT is not compatible with KeySpec ECC_SECG_P256K1',
      ),
    ],
    [
      'key agreement on Ed25519',
      { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'KEY_AGREEMENT' },
      refused(
        'ValidationException',
        'KeyUsage KEY_AGREEMENT is not compatible with KeySpec ECC_NIST_EDWARDS25519',
      ),
    ],
    [
      'SM2 outside of China',
      { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' },
      refused('UnsupportedOperationException', 'KeySpec SM2 is not supported in this Region'),
    ],
    [
      'both names of KeySpec',
      { KeySpec: 'SYMMETRIC_DEFAULT', CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' },
      refused(
        'ValidationException',
        'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
      ),
    ],
    ['a tag of AWS', { Tags: [tag('aws:x')] }, RESERVED],
    ['a tag of AWS in capitals', { Tags: [tag('AWS:x')] }, RESERVED],
    [
      'a tag twice',
      { Tags: [tag('a'), tag('b'), tag('a', 'w')] },
      refused('TagException', 'Duplicate tag keys'),
    ],
    [
      'more than 50 tags',
      { Tags: Array.from({ length: 51 }, (_, n) => tag(`t${n}`)) },
      refused('TagException', 'Too many tags'),
    ],
    ['a policy that is no JSON', { Policy: 'none' }, refused('MalformedPolicyDocumentException')],
    [
      'a key in a custom key store',
      { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'cks-1234567890abcdef0' },
      refused(
        'CustomKeyStoreNotFoundException',
        'Custom key store cks-1234567890abcdef0 is not found.',
      ),
    ],
    [
      'the origin of a custom key store without one',
      { Origin: 'EXTERNAL_KEY_STORE' },
      refused(
        'ValidationException',
        'CustomKeyStoreId is required when Origin is EXTERNAL_KEY_STORE.',
      ),
    ],
    [
      'an external key id without its store',
      { XksKeyId: 'a1' },
      refused('ValidationException', 'XksKeyId is only valid when Origin is EXTERNAL_KEY_STORE.'),
    ],
  ])('refuses %s', async (_what, input, expected) => {
    expect(await refusal(kms.send(new CreateKeyCommand(input)))).toEqual(expected);
  });

  test('refuses a policy above the quota of 32,768 bytes', async () => {
    const Policy = JSON.stringify({ Statement: [], Id: 'x'.repeat(32_768) });
    // The official client retries this error, by its name.
    const answer = await aws.call('CreateKey', { Policy });
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        __type: 'LimitExceededException',
        message: 'You have reached the limit of 32768 bytes in a key policy.',
      },
    ]);
  });

  test('names values of an enum in the recorded order', async () => {
    const answer = await aws.call('CreateKey', { KeySpec: 'AES_256' });
    expect(answer.body).toEqual({
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value 'AES_256' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87, ML_KEM_512, ML_KEM_768, ML_KEM_1024]",
    });
  });

  test.each([
    ['tagValue', { TagKey: 'k', TagValue: 'v'.repeat(257) }, 'v'.repeat(257), 256],
    ['tagKey', { TagKey: 'k'.repeat(129), TagValue: 'v' }, 'k'.repeat(129), 128],
  ])('names the tag whose %s is too long by its place', async (member, wrong, value, most) => {
    const Tags = [tag('fine'), wrong];
    expect(await refusal(kms.send(new CreateKeyCommand({ Tags })))).toEqual(
      violation(
        `Value '${value}' at 'tags.2.member.${member}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
      ),
    );
  });
});

describe('DescribeKey', () => {
  test('finds a key by id, ARN, alias and alias ARN with the same answer', async () => {
    const { id, arn } = await makeKey(kms);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/described', TargetKeyId: id }));
    const alias = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/described`;
    const answers = [];
    for (const KeyId of [id, arn, 'alias/described', alias]) {
      answers.push(members(await kms.send(new DescribeKeyCommand({ KeyId }))));
    }
    expect(answers).toEqual(Array(4).fill(answers[0]));
    expect(answers[0]).toMatchObject({ KeyMetadata: { KeyId: id, Arn: arn } });
  });

  test('says what state a key is in, with the day of its deletion', async () => {
    const { id } = await makeKey(kms);
    const deletionAt = new Date(START_MS + 1_000_000);
    const shown = [];
    for (const state of [
      'disabled',
      'pending-import',
      'unavailable',
      'creating',
      'updating',
    ] as const) {
      await aws.force(id, state);
      const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
      shown.push([key?.KeyState, key?.Enabled, key?.DeletionDate]);
    }
    await aws.force(id, 'pending-deletion', deletionAt);
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    shown.push([key?.KeyState, key?.Enabled, key?.DeletionDate]);
    expect(shown).toEqual([
      ['Disabled', false, undefined],
      ['PendingImport', false, undefined],
      ['Unavailable', false, undefined],
      ['Creating', false, undefined],
      ['Updating', false, undefined],
      ['PendingDeletion', false, deletionAt],
    ]);
  });

  test('says both limits of an empty identifier', async () => {
    const answer = kms.send(new DescribeKeyCommand({ KeyId: '' }));
    const at = "Value '' at 'keyId' failed to satisfy constraint: Member must";
    expect(await refusal(answer)).toEqual(
      refused(
        'ValidationException',
        `2 validation errors detected: ${at} have length greater than or equal to 1; ${at} satisfy regular expression pattern: ^\\p{ASCII}+$`,
      ),
    );
  });

  test('wants an identifier', async () => {
    const answer = await aws.call('DescribeKey', { KeyId: null });
    expect(answer.body).toEqual({
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    });
  });
});
