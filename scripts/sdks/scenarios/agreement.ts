import { ABSENT, type Scenario } from '../scenario.js';
import { wrongUsage } from './errors.js';

/** Secrets that two key pairs share. */
export const AGREEMENT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'key agreement',
    steps: [
      {
        call: 'CreateKey',
        input: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
        save: 'key',
        output: { KeyMetadata: { KeyAgreementAlgorithms: ['ECDH'] } },
      },
      {
        call: 'GetPublicKey',
        input: { KeyId: '<key.KeyMetadata.KeyId>' },
        save: 'public',
        output: { KeyAgreementAlgorithms: ['ECDH'], KeyUsage: 'KEY_AGREEMENT' },
      },
      { helper: 'agreeOnP256', input: { publicKey: '<public.PublicKey>' }, save: 'peer' },
      {
        call: 'DeriveSharedSecret',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          KeyAgreementAlgorithm: 'ECDH',
          PublicKey: '<peer.publicKey>',
        },
        output: {
          SharedSecret: '<peer.secret>',
          KeyId: '<key.KeyMetadata.Arn>',
          KeyAgreementAlgorithm: 'ECDH',
          KeyOrigin: 'AWS_KMS',
          CiphertextForRecipient: ABSENT,
        },
      },
      {
        call: 'CreateKey',
        input: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
        save: 'signer',
      },
      {
        call: 'DeriveSharedSecret',
        input: {
          KeyId: '<signer.KeyMetadata.KeyId>',
          KeyAgreementAlgorithm: 'ECDH',
          PublicKey: '<peer.publicKey>',
        },
        error: wrongUsage('signer', 'SIGN_VERIFY', 'DeriveSharedSecret'),
      },
    ],
  },
];
