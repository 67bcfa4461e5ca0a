import type { Scope, Vault } from '@keyglot/core';
import { type Credential, findCredential, header, type WireRequest } from '@keyglot/dialect';
import { requireAllowedAddress } from './acl.js';
import type { NcpCaller } from './call.js';
import { ACCESS_KEY, NCP_CREDENTIALS } from './credentials.js';
import { ncpFault } from './faults.js';
import { tokenClaims } from './generator.js';
import { baseUrlOf, regionOf } from './ids.js';
import { type Route, routeOf } from './routes.js';
import type { NcpSettings } from './settings.js';
import { ACCESS_KEY_HEADER, isSigned } from './signature.js';
import { peekToken, type TokenClaims } from './tokens.js';

/** Header of token authentication. https://guide.ncloud-docs.com/docs/en/kms-token @internal */
export const TOKEN_HEADER = 'x-ncp-ocapi-token';

/**
 * Builds the judge of addresses and credentials. An address that nobody serves is refused first: what
 * has no route has no rules of authentication.
 *
 * @internal
 */
export function createAuthenticator(
  vault: Vault,
  settings: NcpSettings,
): (request: WireRequest, scope: Scope) => NcpCaller {
  const strict = settings.auth === 'enforce';

  /** What stricter authentication would have said; refuses when it is that strict. */
  const doubt = (why: string, refusal: 'AuthenticationFailed' | 'TokenRefused'): string => {
    if (strict) throw ncpFault(refusal, {});
    return settings.auth === 'audit' ? why : '';
  };
  const byToken = (request: WireRequest, scope: Scope, route: Route, text: string): NcpCaller => {
    const { keyTag, row } = route;
    const claims = tokenClaims(vault, scope, keyTag, text);
    // Validate Token says itself what it thinks of a token.
    if (row.auth === 'token' && claims === undefined) return callerOf(request, route, {});
    if (claims === undefined) {
      // As with access keys: anything goes in `open`, but what we issued ourselves must be good.
      if (row.auth === 'refresh' || peekToken(text) !== undefined) {
        throw ncpFault('TokenRefused', {});
      }
      const audit = doubt('The token was not issued here.', 'TokenRefused');
      return callerOf(request, route, { audit });
    }
    const wanted = row.auth === 'refresh' ? 'refresh' : 'access';
    if (row.auth !== 'token' && claims.typ !== wanted) {
      throw ncpFault('TokenRefused', {});
    }
    requireAllowedAddress(vault, scope, keyTag, request);
    return callerOf(request, route, { token: claims });
  };
  const byAccount = (request: WireRequest, scope: Scope, route: Route): NcpCaller => {
    const accessKey = header(request.head, ACCESS_KEY_HEADER) ?? '';
    if (accessKey === '') {
      const audit = doubt('The request is not signed.', 'AuthenticationFailed');
      return callerOf(request, route, { audit });
    }
    const credential = ACCESS_KEY.test(accessKey)
      ? findCredential(vault, scope, NCP_CREDENTIALS, accessKey)
      : undefined;
    if (credential === undefined) {
      const audit = doubt('The access key is not registered.', 'AuthenticationFailed');
      return callerOf(request, route, { audit, account: settings.account, accessKey });
    }
    requireValid(request, scope, credential);
    const account = credential.get('account') || settings.account;
    return callerOf(request, route, { account, accessKey, credential });
  };

  return (request, scope) => {
    const route = routeOf(request.head);
    if (route === undefined) throw ncpFault('UnknownUri', {});
    if (route === 'malformed') throw ncpFault('BadRequest', {});
    const token = route.api === '1.0' ? undefined : header(request.head, TOKEN_HEADER);
    switch (route.row.auth) {
      case 'refresh':
      case 'token':
        if (token === undefined) throw ncpFault('TokenRefused', {});
        return byToken(request, scope, route, token);
      case 'either':
        if (token === undefined || isAccountSigned(request))
          return byAccount(request, scope, route);
        return byToken(request, scope, route, token);
      case 'account':
        // A token of ours proves that the caller tried; management operations take none.
        if (token !== undefined && !isAccountSigned(request) && peekToken(token) !== undefined) {
          throw ncpFault('AuthenticationFailed', {});
        }
        return byAccount(request, scope, route);
    }
  };
}

function isAccountSigned({ head }: WireRequest): boolean {
  return header(head, ACCESS_KEY_HEADER) !== undefined;
}

function requireValid(request: WireRequest, scope: Scope, credential: Credential): void {
  const { expiresAtMs } = credential;
  if (expiresAtMs !== 0 && expiresAtMs <= scope.nowMs) throw ncpFault('AuthenticationFailed', {});
  if (!isSigned(request.head, credential, request.receivedAtMs)) {
    throw ncpFault('AuthenticationFailed', {});
  }
}

interface Found {
  readonly audit?: string;
  readonly account?: string;
  readonly accessKey?: string;
  readonly token?: TokenClaims | undefined;
  readonly credential?: Credential;
}

function callerOf(request: WireRequest, route: Route, found: Found): NcpCaller {
  return {
    dialect: 'ncp',
    sandbox: found.credential?.sandbox || request.sandbox,
    audit: found.audit ?? '',
    route,
    account: found.account,
    accessKey: found.accessKey ?? '',
    token: found.token,
    region: regionOf(request.head.hostname),
    baseUrl: baseUrlOf(request.head),
  };
}
