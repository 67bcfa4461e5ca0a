import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KmsFault } from '../../src/faults.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { createRootKey, ROOT_KEY_BYTES, verifyRootKey } from '../../src/vault/rootKey.js';
import { openVault } from '../../src/vault/vault.js';
import { fakeClock } from '../support/fakeClock.js';
import { flipBit } from '../support/material.js';
import { observedStore } from '../support/observedStore.js';

const entropy = createSystemEntropy();
const keyOf = (byte: number): ReturnType<typeof createRootKey> =>
  createRootKey(new Secret(Buffer.alloc(ROOT_KEY_BYTES, byte)), entropy);
const ours = keyOf(1);
const theirs = keyOf(2);

const MARKER = 'very secret material';
const secret = new Secret(Buffer.from(MARKER));
const BINDING = ['material', 'main', 'm1', 'aes-256'];

function refusalOf(call: () => unknown): KmsFault {
  try {
    call();
  } catch (error) {
    if (error instanceof KmsFault) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('createRootKey', () => {
  it.each([0, 16, 31, 33, 64])('refuses %i bytes and does not show them', (sizeBytes) => {
    const bytes = Buffer.alloc(sizeBytes, 0x5a);
    const refusal = refusalOf(() => createRootKey(new Secret(bytes), entropy));
    expect([refusal.code, refusal.details]).toEqual([
      'InputInvalid',
      { reason: 'a root key has 32 bytes' },
    ]);
  });

  it('has an id and a check value that follow from the key alone and differ from key to key', () => {
    expect(keyOf(1).record).toEqual(ours.record);
    expect(ours.id).toMatch(/^[0-9a-f]{16}$/);
    expect(ours.record.check.length).toBe(32);
    expect(theirs.id).not.toBe(ours.id);
    expect(Buffer.from(theirs.record.check)).not.toEqual(Buffer.from(ours.record.check));
  });
});

describe('wrap and unwrap', () => {
  it('give any secret back for the same binding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.array(fc.string()), (bytes, binding) => {
        const wrapped = ours.wrap(new Secret(bytes), binding);
        expect(keyOf(1).unwrap(wrapped, binding).expose()).toEqual(Buffer.from(bytes));
        expect(wrapped.length).toBe(bytes.length + 41);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('never wrap the same secret into the same bytes, and never show it', () => {
    const wrapped = Array.from({ length: 200 }, () => ours.wrap(secret, BINDING));
    expect(new Set(wrapped.map((bytes) => bytes.toString('hex', 1, 25))).size).toBe(200);
    expect(wrapped.some((bytes) => bytes.includes(MARKER))).toBe(false);
  });

  it('refuse every flipped bit', () => {
    const wrapped = ours.wrap(secret, BINDING);
    for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
      const refusal = refusalOf(() => ours.unwrap(flipBit(wrapped, bit), BINDING));
      expect(refusal.code).toBe('Internal');
    }
  });

  it('refuse another binding, however alike', () => {
    const wrapped = ours.wrap(secret, BINDING);
    for (const binding of [
      [],
      BINDING.slice(0, 3),
      [...BINDING, ''],
      ['material', 'main', 'm1', 'aes-25', '6'],
      ['material', 'mainm1', '', 'aes-256'],
      ['material', 'main', 'm2', 'aes-256'],
      ['resource', 'main', 'm1', 'aes-256'],
      [BINDING.join('","')],
      ['material', 'm1', 'main', 'aes-256'],
    ]) {
      expect(refusalOf(() => ours.unwrap(wrapped, binding)).details).toEqual({
        what: 'wrapped material does not open under the root key',
      });
    }
  });

  it('refuse what another root key wrapped', () => {
    const refusal = refusalOf(() => theirs.unwrap(ours.wrap(secret, BINDING), BINDING));
    expect([refusal.code, refusal.details]).toEqual([
      'Internal',
      { what: 'wrapped material does not open under the root key' },
    ]);
  });

  it('refuse what is too short or of another format', () => {
    const wrapped = ours.wrap(secret, BINDING);
    const other = Buffer.from(wrapped);
    other[0] = 2;
    for (const bytes of [Buffer.alloc(0), wrapped.subarray(0, 40), other]) {
      expect(refusalOf(() => ours.unwrap(bytes, BINDING)).details).toEqual({
        what: 'wrapped material has an unknown format',
      });
    }
    expect(refusalOf(() => ours.unwrap(wrapped.subarray(0, 41), BINDING)).details).toEqual({
      what: 'wrapped material does not open under the root key',
    });
  });

  it('say nothing of secret, key or binding when they refuse', () => {
    const refusal = refusalOf(() => theirs.unwrap(ours.wrap(secret, [MARKER]), [MARKER, 'x']));
    for (let error: unknown = refusal; error instanceof Error; error = error.cause) {
      const shown = `${error.message}${error.stack}${JSON.stringify(error)}`;
      expect(shown).not.toContain(MARKER);
      expect(shown).not.toContain('0101010101');
    }
  });
});

describe('verifyRootKey', () => {
  it('marks a new store and knows it again', async () => {
    const store = createMemoryStore();
    await verifyRootKey(store, ours);
    expect((await store.readRootKey())?.id).toBe(ours.id);
    await verifyRootKey(store, keyOf(1));
  });

  it('refuses a store of another root key, naming both ids and nothing else', async () => {
    const store = createMemoryStore();
    await verifyRootKey(store, theirs);
    const refusal = await faultOf(verifyRootKey(store, ours));
    expect([refusal.code, refusal.details]).toEqual([
      'InputInvalid',
      {
        reason: `the store was written under root key ${theirs.id}, this is root key ${ours.id}`,
      },
    ]);
    const clock = fakeClock();
    const opening = openVault({ store, clock, entropy, rootKey: ours });
    expect((await faultOf(opening)).code).toBe('InputInvalid');
  });

  it.each([
    ['differs', Buffer.alloc(32)],
    ['is short', Buffer.alloc(1)],
  ])('refuses a store whose id is right and whose check value %s', async (_, check) => {
    const store = createMemoryStore();
    await store.claimRootKey({ id: ours.id, check });
    expect((await faultOf(verifyRootKey(store, ours))).code).toBe('InputInvalid');
  });

  it('lets one of two processes win that start with different keys at once', async () => {
    const memory = createMemoryStore();
    const stores = [observedStore(memory), observedStore(memory)] as const;
    // Both have seen an empty store before either of them claims it.
    const gates = stores.map((store) => store.hold('readRootKey'));
    const results = Promise.allSettled([
      verifyRootKey(stores[0], ours),
      verifyRootKey(stores[1], theirs),
    ]);
    for (const gate of gates) await gate.reached(1);
    for (const gate of gates) gate.open();
    const statuses = (await results).map(({ status }) => status);
    expect(statuses.sort()).toEqual(['fulfilled', 'rejected']);
    const winner = statuses[0] === 'fulfilled' ? [ours.id, theirs.id] : [];
    expect(winner).toContain((await memory.readRootKey())?.id);
  });

  it('lets two processes start with the same key at once', async () => {
    const memory = createMemoryStore();
    const stores = [observedStore(memory), observedStore(memory)] as const;
    const gates = stores.map((store) => store.hold('readRootKey'));
    const both = Promise.all(stores.map((store) => verifyRootKey(store, ours)));
    for (const gate of gates) await gate.reached(1);
    for (const gate of gates) gate.open();
    await both;
    expect((await memory.readRootKey())?.id).toBe(ours.id);
  });
});
