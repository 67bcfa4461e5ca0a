import { describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { createSuites } from '../../src/suites/registry.js';

const suites = createSuites(createSystemEntropy());

describe('createSuites', () => {
  it('has one frozen row for each algorithm, under its own id', () => {
    expect([...suites.rows.keys()].sort()).toEqual([
      'ecdh',
      'ecdsa-p256-sha256',
      'ecdsa-p384-sha384',
      'ecdsa-p521-sha512',
      'ecdsa-secp256k1-sha256',
      'ed25519',
      'ed25519ph',
      'hmac-sha224',
      'hmac-sha256',
      'hmac-sha384',
      'hmac-sha512',
      'ml-dsa',
      'ml-kem',
      'rsa-oaep-sha1',
      'rsa-oaep-sha256',
      'rsa-pkcs1-sha256',
      'rsa-pkcs1-sha384',
      'rsa-pkcs1-sha512',
      'rsa-pss-sha256',
      'rsa-pss-sha384',
      'rsa-pss-sha512',
      'sm2-dsa',
      'sm2-ecdh',
      'sm2-pke',
      'sm2-pke-der',
    ]);
    for (const [id, suite] of suites.rows) {
      expect(suite.id).toBe(id);
      expect(Object.isFrozen(suite)).toBe(true);
      expect(Object.isFrozen(suite.specs)).toBe(true);
    }
  });

  it('finds a row by id and kind', () => {
    expect(suites.encryptionSuite('rsa-oaep-sha1')).toBe(suites.rows.get('rsa-oaep-sha1'));
    expect(suites.signatureSuite('ecdsa-p384-sha384').digestBytes).toBe(48);
    expect(suites.digestSignatureSuite('ecdsa-p384-sha384').digestBytes).toBe(48);
    expect(suites.agreementSuite('ecdh')).toBe(suites.rows.get('ecdh'));
    expect(suites.macSuite('hmac-sha224').macBytes).toBe(28);
  });

  it.each([
    ['asymmetric-encryption', 'hmac-sha256', () => suites.encryptionSuite('hmac-sha256')],
    ['signature', 'rsa-oaep-sha1', () => suites.signatureSuite('rsa-oaep-sha1')],
    ['mac', 'rsa-pss-sha256', () => suites.macSuite('rsa-pss-sha256')],
    ['mac', '__proto__', () => suites.macSuite('__proto__')],
    ['signature', '', () => suites.signatureSuite('')],
    ['signature', 'ecdh', () => suites.digestSignatureSuite('ecdh')],
    ['agreement', 'ed25519', () => suites.agreementSuite('ed25519')],
  ])('refuses as %s the id "%s"', (kind, id, find) => {
    expect(find).toThrowError(
      expect.objectContaining({ code: 'Internal', details: { what: `no ${kind} suite ${id}` } }),
    );
  });

  it('refuses to give a scheme without ready digests as one with them', () => {
    expect(() => suites.digestSignatureSuite('ed25519')).toThrowError(
      expect.objectContaining({
        code: 'Internal',
        details: { what: 'no digests for suite ed25519' },
      }),
    );
  });

  it('can be closed', async () => {
    await expect(suites.close()).resolves.toBeUndefined();
  });
});
