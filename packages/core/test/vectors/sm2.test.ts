import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entropy } from '../../src/ports/entropy.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { sm2Suites } from '../../src/suites/sm2.js';
import { prepareSm2 } from '../../src/suites/sm2Key.js';
import type {
  AsymmetricEncryptionSuite,
  DigestSignatureSuite,
  PreparedMaterial,
} from '../../src/suites/suite.js';
import { type Openssl, openOpenssl } from '../../src/testing/openssl.js';
import { freshMaterial, hex } from '../support/material.js';

// GB/T 32918.5-2017 (GM/T 0003.5), annexes A and C: one key pair and one ephemeral scalar.
const SCALAR = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8';
const POINT =
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
  'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';
const EPHEMERAL = '59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21';
const SIGNATURE =
  '3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
  '022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa';
const CIPHERTEXT =
  '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
  'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
  '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
  '21886ca989ca9c7d58087307ca93092d651efa';

function suitesOf(entropy: Entropy): {
  readonly pke: AsymmetricEncryptionSuite;
  readonly dsa: DigestSignatureSuite;
} {
  const rows = sm2Suites(entropy);
  const pke = rows.find((row) => row.kind === 'asymmetric-encryption');
  const dsa = rows.find((row) => row.kind === 'signature');
  if (pke === undefined || dsa === undefined) throw new Error('SM2 has both suites');
  return { pke, dsa };
}

function published(): PreparedMaterial {
  const der = hex(
    `308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420${SCALAR}a144034200${POINT}`,
  );
  const material = prepareSm2(der);
  if (material === undefined) throw new Error('the published key is an SM2 key');
  return material;
}

describe('SM2 with the published key', () => {
  const fixed: Entropy = { ...createSystemEntropy(), bytes: () => hex(EPHEMERAL) };
  const { pke, dsa } = suitesOf(fixed);

  it('gives the published signature', async () => {
    const signature = await dsa.sign(published(), Buffer.from('message digest'));
    expect(signature.toString('hex')).toBe(SIGNATURE);
    expect(await dsa.verify(published(), Buffer.from('message digest'), hex(SIGNATURE))).toBe(true);
  });

  it('gives the published ciphertext', async () => {
    const ciphertext = await pke.encrypt(published(), Buffer.from('encryption standard'));
    expect(ciphertext.toString('hex')).toBe(CIPHERTEXT);
    const opened = await pke.decrypt(published(), hex(CIPHERTEXT));
    expect(opened.toString()).toBe('encryption standard');
  });
});

describe('agreement on SM2', () => {
  it('gives the x-coordinate that the published encryption has', async () => {
    const agreement = sm2Suites(createSystemEntropy()).find((row) => row.kind === 'agreement');
    // The ephemeral scalar with the recipient's point; the private key's own point plays no part.
    const material = prepareSm2(
      hex(
        `308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420${EPHEMERAL}a144034200${POINT}`,
      ),
    );
    if (material === undefined) throw new Error('the published scalar is an SM2 key');
    const peer = hex(`3059301306072a8648ce3d020106082a811ccf5501822d034200${POINT}`);
    expect((await agreement?.agree(material, peer))?.toString('hex')).toBe(
      '335e18d751e51f040e27d468138b7ab1dc86ad7f981d7d416222fd6ab3ed230d',
    );
  });
});

describe('SM2 against the openssl command', () => {
  const { pke, dsa } = suitesOf(createSystemEntropy());
  const MESSAGE = Buffer.from('checked against the openssl command');
  let openssl: Openssl;
  let material: PreparedMaterial;

  beforeAll(async () => {
    openssl = openOpenssl();
    material = await freshMaterial('sm2');
    const scalar = material.key.export();
    const point = material.publicDer?.subarray(-65) ?? Buffer.alloc(0);
    const sec1 = Buffer.concat([
      hex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420'),
      scalar,
      hex('a144034200'),
      point,
    ]);
    openssl.write('private.der', sec1);
    openssl.write('public.der', material.publicDer ?? '');
    openssl.write('message', MESSAGE);
    openssl.run('pkey', '-inform', 'DER', '-in', 'private.der', '-out', 'private.pem');
    openssl.run(
      'pkey',
      '-pubin',
      '-inform',
      'DER',
      '-in',
      'public.der',
      '-pubout',
      '-out',
      'public.pem',
    );
  });

  afterAll(() => openssl?.remove());

  const ID = ['-sigopt', 'distid:1234567812345678'];

  it('makes signatures that openssl takes', async () => {
    openssl.write('signature', await dsa.sign(material, MESSAGE));
    const said = openssl.run(
      ...['dgst', '-sm3', '-verify', 'public.pem', ...ID, '-signature', 'signature', 'message'],
    );
    expect(said.trim()).toBe('Verified OK');
  });

  it('takes signatures of openssl', async () => {
    openssl.run('dgst', '-sm3', '-sign', 'private.pem', ...ID, '-out', 'theirs', 'message');
    expect(await dsa.verify(material, MESSAGE, openssl.read('theirs'))).toBe(true);
    expect(await dsa.verify(material, Buffer.from('another'), openssl.read('theirs'))).toBe(false);
  });

  it('opens the DER ciphertexts of openssl', async () => {
    openssl.run(
      'pkeyutl',
      '-encrypt',
      '-pubin',
      '-inkey',
      'public.pem',
      '-in',
      'message',
      '-out',
      'sealed',
    );
    const sealed = openssl.read('sealed');
    expect(sealed[0]).toBe(0x30);
    expect(await pke.decrypt(material, sealed)).toEqual(MESSAGE);
  });

  it('makes ciphertexts that openssl opens, once they are written as DER', async () => {
    const raw = await pke.encrypt(material, MESSAGE);
    const integer = (bytes: Buffer): string => `INTEGER:0x${bytes.toString('hex')}`;
    const octets = (bytes: Buffer): string => `FORMAT:HEX,OCTETSTRING:${bytes.toString('hex')}`;
    openssl.write(
      'asn1.cnf',
      [
        'asn1=SEQUENCE:sm2',
        '[sm2]',
        `x=${integer(raw.subarray(1, 33))}`,
        `y=${integer(raw.subarray(33, 65))}`,
        `hash=${octets(raw.subarray(65, 97))}`,
        `text=${octets(raw.subarray(97))}`,
        '',
      ].join('\n'),
    );
    openssl.run('asn1parse', '-genconf', 'asn1.cnf', '-noout', '-out', 'ours.der');
    openssl.run(
      'pkeyutl',
      '-decrypt',
      '-inkey',
      'private.pem',
      '-in',
      'ours.der',
      '-out',
      'opened',
    );
    expect(openssl.read('opened')).toEqual(MESSAGE);
  });
});
