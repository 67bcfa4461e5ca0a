import { describe, expect, it } from 'vitest';
import { fault } from '../../src/faults.js';
import { faultOf } from '../../src/testing/storeFixtures.js';
import { Miss, withLoads } from '../../src/vault/scope.js';

/** Work that needs `count` loads before it can answer. */
function needing(count: number): { work: () => string; readonly loads: () => number } {
  let loaded = 0;
  return {
    work() {
      if (loaded < count) {
        throw new Miss(async () => {
          loaded += 1;
        });
      }
      return 'done';
    },
    loads: () => loaded,
  };
}

describe('withLoads', () => {
  it('answers without a promise when nothing is missing', () => {
    expect(withLoads(() => 'done')).toBe('done');
  });

  it('throws what is no miss at once, not as a promise', () => {
    const refusal = fault('KeyNotFound', { id: 'k' });
    expect(() =>
      withLoads(() => {
        throw refusal;
      }),
    ).toThrow(refusal);
  });

  it.each([1, 2, 31, 32])('runs the work again after each of %i loads', async (count) => {
    const { work, loads } = needing(count);
    const answer = withLoads(work);
    expect(answer).toBeInstanceOf(Promise);
    await expect(answer).resolves.toBe('done');
    expect(loads()).toBe(count);
  });

  it('gives up on work that misses something for ever, after 32 loads', async () => {
    const { work, loads } = needing(1_000);
    const refusal = await faultOf(Promise.resolve(withLoads(work)));
    expect([refusal.code, refusal.details]).toEqual([
      'Internal',
      { what: 'a request kept missing its data' },
    ]);
    expect(loads()).toBe(32);
  });

  it('does the same for work that answers by a promise', async () => {
    const { work, loads } = needing(3);
    await expect(withLoads(async () => work())).resolves.toBe('done');
    expect(loads()).toBe(3);
  });

  it.each([
    ['at once', 0],
    ['after a load', 1],
  ])('rejects with what asynchronous work throws %s', async (_, count) => {
    const { work } = needing(count);
    const refusal = fault('KeyDisabled', { id: 'k' });
    await expect(
      withLoads(async () => {
        work();
        throw refusal;
      }),
    ).rejects.toBe(refusal);
  });

  it('rejects with what work throws after a load, and with what a load throws', async () => {
    const { work } = needing(1);
    const refusal = fault('KeyDisabled', { id: 'k' });
    await expect(
      withLoads(() => {
        work();
        throw refusal;
      }),
    ).rejects.toBe(refusal);
    const unreachable = fault('Unavailable', { what: 'test' });
    let runs = 0;
    await expect(
      withLoads(() => {
        runs += 1;
        throw new Miss(async () => {
          throw unreachable;
        });
      }),
    ).rejects.toBe(unreachable);
    expect(runs).toBe(1);
  });
});
