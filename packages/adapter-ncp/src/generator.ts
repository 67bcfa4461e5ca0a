import { type Json, KmsFault, type Scope, Secret, settle, type Vault } from '@keyglot/core';
import { peekToken, type TokenClaims, verifyToken } from './tokens.js';

const KIND = 'ncp-token-generator';
const SECRET_BYTES = 32;

/** What issues the tokens of one key. @internal */
export interface TokenGenerator {
  readonly id: string;
  readonly isActive: boolean;
  /** Virtual times, milliseconds since 1970. */
  readonly enabledAtMs: number;
  readonly disabledAtMs: number | null;
  readonly issued: number;
  /** Signs its tokens; undefined when it is not active. */
  readonly secret: Secret | undefined;
  readonly version: number;
}

/** The generator of a key; a `Miss` when it is not in memory. @internal */
export function generatorOf(
  vault: Vault,
  scope: Scope,
  keyTag: string,
): TokenGenerator | undefined {
  const found = vault.resources.byId(scope, scope.sandbox, KIND, keyTag);
  if (found === undefined) return undefined;
  const { body, version } = found.record;
  const disabledAt = body['disabledAt'];
  return {
    id: String(body['id']),
    isActive: body['isActive'] === true,
    enabledAtMs: Number(body['enabledAt']),
    disabledAtMs: typeof disabledAt === 'number' ? disabledAt : null,
    issued: Number(body['issued']),
    secret: found.secret,
    version,
  };
}

/**
 * Puts a new generator in the place of the former one, whose tokens are worthless from then on.
 *
 * @throws KmsFault AlreadyExists, Conflict when somebody else does it at the same moment
 * @internal
 */
export async function replaceGenerator(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  former: TokenGenerator | undefined,
): Promise<void> {
  const secret = new Secret(vault.entropy.bytes(SECRET_BYTES));
  const next = {
    id: vault.entropy.uuid(),
    isActive: true,
    enabledAtMs: scope.nowMs,
    disabledAtMs: null,
    issued: 0,
    secret,
    version: former?.version ?? 0,
  };
  await write(vault, scope, keyTag, next);
  await settle(vault);
}

/** Ends a generator: what it issued is worthless, and its secret is gone. @internal */
export async function endGenerator(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  former: TokenGenerator,
): Promise<void> {
  const disabledAtMs = scope.nowMs;
  await write(vault, scope, keyTag, {
    ...former,
    isActive: false,
    disabledAtMs,
    secret: undefined,
  });
  await settle(vault);
}

/** Forgets the generator of a key that is no more. @internal */
export async function dropGenerator(vault: Vault, scope: Scope, keyTag: string): Promise<void> {
  await vault.resources.delete(scope.sandbox, KIND, keyTag);
}

/** Others may issue tokens of the same key at the same moment. */
const MOST_TRIES = 16;

/**
 * Counts issued tokens. A generator that was replaced meanwhile is left alone.
 *
 * @throws KmsFault Conflict when too many others count at the same moment
 * @internal
 */
export async function countIssued(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  generator: TokenGenerator,
  added: number,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const current = await vault.store.readResource(scope.sandbox, KIND, keyTag);
    if (current === undefined || current.body['id'] !== generator.id) return;
    const issued = Number(current.body['issued']) + added;
    try {
      await write(vault, scope, keyTag, { ...generator, issued, version: current.version });
      return;
    } catch (error) {
      if (tries >= MOST_TRIES || !(error instanceof KmsFault) || error.code !== 'Conflict') {
        throw error;
      }
    }
  }
}

/** Whether and why a token is good for a key: signed by its present generator, and not expired. @internal */
export function tokenClaims(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  text: string,
): TokenClaims | undefined {
  if (peekToken(text) === undefined) return undefined;
  const generator = generatorOf(vault, scope, keyTag);
  if (generator?.secret === undefined) return undefined;
  const claims = verifyToken(text, generator.secret, scope.nowMs);
  return claims?.keyTag === keyTag && claims.gid === generator.id ? claims : undefined;
}

async function write(
  vault: Vault,
  scope: Scope,
  keyTag: string,
  generator: TokenGenerator,
): Promise<void> {
  const { id, isActive, enabledAtMs, disabledAtMs, issued, secret, version } = generator;
  const body: { readonly [name: string]: Json } = {
    id,
    isActive,
    enabledAt: enabledAtMs,
    disabledAt: disabledAtMs,
    issued,
  };
  await vault.resources.write({
    sandbox: scope.sandbox,
    kind: KIND,
    id: keyTag,
    parent: keyTag,
    body,
    ...(secret === undefined ? {} : { secret }),
    version: version + 1,
  });
}
