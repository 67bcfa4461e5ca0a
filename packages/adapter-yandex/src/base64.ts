import { decodeBase64Strict } from '@keyglot/dialect';

const EITHER_ALPHABET = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Decodes base64 as proto3's JSON form allows it: the standard or the URL alphabet, with or without
 * padding.
 *
 * @see https://protobuf.dev/programming-guides/json/
 * @returns undefined when the text is not base64
 * @internal
 */
export function decodeBase64(text: string): Buffer | undefined {
  const strict = decodeBase64Strict(text);
  if (strict !== undefined) return strict;
  if (!EITHER_ALPHABET.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  const padding = text.length - digits.length;
  // A last group of one character has no whole byte; padding must complete the last group.
  if (digits.length % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) return undefined;
  return Buffer.from(digits, 'base64');
}
