import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Secret } from '@keyglot/core';
import jwt from 'jsonwebtoken';

/** What a token says. @internal */
export interface TokenClaims {
  readonly keyTag: string;
  /** Id of the generator that issued it. */
  readonly gid: string;
  /** Access key or account of the user who asked for it. */
  readonly sub: string;
  readonly typ: 'access' | 'refresh';
}

/** Hours that a token lives, or unlimited. @internal */
export type TokenHours = number | 'UL';

/** Lifetimes when none is asked for. https://guide.ncloud-docs.com/docs/en/kms-token @internal */
export const DEFAULT_HOURS: { readonly [Type in TokenClaims['typ']]: number } = {
  access: 72,
  refresh: 2_160,
};

const MOST_HOURS = 17_520;

/** Reads the hours of a request: 1 to 17,520 or `UL`; undefined when they are neither. @internal */
export function readHours(text: string): TokenHours | undefined {
  if (text === 'UL') return 'UL';
  const hours = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return hours >= 1 && hours <= MOST_HOURS ? hours : undefined;
}

/**
 * Issues a token. Its claims and its algorithm are ours: the service documents neither.
 *
 * @param id - makes tokens of one second differ
 * @param nowMs - virtual time, milliseconds since 1970
 * @internal
 */
export function issueToken(
  claims: TokenClaims,
  secret: Secret,
  id: string,
  hours: TokenHours,
  nowMs: number,
): string {
  const iat = Math.floor(nowMs / 1_000);
  const exp = hours === 'UL' ? {} : { exp: iat + hours * 3_600 };
  return jwt.sign({ ...claims, jti: id, iat, ...exp }, keyOf(secret), { algorithm: 'HS256' });
}

/**
 * The claims of a token that has the form of ours, not yet verified. Undefined for any other text.
 *
 * @internal
 */
export function peekToken(text: string): TokenClaims | undefined {
  if (text.length > 4_096) return undefined;
  try {
    return claimsOf(jwt.decode(text));
  } catch {
    return undefined;
  }
}

/**
 * The claims of a token that was issued with this secret and has not expired at `nowMs` (virtual time).
 *
 * @internal
 */
export function verifyToken(text: string, secret: Secret, nowMs: number): TokenClaims | undefined {
  try {
    const clockTimestamp = Math.floor(nowMs / 1_000);
    const options = { algorithms: ['HS256' as const], clockTimestamp };
    return claimsOf(jwt.verify(text, keyOf(secret), options));
  } catch {
    return undefined;
  }
}

/** Gone together with the reading of the secret. */
const keys = new WeakMap<Secret, KeyObject>();

/** A key object, because jsonwebtoken needs 50 times as long with a Buffer, which it tries as a PEM. */
function keyOf(secret: Secret): KeyObject {
  let key = keys.get(secret);
  if (key === undefined) {
    key = createSecretKey(secret.expose());
    keys.set(secret, key);
  }
  return key;
}

function claimsOf(payload: unknown): TokenClaims | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { keyTag, gid, sub, typ } = payload as { readonly [claim: string]: unknown };
  if (typeof keyTag !== 'string' || typeof gid !== 'string' || typeof sub !== 'string') {
    return undefined;
  }
  return typ === 'access' || typ === 'refresh' ? { keyTag, gid, sub, typ } : undefined;
}
