import {
  type DialectFace,
  decodeBase64Strict,
  type TransferSource,
  type TransferTarget,
} from '@keyglot/dialect';
import { MemberError } from './members.js';

/**
 * How a plaintext changes on its way from one dialect to another. Some dialects encrypt bytes, some
 * encrypt a text; when exactly one end has text the caller says which text stands for bytes. Nothing
 * is guessed: `password` is valid base64.
 *
 * @throws MemberError when the encoding is missing, not wanted, or does not fit the plaintext
 * @internal
 */
export function converter(
  encoding: string | undefined,
  from: DialectFace,
  { source }: TransferSource,
  to: DialectFace,
  { destination }: TransferTarget,
): (plaintext: Buffer) => Buffer {
  const textFrom = from.plaintextIsText && source.kind === 'symmetric';
  const textTo = to.plaintextIsText && destination.kind === 'symmetric';
  if (textFrom === textTo) {
    if (encoding !== undefined) {
      throw new MemberError('plaintext is only for transfers between text and bytes');
    }
    return (plaintext) => plaintext;
  }
  if (encoding !== 'utf8' && encoding !== 'base64') {
    throw new MemberError(
      `one end encrypts a text and the other bytes: say plaintext "utf8" or "base64"`,
    );
  }
  if (encoding === 'base64') {
    return textFrom ? decoded : (plaintext) => Buffer.from(plaintext.toString('base64'), 'utf8');
  }
  return textFrom ? (plaintext) => plaintext : readable;
}

function decoded(plaintext: Buffer): Buffer {
  const bytes = decodeBase64Strict(plaintext.toString('utf8'));
  if (bytes === undefined) throw new MemberError('the plaintext is not base64');
  return bytes;
}

function readable(plaintext: Buffer): Buffer {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
  } catch {
    throw new MemberError('the plaintext is not UTF-8');
  }
  return plaintext;
}
