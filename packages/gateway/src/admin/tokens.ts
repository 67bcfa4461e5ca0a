import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
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

/**
 * Reads the tokens of a data folder, or makes them: a JSON file of mode 0600.
 *
 * @throws Error in one line when others may read the file, or it does not hold tokens
 * @internal
 */
export async function loadOrCreateTokens(folder: string, entropy: Entropy): Promise<AdminTokens> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, FILE);
  const found = await readPrivate(path);
  if (found !== undefined) {
    const tokens = parsed(found);
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

/** Undefined only when there is no such file: another failure must not replace tokens in use. */
async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new Error(`the admin tokens must not be readable by others: chmod 600 '${path}'`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The parser's own error would show a part of the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
