import { type Context, fault, NO_CONTEXT } from '@keyglot/core';
import { type Evidence, pairsOf } from '@keyglot/dialect';
import type { AwsCall } from '../call.js';
import { awsFault } from '../faults.js';

const API = 'https://docs.aws.amazon.com/kms/latest/APIReference';

/** Evidence of an operation that is known from its page. @internal */
export function documentedOperation(name: string): Evidence {
  return { mark: 'documented', date: '2026-11-24', source: `${API}/API_${name}.html` };
}

/** The encryption context of a request. @internal */
export function contextOf(map: Readonly<Record<string, string>> | undefined): Context {
  if (map === undefined) return NO_CONTEXT;
  const pairs = pairsOf(map);
  return pairs.length === 0 ? NO_CONTEXT : { kind: 'pairs', pairs };
}

/**
 * Refuses an encryption context beside an asymmetric algorithm; an empty one is none.
 *
 * Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/rsa.json
 *
 * @internal
 */
export function requireNoContext(map: Readonly<Record<string, string>> | undefined): void {
  if (pairsOf(map).length > 0) {
    throw awsFault('Validation', {
      message:
        'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
    });
  }
}

/** A page of a listing, and the members that announce the next one. @internal */
export interface Paging {
  readonly limit: number;
  readonly after: string | undefined;
}

/**
 * Reads `Limit` and `Marker`, whose seal `runOperation` has already opened.
 *
 * @param most - largest page of this operation; larger wishes are cut, inferred
 * @internal
 */
export function pagingOf(
  input: { readonly Limit?: number; readonly Marker?: string },
  usual: number,
  most: number,
): Paging {
  return { limit: Math.min(input.Limit ?? usual, most), after: input.Marker };
}

/** `Truncated`, and `NextMarker` when there is more; `runOperation` seals it. @internal */
export function pageEnd(next: string | undefined): Record<string, unknown> {
  return next === undefined ? { Truncated: false } : { NextMarker: next, Truncated: true };
}

/** Refuses the attestation of an enclave, which is not answered yet. @internal */
export function requireNoRecipient(input: { readonly Recipient?: unknown }): void {
  if (input.Recipient !== undefined) throw fault('Unsupported', { what: 'Recipient' });
}

/** Days in milliseconds. @internal */
export const DAY_MS = 86_400_000;

/** Name under which the vault derives envelope keys of this profile. @internal */
export function dialectOf(call: AwsCall): string {
  return call.profile.name;
}
