import { describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { createAlias, deleteAlias, moveAlias } from '../../src/vault/aliases.js';
import { changeKey } from '../../src/vault/changeKey.js';
import { createKey } from '../../src/vault/createKey.js';
import { resetSandbox } from '../../src/vault/resetSandbox.js';
import { openVault, type Vault } from '../../src/vault/vault.js';
import { fakeClock } from '../support/fakeClock.js';
import { observedStore } from '../support/observedStore.js';
import { draftOf, rootKey, SANDBOX, TEST_REALM } from '../support/vault.js';

/** Longer than any test may take: whoever waits for it fails. */
const NEVER_MS = 3_600_000;
const LEASE_MS = 60;

interface Opening {
  readonly shared: boolean;
  readonly settleChanges?: boolean;
  readonly leaseMs: number;
}

const open = ({ shared, ...more }: Opening): Promise<Vault> =>
  openVault({
    store: observedStore(createMemoryStore(), shared),
    clock: fakeClock(),
    entropy: createSystemEntropy(),
    rootKey,
    ...more,
  });

/** Everything that takes something away, one after the other; gives how long each took. */
async function changes(vault: Vault): Promise<ReadonlyMap<string, number>> {
  const one = await createKey(vault, draftOf(), 0);
  const two = await createKey(vault, draftOf(), 0);
  await createAlias(vault, one, 'alias/a', 0, () => {});
  const took = new Map<string, number>();
  const timed = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now();
    await work();
    took.set(name, performance.now() - startedMs);
  };
  const disable = (): Promise<unknown> =>
    changeKey(vault, one.record, 0, ({ state }) =>
      state === 'disabled' ? undefined : { set: { state: 'disabled' } },
    );
  await timed('a disabled key', disable);
  await timed('a key that was disabled already', disable);
  await timed('a moved alias', () => moveAlias(vault, two, 'alias/a', 0, () => {}));
  await timed('a deleted alias', () => deleteAlias(vault, SANDBOX, TEST_REALM, 'alias/a'));
  await timed('a reset', () => resetSandbox(vault, SANDBOX));
  return took;
}

describe('a change of a vault that settles changes', () => {
  it('is acknowledged when the leases of others have ended', async () => {
    const vault = await open({ shared: true, settleChanges: true, leaseMs: LEASE_MS });
    const took = await changes(vault);
    expect(took.size).toBe(5);
    for (const [name, ms] of took) expect(ms, name).toBeGreaterThan(LEASE_MS);
  });

  it('is refused without a wait', async () => {
    const vault = await open({ shared: true, settleChanges: true, leaseMs: NEVER_MS });
    const key = await createKey(vault, draftOf(), 0);
    const refused = changeKey(vault, key.record, 0, () => {
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
  });

  it('does not wait when nobody else may write to the store', async () => {
    const vault = await open({ shared: false, settleChanges: true, leaseMs: NEVER_MS });
    expect((await changes(vault)).size).toBe(5);
  });
});

it('a change does not wait unless that is wanted', async () => {
  const vault = await open({ shared: true, leaseMs: NEVER_MS });
  expect((await changes(vault)).size).toBe(5);
});
