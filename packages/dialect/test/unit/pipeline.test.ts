import { fault, Miss, type Scope, type Vault } from '@keyglot/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WireResponse } from '../../src/wire.js';
import {
  NOW_MS,
  openTestVault,
  outcomeOf,
  pipelineOf,
  requestOf,
  type Steps,
} from '../support/protocol.js';

let vault: Vault;

beforeEach(async () => {
  vault = await openTestVault();
});

const OK: WireResponse = { status: 200, headers: [], body: 'Operation output' };

/** Throws a miss, and does not the second time it is asked by the same request. */
function missing(scope: Scope, name: string, loads: string[]): void {
  if (scope.pinned.has(name)) return;
  throw new Miss(async () => {
    loads.push(name);
    scope.pinned.set(name, true);
  });
}

describe('a request whose data is in memory', () => {
  it('is answered without a promise', () => {
    const { handle, entries, defects } = pipelineOf(vault, {});
    expect(handle(requestOf())).toEqual(OK);
    expect(entries).toEqual([
      {
        requestId: '00000000-0000-4000-8000-000000000000',
        atMs: NOW_MS,
        sandbox: 'main',
        dialect: 'test',
        operation: 'Operation',
        status: 200,
        code: '',
        evidence: 'documented',
        ignored: [],
        audit: '',
      },
    ]);
    expect(defects).toEqual([]);
  });

  it.each([
    ['authenticate', '- -'],
    ['decode', '- test'],
    ['handle', 'Operation test'],
    ['encode', 'Operation test'],
  ] as const)('is refused without a promise by a fault of %s', (step, known) => {
    const { handle, entries, defects } = pipelineOf(vault, {
      [step]: () => {
        throw fault('KeyNotFound', { id: 'k' });
      },
    });
    expect(handle(requestOf())).toEqual({
      status: 400,
      headers: [],
      body: `${known} KeyNotFound {"id":"k"}`,
    });
    expect(entries).toMatchObject([{ status: 400, code: 'KeyNotFound', sandbox: 'main' }]);
    expect(defects).toEqual([]);
  });

  it('has what it ignored and what would have been refused in the journal', async () => {
    const { handle, entries } = pipelineOf(vault, {
      authenticate: () => ({ audit: 'not signed' }),
      decode: () => ({ ignored: ['Extra', 'More'], row: { name: 'Other' } }),
    });
    await handle(requestOf());
    expect(entries).toMatchObject([
      { ignored: ['Extra', 'More'], audit: 'not signed', operation: 'Other' },
    ]);
  });

  it('has in the journal what was known of it when it was refused', async () => {
    const refused = pipelineOf(vault, {
      authenticate() {
        throw fault('AccessDenied', { action: 'a', resource: 'r', reason: 'x' });
      },
    });
    await refused.handle(requestOf({ sandbox: 'ci' }));
    expect(refused.entries).toMatchObject([
      { sandbox: 'ci', dialect: '', operation: '', ignored: [], audit: '', code: 'AccessDenied' },
    ]);
  });
});

describe('a request that misses data', () => {
  it('is answered after loading, whichever step missed it, and recorded once', async () => {
    const loads: string[] = [];
    const { handle, entries } = pipelineOf(vault, {
      authenticate(_, scope) {
        missing(scope, 'credential', loads);
        return {};
      },
      handle(scope) {
        missing(scope, 'key', loads);
        missing(scope, 'other key', loads);
        return 'output';
      },
    });
    const answered = handle(requestOf());
    expect(answered).toBeInstanceOf(Promise);
    expect(await answered).toEqual(OK);
    expect(loads).toEqual(['credential', 'key', 'other key']);
    expect(entries).toHaveLength(1);
  });

  it('is decoded once, after its caller is known', async () => {
    const loads: string[] = [];
    const decoded: unknown[] = [];
    const { handle } = pipelineOf(vault, {
      decode: (_, caller) => {
        decoded.push(caller.audit);
        return {};
      },
      authenticate(_, scope) {
        missing(scope, 'credential', loads);
        return { audit: 'known' };
      },
      handle(scope) {
        missing(scope, 'key', loads);
        return 'output';
      },
    });
    await handle(requestOf());
    expect(decoded).toEqual(['known']);
  });

  it('shares nothing that it loaded with another request', async () => {
    const loads: string[] = [];
    const scopes: Scope[] = [];
    const { handle } = pipelineOf(vault, {
      handle(scope) {
        scopes.push(scope);
        missing(scope, 'key', loads);
        return 'output';
      },
    });
    await Promise.all([handle(requestOf()), handle(requestOf())]);
    await handle(requestOf());
    expect(loads).toEqual(['key', 'key', 'key']);
    expect(new Set(scopes.map(({ pinned }) => pinned)).size).toBe(3);
  });

  it.each(['authenticate', 'handle'] as const)(
    'is refused when the store cannot be reached in %s',
    async (step) => {
      const { handle, entries, defects } = pipelineOf(vault, {
        [step]: () => {
          throw new Miss(async () => {
            throw fault('Unavailable', { what: 'the store' });
          });
        },
      });
      expect(await handle(requestOf())).toMatchObject({ status: 400 });
      expect(entries).toMatchObject([{ code: 'Unavailable' }]);
      expect(defects).toEqual([]);
    },
  );

  it('is refused as a defect when it misses data for ever', async () => {
    const { handle, entries, defects } = pipelineOf(vault, {
      handle() {
        throw new Miss(async () => undefined);
      },
    });
    await handle(requestOf());
    expect(entries).toMatchObject([{ code: 'Internal' }]);
    expect(defects).toMatchObject([{ code: 'Internal' }]);
  });
});

