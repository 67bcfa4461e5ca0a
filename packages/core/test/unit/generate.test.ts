import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Entropy } from '../../src/ports/entropy.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { KEY_SPECS } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';

describe('generateMaterial', () => {
  it.each<[KeySpecId, number]>([
    ['aes-256', 32],
    ['hmac-224', 28],
    ['hmac-256', 32],
    ['hmac-384', 48],
    ['hmac-512', 64],
  ])('takes the bytes of %s from the entropy and clears the source', async (spec, sizeBytes) => {
    const drawn: Buffer[] = [];
    const entropy: Entropy = {
      ...createSystemEntropy(),
      bytes(size) {
        const bytes = Buffer.alloc(size, 0x5a);
        drawn.push(bytes);
        return bytes;
      },
    };
    const secret = await generateMaterial(spec, entropy);
    expect(secret.expose()).toEqual(Buffer.alloc(sizeBytes, 0x5a));
    expect(drawn).toEqual([Buffer.alloc(sizeBytes)]);
  });

  it('makes RSA keys with exponent 65537 as PKCS#8', async () => {
    const secret = await generateMaterial('rsa-2048', createSystemEntropy());
    const key = createPrivateKey({ key: secret.expose(), format: 'der', type: 'pkcs8' });
    expect(key.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n });
  });

  it.each<KeySpecId>(['ec-p256', 'ec-p384', 'ec-p521', 'ec-secp256k1'])(
    'makes %s keys with a named curve as PKCS#8',
    async (spec) => {
      const secret = await generateMaterial(spec, createSystemEntropy());
      const key = createPrivateKey({ key: secret.expose(), format: 'der', type: 'pkcs8' });
      expect(key.asymmetricKeyDetails).toEqual({ namedCurve: KEY_SPECS[spec].curve });
    },
  );

  it('makes Ed25519 keys as PKCS#8', async () => {
    const secret = await generateMaterial('ed25519', createSystemEntropy());
    expect(secret.expose().toString('hex')).toMatch(/^302e020100300506032b657004220420/);
    expect(secret.sizeBytes).toBe(48);
  });

  it('makes material that prepareMaterial takes, different each time', async () => {
    const first = await generateMaterial('ec-p256', createSystemEntropy());
    const second = await generateMaterial('ec-p256', createSystemEntropy());
    expect(prepareMaterial('ec-p256', first).publicDer).not.toEqual(
      prepareMaterial('ec-p256', second).publicDer,
    );
  });
});
