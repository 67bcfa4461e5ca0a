import type { Entropy } from '@keyglot/core';

/** Keys, versions and operations of KMS all look so in the samples of the documentation. */
const PREFIX = 'abj';
const DIGITS = '0123456789abcdefghijklmnopqrstuv';
const RANDOM_DIGITS = 17;

/** A new id of a key or an operation. @internal */
export function newId(entropy: Entropy): string {
  return idOf(entropy.bytes(RANDOM_DIGITS));
}

/** The id that goes with 17 or more bytes. @internal */
export function idOf(bytes: Buffer): string {
  let id = PREFIX;
  for (const byte of bytes.subarray(0, RANDOM_DIGITS)) id += DIGITS[byte & 31];
  return id;
}
