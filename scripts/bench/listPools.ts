import assert from 'node:assert/strict';
import type { Target } from './gateway.js';
import type { PreparedPool } from './pools.js';
import { at, member, POOL_SIZE, signAll } from './requests.js';

/** Pages of 100 keys, each request from another place on. */
export async function listPool(target: Target): Promise<PreparedPool> {
  const markers: unknown[] = [];
  for (let marker: unknown; markers.length < 8; ) {
    const input = marker === undefined ? { Limit: 100 } : { Limit: 100, Marker: marker };
    const [page] = await target.ask('ListKeys', [input]);
    marker = page?.['NextMarker'];
    markers.push(marker);
  }
  const inputs = Array.from({ length: POOL_SIZE }, (_, index) => ({
    Limit: 100,
    Marker: at(markers, index),
  }));
  return {
    requests: signAll(target, 'ListKeys', inputs),
    sample(_index, body) {
      const keys = member(body, 'Keys');
      assert.ok(Array.isArray(keys) && keys.length === 100, 'a page is not full');
    },
    check: async () => {},
  };
}

/** Requests for pages of a given size, for a vault that holds many keys. */
export async function largeListPool(target: Target, limit: number): Promise<PreparedPool> {
  const markers: unknown[] = [];
  for (let marker: unknown; ; ) {
    const input = marker === undefined ? { Limit: 1_000 } : { Limit: 1_000, Marker: marker };
    const [page] = await target.ask('ListKeys', [input]);
    if (page?.['Truncated'] !== true) break;
    marker = page['NextMarker'];
    markers.push(marker);
  }
  // From the last ones on there may be less than a page.
  const full = markers.slice(0, -1);
  const inputs = Array.from({ length: POOL_SIZE }, (_, index) => ({
    Limit: limit,
    Marker: at(full, index * 17),
  }));
  return {
    requests: signAll(target, 'ListKeys', inputs),
    sample(_index, body) {
      const keys = member(body, 'Keys');
      assert.ok(Array.isArray(keys) && keys.length === limit, 'a page is not full');
    },
    check: async () => {},
  };
}
