import { KmsFault, Secret } from '@keyglot/core';
import type { AwsCall } from './call.js';

/** Seals bytes that go to a client and come back: he can neither read nor change them. @internal */
export function seal(call: AwsCall, binding: readonly string[], content: Buffer): Buffer {
  return call.vault.rootKey.wrap(new Secret(content), binding);
}

/** The content of what {@link seal} made for the same binding; undefined for anything else. @internal */
export function openSealed(
  call: AwsCall,
  binding: readonly string[],
  sealed: Buffer,
): Buffer | undefined {
  try {
    return Buffer.from(call.vault.rootKey.unwrap(sealed, binding).expose());
  } catch (error) {
    // What is wrong with it is not told.
    if (error instanceof KmsFault && error.code === 'Internal') return undefined;
    throw error;
  }
}

/** The bytes of a text in base64url; undefined when it is not exactly what that encoding gives. @internal */
export function fromBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
