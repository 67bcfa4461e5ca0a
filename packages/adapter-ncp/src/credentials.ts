import type { CredentialForm } from '@keyglot/dialect';

/** What can be an access key. @internal */
export const ACCESS_KEY: RegExp = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Access keys of NAVER Cloud, as they are registered. `apiKey` is that of the API Gateway, which only
 * signature v1 has.
 *
 * @internal
 */
export const NCP_CREDENTIALS: CredentialForm = Object.freeze<CredentialForm>({
  dialects: ['ncp'],
  idMember: 'accessKey',
  secretMembers: ['secretKey', 'apiKey'],
  openMembers: ['account'],
  check(given) {
    if (!ACCESS_KEY.test(given.get('accessKey') ?? '')) {
      return 'accessKey must be 1 to 128 letters, digits, dots, hyphens or underscores';
    }
    const account = given.get('account');
    if (account !== undefined && !/^\d{1,20}$/.test(account)) {
      return 'account must be 1 to 20 digits';
    }
    return undefined;
  },
});
