import { ABSENT, blob, filled, otherThan, type Scenario, text, utf8 } from '../scenario.js';
import {
  DRY_RUN,
  disabled,
  NO_KEY,
  NO_SUCH_KEY,
  pendingDeletion,
  validation,
  wrongUsage,
} from './errors.js';

const CONTEXT = { purpose: 'scenario', ключ: 'λ' };
const MATERIAL = text('^[0-9a-f]{64}$');

/** Symmetric and RSA encryption, data keys, random bytes. */
export const ENCRYPTION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'encrypt and decrypt',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'Encrypt',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Plaintext: utf8('hello'),
          EncryptionContext: CONTEXT,
        },
        save: 'sealed',
        output: {
          CiphertextBlob: blob(157),
          KeyId: '<key.KeyMetadata.Arn>',
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<sealed.CiphertextBlob>', EncryptionContext: CONTEXT },
        output: {
          Plaintext: utf8('hello'),
          KeyId: '<key.KeyMetadata.Arn>',
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          KeyMaterialId: MATERIAL,
          CiphertextForRecipient: ABSENT,
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<sealed.CiphertextBlob>', EncryptionContext: { a: 'b' } },
        error: { code: 'InvalidCiphertextException', message: '' },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: filled(157), EncryptionContext: CONTEXT },
        error: { code: 'InvalidCiphertextException', message: '' },
      },
      { call: 'CreateKey', input: {}, save: 'other' },
      {
        call: 'Decrypt',
        input: {
          KeyId: '<other.KeyMetadata.Arn>',
          CiphertextBlob: '<sealed.CiphertextBlob>',
          EncryptionContext: CONTEXT,
        },
        error: {
          code: 'IncorrectKeyException',
          message:
            'The key ID in the request does not identify a CMK that can perform this operation.',
        },
      },
      {
        call: 'Encrypt',
        input: { KeyId: '<key.KeyMetadata.KeyId>', Plaintext: utf8('a'), DryRun: true },
        error: DRY_RUN,
      },
      { call: 'Encrypt', input: { KeyId: NO_KEY, Plaintext: utf8('a') }, error: NO_SUCH_KEY },
      {
        call: 'Encrypt',
        input: { KeyId: '<key.KeyMetadata.KeyId>', Plaintext: filled(4097) },
        error: validation(
          "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
        ),
      },
    ],
  },
  {
    name: 're-encrypt',
    steps: [
      { call: 'CreateKey', input: {}, save: 'from' },
      { call: 'CreateKey', input: {}, save: 'to' },
      {
        call: 'Encrypt',
        input: {
          KeyId: '<from.KeyMetadata.KeyId>',
          Plaintext: utf8('moved'),
          EncryptionContext: { a: '1' },
        },
        save: 'sealed',
      },
      {
        call: 'ReEncrypt',
        input: {
          CiphertextBlob: '<sealed.CiphertextBlob>',
          SourceEncryptionContext: { a: '1' },
          DestinationKeyId: '<to.KeyMetadata.Arn>',
          DestinationEncryptionContext: { b: '2' },
        },
        save: 'moved',
        output: {
          CiphertextBlob: otherThan('<sealed.CiphertextBlob>'),
          SourceKeyId: '<from.KeyMetadata.Arn>',
          KeyId: '<to.KeyMetadata.Arn>',
          SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          SourceKeyMaterialId: MATERIAL,
          DestinationKeyMaterialId: MATERIAL,
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<moved.CiphertextBlob>', EncryptionContext: { b: '2' } },
        output: { Plaintext: utf8('moved'), KeyId: '<to.KeyMetadata.Arn>' },
      },
      {
        call: 'ReEncrypt',
        input: {
          CiphertextBlob: '<sealed.CiphertextBlob>',
          DestinationKeyId: '<to.KeyMetadata.Arn>',
        },
        error: { code: 'InvalidCiphertextException', message: '' },
      },
      { call: 'DisableKey', input: { KeyId: '<to.KeyMetadata.KeyId>' } },
      {
        call: 'ReEncrypt',
        input: {
          CiphertextBlob: '<sealed.CiphertextBlob>',
          SourceEncryptionContext: { a: '1' },
          DestinationKeyId: '<to.KeyMetadata.Arn>',
        },
        error: disabled('to'),
      },
    ],
  },
  {
    name: 'data keys',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'GenerateDataKey',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          KeySpec: 'AES_256',
          EncryptionContext: CONTEXT,
        },
        save: 'made',
        output: {
          Plaintext: blob(32),
          CiphertextBlob: blob(184),
          KeyId: '<key.KeyMetadata.Arn>',
          KeyMaterialId: MATERIAL,
          CiphertextForRecipient: ABSENT,
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<made.CiphertextBlob>', EncryptionContext: CONTEXT },
        output: { Plaintext: '<made.Plaintext>' },
      },
      {
        call: 'GenerateDataKeyWithoutPlaintext',
        input: { KeyId: '<key.KeyMetadata.KeyId>', NumberOfBytes: 64 },
        output: {
          CiphertextBlob: blob(220),
          KeyId: '<key.KeyMetadata.Arn>',
          KeyMaterialId: MATERIAL,
        },
      },
      {
        call: 'GenerateDataKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeySpec: 'AES_128', NumberOfBytes: 16 },
        error: validation('Please specify either number of bytes or key spec.'),
      },
      { call: 'ScheduleKeyDeletion', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'GenerateDataKeyWithoutPlaintext',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeySpec: 'AES_128' },
        error: pendingDeletion('key'),
      },
    ],
  },
  {
    name: 'RSA encryption',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
        save: 'key',
        output: {
          KeyMetadata: { EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] },
        },
      },
      {
        call: 'GetPublicKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        save: 'public',
        output: {
          PublicKey: blob(294),
          KeyId: '<key.KeyMetadata.Arn>',
          KeySpec: 'RSA_2048',
          CustomerMasterKeySpec: 'RSA_2048',
          KeyUsage: 'ENCRYPT_DECRYPT',
          EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
        },
      },
      {
        helper: 'rsaOaepSha256',
        input: { publicKey: '<public.PublicKey>', plaintext: utf8('from outside') },
        save: 'outside',
      },
      {
        call: 'Decrypt',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          CiphertextBlob: '<outside.ciphertext>',
          EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
        },
        output: {
          Plaintext: utf8('from outside'),
          EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
          KeyId: '<key.KeyMetadata.Arn>',
        },
      },
      {
        call: 'Encrypt',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Plaintext: utf8('inside'),
          EncryptionAlgorithm: 'RSAES_OAEP_SHA_1',
        },
        save: 'sealed',
        output: { CiphertextBlob: blob(256), EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' },
      },
      {
        call: 'Decrypt',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          CiphertextBlob: '<sealed.CiphertextBlob>',
          EncryptionAlgorithm: 'RSAES_OAEP_SHA_1',
        },
        output: { Plaintext: utf8('inside') },
      },
      {
        call: 'Encrypt',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Plaintext: filled(191),
          EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
        },
        error: validation(
          'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
        ),
      },
      {
        call: 'GenerateDataKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeySpec: 'AES_256' },
        error: {
          code: 'InvalidKeyUsageException',
          message: 'You cannot generate a data key with an asymmetric CMK',
        },
      },
      { call: 'CreateKey', input: {}, save: 'symmetric' },
      {
        call: 'GetPublicKey',
        input: { KeyId: '<symmetric.KeyMetadata.KeyId>' },
        error: { code: 'UnsupportedOperationException', message: '' },
      },
      {
        call: 'Sign',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: utf8('a'),
          SigningAlgorithm: 'RSASSA_PSS_SHA_256',
        },
        error: wrongUsage('key', 'ENCRYPT_DECRYPT', 'Sign'),
      },
    ],
  },
  {
    name: 'random bytes',
    steps: [
      { call: 'GenerateRandom', input: { NumberOfBytes: 1024 }, output: { Plaintext: blob(1024) } },
      {
        call: 'GenerateRandom',
        input: {},
        error: validation('NumberOfBytes is required.'),
      },
    ],
  },
];
