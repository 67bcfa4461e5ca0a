import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import { createSuites } from '../../src/suites/registry.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import { type Openssl, openOpenssl } from '../../src/testing/openssl.js';
import { flipBit, freshMaterial, hex } from '../support/material.js';

// RFC 8032, sections 7.1 (tests 1 to 3) and 7.3.
const PUBLISHED = [
  {
    id: 'ed25519',
    secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    id: 'ed25519',
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    id: 'ed25519',
    secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    id: 'ed25519ph',
    secret: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message: '616263',
    signature:
      '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
  },
];

const suites = createSuites(createSystemEntropy());

afterAll(() => suites.close());

function materialOf(secret: string): PreparedMaterial {
  const der = hex(`302e020100300506032b657004220420${secret}`);
  return prepareMaterial('ed25519', new Secret(der));
}

describe.each(PUBLISHED)('the example of RFC 8032 for $id and "$message"', (row) => {
  const suite = suites.signatureSuite(row.id);
  const material = materialOf(row.secret);
  const [message, signature] = [hex(row.message), hex(row.signature)];

  it('has its public key', () => {
    expect(material.publicDer?.toString('hex')).toBe(`302a300506032b6570032100${row.publicKey}`);
  });

  it('is signed alike, and verified', async () => {
    expect(await suite.sign(material, message)).toEqual(signature);
    expect(await suite.verify(material, message, signature)).toBe(true);
  });

  it('is not verified when anything is changed', async () => {
    const other = await freshMaterial('ed25519');
    expect(await suite.verify(other, message, signature)).toBe(false);
    for (let bit = 0; bit < 512; bit += 37) {
      expect(await suite.verify(material, message, flipBit(signature, bit))).toBe(false);
    }
    const longer = Buffer.concat([message, Buffer.alloc(1)]);
    expect(await suite.verify(material, longer, signature)).toBe(false);
    for (const wrong of [
      Buffer.alloc(0),
      signature.subarray(0, -1),
      Buffer.concat([signature, Buffer.alloc(1)]),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
    ]) {
      expect(await suite.verify(material, message, wrong)).toBe(false);
    }
    const twin = row.id === 'ed25519' ? 'ed25519ph' : 'ed25519';
    expect(await suites.signatureSuite(twin).verify(material, message, signature)).toBe(false);
  });
});

describe('a signature whose second half is not below the order of the group', () => {
  // Adding the order gives the same point but is no signature (RFC 8032, section 5.1.7).
  it.each(PUBLISHED)('is refused by $id', async (row) => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const bytes = hex(row.signature);
    const half = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`);
    const sum = Buffer.from((half + order).toString(16).padStart(64, '0'), 'hex').reverse();
    const forged = Buffer.concat([bytes.subarray(0, 32), sum]);
    const suite = suites.signatureSuite(row.id);
    expect(await suite.verify(materialOf(row.secret), hex(row.message), forged)).toBe(false);
  });
});

describe('Ed25519 with fresh keys', () => {
  it.each(['ed25519', 'ed25519ph'])('%s verifies what it signed, 64 bytes', async (id) => {
    const suite = suites.signatureSuite(id);
    const material = await freshMaterial('ed25519');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const message = Buffer.from(bytes);
        const signature = await suite.sign(material, message);
        expect(signature).toHaveLength(64);
        expect(await suite.verify(material, message, signature)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('refuses material of another kind', async () => {
    const material = await freshMaterial('ec-p256');
    for (const id of ['ed25519', 'ed25519ph']) {
      const refused = { code: 'Internal', details: { what: `${id} with material ec-p256` } };
      const suite = suites.signatureSuite(id);
      await expect(suite.sign(material, Buffer.alloc(1))).rejects.toMatchObject(refused);
      const verified = suite.verify(material, Buffer.alloc(1), Buffer.alloc(64));
      await expect(verified).rejects.toMatchObject(refused);
    }
  });
});

describe('Ed25519 against the openssl command', () => {
  const MESSAGE = Buffer.from('checked against the openssl command');
  const suite = suites.signatureSuite('ed25519');
  let openssl: Openssl;
  let material: PreparedMaterial;

  beforeAll(async () => {
    openssl = openOpenssl();
    material = await freshMaterial('ed25519');
    openssl.write('private.pem', material.key.export({ type: 'pkcs8', format: 'pem' }));
    openssl.write('public.der', material.publicDer ?? '');
    openssl.write('message', MESSAGE);
  });

  afterAll(() => openssl?.remove());

  it('makes signatures that openssl verifies with the public key', async () => {
    openssl.write('signature', await suite.sign(material, MESSAGE));
    const said = openssl.run(
      ...['pkeyutl', '-verify', '-pubin', '-inkey', 'public.der', '-keyform', 'DER', '-rawin'],
      ...['-in', 'message', '-sigfile', 'signature'],
    );
    expect(said).toContain('Signature Verified Successfully');
  });

  it('verifies signatures that openssl made', async () => {
    openssl.run(
      ...['pkeyutl', '-sign', '-inkey', 'private.pem', '-rawin'],
      ...['-in', 'message', '-out', 'theirs'],
    );
    expect(await suite.verify(material, MESSAGE, openssl.read('theirs'))).toBe(true);
  });
});
