import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';

const PKCS8 = { type: 'pkcs8', format: 'der' } as const;

function refusal(spec: KeySpecId): unknown {
  return expect.objectContaining({
    code: 'Internal',
    details: { what: `material is not ${spec}` },
  });
}

describe('prepareMaterial', () => {
  it('keeps raw bytes as a secret key without a public half', () => {
    const material = prepareMaterial('aes-256', new Secret(Buffer.alloc(32, 7)));
    expect(material.key.export()).toEqual(Buffer.alloc(32, 7));
    expect(material.publicKey).toBeUndefined();
    expect(material.publicDer).toBeUndefined();
  });

  it('leaves the bytes of the secret as they are', async () => {
    const secret = await generateMaterial('ec-p256', createSystemEntropy());
    const before = Buffer.from(secret.expose());
    prepareMaterial('ec-p256', secret);
    expect(secret.expose()).toEqual(before);
  });

  it('gives the SubjectPublicKeyInfo of a pair', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const material = prepareMaterial('rsa-2048', new Secret(pair.privateKey.export(PKCS8)));
    expect(material.publicDer).toEqual(pair.publicKey.export({ type: 'spki', format: 'der' }));
  });

  it('gives an uncompressed point when the private key carries a compressed one', () => {
    // OpenSSL: ecparam -name prime256v1 -genkey, then ec -conv_form compressed, then pkcs8 -topk8.
    const der = Buffer.from(
      '3067020100301306072a8648ce3d020106082a8648ce3d030107044d304b0201010420d951a59f13b2539031a9941d842b9ee9e4c13cce9afdb9a38a71161930ccb577a12403220003e2f7d6064f23aaea152147ad44546c67a86311e0b40cc0af4c06e107ee0033e8',
      'hex',
    );
    const material = prepareMaterial('ec-p256', new Secret(der));
    // 26 bytes of algorithm and framing, then 04, x, y.
    expect(material.publicDer).toHaveLength(91);
    expect(material.publicDer?.[26]).toBe(0x04);
  });

  it.each<[KeySpecId, number]>([
    ['aes-256', 16],
    ['aes-256', 33],
    ['hmac-224', 32],
    ['hmac-512', 0],
  ])('refuses %s of %i bytes', (spec, sizeBytes) => {
    expect(() => prepareMaterial(spec, new Secret(Buffer.alloc(sizeBytes)))).toThrowError(
      refusal(spec),
    );
  });

  it('refuses bytes that are no key', () => {
    expect(() => prepareMaterial('rsa-2048', new Secret(Buffer.alloc(32)))).toThrowError(
      refusal('rsa-2048'),
    );
    expect(() => prepareMaterial('ec-p256', new Secret(Buffer.alloc(0)))).toThrowError(
      refusal('ec-p256'),
    );
  });

  it('refuses a modulus, a curve or an algorithm other than the spec says', () => {
    const rsa = new Secret(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(PKCS8),
    );
    const pss = new Secret(
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey.export(PKCS8),
    );
    const ec = new Secret(
      generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export(PKCS8),
    );
    expect(() => prepareMaterial('rsa-3072', rsa)).toThrowError(refusal('rsa-3072'));
    expect(() => prepareMaterial('rsa-2048', pss)).toThrowError(refusal('rsa-2048'));
    expect(() => prepareMaterial('rsa-2048', ec)).toThrowError(refusal('rsa-2048'));
    expect(() => prepareMaterial('ec-secp256k1', ec)).toThrowError(refusal('ec-secp256k1'));
    expect(() => prepareMaterial('ed25519', ec)).toThrowError(refusal('ed25519'));
    expect(() => prepareMaterial('ec-p256', rsa)).toThrowError(refusal('ec-p256'));
  });

  it('refuses a public key', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const der = createPublicKey(pair.privateKey).export({ type: 'spki', format: 'der' });
    expect(() => prepareMaterial('ec-p256', new Secret(der))).toThrowError(refusal('ec-p256'));
  });
});
