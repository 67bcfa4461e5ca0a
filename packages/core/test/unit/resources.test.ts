import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import type { OpenedResource, ResourceDraft } from '../../src/vault/resources.js';
import { Miss } from '../../src/vault/scope.js';
import { fakeClock } from '../support/fakeClock.js';
import { type ObservedStore, observedStore } from '../support/observedStore.js';
import { ask, LEASE_MS, SANDBOX, scopeOf, type TestVault, testVault } from '../support/vault.js';

const draft = (set: Partial<ResourceDraft> = {}): ResourceDraft => ({
  sandbox: SANDBOX,
  kind: 'credential',
  id: 'one',
  body: { text: 'first' },
  version: 1,
  ...set,
});

const find = (vault: TestVault, id = 'one'): Promise<OpenedResource | undefined> =>
  ask(vault, (scope) => vault.resources.byId(scope, SANDBOX, 'credential', id));

const findNow = (vault: TestVault, id = 'one'): OpenedResource | undefined =>
  vault.resources.byId(scopeOf(vault), SANDBOX, 'credential', id);

async function twoProcesses(): Promise<{
  readonly here: TestVault;
  readonly there: TestVault;
  readonly store: ObservedStore;
}> {
  const memory = createMemoryStore();
  const store = observedStore(memory);
  const clock = fakeClock();
  const here = await testVault({ store, clock });
  const there = await testVault({ store: observedStore(memory), clock });
  return { here, there, store };
}

