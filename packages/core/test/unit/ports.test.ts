import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fault, KmsFault } from '../../src/faults.js';
import { createSystemClock } from '../../src/ports/systemClock.js';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import { Secret } from '../../src/secret.js';

describe('createSystemClock', () => {
  it('has one time for all sandboxes, and one that never goes back', () => {
    const clock = createSystemClock();
    const before = [clock.realMs(), clock.monotonicMs()] as const;
    expect(clock.virtualMs('main')).toBeGreaterThanOrEqual(before[0]);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before[1]);
    expect(new Date(clock.realMs()).getUTCFullYear()).toBeGreaterThan(2000);
  });
});

describe('createSystemEntropy', () => {
  it('never gives the same bytes twice, from the pool or beside it', () => {
    const entropy = createSystemEntropy();
    const seen = new Set<string>();
    for (let at = 0; at < 2_000; at += 1) {
      seen.add(entropy.pooled(28).toString('hex'));
      seen.add(entropy.bytes(28).toString('hex'));
    }
    expect(seen.size).toBe(4_000);
  });

  it('gives slices that no other slice overlaps', () => {
    const entropy = createSystemEntropy();
    const slices = Array.from({ length: 1_200 }, () => entropy.pooled(28));
    const before = slices.map((slice) => slice.toString('hex'));
    const [first] = slices;
    if (first === undefined) throw new Error('no slice');
    const kept = before.slice(1);
    first.fill(0);
    expect(slices.slice(1).map((slice) => slice.toString('hex'))).toEqual(kept);
  });

  it.each([0, 1, 16_384, 16_385, 50_000])('gives %i bytes when asked', (sizeBytes) => {
    const entropy = createSystemEntropy();
    expect(entropy.pooled(sizeBytes).length).toBe(sizeBytes);
    expect(entropy.bytes(sizeBytes).length).toBe(sizeBytes);
  });

  it('gives bytes which the caller owns', () => {
    const entropy = createSystemEntropy();
    const bytes = entropy.bytes(32);
    expect(bytes.buffer.byteLength).toBe(32);
  });

  it('makes version 4 UUIDs in lower case', () => {
    const entropy = createSystemEntropy();
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(entropy.uuid()).toMatch(form);
    expect(entropy.uuid()).not.toBe(entropy.uuid());
  });
});

describe('Secret', () => {
  it('shows itself in no text', () => {
    const secret = new Secret(Buffer.from('very secret'));
    const holder = { secret, nested: [secret], map: new Map([['s', secret]]) };
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true }),
      inspect(secret),
      new KmsFault('Test', holder).message,
    ].join(' ');
    expect(shown).not.toContain('very secret');
    expect(shown).not.toContain('76 65 72 79');
    expect(shown).toContain('[secret]');
    expect(secret.expose().toString()).toBe('very secret');
    expect(secret.sizeBytes).toBe(11);
  });

  it('has bytes of its own', () => {
    const bytes = Buffer.from('very secret');
    const secret = new Secret(bytes);
    bytes.fill(0);
    expect(secret.expose().toString()).toBe('very secret');
  });
});

describe('fault', () => {
  it('is an error with code, details, a message for logs and a cause when there is one', () => {
    const cause = new Error('cause');
    const made = fault('KeyStateInvalid', { id: 'k', state: 'disabled' }, cause);
    expect(made).toBeInstanceOf(KmsFault);
    expect(made).toBeInstanceOf(Error);
    expect([made.name, made.code, made.message]).toEqual([
      'KmsFault',
      'KeyStateInvalid',
      'KeyStateInvalid {"id":"k","state":"disabled"}',
    ]);
    expect(made.cause).toBe(cause);
    expect('cause' in fault('MacInvalid', {})).toBe(false);
  });
});
