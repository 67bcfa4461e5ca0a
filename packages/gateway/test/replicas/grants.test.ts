import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDatabase, type TestDatabase } from './database.js';
import { done } from './overstayed.js';
import { type Answer, makeKey, type Replica, startReplica } from './replica.js';

let database: TestDatabase;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  database = await startDatabase();
  [one, two] = await Promise.all([startReplica(database.address), startReplica(database.address)]);
});
afterAll(async () => {
  await Promise.all([one, two].map((replica) => replica?.stop()));
  await database?.stop();
});

const ROOT = 'arn:aws:iam::000000000000:root';
const permit = (KeyId: string) => ({
  KeyId,
  GranteePrincipal: ROOT,
  RetiringPrincipal: ROOT,
  Operations: ['DescribeKey'],
});
const create = (at: Replica, KeyId: string, more: object = {}): Promise<Answer> =>
  done(at.call('CreateGrant', { ...permit(KeyId), ...more }));
const idsAt = async (at: Replica, KeyId: string): Promise<readonly string[]> => {
  const { output } = await done(at.call('ListGrants', { KeyId }));
  return (output['Grants'] as { readonly GrantId: string }[]).map(({ GrantId }) => GrantId);
};

describe('grants on a database that two gateways share', () => {
  it('are listed, used and ended at the one as at the other', async () => {
    const KeyId = await makeKey(one);
    const { GrantId, GrantToken } = (await create(one, KeyId)).output;
    expect(await idsAt(two, KeyId)).toEqual([GrantId]);
    const tokens = { Plaintext: 'YQ==', GrantTokens: [GrantToken] };
    await done(two.call('Encrypt', { KeyId, ...tokens }));
    await done(two.call('RetireGrant', { GrantToken }));
    expect(await idsAt(one, KeyId)).toEqual([]);
    expect((await one.call('RetireGrant', { GrantToken })).code).toBe('NotFoundException');
  });

  it('of one name are one, whichever gateway is asked', async () => {
    const KeyId = await makeKey(one);
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, n) => create(n % 2 ? one : two, KeyId, { Name: 'once' })),
    );
    expect(new Set(made.map(({ output }) => output['GrantId'])).size).toBe(1);
    expect((await idsAt(two, KeyId)).length).toBe(1);
  });

  it('are revoked once, and pages go on at the other gateway', async () => {
    const KeyId = await makeKey(one);
    const ids: unknown[] = [];
    for (let n = 0; n < 3; n += 1) ids.push((await create(one, KeyId)).output['GrantId']);
    const first = await done(one.call('ListGrants', { KeyId, Limit: 2 }));
    const Marker = first.output['NextMarker'];
    const rest = await done(two.call('ListGrants', { KeyId, Limit: 2, Marker }));
    expect([rest.output['Truncated'], (rest.output['Grants'] as unknown[]).length]).toEqual([
      false,
      1,
    ]);
    const revoked = await Promise.all(
      [one, two].map((at) => at.call('RevokeGrant', { KeyId, GrantId: ids[0] })),
    );
    expect(revoked.map(({ code }) => code).sort()).toEqual(['NotFoundException', 'ok']);
  });
});
