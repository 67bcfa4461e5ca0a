import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.js';
import { HMAC_SUITES } from '../../src/suites/hmac.js';
import { KEY_SPECS } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import type { MacSuite, PreparedMaterial } from '../../src/suites/suite.js';
import { flipBit, freshMaterial } from '../support/material.js';

function materialOf(suite: MacSuite, fill: number): PreparedMaterial {
  const [spec] = suite.specs;
  if (spec === undefined) throw new Error(`${suite.id} without spec`);
  return prepareMaterial(spec, new Secret(Buffer.alloc(KEY_SPECS[spec].bits / 8, fill)));
}

describe.each(HMAC_SUITES.map((suite) => ({ suite, name: suite.id })))('$name', ({ suite }) => {
  it('gives a code of the stated length that depends on key and message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (bytes, bit) => {
        const message = Buffer.from(bytes);
        const mac = suite.mac(materialOf(suite, 1), message);
        expect(mac).toHaveLength(suite.macBytes);
        expect(suite.mac(materialOf(suite, 1), message)).toEqual(mac);
        expect(suite.mac(materialOf(suite, 2), message)).not.toEqual(mac);
        expect(suite.mac(materialOf(suite, 1), flipBit(message, bit))).not.toEqual(mac);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses material of another kind', async () => {
    const aes = await freshMaterial('aes-256');
    expect(() => suite.mac(aes, Buffer.alloc(1))).toThrowError(
      expect.objectContaining({
        code: 'Internal',
        details: { what: `${suite.id} with material aes-256` },
      }),
    );
  });
});
