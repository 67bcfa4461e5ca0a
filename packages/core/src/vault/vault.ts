import type { EnvelopeLayout } from '../model/envelope.js';
import type { KeyRecord } from '../model/key.js';
import type { Clock } from '../ports/clock.js';
import type { Entropy } from '../ports/entropy.js';
import type { KeyRef, Store } from '../ports/store.js';
import { createSuites, type Suites } from '../suites/registry.js';
import { KeyDirectory } from './directory.js';
import { catchUp, type Duty } from './due.js';
import { KeyUses } from './keyUses.js';
import { createRepeatingSandboxes, type RepeatingSandboxes } from './repeating.js';
import { ResourceDirectory } from './resources.js';
import type { RootKey } from './rootKey.js';
import { verifyRootKey } from './rootKey.js';

/** What a vault is made of. @public */
export interface VaultOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly rootKey: RootKey;
  /** Memory for cached keys in bytes; default 96 MiB. */
  readonly cacheBytes?: number;
  /** How long a cached answer of a shared store may be used, in milliseconds; default 2,000. */
  readonly leaseMs?: number;
  /**
   * Whether a change that takes something away is acknowledged only when the leases of all other
   * processes on the same store have ended. They must have leases of the same length. Default false.
   */
  readonly settleChanges?: boolean;
}

/**
 * Names a version of a key on the wire, by the number it gets and by a value that identifies its
 * material: 32 bytes that give nothing away.
 *
 * @public
 */
export type VersionNaming = (key: KeyRecord, number: number, fingerprint: Buffer) => string;

/**
 * The key vault: keys found in memory or in the store, and everything that use cases need. The use
 * cases are functions that take it, one file each.
 *
 * @public
 */
export interface Vault {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly rootKey: RootKey;
  readonly keys: KeyDirectory;
  readonly resources: ResourceDirectory;
  readonly uses: KeyUses;
  readonly suites: Suites;
  /** How each dialect names the versions of its keys, for rotations that start in another dialect. */
  readonly namings: Map<string, VersionNaming>;
  /** What each dialect does to a key when the key's `dueAt` has come. */
  readonly duties: Map<string, Duty>;
  /** Ciphertext layouts of the dialects, for keys that open their twins' ciphertexts. */
  readonly layouts: Map<string, EnvelopeLayout>;
  /**
   * Loads the dialects that are not there yet; undefined when all are. Until then `namings`,
   * `duties` and `layouts` lack some.
   */
  loadDialects: (() => Promise<void>) | undefined;
  readonly leaseMs: number;
  /** Whether changes wait for the leases of others: wanted, and there may be others. */
  readonly settleChanges: boolean;
  /** Sandboxes that repeat themselves; what is done in a sandbox is done with `sandboxes.in` of it. */
  readonly sandboxes: RepeatingSandboxes;
  /** Ends what the vault started; closes the store too. */
  close(): Promise<void>;
}

const DEFAULT_CACHE_BYTES = 96 * 1024 * 1024;
const DEFAULT_LEASE_MS = 2_000;

/**
 * Opens a vault on a store and checks that both belong together.
 *
 * @example
 * const entropy = createSystemEntropy();
 * const rootKey = createRootKey(new Secret(entropy.bytes(32)), entropy);
 * const vault = await openVault({ store: createMemoryStore(), clock: createSystemClock(), entropy, rootKey });
 *
 * @throws KmsFault InputInvalid when the store was written under another root key
 * @public
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { store, clock, entropy, rootKey } = options;
  await verifyRootKey(store, rootKey);
  const leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
  const cacheBytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
  const keys = new KeyDirectory({
    store,
    clock,
    rootKey,
    cacheBytes,
    leaseMs,
    catchUp: (key, nowMs) => catchUp(vault, key, nowMs),
  });
  const resources = new ResourceDirectory({ store, clock, rootKey, leaseMs });
  store.onForeignChange((refs: readonly KeyRef[] | undefined) => keys.forget(refs));
  const suites = createSuites(entropy);
  const close = async (): Promise<void> => {
    await suites.close();
    await store.close();
  };
  const vault: Vault = {
    store,
    clock,
    entropy,
    rootKey,
    keys,
    resources,
    uses: new KeyUses(store),
    suites,
    namings: new Map(),
    duties: new Map(),
    layouts: new Map(),
    loadDialects: undefined,
    leaseMs,
    settleChanges: options.settleChanges === true && store.shared,
    sandboxes: createRepeatingSandboxes(() => vault),
    close,
  };
  return vault;
}
