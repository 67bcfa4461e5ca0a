import type { CredentialForm } from '@keyglot/dialect';

/** Form of an access key id that can be registered. @internal */
export const ACCESS_KEY_ID: RegExp = /^[A-Za-z0-9_.-]{1,128}$/;

/** Access keys of AWS and QKMS, as they are registered. @internal */
export const AWS_CREDENTIALS: CredentialForm = Object.freeze<CredentialForm>({
  dialects: ['aws', 'qkms'],
  idMember: 'accessKeyId',
  secretMembers: ['secretAccessKey', 'sessionToken'],
  openMembers: ['account', 'arn'],
  check(given) {
    if (!ACCESS_KEY_ID.test(given.get('accessKeyId') ?? '')) {
      return 'accessKeyId must be 1 to 128 letters, digits, dots, hyphens or underscores';
    }
    const account = given.get('account');
    if (account !== undefined && !/^\d{12}$/.test(account)) return 'account must be 12 digits';
    return undefined;
  },
});
