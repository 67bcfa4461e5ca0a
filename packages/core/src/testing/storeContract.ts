import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../ports/store.js';
import { aliasContract } from './aliasContract.js';
import { keyChangeContract } from './keyChangeContract.js';
import { keyContract } from './keyContract.js';
import { keyResourceContract } from './keyResourceContract.js';
import { purgeContract } from './purgeContract.js';
import { resourceContract } from './resourceContract.js';
import { faultOf, hex, newKey } from './storeFixtures.js';
import { useContract } from './useContract.js';

/** A store under test. @public */
export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and opens another one over the same records; only for stores that keep them. */
  readonly reopen?: () => Promise<Store>;
}

/** What a group of tests is given. @internal */
export interface ContractContext {
  store(): Store;
  /** A sandbox that no other test uses. */
  sandbox(): string;
}

/**
 * Registers the tests that every store has to pass: all that the {@link Store} port promises.
 *
 * Beyond the port it fixes two things. Listings ascend by code point. A text with NUL or with half a
 * surrogate pair cannot be kept: writing it is `InputInvalid`, looking it up finds nothing.
 *
 * @param open makes an empty store; called once for each group of tests
 *
 * @example
 * storeContract('memory', async () => ({ store: createMemoryStore() }));
 *
 * @public
 */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  const group = (title: string, register: (context: ContractContext) => void): void => {
    describe(`${name} store: ${title}`, () => {
      let opened: OpenedStore | undefined;
      let sandboxes = 0;
      beforeAll(async () => {
        opened = await open();
      });
      afterAll(async () => {
        await opened?.store.close();
      });
      register({
        store() {
          if (opened === undefined) throw new Error('the store is not open yet');
          return opened.store;
        },
        sandbox() {
          sandboxes += 1;
          return `sandbox-${sandboxes}`;
        },
      });
    });
  };

  group('keys', keyContract);
  group('changes of keys', keyChangeContract);
  group('purge', purgeContract);
  group('aliases', aliasContract);
  group('resources', resourceContract);
  group('uses of keys', useContract);
  group('resources of keys', keyResourceContract);
  group('root key', rootKeyContract);

  describe(`${name} store: life`, () => {
    it('answers a ping while it is open and may be closed twice', async () => {
      const { store } = await open();
      await expect(store.ping()).resolves.toBeUndefined();
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
    });

    it('takes a listener for changes of others', async () => {
      const { store } = await open();
      expect(store.onForeignChange(() => undefined)).toBeUndefined();
      await store.close();
    });

    it('keeps what it acknowledged after it was closed, when it can be opened again', async () => {
      const { store, reopen } = await open();
      const key = newKey('main', 'k1');
      await store.createKey(key);
      if (reopen === undefined) {
        await store.close();
        return;
      }
      const again = await reopen();
      expect((await again.readKey({ sandbox: 'main', id: 'k1' }))?.key).toEqual(key.key);
      expect((await faultOf(store.ping())).code).toBe('Unavailable');
      await again.close();
    });
  });
}

function rootKeyContract({ store }: ContractContext): void {
  it('has no root key record at first, then keeps the one that was claimed first', async () => {
    expect(await store().readRootKey()).toBeUndefined();
    const claims = Array.from({ length: 8 }, (_, index) =>
      store().claimRootKey({ id: `root-${index}`, check: Uint8Array.of(index, 0, 255) }),
    );
    const records = await Promise.all(claims);
    const stored = await store().readRootKey();
    expect(stored?.id).toMatch(/^root-[0-7]$/);
    expect(hex(stored?.check ?? new Uint8Array())).toBe(`0${stored?.id.at(-1)}00ff`);
    expect(records.map(({ id }) => id)).toEqual(records.map(() => stored?.id));
    const late = await store().claimRootKey({ id: 'late', check: Uint8Array.of(1) });
    expect(late.id).toBe(stored?.id);
    expect(hex(late.check)).toBe(hex(stored?.check ?? new Uint8Array()));
  });
}
