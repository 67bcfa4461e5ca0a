import { createHash, createPublicKey } from 'node:crypto';
import type { CredentialForm } from '@keyglot/dialect';

const ID = /^[a-z0-9]{1,50}$/;
const PEM = /-----BEGIN (?:RSA )?PUBLIC KEY-----[^-]+-----END (?:RSA )?PUBLIC KEY-----/;
const KINDS = ['publicKey', 'token', 'apiKey'];

/**
 * What can be registered: an authorised key of a service account (`id`, `serviceAccountId`,
 * `publicKey`), an IAM token or an API key as such (`token` or `apiKey`, and whose it is).
 *
 * @internal
 */
export const YANDEX_CREDENTIALS: CredentialForm = Object.freeze<CredentialForm>({
  dialects: ['yandex'],
  idMember: 'id',
  secretMembers: ['token', 'apiKey'],
  openMembers: ['serviceAccountId', 'publicKey'],
  identify: (given) => {
    const token = given.get('token');
    if (token !== undefined) return tokenId('token', token);
    const apiKey = given.get('apiKey');
    return apiKey === undefined ? (given.get('id') ?? '') : tokenId('apiKey', apiKey);
  },
  check(given) {
    const kinds = KINDS.filter((kind) => given.get(kind));
    if (kinds.length !== 1) return 'give exactly one of publicKey, token and apiKey';
    if (!ID.test(given.get('serviceAccountId') ?? '')) {
      return 'serviceAccountId must be 1 to 50 lower-case letters and digits';
    }
    if (kinds[0] !== 'publicKey') {
      return given.has('id') ? 'only an authorised key has an id' : undefined;
    }
    if (!ID.test(given.get('id') ?? '')) return 'id must be 1 to 50 lower-case letters and digits';
    return isRsaKey(given.get('publicKey') ?? '')
      ? undefined
      : 'publicKey must be an RSA public key of 2048 bits or more in PEM';
  },
});

/** Tokens are looked up by their digest, so that none is ever part of a name. @internal */
export function tokenId(kind: 'token' | 'apiKey', token: string): string {
  return `${kind}-${createHash('sha256').update(token).digest('hex')}`;
}

/** The PEM block in the `public_key` of an authorised key's file, which has a line of text before it. @internal */
export function pemOf(text: string): string {
  return PEM.exec(text)?.[0] ?? '';
}

function isRsaKey(text: string): boolean {
  try {
    const key = createPublicKey(pemOf(text));
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= 2_048;
  } catch {
    return false;
  }
}
