import { describe, expect, test } from 'vitest';
import {
  ACCEPTS_FOREIGN,
  type Context,
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  createTwin,
  decrypt,
  type Envelope,
  type EnvelopeLayout,
  encrypt,
  findForeign,
  fitsLayout,
  type LoadedKey,
  NO_CONTEXT,
  openVault,
  rotateKey,
  type Scope,
  Secret,
  type Vault,
  withLoads,
} from '../../src/index.js';

const NOW = 1_700_000_000_000;
const entropy = createSystemEntropy();
const EMPTY = Buffer.alloc(0);
const NAME_BYTES = 12;

function envelopeAt(blob: Buffer, bodyAt: number, versionWireId: string): Envelope {
  const header = blob.subarray(0, bodyAt);
  const nonce = blob.subarray(bodyAt - 12, bodyAt);
  return { versionWireId, salt: EMPTY, nonce, header, body: blob.subarray(bodyAt) };
}

/** A layout that names the version: its dialect in front of the name tells it from others. */
function naming(dialect: string): EnvelopeLayout {
  return {
    dialect,
    saltBytes: 0,
    contextKind: 'bytes',
    innerPrefix: EMPTY,
    blank(versionWireId, _salt, nonce, contentBytes) {
      const blob = Buffer.alloc(NAME_BYTES + 12 + contentBytes);
      blob.write(versionWireId.padEnd(NAME_BYTES), 'latin1');
      nonce.copy(blob, NAME_BYTES);
      return { blob, bodyAt: NAME_BYTES + 12 };
    },
    parse(blob) {
      const name = blob.toString('latin1', 0, NAME_BYTES).trim();
      return name.startsWith(dialect) ? envelopeAt(blob, NAME_BYTES + 12, name) : undefined;
    },
    canonicalContext: (context: Context) =>
      context.kind === 'bytes' ? Buffer.from(context.bytes) : EMPTY,
  };
}

/** A layout of which clients hold a number and a payload, `7:…`. */
const NUMBERING: EnvelopeLayout = {
  ...naming('count'),
  blank(_versionWireId, _salt, nonce, contentBytes) {
    const blob = Buffer.alloc(12 + contentBytes);
    nonce.copy(blob);
    return { blob, bodyAt: 12 };
  },
  parse: (blob) => envelopeAt(blob, 12, ''),
  parseNumbered(blob) {
    const [, number] = /^(\d):/.exec(blob.toString('latin1', 0, 2)) ?? [];
    if (number === undefined) return undefined;
    return { number: Number(number), envelope: envelopeAt(blob.subarray(2), 12, '') };
  },
};

async function newVault(): Promise<Vault> {
  const vault = await openVault({
    store: createMemoryStore(),
    clock: { virtualMs: () => NOW, realMs: () => NOW, monotonicMs: () => 0 },
    entropy,
    rootKey: createRootKey(new Secret(entropy.bytes(32)), entropy),
  });
  for (const layout of [naming('one'), naming('two'), NUMBERING]) {
    const { dialect } = layout;
    vault.namings.set(dialect, (key, number) => `${dialect}-${key.wireId}-${number}`);
    vault.layouts.set(dialect, layout);
  }
  return vault;
}

const scopeNow = (): Scope => ({ sandbox: 'main', nowMs: NOW, pinned: new Map() });

function make(vault: Vault, dialect: string, wireId: string, accepts = false): Promise<LoadedKey> {
  const draft = {
    sandbox: 'main',
    realm: { dialect, tenant: 't', region: 'r' },
    wireId,
    spec: 'aes-256',
    usages: ['encrypt'],
    attributes: { [ACCEPTS_FOREIGN]: accepts },
    versionWireId: () => `${dialect}-${wireId}-1`,
  } as const;
  return createKey(vault, draft, NOW);
}

function twin(vault: Vault, source: LoadedKey, dialect: string, wireId: string, accepts = true) {
  const draft = {
    realm: { dialect, tenant: 'u', region: 's' },
    wireId,
    usages: ['encrypt'],
    attributes: { [ACCEPTS_FOREIGN]: accepts },
  } as const;
  return createTwin(vault, source, draft, NOW);
}

