import { expect, it } from 'vitest';
import type { KeyUse } from '../model/keyUse.js';
import type { ContractContext } from './storeContract.js';
import { AT, newKey } from './storeFixtures.js';

/** Tests of the latest use of keys. @internal */
export function useContract({ store, sandbox }: ContractContext): void {
  const use = (at: string, keyId: string, more: Partial<KeyUse> = {}): KeyUse => ({
    sandbox: at,
    keyId,
    operation: 'Encrypt',
    atMs: AT.getTime(),
    requestId: `request-${keyId}`,
    ...more,
  });

  it('keeps the use of each key that was recorded last, whatever its time', async () => {
    const [one, two] = [sandbox(), sandbox()];
    for (const at of [one, two]) await store().createKey(newKey(at, 'k'));
    await store().createKey(newKey(one, 'l'));
    expect(await store().readUse({ sandbox: one, id: 'k' })).toBeUndefined();
    await store().recordUses([use(one, 'l'), use(one, 'k'), use(two, 'k', { operation: 'Sign' })]);
    expect(await store().readUse({ sandbox: one, id: 'k' })).toEqual(use(one, 'k'));
    expect(await store().readUse({ sandbox: two, id: 'k' })).toEqual(
      use(two, 'k', { operation: 'Sign' }),
    );
    const earlier = use(one, 'k', { operation: 'Decrypt', atMs: -1, requestId: 'r' });
    await store().recordUses([earlier]);
    expect(await store().readUse({ sandbox: one, id: 'k' })).toEqual(earlier);
    expect(await store().readUse({ sandbox: one, id: 'l' })).toEqual(use(one, 'l'));
  });

  it('takes many at once, in any order and from several writers', async () => {
    const at = sandbox();
    const ids = Array.from({ length: 300 }, (_, n) => `k${n}`);
    for (const id of ids) await store().createKey(newKey(at, id));
    const there = ids.map((id) => use(at, id));
    await Promise.all([store().recordUses(there), store().recordUses([...there].reverse())]);
    expect(await store().readUse({ sandbox: at, id: 'k299' })).toEqual(use(at, 'k299'));
    await store().recordUses([]);
  });

  it('keeps none of a key that is not there, and forgets with the key', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'gone', { set: { deletionAt: AT } }));
    await store().recordUses([use(at, 'never'), use(at, 'gone')]);
    expect(await store().readUse({ sandbox: at, id: 'never' })).toBeUndefined();
    expect(await store().readUse({ sandbox: at, id: 'gone' })).toBeDefined();
    await store().purgeKeys(at, AT.getTime(), 10);
    expect(await store().readUse({ sandbox: at, id: 'gone' })).toBeUndefined();
  });

  it('forgets with the sandbox', async () => {
    const at = sandbox();
    await store().createKey(newKey(at, 'k'));
    await store().recordUses([use(at, 'k')]);
    await store().clearSandbox(at);
    await store().createKey(newKey(at, 'k'));
    expect(await store().readUse({ sandbox: at, id: 'k' })).toBeUndefined();
  });
}
