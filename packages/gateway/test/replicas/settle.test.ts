import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { AWAY, inRegion } from '../support/multiRegion.js';
import { type Link, startDatabase, startLink, type TestDatabase } from './database.js';
import {
  type Answer,
  type Client,
  clientOf,
  LEASE_MS,
  makeKey,
  type Replica,
  repeat,
  seal,
  startReplica,
} from './replica.js';

let database: TestDatabase;
let link: Link;
let replicas: readonly [Replica, Replica];

beforeAll(async () => {
  database = await startDatabase();
  const { address } = database;
  link = await startLink(address);
  // Neither notifications nor renewals reach the other gateway, so that it uses its leases up.
  link.breaksOn = (sent) =>
    sent.includes('LISTEN keyglot_change') || sent.includes('keyglot_revisions');
  replicas = [
    await startReplica(address, { settle: true }),
    await startReplica(link.address, { settle: true }),
  ];
});
afterAll(async () => {
  await Promise.all(replicas?.map((replica) => replica.stop()) ?? []);
  await link?.close();
  await database?.stop();
});

/** Clients of both gateways with connections of their own, so that nobody waits for somebody else's change. */
function clients(onTestFinished: TestContext['onTestFinished']): readonly [Client, Client] {
  const [one, two] = replicas.map(({ gateway }) => clientOf(gateway.port));
  if (one === undefined || two === undefined) throw new Error('two gateways are missing');
  onTestFinished(() => {
    one.close();
    two.close();
  });
  return [one, two];
}

/** Uses the other gateway without a pause while a change is made; gives its answers from before and after. */
async function during(
  ask: () => Promise<Answer>,
  change: () => Promise<Answer>,
): Promise<{ readonly before: readonly string[]; readonly after: readonly string[] }> {
  const codes: { readonly startedMs: number; readonly code: string }[] = [];
  let over = false;
  const use = async (): Promise<void> => {
    const startedMs = performance.now();
    codes.push({ startedMs, code: (await ask()).code });
  };
  const using = async (): Promise<void> => {
    while (!over) {
      await use();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  // Now it has the state before in memory.
  await use();
  const used = using();
  expect((await change()).code).toBe('ok');
  const acknowledgedMs = performance.now();
  const after = await repeat(20, ask);
  over = true;
  await used;
  const late = codes.filter(({ startedMs }) => startedMs > acknowledgedMs);
  return {
    before: codes.filter(({ startedMs }) => startedMs <= acknowledgedMs).map(({ code }) => code),
    after: [...after, ...late].map(({ code }) => code),
  };
}

describe.concurrent('with settled changes, an acknowledged change is final at every gateway', () => {
  it('when a key is disabled', async ({ onTestFinished }) => {
    const [one, two] = clients(onTestFinished);
    const KeyId = await makeKey(one);
    const startedMs = performance.now();
    const { before, after } = await during(
      () => seal(two, KeyId),
      () => one.call('DisableKey', { KeyId }),
    );
    expect(performance.now() - startedMs).toBeGreaterThan(LEASE_MS);
    expect(before).toContain('ok');
    expect(new Set(after)).toEqual(new Set(['DisabledException']));
  });

  it('when a key is disabled a second time, while the first answer is still to come', async ({
    onTestFinished,
  }) => {
    const [one, two] = clients(onTestFinished);
    const [other] = clients(onTestFinished);
    const KeyId = await makeKey(one);
    expect((await seal(two, KeyId)).code).toBe('ok');
    const first = one.call('DisableKey', { KeyId });
    const { after } = await during(
      () => seal(two, KeyId),
      () => other.call('DisableKey', { KeyId }),
    );
    expect(new Set(after)).toEqual(new Set(['DisabledException']));
    expect((await first).code).toBe('ok');
  });

  it('when the deletion of a key is scheduled', async ({ onTestFinished }) => {
    const [one, two] = clients(onTestFinished);
    const KeyId = await makeKey(one);
    const { before, after } = await during(
      () => seal(two, KeyId),
      () => one.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 }),
    );
    expect(before).toContain('ok');
    expect(new Set(after)).toEqual(new Set(['KMSInvalidStateException']));
  });

  it('when the deletion of a multi-Region key is scheduled', async ({ onTestFinished }) => {
    const [one, two] = clients(onTestFinished);
    const made = await one.call('CreateKey', { MultiRegion: true });
    const KeyId = String(Object(made.output['KeyMetadata'])['KeyId']);
    const { headers } = inRegion(AWAY);
    expect((await one.call('ReplicateKey', { KeyId, ReplicaRegion: AWAY })).code).toBe('ok');
    const input = { KeyId, Plaintext: 'c2VjcmV0' };
    const { before, after } = await during(
      () => two.call('Encrypt', input, '/', headers),
      () => one.call('ScheduleKeyDeletion', { KeyId }, '/', headers),
    );
    expect(before).toContain('ok');
    expect(new Set(after)).toEqual(new Set(['KMSInvalidStateException']));
  });

  it('when an alias is deleted', async ({ onTestFinished }) => {
    const [one, two] = clients(onTestFinished);
    const AliasName = 'alias/settled';
    const TargetKeyId = await makeKey(one);
    expect((await one.call('CreateAlias', { AliasName, TargetKeyId })).code).toBe('ok');
    const { before, after } = await during(
      () => seal(two, AliasName),
      () => one.call('DeleteAlias', { AliasName }),
    );
    expect(before).toContain('ok');
    expect(new Set(after)).toEqual(new Set(['NotFoundException']));
  });

  it('and a new key, whose absence nobody remembers, is answered at once', async ({
    onTestFinished,
  }) => {
    const [one] = clients(onTestFinished);
    const startedMs = performance.now();
    await makeKey(one);
    expect(performance.now() - startedMs).toBeLessThan(LEASE_MS);
  });
});