function seal(vault: Vault, key: LoadedKey, text: string): Buffer {
  const layout = vault.layouts.get(key.record.realm.dialect) ?? NUMBERING;
  return encrypt(vault, key, layout, NO_CONTEXT, Buffer.from(text));
}

const find = (vault: Vault, key: LoadedKey, blob: Buffer) => {
  const scope = scopeNow();
  return withLoads(() => findForeign(vault, scope, key, blob));
};

async function opened(vault: Vault, key: LoadedKey, blob: Buffer): Promise<string | undefined> {
  const found = await find(vault, key, blob);
  return found && decrypt(found.key, found.layout, found.envelope, NO_CONTEXT).toString();
}

describe('a ciphertext that names its version', () => {
  test('opens under a twin that was told to open such ones, and under no other', async () => {
    const vault = await newVault();
    const source = await make(vault, 'one', 'k');
    const blob = seal(vault, source, 'secret');
    const told = await twin(vault, source, 'two', 'x');
    const strict = await twin(vault, source, 'two', 'y', false);
    const stranger = await make(vault, 'two', 'z', true);
    expect(await opened(vault, told, blob)).toBe('secret');
    expect(await find(vault, strict, blob)).toBeUndefined();
    expect(await find(vault, stranger, blob)).toBeUndefined();
    const unrelated = seal(vault, await make(vault, 'one', 'q'), 'other');
    expect(await find(vault, told, unrelated)).toBeUndefined();
  });

  test('tells the version of the twin on the same material, through rotations', async () => {
    const vault = await newVault();
    const source = await make(vault, 'one', 'k');
    const told = await twin(vault, source, 'two', 'x');
    const rotated = await rotateKey(vault, source.record, NOW, {
      check: () => ({}),
      versionWireId: () => 'one-k-2',
    });
    const scope = scopeNow();
    const now = await withLoads(() => vault.keys.byWireId(scope, 'two', 'x', () => true));
    const found = await find(vault, now ?? told, seal(vault, rotated, 'new'));
    expect(found?.version?.wireId).toBe('two-x-2');
    // A copy of the key from before the rotation does not have the version yet.
    expect((await find(vault, told, seal(vault, rotated, 'new')))?.version).toBeUndefined();
  });

  test('of a twin in the same dialect opens too', async () => {
    const vault = await newVault();
    const source = await make(vault, 'one', 'k');
    const told = await twin(vault, source, 'one', 'x');
    expect(await opened(vault, told, seal(vault, source, 'secret'))).toBe('secret');
  });
});

describe('a ciphertext that tells a number only', () => {
  const numbered = (number: number, payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${number}:`), payload]);

  test('opens under the version of that number, whichever twin made it', async () => {
    const vault = await newVault();
    const source = await make(vault, 'count', 'k');
    const told = await twin(vault, source, 'one', 'x');
    const blob = numbered(1, seal(vault, source, 'secret'));
    expect(await opened(vault, told, blob)).toBe('secret');
    expect((await find(vault, told, blob))?.version?.wireId).toBe('one-x-1');
    expect(await find(vault, told, numbered(2, seal(vault, source, 'secret')))).toBeUndefined();
  });

  test('does not open with another material', async () => {
    const vault = await newVault();
    const stranger = await make(vault, 'count', 'q');
    const told = await twin(vault, await make(vault, 'count', 'k'), 'one', 'x');
    const blob = numbered(1, seal(vault, stranger, 'secret'));
    await expect(opened(vault, told, blob)).rejects.toMatchObject({ code: 'CiphertextInvalid' });
  });
});

test('a context of another kind than the layout’s cannot have been used', () => {
  const layout = naming('one');
  expect(fitsLayout(layout, NO_CONTEXT)).toBe(true);
  expect(fitsLayout(layout, { kind: 'bytes', bytes: EMPTY })).toBe(true);
  expect(fitsLayout(layout, { kind: 'pairs', pairs: [] })).toBe(false);
});
