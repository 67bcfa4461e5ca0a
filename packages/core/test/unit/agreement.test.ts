import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { KEY_SPECS } from '../../src/suites/keySpecs.js';
import { createSuites } from '../../src/suites/registry.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import { openOpenssl } from '../../src/testing/openssl.js';
import { freshMaterial } from '../support/material.js';

const suites = createSuites(createSystemEntropy());

afterAll(() => suites.close());

function publicDer(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function own(material: PreparedMaterial): Buffer {
  if (material.publicDer === undefined) throw new Error('a pair has a public key');
  return material.publicDer;
}

function publicKeyOf({ publicKey }: PreparedMaterial): KeyObject {
  if (publicKey === undefined) throw new Error('an EC pair has a public key');
  return publicKey;
}

describe.each<[KeySpecId, number]>([
  ['ec-p256', 32],
  ['ec-p384', 48],
  ['ec-p521', 66],
])('ecdh with %s', (spec, sizeBytes) => {
  const suite = suites.agreementSuite('ecdh');
  const namedCurve = KEY_SPECS[spec].curve ?? '';
  let material: PreparedMaterial;

  beforeAll(async () => {
    material = await freshMaterial(spec);
  });

  it('gives both sides the x-coordinate, with its leading zero bytes', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const peer = generateKeyPairSync('ec', { namedCurve });
      const shared = await suite.agree(material, publicDer(peer.publicKey));
      expect(shared).toHaveLength(sizeBytes);
      const { privateKey } = peer;
      expect(shared).toEqual(diffieHellman({ privateKey, publicKey: publicKeyOf(material) }));
    }
  });

  it('takes a compressed point and parameters that spell the curve out', async () => {
    const peer = generateKeyPairSync('ec', { namedCurve, paramEncoding: 'explicit' });
    const expected = await suite.agree(material, publicDer(peer.publicKey));
    const { privateKey } = peer;
    expect(expected).toEqual(diffieHellman({ privateKey, publicKey: publicKeyOf(material) }));
    const jwk = createPublicKey({ key: peer.publicKey.export({ format: 'jwk' }), format: 'jwk' });
    const point = publicDer(jwk).subarray(-1 - 2 * sizeBytes);
    const sign = 2 + ((point[point.length - 1] ?? 0) & 1);
    const short = Buffer.concat([Buffer.from([sign]), point.subarray(1, 1 + sizeBytes)]);
    const openssl = openOpenssl();
    openssl.write('public.der', publicDer(jwk));
    openssl.run(
      ...['ec', '-pubin', '-inform', 'DER', '-in', 'public.der', '-conv_form', 'compressed'],
      ...['-pubout', '-outform', 'DER', '-out', 'short.der'],
    );
    const der = openssl.read('short.der');
    openssl.remove();
    expect(der.subarray(-short.length)).toEqual(short);
    expect(await suite.agree(material, der)).toEqual(expected);
  });

  it('refuses a key of another kind or encoding', async () => {
    const peer = own(await freshMaterial(spec));
    const offCurve = Buffer.from(peer);
    offCurve[offCurve.length - 1] = (offCurve[offCurve.length - 1] ?? 0) ^ 1;
    const infinity = Buffer.concat([peer.subarray(0, -2 * sizeBytes - 1), Buffer.alloc(1)]);
    const wrong: readonly Buffer[] = [
      Buffer.alloc(0),
      Buffer.from('no key'),
      offCurve,
      infinity,
      peer.subarray(0, -1),
      Buffer.concat([peer, Buffer.alloc(1)]),
      own(await freshMaterial(spec === 'ec-p256' ? 'ec-p384' : 'ec-p256')),
      own(await freshMaterial('ec-secp256k1')),
      own(await freshMaterial('sm2')),
      own(await freshMaterial('ed25519')),
      publicDer(generateKeyPairSync('x25519').publicKey),
      publicDer(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
      generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'der' }),
    ];
    for (const [index, der] of wrong.entries()) {
      expect(await suite.agree(material, der), `case ${index}`).toBeUndefined();
    }
  });
});

describe('sm2-ecdh', () => {
  const suite = suites.agreementSuite('sm2-ecdh');
  let material: PreparedMaterial;

  beforeAll(async () => {
    material = await freshMaterial('sm2');
  });

  it('gives both sides the same', async () => {
    const peer = await freshMaterial('sm2');
    const shared = await suite.agree(material, own(peer));
    expect(shared).toHaveLength(32);
    expect(await suite.agree(peer, own(material))).toEqual(shared);
  });

  it('refuses a key of another kind or encoding', async () => {
    const peer = own(await freshMaterial('sm2'));
    const offCurve = Buffer.from(peer);
    offCurve[offCurve.length - 1] = (offCurve[offCurve.length - 1] ?? 0) ^ 1;
    for (const der of [
      Buffer.alloc(0),
      offCurve,
      peer.subarray(0, -1),
      Buffer.concat([peer, Buffer.alloc(1)]),
      own(await freshMaterial('ec-p256')),
    ]) {
      expect(await suite.agree(material, der)).toBeUndefined();
    }
  });
});

describe('agreement suites', () => {
  it('refuse material of another kind', async () => {
    const material = await freshMaterial('ec-secp256k1');
    for (const id of ['ecdh', 'sm2-ecdh']) {
      await expect(suites.agreementSuite(id).agree(material, own(material))).rejects.toMatchObject({
        code: 'Internal',
        details: { what: `${id} with material ec-secp256k1` },
      });
    }
  });
});