describe('an asynchronous handler', () => {
  it('is waited for', async () => {
    const { handle, entries } = pipelineOf(vault, { handle: async () => 'late' });
    expect(await handle(requestOf())).toMatchObject({ body: 'Operation late' });
    expect(entries).toMatchObject([{ status: 200 }]);
  });

  const refused: readonly (readonly [string, Steps])[] = [
    ['rejects', { handle: () => Promise.reject(fault('KeyDisabled', { id: 'k' })) }],
    [
      'gives what cannot be encoded',
      {
        handle: async () => 'x',
        encode() {
          throw fault('KeyDisabled', { id: 'k' });
        },
      },
    ],
  ];

  it.each(refused)('is refused when it %s', async (_, steps) => {
    const { handle, entries, defects } = pipelineOf(vault, steps);
    expect(await handle(requestOf())).toMatchObject({ status: 400 });
    expect(entries).toMatchObject([{ code: 'KeyDisabled' }]);
    expect(defects).toEqual([]);
  });
});

describe('a credential of another sandbox', () => {
  it('moves the request there, with its time and with nothing loaded before', async () => {
    const seen: unknown[] = [];
    const loads: string[] = [];
    const { handle, entries } = pipelineOf(vault, {
      authenticate(_, scope) {
        missing(scope, 'credential', loads);
        return { sandbox: 'later' };
      },
      handle({ sandbox, nowMs, pinned }) {
        seen.push(sandbox, nowMs - NOW_MS, pinned.has('credential'));
        return 'output';
      },
    });
    expect(await handle(requestOf())).toEqual(OK);
    expect(seen).toEqual(['later', 3_600_000, false]);
    expect(entries).toMatchObject([{ sandbox: 'later' }]);
  });
});

describe('a sandbox', () => {
  it('is made on first use', async () => {
    const { handle, entries } = pipelineOf(vault, {});
    expect(await handle(requestOf({ sandbox: 'ci-1' }))).toEqual(OK);
    expect(handle(requestOf({ sandbox: 'ci-1' }))).toEqual(OK);
    expect(entries.map(({ sandbox }) => sandbox)).toEqual(['ci-1', 'ci-1']);
  });

  it('must be there before where sandboxes are made ahead', async () => {
    let handled = 0;
    const { handle, entries } = pipelineOf(vault, { handle: () => (handled += 1) }, true);
    await handle(requestOf({ sandbox: 'ci-1' }));
    expect([handled, entries[0]?.code]).toEqual([0, 'InputInvalid']);
    await handle(requestOf());
    expect(handled).toBe(1);
  });
});

describe('a defect of ours', () => {
  const SECRET = 'the plaintext of somebody';
  const defect = new TypeError(`cannot read ${SECRET}`);
  const fail = (): never => {
    throw defect;
  };

  it.each(['authenticate', 'decode', 'handle', 'encode'] as const)(
    'in %s is Internal on the wire, says nothing there, and is reported once',
    (step) => {
      const { handle, entries, defects } = pipelineOf(vault, { [step]: fail });
      const answer = handle(requestOf());
      if (answer instanceof Promise) throw new Error('a promise');
      expect(answer.body).toMatch(/Internal \{"what":"a defect of ours"\}$/);
      expect(JSON.stringify([answer, entries])).not.toContain(SECRET);
      expect(entries).toMatchObject([{ code: 'Internal', status: 400 }]);
      expect(defects).toEqual([defect]);
    },
  );

  it.each(['authenticate', 'handle', 'encode'] as const)(
    'in %s after a load is reported once too',
    async (step) => {
      const loads: string[] = [];
      const { handle, entries, defects } = pipelineOf(vault, {
        authenticate(_, scope) {
          missing(scope, 'credential', loads);
          return step === 'authenticate' ? fail() : {};
        },
        handle(scope) {
          missing(scope, 'key', loads);
          return step === 'handle' ? fail() : 'output';
        },
        ...(step === 'encode' ? { encode: fail } : {}),
      });
      expect(await handle(requestOf())).toMatchObject({ status: 400 });
      expect(entries).toHaveLength(1);
      expect(defects).toEqual([defect]);
    },
  );

  it('that the vault calls Internal is reported as well', () => {
    const damage = fault('Internal', { what: 'wrapped material does not open' });
    const { handle, defects } = pipelineOf(vault, {
      handle() {
        throw damage;
      },
    });
    expect(handle(requestOf())).toMatchObject({
      body: 'Operation test Internal {"what":"wrapped material does not open"}',
    });
    expect(defects).toEqual([damage]);
  });

  it('in the clock is no exception', () => {
    const broken = { ...vault, clock: { ...vault.clock, virtualMs: fail } };
    const { handle, defects, entries } = pipelineOf(broken, {});
    expect(handle(requestOf())).toMatchObject({ status: 400 });
    expect(defects).toEqual([defect]);
    expect(entries).toMatchObject([{ sandbox: 'main' }]);
  });

  it('in saying a fault is said as Internal, and both are known', async () => {
    for (const asynchronous of [false, true]) {
      const refused = fault('KeyNotFound', { id: 'k' });
      const { handle, defects, entries } = pipelineOf(vault, {
        handle() {
          if (asynchronous) return Promise.reject(refused);
          throw refused;
        },
        refuse: (thrown) => (thrown.code === 'Internal' ? outcomeOf(500, 'E', 'internal') : fail()),
      });
      expect(await handle(requestOf())).toMatchObject({ status: 500, body: 'internal' });
      expect(defects).toEqual([defect]);
      expect(entries).toHaveLength(1);
    }
  });
});
