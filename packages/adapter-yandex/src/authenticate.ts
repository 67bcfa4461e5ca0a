import type { Scope, Vault } from '@keyglot/core';
import { findCredential, header, type WireRequest } from '@keyglot/dialect';
import type { YandexCaller } from './call.js';
import { tokenId, YANDEX_CREDENTIALS } from './credentials.js';
import { yandexFault } from './faults.js';
import { readToken } from './iamTokens.js';

/** How credentials are judged. `open` takes any, but one that we know must be valid. @public */
export type AuthMode = 'open' | 'audit' | 'enforce';

/** Settings of the Yandex dialect. @public */
export interface YandexSettings {
  readonly auth: AuthMode;
  /** Host and port that clients are told to use; what they used themselves when not given. */
  readonly advertisedAddress?: string;
}

/** Who sends requests that name nobody. The form is that of a user's id. @internal */
export const DEFAULT_SUBJECT = 'aje00000000000000000';

// Recorded, but cut there: https://github.com/langchain-ai/langchain/issues/25575
const NOTHING_PASSED = 'IAM token or API key has to be passed in request';
/** https://yandex.cloud/en/docs/api-design-guide/concepts/errors @internal */
export const TOKEN_REFUSED = 'Token is invalid or has expired.';

const FORM = /^(Bearer|Api-Key) +(\S+)$/i;

/**
 * Builds the judge of tokens: IAM tokens that were issued here, registered ones, registered API keys.
 *
 * @internal
 */
export function createAuthenticator(
  vault: Vault,
  { auth }: YandexSettings,
): (request: WireRequest, scope: Scope) => YandexCaller {
  const unknown = (request: WireRequest, problem: string): YandexCaller => {
    if (auth === 'enforce') throw yandexFault('Unauthenticated', { message: problem });
    return {
      ...anonymous(request),
      audit: auth === 'audit' ? problem : '',
    };
  };

  return (request, scope) => {
    const given = header(request.head, 'authorization');
    if (given === undefined || given === '') return unknown(request, NOTHING_PASSED);
    const found = FORM.exec(given);
    if (found === null) return unknown(request, NOTHING_PASSED);
    const [, form = '', token = ''] = found;
    const bearer = form.toLowerCase() === 'bearer';
    const issued = bearer ? readToken(vault, scope, token) : undefined;
    if (issued !== undefined) {
      requireAlive(vault, issued.sandbox, issued.expiresAtMs);
      const { sandbox, subject } = issued;
      return { dialect: 'yandex', sandbox, audit: '', subject };
    }
    const id = tokenId(bearer ? 'token' : 'apiKey', token);
    const credential = findCredential(vault, scope, YANDEX_CREDENTIALS, id);
    if (credential === undefined) return unknown(request, TOKEN_REFUSED);
    const sandbox = credential.sandbox || request.sandbox;
    requireAlive(vault, sandbox, credential.expiresAtMs);
    const subject = credential.get('serviceAccountId');
    return { dialect: 'yandex', sandbox, audit: '', subject };
  };
}

/** The caller of a method that needs no token. @internal */
export function anonymous(request: WireRequest): YandexCaller {
  return { dialect: 'yandex', sandbox: request.sandbox, audit: '', subject: DEFAULT_SUBJECT };
}

/** What we issued or registered ends by the virtual time of its sandbox. */
function requireAlive(vault: Vault, sandbox: string, expiresAtMs: number): void {
  if (expiresAtMs !== 0 && expiresAtMs <= vault.clock.virtualMs(sandbox)) {
    throw yandexFault('Unauthenticated', { message: TOKEN_REFUSED });
  }
}
