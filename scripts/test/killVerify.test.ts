import { expect, test } from 'vitest';
import { type Belief, createBelief, newKey } from '../kill/belief.js';
import type { Outcome } from '../kill/client.js';
import { createRandom } from '../kill/random.js';
import { verify } from '../kill/verify.js';

interface StoredKey {
  state: string;
  material: string | undefined;
  readonly description: string;
}

/** A vault that says what a test wants it to say. */
function fakeVault() {
  const keys = new Map<string, StoredKey>();
  const aliases = new Map<string, string>();
  const opens = new Map<string, { readonly keyId: string; readonly plaintext: string }>();
  const done = (output: Record<string, unknown>): Outcome => ({ kind: 'done', output });
  const call = async (operation: string, input: object): Promise<Outcome> => {
    const given = new Map<string, unknown>(Object.entries(input));
    const id = String(given.get('KeyId'));
    const key = keys.get(id);
    switch (operation) {
      case 'ListKeys':
        return done({ Keys: [...keys.keys()].map((KeyId) => ({ KeyId })), Truncated: false });
      case 'ListAliases': {
        const list = [...aliases].map(([AliasName, TargetKeyId]) => ({ AliasName, TargetKeyId }));
        return done({ Aliases: list, Truncated: false });
      }
      case 'DescribeKey': {
        const { state: KeyState, material: CurrentKeyMaterialId, description } = key ?? {};
        const metadata = { KeyState, CurrentKeyMaterialId, Description: description };
        return done({ KeyMetadata: metadata });
      }
      case 'CancelKeyDeletion':
      case 'EnableKey':
        if (key !== undefined) key.state = 'Enabled';
        return done({});
      case 'Encrypt': {
        const blob = `new ${id}`;
        opens.set(blob, { keyId: id, plaintext: String(given.get('Plaintext')) });
        return key?.material === undefined
          ? { kind: 'unknown', why: 'defect: 500 KMSInternalException' }
          : done({ CiphertextBlob: blob });
      }
      case 'Decrypt': {
        const opened = opens.get(String(given.get('CiphertextBlob')));
        if (opened === undefined) return { kind: 'refused', code: 'InvalidCiphertextException' };
        return done({ KeyId: `arn:key/${opened.keyId}`, Plaintext: opened.plaintext });
      }
      default:
        throw new Error(operation);
    }
  };
  return { keys, aliases, opens, call };
}

/** A vault with one key, one alias and one ciphertext, and a belief that says the same. */
function agreement() {
  const vault = fakeVault();
  vault.keys.set('k1', { state: 'Enabled', material: 'm1', description: '' });
  vault.aliases.set('alias/a', 'k1');
  vault.opens.set('blob', { keyId: 'k1', plaintext: 'cA==' });
  const belief = createBelief();
  const key = newKey('k1', 0, false);
  key.materials.push('m1');
  key.sealed.push({ blob: 'blob', plaintext: 'cA==', context: {}, opened: false });
  belief.keys.set('k1', key);
  const alias = { name: 'alias/a', owner: 0, target: 'k1', maybe: undefined };
  belief.aliases.set('alias/a', alias);
  return { vault, belief, key, alias };
}

const problemsOf = (vault: ReturnType<typeof fakeVault>, belief: Belief): Promise<string[]> =>
  verify({ call: vault.call, belief, random: createRandom(1), full: true });

test('finds nothing wrong when everything is as acknowledged', async () => {
  const { vault, belief } = agreement();
  expect(await problemsOf(vault, belief)).toEqual([]);
});

test('finds a lost key and a lost alias', async () => {
  const { vault, belief } = agreement();
  vault.keys.delete('k1');
  vault.aliases.clear();
  expect(await problemsOf(vault, belief)).toEqual([
    'lost: key k1',
    'alias/a points to none, expected k1',
  ]);
});

test('finds keys and aliases that nobody asked for', async () => {
  const { vault, belief } = agreement();
  vault.keys.set('k2', { state: 'Enabled', material: 'm2', description: 'whose?' });
  vault.aliases.set('alias/b', 'k2');
  expect(await problemsOf(vault, belief)).toEqual([
    'key k2 (whose?) was never asked for',
    'alias/b was never asked for',
  ]);
});

test('finds an alias that points to a key that does not exist', async () => {
  const { vault, belief, alias } = agreement();
  vault.aliases.set('alias/a', 'k9');
  Object.assign(alias, { maybe: { target: 'k9' } });
  expect(await problemsOf(vault, belief)).toEqual(['alias/a points to k9, which does not exist']);
});

test('finds a state and a rotation that were taken back', async () => {
  const { vault, belief, key } = agreement();
  key.state = 'Disabled';
  key.rotation = 'acknowledged';
  expect(await problemsOf(vault, belief)).toEqual([
    'k1 is Enabled, expected Disabled',
    'k1 shows material m1 after rotation: acknowledged',
  ]);
});

test('finds ciphertexts that do not open, or open to something else', async () => {
  const { vault, belief, key } = agreement();
  key.sealed.push({ blob: 'gone', plaintext: 'cA==', context: {}, opened: true });
  vault.opens.set('blob', { keyId: 'k1', plaintext: 'cQ==' });
  expect(await problemsOf(vault, belief)).toEqual([
    'a ciphertext of k1 opens to something else',
    'Decrypt {"CiphertextBlob":"gone","EncryptionContext":{}}: InvalidCiphertextException',
  ]);
});

test('takes what got no answer either way, and remembers which way it went', async () => {
  for (const happened of [false, true]) {
    const { vault, belief, key, alias } = agreement();
    key.maybeState = 'Disabled';
    key.rotation = 'maybe';
    Object.assign(alias, { maybe: { target: undefined } });
    belief.maybeKeys.set('draft', { owner: 3, signing: false });
    if (happened) {
      vault.keys.set('k1', { state: 'Disabled', material: 'm2', description: '' });
      vault.aliases.clear();
      vault.keys.set('k2', { state: 'Enabled', material: 'm3', description: 'draft' });
    }
    expect(await problemsOf(vault, belief)).toEqual([]);
    expect([...belief.keys.keys()]).toEqual(happened ? ['k1', 'k2'] : ['k1']);
    expect(belief.aliases.size).toBe(happened ? 0 : 1);
    expect(key.materials).toEqual(happened ? ['m1', 'm2'] : ['m1']);
    expect(belief.maybeKeys.size).toBe(0);
  }
});

test('finds a key that is only half there', async () => {
  const { vault, belief } = agreement();
  belief.maybeKeys.set('draft', { owner: 3, signing: false });
  vault.keys.set('k2', { state: 'Enabled', material: undefined, description: 'draft' });
  expect(await problemsOf(vault, belief)).toEqual([
    'k2 has no material',
    'Encrypt {"KeyId":"k2","Plaintext":"azI="}: defect: 500 KMSInternalException',
  ]);
});
