import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { withCurveName } from '../../src/suites/curveName.js';
import { openOpenssl } from '../../src/testing/openssl.js';

const PKCS8 = { type: 'pkcs8', format: 'der' } as const;

// Sizes of the service: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/ecc.json
describe.each([
  ['prime256v1', 150],
  ['secp384r1', 194],
  ['secp521r1', 250],
  ['secp256k1', 144],
])('a private key on %s', (namedCurve, sizeBytes) => {
  it('is the same key with the curve named twice', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    const der = withCurveName(privateKey.export(PKCS8));
    expect(der).toHaveLength(sizeBytes);
    const read = createPrivateKey({ ...PKCS8, key: der ?? Buffer.alloc(0) });
    expect(read.export({ format: 'jwk' })).toEqual(privateKey.export({ format: 'jwk' }));
    const openssl = openOpenssl();
    try {
      openssl.write('key.der', der ?? Buffer.alloc(0));
      openssl.run('pkey', '-inform', 'DER', '-in', 'key.der', '-check', '-noout');
    } finally {
      openssl.remove();
    }
  });
});

describe('withCurveName', () => {
  it('takes nothing else', () => {
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const der = ec.export(PKCS8);
    const others = [rsa.export(PKCS8), der.subarray(1), Buffer.concat([der, Buffer.alloc(1)])];
    for (const other of [...others, Buffer.alloc(0)]) expect(withCurveName(other)).toBeUndefined();
  });
});
