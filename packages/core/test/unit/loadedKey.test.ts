import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StoredKey } from '../../src/ports/store.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { newKey, newVersion } from '../../src/testing/storeFixtures.js';
import { fingerprint, loadedBytes, loadKey, materialBinding } from '../../src/vault/loadedKey.js';
import { rootKey } from '../support/vault.js';

const NO_GROWTH = (): void => undefined;

/** A key with as many versions as there are secrets. */
function storedKey(spec: KeySpecId, ...secrets: readonly Secret[]): StoredKey {
  const { key } = newKey('main', 'k1', { set: { spec } });
  const added = secrets.map((secret, at) => {
    const { version, material } = newVersion('main', 'k1', at + 1);
    const row = { ...material, spec };
    return { version, material: { ...row, wrapped: rootKey.wrap(secret, materialBinding(row)) } };
  });
  return {
    key: {
      ...key,
      versions: added.map(({ version }) => version),
      primaryVersion: added.at(-1)?.version.id ?? '',
    },
    materials: added.map(({ material }) => material),
  };
}

const aes = (byte: number): Secret => new Secret(Buffer.alloc(32, byte));

describe('loadKey', () => {
  it('opens each version once, and says what that costs', () => {
    const costs: number[] = [];
    const key = loadKey(storedKey('aes-256', aes(1), aes(2)), rootKey, (_, bytes) =>
      costs.push(bytes),
    );
    expect(costs).toEqual([]);
    const primary = key.primary();
    expect(key.primary()).toBe(primary);
    expect(primary.version.number).toBe(2);
    expect(key.byWireId('wire-k1-v2')).toBe(primary);
    expect(key.byWireId('wire-k1-v1')?.version.number).toBe(1);
    expect(key.byWireId('wire-k1-v3')).toBeUndefined();
    expect(costs).toEqual([7_000, 7_000]);
    expect(primary.aead('a')).toBe(primary.aead('a'));
    expect(primary.aead('a')).not.toBe(primary.aead('b'));
    expect(primary.prepared()).toBe(primary.prepared());
  });

  it('gives each dialect, version and use a key of its own', () => {
    const key = loadKey(storedKey('aes-256', aes(1), aes(2)), rootKey, NO_GROWTH);
    const [first, second] = [key.byWireId('wire-k1-v1'), key.byWireId('wire-k1-v2')];
    const context = Buffer.from('context');
    const raw = [first, second].flatMap((version) =>
      ['aws', 'qkms'].flatMap((dialect) => {
        if (version === undefined) throw new Error('no version');
        const convergent = version.convergent(dialect, context);
        return [
          version.aead(dialect).key,
          convergent.aead.key,
          version.convergent(dialect, Buffer.from('contex')).aead.key,
        ].map((one) => one.export().toString('hex'));
      }),
    );
    raw.push('01'.repeat(32), '02'.repeat(32));
    expect(new Set(raw).size).toBe(14);
  });

  it('has a convergent key that follows from context and plaintext, whatever their length', () => {
    const version = loadKey(storedKey('aes-256', aes(1)), rootKey, NO_GROWTH).primary();
    const nonce = (context: Buffer, text: string): string => {
      const made = version.convergent('ncp', context).nonce(Buffer.from(text));
      expect(made.length).toBe(12);
      return made.toString('hex');
    };
    const long = Buffer.alloc(8_192, 1);
    expect(nonce(long, 'text')).toBe(nonce(Buffer.from(long), 'text'));
    const all = [nonce(long, 'text'), nonce(long, 'texu'), nonce(long.subarray(1), 'text')];
    expect(new Set(all).size).toBe(3);
  });

  it.each(['rsa-2048', 'ec-p256', 'hmac-256'] as const)(
    'makes no envelope key of %s material',
    async (spec) => {
      const secret = await generateMaterial(spec, createSystemEntropy());
      const version = loadKey(storedKey(spec, secret), rootKey, NO_GROWTH).primary();
      const refusal = expect.objectContaining({
        code: 'Internal',
        details: { what: `an envelope under ${spec} material` },
      });
      expect(() => version.aead('aws')).toThrowError(refusal);
      expect(() => version.convergent('aws', Buffer.alloc(0))).toThrowError(refusal);
      expect(version.prepared().spec).toBe(spec);
    },
  );

  it('says what is missing of a key that was written half', () => {
    const stored = storedKey('aes-256', aes(1));
    const none = loadKey({ ...stored, materials: [] }, rootKey, NO_GROWTH);
    expect(() => none.primary()).toThrowError(
      expect.objectContaining({
        code: 'Internal',
        details: { what: 'a key version has no material' },
      }),
    );
    const empty = { ...stored.key, primaryVersion: '' };
    expect(() => loadKey({ ...stored, key: empty }, rootKey, NO_GROWTH).primary()).toThrowError(
      expect.objectContaining({
        code: 'Internal',
        details: { what: 'a key has no primary version' },
      }),
    );
  });

  it('does not open material that was swapped with that of another key', () => {
    const stored = storedKey('aes-256', aes(1), aes(2));
    const [a, b] = stored.materials;
    if (a === undefined || b === undefined) throw new Error('two materials');
    const swapped = [
      { ...a, wrapped: b.wrapped },
      { ...b, wrapped: a.wrapped },
    ];
    const key = loadKey({ ...stored, materials: swapped }, rootKey, NO_GROWTH);
    expect(() => key.primary().aead('aws')).toThrowError(
      expect.objectContaining({ code: 'Internal' }),
    );
  });
});

describe('fingerprint', () => {
  it('is an HMAC of the key name under the material, so that it gives nothing away', () => {
    expect(fingerprint('wire', aes(1))).toEqual(
      createHmac('sha256', Buffer.alloc(32, 1)).update('keyglot/material/wire').digest(),
    );
    expect(fingerprint('wire', aes(1))).not.toEqual(fingerprint('wirf', aes(1)));
  });
});

describe('loadedBytes', () => {
  it('grows with attributes and versions', () => {
    const one = storedKey('aes-256', aes(1));
    const two = storedKey('aes-256', aes(1), aes(2));
    const wide = { ...one, key: { ...one.key, attributes: { policy: 'x'.repeat(32_768) } } };
    expect(loadedBytes(two) - loadedBytes(one)).toBeGreaterThanOrEqual(600);
    expect(loadedBytes(wide) - loadedBytes(one)).toBeGreaterThanOrEqual(2 * 32_768);
  });
});
