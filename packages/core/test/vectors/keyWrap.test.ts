import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KmsFault } from '../../src/faults.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { unwrapRsaAes } from '../../src/suites/keyWrap.js';
import { createSuites } from '../../src/suites/registry.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import type { Openssl } from '../../src/testing/openssl.js';
import { openOpenssl } from '../../src/testing/openssl.js';
import { flipBit, freshMaterial } from '../support/material.js';

const suites = createSuites(createSystemEntropy());
const oaep = suites.encryptionSuite('rsa-oaep-sha256');
let openssl: Openssl;
let wrapping: PreparedMaterial;

beforeAll(async () => {
  openssl = openOpenssl();
  wrapping = await freshMaterial('rsa-2048');
});

afterAll(async () => {
  openssl?.remove();
  await suites.close();
});

/** Wraps with the openssl command, as AWS documents it for RSA_AES_KEY_WRAP. */
async function wrapped(content: Buffer): Promise<Buffer> {
  openssl.write('content.bin', content);
  const key = openssl.run('rand', '-hex', '32').trim();
  const iv = ['-iv', 'A65959A6', '-in', 'content.bin', '-out', 'content.wrapped'];
  openssl.run('enc', '-id-aes256-wrap-pad', '-K', key, ...iv);
  const head = await oaep.encrypt(wrapping, Buffer.from(key, 'hex'));
  return Buffer.concat([head, openssl.read('content.wrapped')]);
}

async function refusalOf(bytes: Buffer): Promise<unknown> {
  const error = await unwrapRsaAes(oaep, wrapping, bytes).catch((thrown: unknown) => thrown);
  return error instanceof KmsFault ? error.code : error;
}

describe('RSA and AES key wrapping', () => {
  it.each([1, 7, 8, 9, 16, 138, 1_218])(
    'opens %i bytes that the openssl command has wrapped',
    async (length) => {
      const content = createSystemEntropy().bytes(length);
      expect(await unwrapRsaAes(oaep, wrapping, await wrapped(content))).toEqual(content);
    },
  );

  it('refuses every changed bit and every other length as a whole', async () => {
    const good = await wrapped(Buffer.alloc(40, 5));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        expect(await refusalOf(flipBit(good, bit))).toBe('CiphertextInvalid');
      }),
      { numRuns: 60 },
    );
    for (const length of [0, 1, 255, 256, 264, good.length - 8, good.length - 1]) {
      expect(await refusalOf(good.subarray(0, length))).toBe('CiphertextInvalid');
    }
    expect(await refusalOf(Buffer.concat([good, Buffer.alloc(8)]))).toBe('CiphertextInvalid');
  });

  it('takes no AES key of another length', async () => {
    const good = await wrapped(Buffer.alloc(40, 5));
    const head = await oaep.encrypt(wrapping, Buffer.alloc(16, 1));
    expect(await refusalOf(Buffer.concat([head, good.subarray(256)]))).toBe('CiphertextInvalid');
  });
});
