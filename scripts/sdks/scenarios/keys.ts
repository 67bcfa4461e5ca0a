import { ABSENT, type Scenario, TIME, UUID } from '../scenario.js';
import {
  ALIAS_REFUSED,
  disabled,
  NO_KEY,
  NO_SUCH_KEY,
  pendingDeletion,
  validation,
} from './errors.js';

const ACCOUNT = '111122223333';

function policyFor(account: string): string {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: account },
    Action: 'kms:*',
    Resource: '*',
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** Keys as such: made, described, listed, disabled, scheduled for deletion. */
export const KEY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'create, describe and list keys',
    steps: [
      {
        call: 'CreateKey',
        input: { Description: 'of a scenario', Tags: [{ TagKey: 'team', TagValue: 'α' }] },
        save: 'key',
        output: {
          KeyMetadata: {
            AWSAccountId: ACCOUNT,
            KeyId: UUID,
            Arn: `arn:aws:kms:us-east-1:${ACCOUNT}:key/<key.KeyMetadata.KeyId>`,
            CreationDate: TIME,
            Enabled: true,
            Description: 'of a scenario',
            KeyUsage: 'ENCRYPT_DECRYPT',
            KeyState: 'Enabled',
            Origin: 'AWS_KMS',
            KeyManager: 'CUSTOMER',
            KeySpec: 'SYMMETRIC_DEFAULT',
            CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
            EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
            SigningAlgorithms: ABSENT,
            DeletionDate: ABSENT,
            MultiRegion: false,
          },
        },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.Arn>' },
        output: { KeyMetadata: '<key.KeyMetadata>' },
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
        save: 'second',
      },
      { call: 'CreateKey', input: { Policy: policyFor(ACCOUNT) } },
      {
        call: 'ListKeys',
        input: { Limit: 2 },
        save: 'page',
        output: { Keys: [{ KeyId: UUID }, { KeyId: UUID }], Truncated: true },
      },
      {
        call: 'ListKeys',
        input: { Limit: 2, Marker: '<page.NextMarker>' },
        output: { Keys: [{ KeyId: UUID }], Truncated: false, NextMarker: ABSENT },
      },
      { call: 'ListKeys', input: {}, account: '444455556666', output: { Keys: [] } },
      { call: 'ListKeys', input: {}, region: 'eu-west-1', output: { Keys: [] } },
      {
        call: 'ListKeys',
        input: { Marker: 'nothing of ours' },
        error: { code: 'InvalidMarkerException', message: '' },
      },
      { call: 'DescribeKey', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
      {
        call: 'DescribeKey',
        input: { KeyId: 'no-key' },
        error: { code: 'NotFoundException', message: "Invalid keyId 'no-key'" },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: 'alias/none' },
        error: {
          code: 'NotFoundException',
          message: `Alias arn:aws:kms:us-east-1:${ACCOUNT}:alias/none is not found.`,
        },
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'RSA_2048' },
        error: validation(
          'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
        ),
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'RSA_2048', KeyUsage: 'GENERATE_VERIFY_MAC' },
        error: validation('KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec RSA_2048'),
      },
      {
        call: 'CreateKey',
        input: { Tags: [{ TagKey: 'aws:reserved', TagValue: '' }] },
        error: { code: 'TagException', message: 'Tags beginning with aws: are reserved' },
      },
    ],
  },
  {
    name: 'disable and enable a key',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      { call: 'DisableKey', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyMetadata: { KeyState: 'Disabled', Enabled: false } },
      },
      {
        call: 'GenerateDataKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeySpec: 'AES_256' },
        error: disabled('key'),
      },
      { call: 'EnableKey', input: { KeyId: '<key.KeyMetadata.Arn>' } },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyMetadata: { KeyState: 'Enabled', Enabled: true } },
      },
      { call: 'DisableKey', input: { KeyId: 'alias/any' }, error: ALIAS_REFUSED },
      { call: 'EnableKey', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
    ],
  },
  {
    name: 'schedule and cancel a deletion',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'CancelKeyDeletion',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        error: {
          code: 'KMSInvalidStateException',
          message: '<key.KeyMetadata.Arn> is not pending deletion.',
        },
      },
      {
        call: 'ScheduleKeyDeletion',
        input: { KeyId: '<key.KeyMetadata.KeyId>', PendingWindowInDays: 6 },
        error: validation('PendingWindowInDays must be between 7 and 30'),
      },
      {
        call: 'ScheduleKeyDeletion',
        input: { KeyId: '<key.KeyMetadata.KeyId>', PendingWindowInDays: 7 },
        output: {
          KeyId: '<key.KeyMetadata.Arn>',
          DeletionDate: TIME,
          KeyState: 'PendingDeletion',
          PendingWindowInDays: 7,
        },
      },
      {
        call: 'EnableKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        error: pendingDeletion('key'),
      },
      {
        call: 'CancelKeyDeletion',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyId: '<key.KeyMetadata.Arn>' },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyMetadata: { KeyState: 'Disabled', DeletionDate: ABSENT } },
      },
      { call: 'ScheduleKeyDeletion', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      { advanceSeconds: 31 * 86_400 },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        error: {
          code: 'NotFoundException',
          message: "Key '<key.KeyMetadata.Arn>' does not exist",
        },
      },
    ],
  },
  {
    name: 'tags and descriptions',
    steps: [
      { call: 'CreateKey', input: { Tags: [{ TagKey: 'a', TagValue: '1' }] }, save: 'key' },
      {
        call: 'TagResource',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Tags: [
            { TagKey: 'b', TagValue: '' },
            { TagKey: 'a', TagValue: '2' },
          ],
        },
      },
      {
        call: 'ListResourceTags',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: {
          Tags: [
            { TagKey: 'a', TagValue: '2' },
            { TagKey: 'b', TagValue: '' },
          ],
          Truncated: false,
        },
      },
      { call: 'UntagResource', input: { KeyId: '<key.KeyMetadata.KeyId>', TagKeys: ['a', 'c'] } },
      {
        call: 'ListResourceTags',
        input: { KeyId: '<key.KeyMetadata.Arn>', Limit: 1 },
        output: { Tags: [{ TagKey: 'b', TagValue: '' }], Truncated: false, NextMarker: ABSENT },
      },
      {
        call: 'TagResource',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Tags: [
            { TagKey: 'b', TagValue: '1' },
            { TagKey: 'b', TagValue: '2' },
          ],
        },
        error: { code: 'TagException', message: 'Duplicate tag keys' },
      },
      {
        call: 'UntagResource',
        input: { KeyId: '<key.KeyMetadata.KeyId>', TagKeys: ['aws:x'] },
        error: { code: 'TagException', message: 'Tags beginning with aws: are reserved' },
      },
      { call: 'ListResourceTags', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
      {
        call: 'UpdateKeyDescription',
        input: { KeyId: '<key.KeyMetadata.KeyId>', Description: 'another' },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyMetadata: { Description: 'another' } },
      },
      { call: 'ScheduleKeyDeletion', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'UpdateKeyDescription',
        input: { KeyId: '<key.KeyMetadata.KeyId>', Description: 'too late' },
        error: pendingDeletion('key'),
      },
    ],
  },
  {
    name: 'key policies',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'ListKeyPolicies',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { PolicyNames: ['default'], Truncated: false },
      },
      {
        call: 'PutKeyPolicy',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          PolicyName: 'default',
          Policy: policyFor(ACCOUNT),
        },
      },
      {
        call: 'GetKeyPolicy',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        save: 'policy',
        output: { PolicyName: 'default' },
      },
      {
        helper: 'parseJson',
        input: { text: '<policy.Policy>' },
        output: {
          value: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }],
          },
        },
      },
      {
        call: 'PutKeyPolicy',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Policy: policyFor('444455556666'),
        },
        error: {
          code: 'MalformedPolicyDocumentException',
          message: 'The new key policy will not allow you to update the key policy in the future.',
        },
      },
      {
        call: 'GetKeyPolicy',
        input: { KeyId: '<key.KeyMetadata.KeyId>', PolicyName: 'other' },
        error: { code: 'NotFoundException', message: 'No such policy exists' },
      },
      { call: 'ListKeyPolicies', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
    ],
  },
  {
    name: 'last use',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'GetKeyLastUsage',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: {
          KeyId: '<key.KeyMetadata.KeyId>',
          KeyLastUsage: { Operation: ABSENT, Timestamp: ABSENT },
          TrackingStartDate: TIME,
          KeyCreationDate: TIME,
        },
      },
      {
        call: 'GenerateDataKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeySpec: 'AES_256' },
      },
      {
        call: 'GetKeyLastUsage',
        input: { KeyId: '<key.KeyMetadata.Arn>' },
        output: {
          KeyLastUsage: {
            Operation: 'GenerateDataKey',
            Timestamp: TIME,
            CloudTrailEventId: UUID,
            KmsRequestId: UUID,
          },
        },
      },
      { call: 'GetKeyLastUsage', input: { KeyId: 'alias/any' }, error: ALIAS_REFUSED },
    ],
  },
];
