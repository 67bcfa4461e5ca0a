import { blob, filled, type Scenario, text, utf8 } from '../scenario.js';
import { validation, wrongUsage } from './errors.js';

const MESSAGE = utf8('signed by a scenario');

/** Signatures and message authentication codes. */
export const SIGNATURE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'ECDSA signatures',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
        save: 'key',
        output: { KeyMetadata: { SigningAlgorithms: ['ECDSA_SHA_256'] } },
      },
      {
        call: 'Sign',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
        save: 'signed',
        output: {
          Signature: blob(),
          KeyId: '<key.KeyMetadata.Arn>',
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
      },
      { call: 'GetPublicKey', input: { KeyId: '<key.KeyMetadata.Arn>' }, save: 'public' },
      {
        helper: 'verifySha256',
        input: {
          publicKey: '<public.PublicKey>',
          message: MESSAGE,
          signature: '<signed.Signature>',
        },
        output: { valid: true },
      },
      { helper: 'sha256', input: { data: MESSAGE }, save: 'hash' },
      {
        call: 'Verify',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: '<hash.digest>',
          MessageType: 'DIGEST',
          Signature: '<signed.Signature>',
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
        output: {
          SignatureValid: true,
          KeyId: '<key.KeyMetadata.Arn>',
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
      },
      {
        call: 'Verify',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: utf8('another message'),
          Signature: '<signed.Signature>',
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
        error: { code: 'KMSInvalidSignatureException', message: '' },
      },
      {
        call: 'Sign',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: filled(31),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
        error: validation('Digest is invalid length for algorithm ECDSA_SHA_256.'),
      },
      {
        call: 'Sign',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          SigningAlgorithm: 'ECDSA_SHA_384',
        },
        error: {
          code: 'InvalidKeyUsageException',
          message: 'Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.',
        },
      },
    ],
  },
  {
    name: 'Ed25519 signatures',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' },
        save: 'key',
        output: { KeyMetadata: { SigningAlgorithms: ['ED25519_PH_SHA_512', 'ED25519_SHA_512'] } },
      },
      {
        call: 'Sign',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          SigningAlgorithm: 'ED25519_SHA_512',
        },
        save: 'signed',
        output: { Signature: blob(64), SigningAlgorithm: 'ED25519_SHA_512' },
      },
      { call: 'GetPublicKey', input: { KeyId: '<key.KeyMetadata.KeyId>' }, save: 'public' },
      {
        helper: 'verifyEd25519',
        input: {
          publicKey: '<public.PublicKey>',
          message: MESSAGE,
          signature: '<signed.Signature>',
        },
        output: { valid: true },
      },
      {
        call: 'Verify',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: filled(64),
          MessageType: 'DIGEST',
          Signature: '<signed.Signature>',
          SigningAlgorithm: 'ED25519_PH_SHA_512',
        },
        error: { code: 'KMSInvalidSignatureException', message: '' },
      },
    ],
  },
  {
    name: 'SM2 signatures',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' },
        region: 'cn-north-1',
        save: 'key',
        output: {
          KeyMetadata: {
            Arn: text('^arn:aws-cn:kms:cn-north-1:'),
            SigningAlgorithms: ['SM2DSA'],
          },
        },
      },
      {
        call: 'Sign',
        input: { KeyId: '<key.KeyMetadata.Arn>', Message: MESSAGE, SigningAlgorithm: 'SM2DSA' },
        region: 'cn-north-1',
        save: 'signed',
        output: { Signature: blob(), SigningAlgorithm: 'SM2DSA' },
      },
      {
        call: 'Verify',
        input: {
          KeyId: '<key.KeyMetadata.Arn>',
          Message: MESSAGE,
          SigningAlgorithm: 'SM2DSA',
          Signature: '<signed.Signature>',
        },
        region: 'cn-north-1',
        output: { SignatureValid: true },
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' },
        error: {
          code: 'UnsupportedOperationException',
          message: 'KeySpec SM2 is not supported in this Region',
        },
      },
    ],
  },
  {
    name: 'message authentication codes',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' },
        save: 'key',
        output: { KeyMetadata: { MacAlgorithms: ['HMAC_SHA_512'] } },
      },
      {
        call: 'GenerateMac',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          MacAlgorithm: 'HMAC_SHA_512',
        },
        save: 'made',
        output: { Mac: blob(64), MacAlgorithm: 'HMAC_SHA_512', KeyId: '<key.KeyMetadata.Arn>' },
      },
      {
        call: 'VerifyMac',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          MacAlgorithm: 'HMAC_SHA_512',
          Mac: '<made.Mac>',
        },
        output: { MacValid: true, MacAlgorithm: 'HMAC_SHA_512', KeyId: '<key.KeyMetadata.Arn>' },
      },
      {
        call: 'VerifyMac',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: utf8('another message'),
          MacAlgorithm: 'HMAC_SHA_512',
          Mac: '<made.Mac>',
        },
        error: { code: 'KMSInvalidMacException', message: '' },
      },
      { call: 'CreateKey', input: {}, save: 'symmetric' },
      {
        call: 'GenerateMac',
        input: {
          KeyId: '<symmetric.KeyMetadata.KeyId>',
          Message: MESSAGE,
          MacAlgorithm: 'HMAC_SHA_512',
        },
        error: wrongUsage('symmetric', 'ENCRYPT_DECRYPT', 'GenerateMac'),
      },
    ],
  },
];
