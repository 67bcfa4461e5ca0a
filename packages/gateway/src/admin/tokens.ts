import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entropy } from '@keyglot/core';
import { writeAtomically } from '../tls/atomicFile.js';

/** What a token of the admin API allows; each scope includes the ones before it. @public */
export type Scope = 'read' | 'test' | 'material';

/** Scopes from the least to the most. @internal */
export const SCOPES: readonly Scope[] = ['read', 'test', 'material'];

/** Tokens of the admin API, one for each scope. @internal */
export type AdminTokens = { readonly [Name in Scope]: string };

const FILE = 'admin-tokens.json';
const TOKEN_BYTES = 32;

/** Reads the tokens of a data folder, or makes them: a JSON file of mode 0600. @internal */
export async function loadOrCreateTokens(folder: string, entropy: Entropy): Promise<AdminTokens> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, FILE);
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found !== undefined) {
    const tokens: unknown = JSON.parse(found);
    if (isTokens(tokens)) return tokens;
    throw new Error(
      `'${path}' does not hold the tokens of the admin API; remove it to make new ones`,
    );
  }
  const made = createTokens(entropy);
  await writeAtomically(path, `${JSON.stringify(made, undefined, 2)}\n`, 0o600, entropy);
  return made;
}

/** Makes tokens that are kept nowhere. @internal */
export function createTokens(entropy: Entropy): AdminTokens {
  const make = (): string => entropy.bytes(TOKEN_BYTES).toString('base64url');
  return { read: make(), test: make(), material: make() };
}

/** Whether a token allows a scope; compared in constant time. @internal */
export function allows(tokens: AdminTokens, given: string, wanted: Scope): boolean {
  const least = SCOPES.indexOf(wanted);
  let allowed = false;
  for (const [at, scope] of SCOPES.entries()) {
    const same = timingSafeEqual(digest(tokens[scope]), digest(given));
    allowed = (same && at >= least) || allowed;
  }
  return allowed;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isTokens(value: unknown): value is AdminTokens {
  if (typeof value !== 'object' || value === null) return false;
  return SCOPES.every((scope) => {
    const token = Object.entries(value).find(([name]) => name === scope)?.[1];
    return typeof token === 'string' && token.length >= TOKEN_BYTES;
  });
}
