import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { generateMaterial } from '../../src/suites/generate.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { prepareMaterial } from '../../src/suites/prepare.js';
import { changeKey } from '../../src/vault/changeKey.js';
import { createKey } from '../../src/vault/createKey.js';
import { createWrappingKey, readImport, unwrapMaterial } from '../../src/vault/importMaterial.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { openToken, sealToken } from '../../src/vault/sealedToken.js';
import { START_MS } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import { draftOf, SANDBOX, type TestVault, testVault } from '../support/vault.js';

const SPECS: readonly KeySpecId[] = [
  'aes-256',
  'hmac-224',
  'ec-p256',
  'ec-p521',
  'rsa-2048',
  'sm2',
];

const waiting = (vault: TestVault, spec: KeySpecId): Promise<LoadedKey> =>
  createKey(vault, draftOf({ spec, origin: 'imported' }), START_MS);

describe('a key for imported material', () => {
  it('has no version and waits', async () => {
    const vault = await testVault();
    const { record } = await waiting(vault, 'aes-256');
    expect(record).toMatchObject({
      origin: 'imported',
      state: 'pending-import',
      primaryVersion: '',
      versions: [],
    });
    const stored = await vault.store.readKey({ sandbox: SANDBOX, id: record.id });
    expect(stored).toEqual({ key: record, materials: [] });
  });

  it.each(SPECS)('uses %s material exactly as it was given', async (spec) => {
    const vault = await testVault({ store: observedStore(createMemoryStore()) });
    const { record } = await waiting(vault, spec);
    const secret = await generateMaterial(spec, vault.entropy);
    const material = await readImport(vault, record, secret, START_MS);
    if (material === undefined) throw new Error('the material was refused');
    const added = material.version(material.fingerprint.toString('hex'), 1, { why: 'test' });
    expect(added.version).toMatchObject({ number: 1, attributes: { why: 'test' } });
    const key = await changeKey(vault, record, START_MS, () => ({
      set: { state: 'enabled', primaryVersion: added.version.id },
      addVersions: [added],
    }));
    const binding = ['material', SANDBOX, added.material.id, spec];
    const kept = vault.rootKey.unwrap(added.material.wrapped, binding);
    expect(kept.expose()).toEqual(secret.expose());
    expect(key.primary().prepared().spec).toBe(spec);
    expect(key.byWireId(added.version.wireId)).toBeDefined();
    if (spec === 'aes-256') {
      expect(key.primary().aead('test').key.export()).toEqual(secret.expose());
    }

    const version = { id: added.version.id, state: 'enabled', attributes: {} } as const;
    const emptied = await changeKey(vault, record, START_MS, () => ({
      setVersions: [{ ...version, material: null }],
    }));
    expect(emptied.byWireId(added.version.wireId)).toBeUndefined();
    const again = await readImport(vault, record, secret, START_MS);
    expect(again?.fingerprint).toEqual(material.fingerprint);
    const filled = await changeKey(vault, record, START_MS, () => ({
      setVersions: [{ ...version, material: material.record() }],
    }));
    expect(filled.byWireId(added.version.wireId)).toBeDefined();
  });

  it.each(SPECS)('takes nothing but %s material', async (spec) => {
    const vault = await testVault();
    const { record } = await waiting(vault, spec);
    for (const other of SPECS) {
      if (other === spec) continue;
      const secret = await generateMaterial(other, vault.entropy);
      expect(await readImport(vault, record, secret, START_MS)).toBeUndefined();
    }
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(6_000, 0x30)]) {
      expect(await readImport(vault, record, new Secret(bytes), START_MS)).toBeUndefined();
    }
  });

  it('takes no SM2 pair whose halves do not belong together', async () => {
    const vault = await testVault();
    const { record } = await waiting(vault, 'sm2');
    const [one, two] = [0, 1].map(() => generateMaterial('sm2', vault.entropy));
    const der = Buffer.from((await one)?.expose() ?? []);
    (await two)
      ?.expose()
      .subarray(-64)
      .copy(der, der.length - 64);
    expect(await readImport(vault, record, new Secret(der), START_MS)).toBeUndefined();
  });

  it('tells materials apart by key as well', async () => {
    const vault = await testVault();
    const secret = new Secret(Buffer.alloc(32, 1));
    const [one, two] = [await waiting(vault, 'aes-256'), await waiting(vault, 'aes-256')];
    const first = await readImport(vault, one.record, secret, START_MS);
    const second = await readImport(vault, two.record, secret, START_MS);
    expect(first?.fingerprint).not.toEqual(second?.fingerprint);
  });
});

describe('wrapping', () => {
  it.each([
    ['rsa-2048', 'rsa-oaep-sha1'],
    ['rsa-3072', 'rsa-oaep-sha256'],
    ['sm2', 'sm2-pke'],
  ] as const)('by %s with %s is opened again', async (spec, suite) => {
    const vault = await testVault();
    const { publicDer, secret } = await createWrappingKey(vault, spec);
    expect(publicDer.length).toBeGreaterThan(90);
    const to = prepareMaterial(spec, secret);
    const material = Buffer.alloc(32, 9);
    const wrapped = await vault.suites.encryptionSuite(suite).encrypt(to, material);
    const scheme = { suite, hybrid: false };
    const opened = await unwrapMaterial(vault, scheme, spec, secret, wrapped);
    expect(opened.expose()).toEqual(material);
  });
});

describe('sealed tokens', () => {
  it('are opened in their sandbox, as what they are, unchanged', async () => {
    const vault = await testVault();
    const token = sealToken(vault, 'one', 'ticket', new Secret(Buffer.from('content')));
    expect(openToken(vault, 'one', 'ticket', token)?.expose().toString()).toBe('content');
    expect(openToken(vault, 'two', 'ticket', token)).toBeUndefined();
    expect(openToken(vault, 'one', 'other', token)).toBeUndefined();
    expect(openToken(vault, 'one', 'ticket', token.subarray(1))).toBeUndefined();
    expect(openToken(vault, 'one', 'ticket', Buffer.alloc(0))).toBeUndefined();
  });
});
