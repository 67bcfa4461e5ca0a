import { KmsFault } from '../faults.js';
import type { Secret } from '../secret.js';
import type { Vault } from './vault.js';

/**
 * Seals something that a client is to keep for us, under the root key. Nothing is stored.
 *
 * @param kind - what it is; a token of one kind is none of another, nor one of another sandbox
 * @public
 */
export function sealToken(vault: Vault, sandbox: string, kind: string, content: Secret): Buffer {
  return vault.rootKey.wrap(content, ['token', sandbox, kind]);
}

/** Opens a token; undefined when it is none of ours of this kind, or was changed. @public */
export function openToken(
  vault: Vault,
  sandbox: string,
  kind: string,
  token: Buffer,
): Secret | undefined {
  try {
    return vault.rootKey.unwrap(token, ['token', sandbox, kind]);
  } catch (error) {
    // For stored bytes it is a defect not to open; a client may send anything.
    if (error instanceof KmsFault && error.code === 'Internal') return undefined;
    throw error;
  }
}
