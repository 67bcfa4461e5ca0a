import { ABSENT, otherThan, type Scenario, TIME, utf8 } from '../scenario.js';
import { disabled, NO_KEY, NO_SUCH_KEY, validation } from './errors.js';

const YEAR_SECONDS = 366 * 86_400;

/** New material for a key. */
export const ROTATION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'rotation',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'Encrypt',
        input: { KeyId: '<key.KeyMetadata.KeyId>', Plaintext: utf8('old') },
        save: 'sealed',
      },
      {
        call: 'RotateKeyOnDemand',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyId: '<key.KeyMetadata.Arn>' },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        save: 'rotated',
        output: {
          KeyMetadata: {
            CurrentKeyMaterialId: otherThan('<key.KeyMetadata.CurrentKeyMaterialId>'),
          },
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<sealed.CiphertextBlob>' },
        output: {
          Plaintext: utf8('old'),
          KeyMaterialId: '<key.KeyMetadata.CurrentKeyMaterialId>',
        },
      },
      {
        call: 'GetKeyRotationStatus',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyRotationEnabled: false, RotationPeriodInDays: ABSENT },
      },
      {
        call: 'EnableKeyRotation',
        input: { KeyId: '<key.KeyMetadata.KeyId>', RotationPeriodInDays: 365 },
      },
      {
        call: 'GetKeyRotationStatus',
        input: { KeyId: '<key.KeyMetadata.Arn>' },
        output: {
          KeyId: '<key.KeyMetadata.Arn>',
          KeyRotationEnabled: true,
          RotationPeriodInDays: 365,
          NextRotationDate: TIME,
        },
      },
      { advanceSeconds: YEAR_SECONDS },
      {
        call: 'ListKeyRotations',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: {
          Rotations: [
            {
              KeyId: '<key.KeyMetadata.Arn>',
              KeyMaterialId: '<rotated.KeyMetadata.CurrentKeyMaterialId>',
              RotationDate: TIME,
              RotationType: 'ON_DEMAND',
            },
            { RotationDate: TIME, RotationType: 'AUTOMATIC' },
          ],
          Truncated: false,
        },
      },
      { call: 'DisableKeyRotation', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'GetKeyRotationStatus',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: { KeyRotationEnabled: false, NextRotationDate: ABSENT },
      },
      { call: 'GetKeyRotationStatus', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
      { call: 'DisableKey', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'RotateKeyOnDemand',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        error: disabled('key'),
      },
      {
        call: 'DisableKeyRotation',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        error: disabled('key'),
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
        save: 'mac',
      },
      {
        call: 'EnableKeyRotation',
        input: { KeyId: '<mac.KeyMetadata.KeyId>' },
        error: { code: 'UnsupportedOperationException', message: '' },
      },
      {
        call: 'ListKeyRotations',
        input: { KeyId: '<mac.KeyMetadata.KeyId>' },
        output: { Rotations: [], Truncated: false },
      },
      {
        call: 'ListKeyRotations',
        input: { KeyId: '<mac.KeyMetadata.KeyId>', IncludeKeyMaterial: 'ALL_KEY_MATERIAL' },
        error: validation(
          'Input parameter includeKeyMaterial can only be used with symmetric keys.',
        ),
      },
    ],
  },
];
