import { blob, otherThan, type Scenario, TIME, text } from '../scenario.js';
import { NO_KEY, NO_SUCH_KEY } from './errors.js';

const ACCOUNT = '111122223333';
const GRANTEE = `arn:aws:iam::${ACCOUNT}:root`;
const NO_GRANT = '0'.repeat(64);
const GRANT_ID = text('^[0-9a-f]{64}$');
const GRANT_NOT_FOUND = {
  code: 'NotFoundException',
  message: `Grant '${NO_GRANT}' does not exist`,
};

/** Grants and their tokens. */
export const GRANT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'grants',
    steps: [
      { call: 'CreateKey', input: {}, save: 'key' },
      {
        call: 'CreateGrant',
        input: {
          KeyId: '<key.KeyMetadata.Arn>',
          GranteePrincipal: GRANTEE,
          RetiringPrincipal: GRANTEE,
          Operations: ['Encrypt', 'Decrypt', 'RetireGrant'],
          Constraints: { EncryptionContextSubset: { team: 'payments' } },
          Name: 'first',
        },
        save: 'first',
        output: { GrantId: GRANT_ID, GrantToken: text('^[A-Za-z0-9+/_=-]+$') },
      },
      {
        call: 'Encrypt',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          Plaintext: { $blob: 'YQ==' },
          GrantTokens: ['<first.GrantToken>'],
        },
        output: { CiphertextBlob: blob() },
      },
      {
        call: 'CreateGrant',
        input: {
          KeyId: '<key.KeyMetadata.KeyId>',
          GranteePrincipal: GRANTEE,
          Operations: ['DescribeKey'],
        },
        save: 'second',
        output: { GrantId: otherThan('<first.GrantId>') },
      },
      {
        call: 'ListGrants',
        input: { KeyId: '<key.KeyMetadata.KeyId>', GrantId: '<first.GrantId>' },
        output: {
          Grants: [
            {
              KeyId: '<key.KeyMetadata.Arn>',
              GrantId: '<first.GrantId>',
              Name: 'first',
              CreationDate: TIME,
              GranteePrincipal: GRANTEE,
              RetiringPrincipal: GRANTEE,
              IssuingAccount: GRANTEE,
              Operations: ['Encrypt', 'Decrypt', 'RetireGrant'],
              Constraints: { EncryptionContextSubset: { team: 'payments' } },
            },
          ],
          Truncated: false,
        },
      },
      {
        call: 'ListRetirableGrants',
        input: { RetiringPrincipal: GRANTEE },
        output: { Grants: [{ GrantId: '<first.GrantId>' }], Truncated: false },
      },
      { call: 'RetireGrant', input: { GrantToken: '<first.GrantToken>' } },
      {
        call: 'RevokeGrant',
        input: { KeyId: '<key.KeyMetadata.Arn>', GrantId: '<second.GrantId>' },
      },
      { call: 'ListGrants', input: { KeyId: '<key.KeyMetadata.KeyId>' }, output: { Grants: [] } },
      {
        call: 'RetireGrant',
        input: { KeyId: '<key.KeyMetadata.Arn>', GrantId: NO_GRANT },
        error: GRANT_NOT_FOUND,
      },
      {
        call: 'RevokeGrant',
        input: { KeyId: '<key.KeyMetadata.KeyId>', GrantId: NO_GRANT },
        error: GRANT_NOT_FOUND,
      },
      { call: 'ListGrants', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
      {
        call: 'CreateGrant',
        input: { KeyId: NO_KEY, GranteePrincipal: GRANTEE, Operations: ['Encrypt'] },
        error: NO_SUCH_KEY,
      },
      {
        call: 'ListRetirableGrants',
        input: { RetiringPrincipal: 'arn:aws:iam::444455556666:root' },
        error: {
          code: 'AccessDeniedException',
          message: text('^User: arn:aws:iam::111122223333:root is not authorized to perform: '),
          modelled: false,
        },
      },
    ],
  },
];
