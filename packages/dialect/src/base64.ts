const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';
const EQUALS = 61;

/**
 * Decodes standard base64 (RFC 4648 section 4) and takes nothing else: padding is required, `-`, `_`,
 * whitespace and every other foreign character are refused, and so are left-over bits that are not
 * zero, so that one byte string has exactly one text. The empty text is the empty Buffer.
 *
 * Node skips foreign characters in silence; a skipped character shows in the length of the result.
 *
 * @returns The bytes, or `undefined` when the text is not strict base64.
 * @public
 */
export function decodeBase64Strict(text: string): Buffer | undefined {
  const length = text.length;
  if (length % 4 !== 0) return undefined;
  if (length === 0) return Buffer.alloc(0);
  let padding = 0;
  if (text.charCodeAt(length - 1) === EQUALS) {
    padding = text.charCodeAt(length - 2) === EQUALS ? 2 : 1;
    const last = text.charAt(length - 1 - padding);
    if (!(padding === 2 ? LAST_OF_TWO : LAST_OF_THREE).includes(last)) return undefined;
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== (length / 4) * 3 - padding) return undefined;
  // Node also reads the URL alphabet.
  return text.includes('-') || text.includes('_') ? undefined : bytes;
}

/** Why a text is not strict base64, without the text: it may be a secret. @public */
export type Base64Fault =
  | { readonly problem: 'length'; readonly length: number }
  | { readonly problem: 'character'; readonly character: string }
  | { readonly problem: 'lastBits' };

/** Says what {@link decodeBase64Strict} did not like. @internal */
export function base64Fault(text: string): Base64Fault {
  if (text.length % 4 !== 0) return { problem: 'length', length: text.length };
  const character = /[^A-Za-z0-9+/=]|=(?!=?$)/u.exec(text)?.[0];
  return character === undefined ? { problem: 'lastBits' } : { problem: 'character', character };
}
