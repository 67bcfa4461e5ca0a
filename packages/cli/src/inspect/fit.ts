import type { Inspector } from '@keyglot/gateway';

/** Why a ciphertext cannot move to a dialect, or not in every way, in the order of the report. @internal */
export const OBSTACLES = {
  'plaintext-limit': 'plaintext over the limit of Encrypt',
  'base64-growth': 'fits as UTF-8 text, but not as base64, which is a third longer',
  'only-decoded': 'fits only when its text is base64 and is decoded',
  'ciphertext-limit': 'as it is over the limit of Decrypt, for a twin that opens it',
} as const;

/** Name of one of the reasons. @internal */
export type Obstacle = keyof typeof OBSTACLES;

/** Members of an inspector that decide what fits. @internal */
export type Sizes = Pick<Inspector, 'plaintextIsText' | 'maxPlaintextBytes' | 'maxCiphertextBytes'>;

/**
 * What keeps a plaintext out of a dialect. Bytes become text as base64 or, when they are UTF-8, as they
 * are; text becomes bytes as UTF-8 or, when it is base64, decoded. Which one is not seen from outside.
 *
 * @param plaintextBytes size in the dialect where it is now
 * @returns undefined when every way fits
 * @internal
 */
export function plaintextObstacle(
  plaintextBytes: number,
  from: Sizes,
  to: Sizes,
): Obstacle | undefined {
  const { maxPlaintextBytes: limit } = to;
  const asItIs = plaintextBytes <= limit;
  if (from.plaintextIsText === to.plaintextIsText) return asItIs ? undefined : 'plaintext-limit';
  if (to.plaintextIsText) {
    if (Math.ceil(plaintextBytes / 3) * 4 <= limit) return undefined;
    return asItIs ? 'base64-growth' : 'plaintext-limit';
  }
  if (asItIs) return undefined;
  return leastDecoded(plaintextBytes) <= limit ? 'only-decoded' : 'plaintext-limit';
}

/** Whether a ciphertext is too large for Decrypt of another dialect. @internal */
export function overCiphertextLimit(ciphertextBytes: number, to: Sizes): boolean {
  return to.maxCiphertextBytes !== undefined && ciphertextBytes > to.maxCiphertextBytes;
}

/** The fewest bytes that base64 of this length stands for: two characters may be padding. */
function leastDecoded(characters: number): number {
  const bytes = Math.floor((characters * 3) / 4);
  return characters % 4 === 0 ? Math.max(0, bytes - 2) : bytes;
}