describe('ResourceDirectory', () => {
  it('keeps the secret part sealed in the store and opens it on reading', async () => {
    const { here, there } = await twoProcesses();
    const secret = new Secret(Buffer.from('the secret part'));
    await there.resources.write(draft({ secret, parent: 'p' }));
    const found = await find(here);
    expect(found?.secret?.expose().toString()).toBe('the secret part');
    expect(found?.record).toMatchObject({ parent: 'p', body: { text: 'first' }, version: 1 });
    const sealed = Buffer.from(found?.record.sealed ?? []);
    expect(sealed.includes('secret part')).toBe(false);
    expect(sealed.length).toBe(25 + 15 + 16);
  });

  it('refuses a secret part that was moved to another resource', async () => {
    const { here } = await twoProcesses();
    await here.resources.write(draft({ secret: new Secret(Buffer.from('s')) }));
    const stored = await here.store.readResource(SANDBOX, 'credential', 'one');
    if (stored === undefined) throw new Error('not written');
    await here.store.writeResource({ ...stored, id: 'two' }, []);
    expect((await faultOf(find(here, 'two'))).code).toBe('Internal');
  });

  it('remembers a resource and its absence for a lease', async () => {
    const { here, there, store } = await twoProcesses();
    expect([await find(here), await find(here)]).toEqual([undefined, undefined]);
    expect(store.calls('readResource')).toBe(1);
    await there.resources.write(draft());
    here.clock.passedMs += LEASE_MS;
    expect(findNow(here)).toBeUndefined();
    here.clock.passedMs += 1;
    expect(() => findNow(here)).toThrow(Miss);
    expect((await find(here))?.record.body).toEqual({ text: 'first' });
    await there.resources.delete(SANDBOX, 'credential', 'one');
    here.clock.passedMs += LEASE_MS;
    expect(findNow(here)?.record.version).toBe(1);
    here.clock.passedMs += 1;
    expect(await find(here)).toBeUndefined();
    expect(store.calls('readResource')).toBe(3);
  });

  it('remembers for good where nobody else writes', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    await find(vault);
    vault.clock.passedMs += 1_000 * LEASE_MS;
    expect(findNow(vault)).toBeUndefined();
    await vault.resources.write(draft());
    expect((await find(vault))?.record.version).toBe(1);
  });

  it('ends in Unavailable when the lease is over and the store cannot be reached', async () => {
    const { here, there, store } = await twoProcesses();
    await there.resources.write(draft());
    await find(here);
    store.unreachable = true;
    expect(findNow(here)?.record.version).toBe(1);
    here.clock.passedMs += LEASE_MS + 1;
    expect((await faultOf(find(here))).code).toBe('Unavailable');
  });

  it('asks once for what many requests miss', async () => {
    const { here, there, store } = await twoProcesses();
    await there.resources.write(draft());
    const found = await Promise.all(Array.from({ length: 50 }, () => find(here)));
    expect(found.map((one) => one?.record.id)).toEqual(new Array(50).fill('one'));
    expect(store.calls('readResource')).toBe(1);
  });

  it('sees its own writes at once, also when a reading from before is answered later', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    const gate = store.hold('readResource');
    const absent = find(vault);
    await gate.reached(1);
    await vault.resources.write(draft());
    gate.open();
    expect(await absent).toBeUndefined();
    expect((await find(vault))?.record.version).toBe(1);
    await vault.resources.write(draft({ version: 2, body: { text: 'second' } }));
    expect((await find(vault))?.record.body).toEqual({ text: 'second' });
    expect(await vault.resources.delete(SANDBOX, 'credential', 'one')).toBe(true);
    expect(await find(vault)).toBeUndefined();
    expect(await vault.resources.delete(SANDBOX, 'credential', 'one')).toBe(false);
  });

  it('sees its own writes whose answer was lost', async () => {
    const store = observedStore(createMemoryStore(), false);
    const vault = await testVault({ store });
    await find(vault);
    store.loseNext('writeResource');
    expect((await faultOf(vault.resources.write(draft()))).code).toBe('Unavailable');
    expect((await find(vault))?.record.version).toBe(1);
    store.loseNext('deleteResource');
    const lost = faultOf(vault.resources.delete(SANDBOX, 'credential', 'one'));
    expect((await lost).code).toBe('Unavailable');
    expect(await find(vault)).toBeUndefined();
  });

  it('looks again after a write that was refused', async () => {
    const { here, there } = await twoProcesses();
    await find(here);
    await there.resources.write(draft());
    expect(await faultOf(here.resources.write(draft()))).toMatchObject({
      code: 'AlreadyExists',
      details: { kind: 'credential', id: 'one' },
    });
    expect((await find(here))?.record.version).toBe(1);
    expect((await faultOf(here.resources.write(draft({ version: 3 })))).code).toBe('Conflict');
  });

  it('keeps to what a request has found', async () => {
    const { here } = await twoProcesses();
    const scope = scopeOf(here);
    const look = (): OpenedResource | undefined =>
      here.resources.byId(scope, SANDBOX, 'credential', 'one');
    expect(await ask(here, look, scope)).toBeUndefined();
    await here.resources.write(draft());
    expect(look()).toBeUndefined();
    expect((await find(here))?.record.id).toBe('one');
  });

  it('lists by ascending id', async () => {
    const { here } = await twoProcesses();
    for (const id of ['b', 'a', 'c']) await here.resources.write(draft({ id }));
    const page = { after: undefined, limit: 2 };
    const found = await here.resources.list(SANDBOX, 'credential', undefined, page);
    expect(found.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('charges long names and large bodies, so that a stream of them stays within the bound', async () => {
    const { here } = await twoProcesses();
    const limit = 8 * 1024 * 1024;
    for (let at = 0; at < 1_500; at += 1) {
      await find(here, `${at}-${'x'.repeat(8_000)}`);
      expect(here.resources.usage().bytes).toBeLessThanOrEqual(limit);
    }
    expect(here.resources.usage().bytes).toBeGreaterThan(limit / 2);
    const { here: other } = await twoProcesses();
    await other.resources.write(draft({ body: { text: 'y'.repeat(100_000) } }));
    await find(other);
    expect(other.resources.usage().bytes).toBeGreaterThan(200_000);
  });
});
