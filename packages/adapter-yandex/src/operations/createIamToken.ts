import { findCredential } from '@keyglot/dialect';
import { DEFAULT_SUBJECT } from '../authenticate.js';
import type { YandexCall, YandexOperation } from '../call.js';
import { pemOf, YANDEX_CREDENTIALS } from '../credentials.js';
import { yandexFault } from '../faults.js';
import { issueToken } from '../iamTokens.js';
import { JWT_REFUSED, readJwt } from '../jwt.js';
import { free, nothing } from '../resolve.js';
import { documented } from './shared.js';

interface Input {
  readonly jwt?: string;
  readonly yandexPassportOauthToken?: string;
}

interface Owner {
  readonly subject: string;
  /** Sandbox that the key was registered for, or empty. */
  readonly sandbox: string;
}

/** IamTokenService.Create. @internal */
export const createIamToken: YandexOperation<Input, Record<never, never>> = {
  service: 'yandex.cloud.iam.v1.IamTokenService',
  name: 'Create',
  evidence: documented('iam/operations/iam-token/create-for-sa'),
  resolve: nothing,
  actions: free,
  checks: [],
  async handle(input, _resolved, call) {
    const owner =
      input.jwt === undefined ? accountOwner(call) : await serviceAccountOwner(input.jwt, call);
    const sandbox = owner.sandbox || call.scope.sandbox;
    const nowMs = call.vault.clock.virtualMs(sandbox);
    const issued = await issueToken(call.vault, { sandbox, subject: owner.subject, nowMs });
    return { iamToken: issued.token, expiresAt: new Date(issued.expiresAtMs) };
  },
};

/** OAuth tokens are Yandex's own and cannot be checked here. */
function accountOwner(call: YandexCall): Owner {
  // Recorded: https://github.com/GoogleCloudPlatform/terraformer/issues/565
  doubt(call, 'OAuth token is invalid or expired');
  return { subject: DEFAULT_SUBJECT, sandbox: '' };
}

/**
 * The service account of a signed JWT. A key that nobody registered cannot be checked and is taken as
 * it is, but in `enforce`.
 */
async function serviceAccountOwner(jwt: string, call: YandexCall): Promise<Owner> {
  const { kid, issuer, verify } = await readJwt(jwt);
  const credential = findCredential(call.vault, call.scope, YANDEX_CREDENTIALS, kid);
  if (credential === undefined || credential.get('publicKey') === '') {
    doubt(call, JWT_REFUSED);
    return { subject: issuer || DEFAULT_SUBJECT, sandbox: '' };
  }
  const { sandbox } = credential;
  const nowMs = call.vault.clock.virtualMs(sandbox || call.scope.sandbox);
  const expired = credential.expiresAtMs !== 0 && credential.expiresAtMs <= nowMs;
  const subject = credential.get('serviceAccountId');
  if (expired || issuer !== subject) throw yandexFault('Unauthenticated', { message: JWT_REFUSED });
  verify(pemOf(credential.get('publicKey')), call.receivedAtMs / 1_000, hostsOf(call));
  return { subject, sandbox };
}

function hostsOf({ host, settings }: YandexCall): readonly string[] {
  const own = [host, settings.advertisedAddress ?? ''].filter((one) => one !== '');
  return own.flatMap((one) => [one, one.replace(/:\d+$/, '')]);
}

/** Refuses in `enforce`, notes in `audit`. */
function doubt({ settings, caller }: YandexCall, message: string): void {
  if (settings.auth === 'enforce') throw yandexFault('Unauthenticated', { message });
  if (settings.auth === 'audit') caller.audit = message;
}
