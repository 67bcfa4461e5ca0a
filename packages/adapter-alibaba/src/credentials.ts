import type { CredentialForm } from '@keyglot/dialect';

/** Access keys and STS triples of Alibaba Cloud, as they are registered. @internal */
export const ALIBABA_CREDENTIALS: CredentialForm = Object.freeze<CredentialForm>({
  dialects: ['alibaba'],
  idMember: 'accessKeyId',
  secretMembers: ['accessKeySecret', 'securityToken'],
  openMembers: ['account', 'arn'],
  check(given) {
    if (!/^[A-Za-z0-9_.-]{1,128}$/.test(given.get('accessKeyId') ?? '')) {
      return 'accessKeyId must be 1 to 128 letters, digits, dots, hyphens or underscores';
    }
    const account = given.get('account');
    if (account !== undefined && !/^\d{16}$/.test(account)) return 'account must be 16 digits';
    return undefined;
  },
});
