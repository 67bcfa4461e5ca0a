import { describe, expect, it } from 'vitest';
import { keep, requirePublic } from '../../src/suites/kept.js';
import { freshMaterial } from '../support/material.js';

describe('keep', () => {
  it('makes a value once for each material and name', async () => {
    const first = await freshMaterial('aes-256');
    const second = await freshMaterial('aes-256');
    let made = 0;
    const make = (): number => {
      made += 1;
      return made;
    };
    expect([keep(first, 'a', make), keep(first, 'a', make)]).toEqual([1, 1]);
    expect(keep(first, 'b', make)).toBe(2);
    expect(keep(second, 'a', make)).toBe(3);
    first.kept.clear();
    expect(keep(first, 'a', make)).toBe(4);
  });
});

describe('requirePublic', () => {
  it('gives both forms of the public half', async () => {
    const material = await freshMaterial('ec-p256');
    expect(requirePublic('suite', ['ec-p256'], material)).toEqual({
      key: material.publicKey,
      der: material.publicDer,
    });
  });

  it('refuses material without a public half', async () => {
    const material = await freshMaterial('aes-256');
    expect(() => requirePublic('suite', ['aes-256'], material)).toThrowError(
      expect.objectContaining({
        code: 'Internal',
        details: { what: 'suite without public key' },
      }),
    );
  });
});
