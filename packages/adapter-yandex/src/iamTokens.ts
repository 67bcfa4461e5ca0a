import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  fault,
  KmsFault,
  type OpenedResource,
  type Scope,
  Secret,
  SYSTEM_SANDBOX,
  type Vault,
  withLoads,
} from '@keyglot/core';

const KIND = 'yandex-token-key';
const ID = 'current';
const KEY_BYTES = 64;
/** Tokens live for 12 hours at most: https://yandex.cloud/en/docs/iam/concepts/authorization/iam-token */
const LIFE_MS = 12 * 3_600_000;
/** The documented form; the last part has 64 bytes, which is just what HMAC-SHA512 gives. */
const SHAPE = /^t1\.([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{86})$/;

/** What an issued token says. @internal */
export interface IssuedToken {
  readonly sandbox: string;
  readonly subject: string;
  /** Virtual time, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Issues a token that any replica on the same store can check. @internal */
export async function issueToken(
  vault: Vault,
  { sandbox, subject, nowMs }: { sandbox: string; subject: string; nowMs: number },
): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
  const key = await tokenKey(vault);
  const expiresAtMs = nowMs + LIFE_MS;
  const said = JSON.stringify([sandbox, subject, expiresAtMs]);
  const payload = Buffer.from(said, 'utf8').toString('base64url');
  const token = `t1.${payload}.${seal(key, payload).toString('base64url')}`;
  return { token, expiresAtMs };
}

/**
 * What a token says that was issued here; undefined for any other.
 *
 * @throws Miss
 * @internal
 */
export function readToken(vault: Vault, scope: Scope, token: string): IssuedToken | undefined {
  const found = SHAPE.exec(token);
  if (found === null) return undefined;
  const [, payload = '', mac = ''] = found;
  const resource = vault.resources.byId(scope, SYSTEM_SANDBOX, KIND, ID);
  const given = Buffer.from(mac, 'base64url');
  if (resource === undefined || given.length !== KEY_BYTES) return undefined;
  if (!timingSafeEqual(seal(keyOf(resource), payload), given)) return undefined;
  // Sealed by issueToken, so it has that form.
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as [
    string,
    string,
    number,
  ];
  return { sandbox: said[0], subject: said[1], expiresAtMs: said[2] };
}

function seal(key: Buffer, payload: string): Buffer {
  return createHmac('sha512', key).update(payload).digest();
}

function keyOf({ secret }: OpenedResource): Buffer {
  return secret?.expose() ?? Buffer.alloc(0);
}

/** The key that all replicas share, made by whoever needs it first. */
async function tokenKey(vault: Vault): Promise<Buffer> {
  const known = await storedKey(vault);
  if (known !== undefined) return keyOf(known);
  const secret = new Secret(vault.entropy.bytes(KEY_BYTES));
  const draft = { sandbox: SYSTEM_SANDBOX, kind: KIND, id: ID, body: {}, secret, version: 1 };
  try {
    await vault.resources.write(draft);
    return secret.expose();
  } catch (error) {
    if (!(error instanceof KmsFault && error.code === 'AlreadyExists')) throw error;
  }
  const made = await storedKey(vault);
  if (made === undefined) throw fault('Internal', { what: 'the token key is gone' });
  return keyOf(made);
}

async function storedKey(vault: Vault): Promise<OpenedResource | undefined> {
  const scope: Scope = { sandbox: SYSTEM_SANDBOX, nowMs: 0, pinned: new Map() };
  return await withLoads(() => vault.resources.byId(scope, SYSTEM_SANDBOX, KIND, ID));
}
