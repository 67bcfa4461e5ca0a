import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';

export async function freshMaterial(spec: KeySpecId): Promise<PreparedMaterial> {
  return prepareMaterial(spec, await generateMaterial(spec, createSystemEntropy()));
}

export function flipBit(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % bytes.length;
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
