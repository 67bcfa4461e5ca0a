import { ABSENT, blob, type Scenario, text } from '../scenario.js';
import { DRY_RUN, disabled, wrongUsage } from './errors.js';

const CONTEXT = { purpose: 'a pair' };
const MATERIAL = text('^[0-9a-f]{64}$');

/** Key pairs whose private key is encrypted under a KMS key. */
export const DATA_KEY_PAIR_SCENARIOS: readonly Scenario[] = [
  {
    name: 'data key pairs',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'GenerateDataKeyPair',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          KeyPairSpec: 'ECC_NIST_P256',
          EncryptionContext: CONTEXT,
        },
        save: 'pair',
        output: {
          PrivateKeyPlaintext: blob(),
          PrivateKeyCiphertextBlob: blob(),
          PublicKey: blob(91),
          KeyPairSpec: 'ECC_NIST_P256',
          KeyId: '<key.KeyMetadata.Arn>',
          KeyMaterialId: MATERIAL,
          CiphertextForRecipient: ABSENT,
        },
      },
      {
        helper: 'publicKeyOf',
        input: { privateKey: '<pair.PrivateKeyPlaintext>' },
        output: { publicKey: '<pair.PublicKey>' },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<pair.PrivateKeyCiphertextBlob>', EncryptionContext: CONTEXT },
        output: { Plaintext: '<pair.PrivateKeyPlaintext>' },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<pair.PrivateKeyCiphertextBlob>' },
        error: { code: 'InvalidCiphertextException', message: '' },
      },
      {
        call: 'GenerateDataKeyPairWithoutPlaintext',
        input: { KeyId: '<key.KeyMetadata.Arn>', KeyPairSpec: 'RSA_2048' },
        save: 'sealed',
        output: {
          PrivateKeyCiphertextBlob: blob(),
          PublicKey: blob(294),
          KeyPairSpec: 'RSA_2048',
          KeyId: '<key.KeyMetadata.Arn>',
          KeyMaterialId: MATERIAL,
        },
      },
      {
        call: 'Decrypt',
        input: { CiphertextBlob: '<sealed.PrivateKeyCiphertextBlob>' },
        save: 'opened',
      },
      {
        helper: 'publicKeyOf',
        input: { privateKey: '<opened.Plaintext>' },
        output: { publicKey: '<sealed.PublicKey>' },
      },
      {
        call: 'GenerateDataKeyPair',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeyPairSpec: 'RSA_4096', DryRun: true },
        error: DRY_RUN,
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
        save: 'signer',
      },
      {
        call: 'GenerateDataKeyPair',
        input: { KeyId: '<signer.KeyMetadata.KeyId>', KeyPairSpec: 'ECC_NIST_P256' },
        error: wrongUsage('signer', 'SIGN_VERIFY', 'GenerateDataKeyPair'),
      },
      { call: 'DisableKey', input: { KeyId: '<key.KeyMetadata.KeyId>' } },
      {
        call: 'GenerateDataKeyPairWithoutPlaintext',
        input: { KeyId: '<key.KeyMetadata.KeyId>', KeyPairSpec: 'ECC_NIST_P256' },
        error: disabled('key'),
      },
    ],
  },
];
