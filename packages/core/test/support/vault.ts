import type { Context } from '../../src/model/context.js';
import type { EnvelopeLayout } from '../../src/model/envelope.js';
import type { Realm } from '../../src/model/key.js';
import type { Store } from '../../src/ports/store.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import { createMemoryStore } from '../../src/store/memory.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { createKey, type KeyDraft } from '../../src/vault/createKey.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { createRootKey, type RootKey } from '../../src/vault/rootKey.js';
import { type Scope, withLoads } from '../../src/vault/scope.js';
import { openVault, type Vault } from '../../src/vault/vault.js';
import { type FakeClock, fakeClock } from './fakeClock.js';

export const LEASE_MS = 2_000;
export const SANDBOX = 'main';
export const TEST_REALM: Realm = { dialect: 'test', tenant: 'tenant', region: 'region' };

export const rootKey: RootKey = createRootKey(
  new Secret(Buffer.alloc(32, 7)),
  createSystemEntropy(),
);

export interface TestVault extends Vault {
  readonly clock: FakeClock;
}

export async function testVault(
  options: {
    readonly store?: Store;
    readonly clock?: FakeClock;
    readonly cacheBytes?: number;
  } = {},
): Promise<TestVault> {
  const { store = createMemoryStore(), clock = fakeClock(), ...rest } = options;
  const entropy = createSystemEntropy();
  const vault = await openVault({ ...rest, store, clock, entropy, rootKey, leaseMs: LEASE_MS });
  return { ...vault, clock };
}

/** What one request sees; a new one for each. */
export function scopeOf(vault: Vault, sandbox = SANDBOX): Scope {
  return { sandbox, nowMs: vault.clock.virtualMs(sandbox), pinned: new Map() };
}

/** Looks something up as a request would, with a scope of its own. */
export async function ask<Found>(
  vault: Vault,
  look: (scope: Scope) => Found,
  scope: Scope = scopeOf(vault),
): Promise<Found> {
  return withLoads(() => look(scope));
}

let made = 0;

export function draftOf(set: Partial<KeyDraft> = {}): KeyDraft {
  made += 1;
  return {
    sandbox: SANDBOX,
    realm: TEST_REALM,
    wireId: `wire-${made}`,
    spec: 'aes-256',
    usages: ['encrypt'],
    attributes: {},
    versionWireId: (fingerprint) => fingerprint.toString('hex'),
    ...set,
  };
}

export function newTestKey(vault: Vault, spec: KeySpecId = 'aes-256'): Promise<LoadedKey> {
  return createKey(vault, draftOf({ spec }), vault.clock.virtualMs(SANDBOX));
}

const ID_BYTES = 32;

/** A layout of the tests' own: `T`, version id, salt, nonce, then body and tag. */
export function testLayout(dialect = 'test', saltBytes = 16, prefix = 'inner'): EnvelopeLayout {
  const headerBytes = 1 + ID_BYTES + saltBytes + 12;
  return {
    dialect,
    saltBytes,
    innerPrefix: Buffer.from(prefix),
    blank(versionWireId, salt, nonce, contentBytes) {
      const id = Buffer.from(versionWireId, 'hex');
      const blob = Buffer.alloc(headerBytes + contentBytes);
      Buffer.concat([Buffer.from('T'), id, salt, nonce]).copy(blob);
      return { blob, bodyAt: headerBytes };
    },
    parse(blob) {
      if (blob.length < headerBytes + prefix.length + 16 || blob[0] !== 0x54) return undefined;
      const saltAt = 1 + ID_BYTES;
      return {
        versionWireId: blob.toString('hex', 1, saltAt),
        salt: blob.subarray(saltAt, saltAt + saltBytes),
        nonce: blob.subarray(saltAt + saltBytes, headerBytes),
        header: blob.subarray(0, headerBytes),
        body: blob.subarray(headerBytes),
      };
    },
    canonicalContext: canonical,
  };
}

function canonical(context: Context): Buffer {
  if (context.kind === 'bytes') return Buffer.concat([Buffer.from('b'), context.bytes]);
  if (context.kind === 'none') return Buffer.alloc(0);
  const pairs = [...context.pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Buffer.from(`p${JSON.stringify(pairs)}`);
}
