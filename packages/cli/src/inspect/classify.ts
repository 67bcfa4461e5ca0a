import type { Inspection, Inspector } from '@keyglot/gateway';
import type { Problem } from './problems.js';

/** What one value is. @internal */
export type Finding =
  | {
      readonly kind: 'known';
      /** Index of the inspector that knows it. */
      readonly layout: number;
      readonly inspection: Inspection;
      /** Size of the ciphertext as bytes, not as text. */
      readonly ciphertextBytes: number;
    }
  /** As long as an RSA ciphertext, which names nothing. */
  | { readonly kind: 'bare'; readonly bytes: number }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Lengths of RSA moduli of 2,048, 3,072 and 4,096 bits, in bytes. @internal */
export const BARE_BYTES: readonly number[] = [256, 384, 512];

/** Larger than any ciphertext that a dialect makes, in hexadecimal. */
const MAX_CHARACTERS = 131_072;
/** How databases write that there is nothing. */
const NOTHING = /^(?:|NULL|\\N)$/i;
const HEXADECIMAL = /^(?:\\x|0x)?((?:[0-9a-f]{2})+)$/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Says what a value is. It may be written as its dialect's own API carries it, or in base64 of either
 * alphabet, with or without padding, broken into lines, or in hexadecimal with `\x` or `0x` in front or
 * nothing.
 *
 * @internal
 */
export function classify(value: string, inspectors: readonly Inspector[]): Finding {
  const text = value.trim();
  if (NOTHING.test(text)) return { kind: 'problem', problem: 'empty' };
  if (text.length > MAX_CHARACTERS) return { kind: 'problem', problem: 'too-long' };
  const asWritten = known(text, inspectors);
  if (asWritten !== undefined) return asWritten;
  // Digits of hexadecimal are base64 as well, so each reading is tried; a layout fits one of them only.
  const readings = [fromHexadecimal(text), fromBase64(text)];
  let problem: Problem = 'not-encoded';
  for (const bytes of readings) {
    if (bytes === undefined) continue;
    problem = 'no-layout';
    const base64 = bytes.toString('base64');
    const found = base64 === text ? undefined : known(base64, inspectors);
    if (found !== undefined) return found;
  }
  const bare = readings.find((bytes) => bytes !== undefined && BARE_BYTES.includes(bytes.length));
  return bare === undefined ? { kind: 'problem', problem } : { kind: 'bare', bytes: bare.length };
}

function known(text: string, inspectors: readonly Inspector[]): Finding | undefined {
  for (const [layout, { inspect }] of inspectors.entries()) {
    const inspection = inspect(text);
    if (inspection === undefined) continue;
    return { kind: 'known', layout, inspection, ciphertextBytes: bytesOf(text) };
  }
  return undefined;
}

/** A ciphertext that is not base64 as a whole is text, and its size is that of the text. */
function bytesOf(text: string): number {
  if (text.includes(':')) return Buffer.byteLength(text);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor(((text.length - padding) * 3) / 4);
}

function fromHexadecimal(text: string): Buffer | undefined {
  const digits = HEXADECIMAL.exec(text)?.[1];
  return digits === undefined ? undefined : Buffer.from(digits, 'hex');
}

function fromBase64(text: string): Buffer | undefined {
  const digits = text
    .replace(/\r?\n[ \t]*/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  // A last group of one character has no whole byte.
  if (!BASE64.test(digits) || digits.replace(/=+$/, '').length % 4 === 1) return undefined;
  return Buffer.from(digits, 'base64');
}
