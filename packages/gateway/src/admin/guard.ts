import type { NextFunction, Request, Response } from 'express';
import { type AdminTokens, allows, type Scope } from './tokens.js';

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Refuses admin requests that do not come from somebody who can read the token file: wrong host (a
 * page that had its own name resolve to this machine), no token, or a token of too small a scope.
 *
 * @param extraHost - host name that the gateway listens on when it is no loopback name
 * @internal
 */
export function requireScope(
  tokens: AdminTokens,
  extraHost: string,
  scope: Scope,
): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const host = request.headers.host ?? '';
    if (!LOCAL_HOST.test(host) && host.replace(/:\d+$/, '') !== extraHost) {
      refuse(response, 403, 'this host name may not be used for the admin API; use localhost');
      return;
    }
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || !allows(tokens, given, 'read')) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      refuse(response, 401, 'send Authorization: Bearer <token> with a token of admin-tokens.json');
      return;
    }
    if (!allows(tokens, given, scope)) {
      refuse(response, 403, `this needs the token of scope ${scope}`);
      return;
    }
    const hasBody = request.method !== 'GET' && request.method !== 'DELETE';
    if (hasBody && request.is('application/json') !== 'application/json') {
      refuse(response, 415, 'the admin API takes application/json');
      return;
    }
    next();
  };
}

/** Answers an admin request with an error. @internal */
export function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ error: message });
}
