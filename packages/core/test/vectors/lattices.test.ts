import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import { createSuites } from '../../src/suites/registry.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import { flipBit } from '../support/material.js';

// Made by OpenSSL 3.5.8 from the seed 00, 01, 02, … over the message `keyglot`.
interface SignatureVector {
  readonly spec: KeySpecId;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly spki: string;
  readonly signature: string;
}

interface EncapsulationVector {
  readonly spec: KeySpecId;
  readonly spki: string;
  readonly ciphertext: string;
  readonly secret: string;
  /** What comes out when the lowest bit of the sixth byte of the ciphertext is flipped. */
  readonly rejected: string;
}

const vectors: readonly (SignatureVector | EncapsulationVector)[] = JSON.parse(
  readFileSync(new URL('lattices.json', import.meta.url), 'utf8'),
);
const signatures = vectors.filter((one): one is SignatureVector => 'signature' in one);
const encapsulations = vectors.filter((one): one is EncapsulationVector => 'secret' in one);

const suites = createSuites(createSystemEntropy());
afterAll(() => suites.close());

/** Material of the seed 00, 01, 02, … */
async function counted(spec: KeySpecId): Promise<PreparedMaterial> {
  const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, at) => at));
  const entropy = { ...createSystemEntropy(), bytes };
  return prepareMaterial(spec, await generateMaterial(spec, entropy));
}

const sha256 = (bytes: Buffer | undefined): string =>
  createHash('sha256')
    .update(bytes ?? Buffer.alloc(0))
    .digest('hex');

describe.each(signatures)('$spec of another implementation', ({ spec, spki, signature }) => {
  it('has the same public key and verifies', async () => {
    const material = await counted(spec);
    expect(sha256(material.publicDer)).toBe(spki);
    const suite = suites.signatureSuite('ml-dsa');
    const bytes = Buffer.from(signature, 'base64');
    expect(await suite.verify(material, Buffer.from('keyglot'), bytes)).toBe(true);
    expect(await suite.verify(material, Buffer.from('keyglo'), bytes)).toBe(false);
  });
});

describe.each(encapsulations)('$spec of another implementation', (vector) => {
  it('has the same public key, and opens the same', async () => {
    const material = await counted(vector.spec);
    expect(sha256(material.publicDer)).toBe(vector.spki);
    const suite = suites.encapsulationSuite('ml-kem');
    const ciphertext = Buffer.from(vector.ciphertext, 'base64');
    expect((await suite.decapsulate(material, ciphertext)).toString('hex')).toBe(vector.secret);
    const changed = flipBit(ciphertext, 5 * 8);
    expect((await suite.decapsulate(material, changed)).toString('hex')).toBe(vector.rejected);
  });
});
