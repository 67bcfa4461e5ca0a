import { blob, filled, otherThan, type Scenario, utf8 } from '../scenario.js';
import { disabled, wrongUsage } from './errors.js';

const OLD_CLI = { cli: 'the newest version 1 of the command has a service model without it' };
const MESSAGE = utf8('signed by a scenario');

/** Sizes of ML-KEM-768 and ML-DSA-65 are those of FIPS 203 and FIPS 204. */
export const LATTICE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'ML-KEM',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' },
        save: 'key',
        output: { KeyMetadata: { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' } },
      },
      {
        call: 'Encapsulate',
        lacking: OLD_CLI,
        input: { KeyId: '<key.KeyMetadata.KeyId>', EncapsulationAlgorithm: 'ML_KEM' },
        save: 'made',
        output: {
          SharedSecret: blob(32),
          SharedSecretCiphertextBlob: blob(1088),
          KeyId: '<key.KeyMetadata.Arn>',
          EncapsulationAlgorithm: 'ML_KEM',
        },
      },
      {
        call: 'Decapsulate',
        lacking: OLD_CLI,
        input: {
          KeyId: '<key.KeyMetadata.Arn>',
          EncapsulationAlgorithm: 'ML_KEM',
          SharedSecretCiphertextBlob: '<made.SharedSecretCiphertextBlob>',
        },
        output: {
          SharedSecret: '<made.SharedSecret>',
          KeyId: '<key.KeyMetadata.Arn>',
          EncapsulationAlgorithm: 'ML_KEM',
        },
      },
      {
        call: 'Decapsulate',
        lacking: OLD_CLI,
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          EncapsulationAlgorithm: 'ML_KEM',
          SharedSecretCiphertextBlob: filled(1088),
        },
        output: { SharedSecret: otherThan('<made.SharedSecret>') },
      },
      { call: 'DisableKey', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'Decapsulate',
        lacking: OLD_CLI,
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          EncapsulationAlgorithm: 'ML_KEM',
          SharedSecretCiphertextBlob: '<made.SharedSecretCiphertextBlob>',
        },
        error: disabled('key'),
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
        save: 'other',
      },
      {
        call: 'Encapsulate',
        lacking: OLD_CLI,
        input: { KeyId: '<other.KeyMetadata.KeyId>', EncapsulationAlgorithm: 'ML_KEM' },
        error: wrongUsage('other', 'KEY_AGREEMENT', 'Encapsulate'),
      },
    ],
  },
  {
    name: 'ML-DSA signatures',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'ML_DSA_65', KeyUsage: 'SIGN_VERIFY' },
        save: 'key',
        output: { KeyMetadata: { SigningAlgorithms: ['ML_DSA_SHAKE_256'] } },
      },
      {
        call: 'Sign',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          SigningAlgorithm: 'ML_DSA_SHAKE_256',
        },
        save: 'signed',
        output: { Signature: blob(3309), SigningAlgorithm: 'ML_DSA_SHAKE_256' },
      },
      {
        call: 'Verify',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: MESSAGE,
          SigningAlgorithm: 'ML_DSA_SHAKE_256',
          Signature: '<signed.Signature>',
        },
        output: { SignatureValid: true },
      },
      {
        call: 'Verify',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Message: utf8('another message'),
          SigningAlgorithm: 'ML_DSA_SHAKE_256',
          Signature: '<signed.Signature>',
        },
        error: { code: 'KMSInvalidSignatureException', message: '' },
      },
    ],
  },
];
