import { ABSENT, blob, filled, type Scenario, TIME, text, utf8 } from '../scenario.js';
import { validation } from './errors.js';

const ORIGIN_INVALID =
  '<own.KeyMetadata.Arn> origin is AWS_KMS which is not valid for this operation.';

/** Keys whose material comes from outside. */
export const IMPORT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'imported key material',
    steps: [
      {
        call: 'CreateKey',
        input: { Origin: 'EXTERNAL' },
        save: 'key',
        output: {
          KeyMetadata: { KeyState: 'PendingImport', Origin: 'EXTERNAL', ValidTo: ABSENT },
        },
      },
      {
        call: 'GetParametersForImport',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        },
        save: 'parameters',
        output: {
          KeyId: '<key.KeyMetadata.Arn>',
          ImportToken: blob(),
          PublicKey: blob(294),
          ParametersValidTo: TIME,
        },
      },
      {
        helper: 'rsaOaepSha256',
        input: { publicKey: '<parameters.PublicKey>', plaintext: filled(32) },
        save: 'wrapped',
      },
      { helper: 'timeAhead', input: { days: 10 }, save: 'later' },
      {
        call: 'ImportKeyMaterial',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          ImportToken: '<parameters.ImportToken>',
          EncryptedKeyMaterial: '<wrapped.ciphertext>',
          ExpirationModel: 'KEY_MATERIAL_EXPIRES',
        },
        error: validation(
          'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
        ),
      },
      {
        call: 'ImportKeyMaterial',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          ImportToken: utf8('no token'),
          EncryptedKeyMaterial: '<wrapped.ciphertext>',
          ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        },
        error: { code: 'InvalidImportTokenException', message: '' },
      },
      {
        call: 'ImportKeyMaterial',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          ImportToken: '<parameters.ImportToken>',
          EncryptedKeyMaterial: '<wrapped.ciphertext>',
          ExpirationModel: 'KEY_MATERIAL_EXPIRES',
          ValidTo: '<later.time>',
        },
        save: 'imported',
        output: { KeyId: '<key.KeyMetadata.Arn>', KeyMaterialId: text('^[0-9a-f]{64}$') },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: {
          KeyMetadata: {
            KeyState: 'Enabled',
            ExpirationModel: 'KEY_MATERIAL_EXPIRES',
            ValidTo: '<later.time>',
            CurrentKeyMaterialId: '<imported.KeyMaterialId>',
          },
        },
      },
      {
        call: 'Encrypt',
        input: { KeyId: '<key.KeyMetadata.KeyId>', Plaintext: utf8('brought') },
        save: 'sealed',
      },
      {
        call: 'DeleteImportedKeyMaterial',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        output: {
          KeyId: '<key.KeyMetadata.Arn>',
          KeyMaterialId: '<imported.KeyMaterialId>',
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<sealed.CiphertextBlob>' },
        error: {
          code: 'KMSInvalidStateException',
          message: '<key.KeyMetadata.Arn> is pending import.',
        },
      },
      { call: 'CreateKey', input: {}, save: 'own' },
      {
        call: 'GetParametersForImport',
        input: {
          KeyId: '<own.KeyMetadata.KeyId>',
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        },
        error: { code: 'UnsupportedOperationException', message: ORIGIN_INVALID },
      },
      {
        call: 'DeleteImportedKeyMaterial',
        input: { KeyId: '<own.KeyMetadata.KeyId>' },
        error: { code: 'UnsupportedOperationException', message: ORIGIN_INVALID },
      },
    ],
  },
];
