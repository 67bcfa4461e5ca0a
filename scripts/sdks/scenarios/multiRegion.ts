import { ABSENT, type Scenario, text, utf8 } from '../scenario.js';

const ARN = 'arn:aws:kms:us-east-1:111122223333:key/<key.KeyMetadata.KeyId>';
const REPLICA_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/<key.KeyMetadata.KeyId>';

/** One key in several regions. */
export const MULTI_REGION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'multi-Region keys',
    steps: [
      {
        call: 'CreateKey',
        input: { MultiRegion: true },
        save: 'key',
        output: {
          KeyMetadata: {
            KeyId: text('^mrk-[0-9a-f]{32}$'),
            Arn: ARN,
            MultiRegion: true,
            MultiRegionConfiguration: {
              MultiRegionKeyType: 'PRIMARY',
              PrimaryKey: { Arn: ARN, Region: 'us-east-1' },
              ReplicaKeys: [],
            },
          },
        },
      },
      {
        call: 'ReplicateKey',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          ReplicaRegion: 'eu-west-1',
          Description: 'the replica',
          Tags: [{ TagKey: 'a', TagValue: '1' }],
        },
        output: {
          ReplicaKeyMetadata: {
            KeyId: '<key.KeyMetadata.KeyId>',
            Arn: REPLICA_ARN,
            KeyState: 'Creating',
            Description: 'the replica',
            MultiRegionConfiguration: {
              MultiRegionKeyType: 'REPLICA',
              ReplicaKeys: [{ Arn: REPLICA_ARN, Region: 'eu-west-1' }],
            },
          },
          ReplicaPolicy: text('^\\{'),
          ReplicaTags: [{ TagKey: 'a', TagValue: '1' }],
        },
      },
      {
        call: 'ReplicateKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>', ReplicaRegion: 'eu-west-1' },
        error: {
          code: 'AlreadyExistsException',
          message: 'You can create only one replica of each primary key in each AWS Region.',
        },
      },
      {
        call: 'Encrypt',
        input: { KeyId: ARN, Plaintext: utf8('travels') },
        save: 'sealed',
        output: { KeyId: ARN },
      },
      {
        call: 'Decrypt',
        region: 'eu-west-1',
        input: { CiphertextBlob: '<sealed.CiphertextBlob>' },
        output: { Plaintext: utf8('travels'), KeyId: REPLICA_ARN },
      },
      {
        call: 'UpdatePrimaryRegion',
        input: { KeyId: '<key.KeyMetadata.KeyId>', PrimaryRegion: 'eu-west-1' },
      },
      {
        call: 'DescribeKey',
        region: 'eu-west-1',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: {
          KeyMetadata: {
            KeyState: 'Enabled',
            MultiRegionConfiguration: {
              MultiRegionKeyType: 'PRIMARY',
              PrimaryKey: { Arn: REPLICA_ARN, Region: 'eu-west-1' },
              ReplicaKeys: [{ Arn: ARN, Region: 'us-east-1' }],
            },
          },
        },
      },
      { call: 'CreateKey', input: {}, save: 'single' },
      {
        call: 'DescribeKey',
        input: { KeyId: '<single.KeyMetadata.KeyId>' },
        output: { KeyMetadata: { MultiRegion: false, MultiRegionConfiguration: ABSENT } },
      },
      {
        call: 'UpdatePrimaryRegion',
        input: { KeyId: '<single.KeyMetadata.KeyId>', PrimaryRegion: 'eu-west-1' },
        error: {
          code: 'KMSInvalidStateException',
          message: '<single.KeyMetadata.Arn> is not a multi-Region primary key.',
        },
      },
    ],
  },
];
