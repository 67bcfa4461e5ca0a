import { createSystemClock, createSystemEntropy, openVault, withLoads } from '@keyglot/core';
import { createPostgresStore } from '@keyglot/store-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signed, stampOf } from '../support/signedRequest.js';
import { type Link, startDatabase, startLink, type TestDatabase } from './database.js';
import { done, hasCode, overstayed } from './overstayed.js';
import {
  type Answer,
  answerOf,
  LEASE_MS,
  makeKey,
  type Replica,
  seal,
  startReplica,
  urlOf,
  watch,
} from './replica.js';

let database: TestDatabase;
let link: Link;
/** Where changes are made. */
let one: Replica;
/** The other one, which no notification reaches. */
let two: Replica;
/** As `two`, with authentication. */
let strict: Replica;
let listensBroken = 0;

beforeAll(async () => {
  database = await startDatabase();
  link = await startLink(database.address);
  link.breaksOn = (sent) => {
    const listens = sent.includes('LISTEN keyglot_change');
    if (listens) listensBroken += 1;
    return listens;
  };
  one = await startReplica(database.address);
  [two, strict] = await Promise.all([
    startReplica(link.address),
    startReplica(link.address, { auth: 'enforce' }),
  ]);
});
afterAll(async () => {
  await Promise.all([one, two, strict].map((replica) => replica?.stop()));
  await link?.close();
  await database?.stop();
});

const materialOf = ({ output }: Answer): unknown =>
  Object(output['KeyMetadata'])['CurrentKeyMaterialId'];

describe.concurrent('without notifications, a change at one gateway holds at the other one within a lease', () => {
  it('when a key is disabled, and when it is enabled again', async () => {
    const KeyId = await makeKey(one);
    const ask = (): Promise<Answer> => seal(two, KeyId);
    const disable = (): Promise<unknown> => done(one.call('DisableKey', { KeyId }));
    expect(await overstayed(ask, hasCode('DisabledException'), disable)).toBeLessThan(LEASE_MS);
    const enable = (): Promise<unknown> => done(one.call('EnableKey', { KeyId }));
    expect(await overstayed(ask, hasCode('ok'), enable)).toBeLessThan(LEASE_MS);
  });

  it('when the deletion of a key is scheduled', async () => {
    const KeyId = await makeKey(one);
    const sealed = await done(seal(two, KeyId));
    const open = (): Promise<Answer> =>
      two.call('Decrypt', { CiphertextBlob: sealed.output['CiphertextBlob'] });
    const change = (): Promise<unknown> =>
      done(one.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 }));
    const late = await overstayed(open, hasCode('KMSInvalidStateException'), change);
    expect(late).toBeLessThan(LEASE_MS);
  });

  it('when an alias is moved, and when it is deleted', async () => {
    const [before, after] = [await makeKey(one), await makeKey(one)];
    const AliasName = 'alias/moved';
    await done(one.call('CreateAlias', { AliasName, TargetKeyId: before }));
    const ask = (): Promise<Answer> => seal(two, AliasName);
    const leads = ({ output }: Answer): boolean => String(output['KeyId']).endsWith(after);
    const move = (): Promise<unknown> =>
      done(one.call('UpdateAlias', { AliasName, TargetKeyId: after }));
    expect(await overstayed(ask, leads, move)).toBeLessThan(LEASE_MS);
    const drop = (): Promise<unknown> => done(one.call('DeleteAlias', { AliasName }));
    expect(await overstayed(ask, hasCode('NotFoundException'), drop)).toBeLessThan(LEASE_MS);
  });

  it('when a key is rotated', async () => {
    const KeyId = await makeKey(one);
    const ask = (): Promise<Answer> => done(two.call('DescribeKey', { KeyId }));
    const before = materialOf(await ask());
    const rotate = (): Promise<unknown> => done(one.call('RotateKeyOnDemand', { KeyId }));
    const late = await overstayed(ask, (answer) => materialOf(answer) !== before, rotate);
    expect(late).toBeLessThan(LEASE_MS);
  });

  it('and what either has sealed around a rotation opens at both all the time', async () => {
    const KeyId = await makeKey(one);
    const sealed = [await done(seal(one, KeyId)), await done(seal(two, KeyId))];
    await done(one.call('RotateKeyOnDemand', { KeyId }));
    // At once, when the other gateway does not know the version yet.
    sealed.push(await done(seal(two, KeyId)), await done(seal(one, KeyId)));
    for (const { output } of sealed) {
      for (const replica of [one, two]) {
        const input = { CiphertextBlob: output['CiphertextBlob'] };
        expect((await done(replica.call('Decrypt', input))).output['Plaintext']).toBe('c2VjcmV0');
      }
    }
  });

  it('when the clock of a sandbox is moved, and when the sandbox is emptied', async () => {
    const path = '/s/moved/aws/';
    const [kept, dying] = [await makeKey(one, path), await makeKey(one, path)];
    const schedule = { KeyId: dying, PendingWindowInDays: 7 };
    await done(one.call('ScheduleKeyDeletion', schedule, path));
    const move = async (): Promise<void> => {
      const seconds = { advanceSeconds: 8 * 86_400 };
      expect((await one.admin('POST', '/sandboxes/moved/clock', seconds)).status).toBe(200);
    };
    const gone = hasCode('NotFoundException');
    const describe = (KeyId: string) => (): Promise<Answer> =>
      two.call('DescribeKey', { KeyId }, path);
    expect(await overstayed(describe(dying), gone, move)).toBeLessThan(LEASE_MS);
    const reset = async (): Promise<void> => {
      expect((await one.admin('POST', '/sandboxes/moved/reset', {})).status).toBe(204);
    };
    expect(await overstayed(() => seal(two, kept, path), gone, reset)).toBeLessThan(LEASE_MS);
  });

  it('when the secret of a credential is replaced', async () => {
    const accessKeyId = 'AKIAREPLICA000000001';
    await register(accessKeyId, 'first', 201);
    const withSecret = (secret: string) => (): Promise<Answer> => list(two, accessKeyId, secret);
    expect((await withSecret('second')()).code).toBe('InvalidSignatureException');
    const late = await overstayed(withSecret('first'), hasCode('InvalidSignatureException'), () =>
      register(accessKeyId, 'second', 200),
    );
    expect(late).toBeLessThan(LEASE_MS);
    await done(withSecret('second')());
  });

  it('when a credential is removed', async () => {
    const accessKeyId = 'AKIAREPLICA000000002';
    await register(accessKeyId, 'first', 201);
    const late = await overstayed(
      () => list(strict, accessKeyId, 'first'),
      hasCode('UnrecognizedClientException'),
      async () => {
        const removed = await one.admin('DELETE', `/credentials/aws/${accessKeyId}`);
        expect(removed.status).toBe(204);
      },
    );
    expect(late).toBeLessThan(LEASE_MS);
  });

  const register = async (accessKeyId: string, secret: string, status: number): Promise<void> => {
    const credential = { accessKeyId, secretAccessKey: secret, account: '000000000000' };
    expect((await one.admin('POST', '/credentials', credential)).status).toBe(status);
  };
  const list = async (
    { gateway, send }: Replica,
    accessKeyId: string,
    secretAccessKey: string,
  ): Promise<Answer> => {
    const body = '{}';
    const headers = signed({
      accessKeyId,
      secretAccessKey,
      date: stampOf(Date.now()),
      region: 'us-east-1',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        host: new URL(gateway.url).host,
        'x-amz-target': 'TrentService.ListKeys',
      },
      body,
    });
    return answerOf(await send({ headers, body }));
  };
});

describe('a notification', () => {
  it('was tried for and cut off in all tests above', () => {
    expect(listensBroken).toBeGreaterThan(1);
  });

  it('alone makes a vault forget a key whose lease is still long', async () => {
    const entropy = createSystemEntropy();
    const { vault } = one.gateway;
    const { rootKey } = vault;
    const clock = createSystemClock();
    const url = urlOf(database.address);
    const store = await createPostgresStore({ url, clock, entropy });
    // Nobody renews these leases, and they do not end while the test lasts.
    const other = await openVault({ store, clock, entropy, rootKey, leaseMs: 3_600_000 });
    try {
      const KeyId = await makeKey(one);
      const state = async (): Promise<string | undefined> => {
        const scope = { sandbox: 'main', nowMs: Date.now(), pinned: new Map() };
        const key = await withLoads(() => other.keys.byWireId(scope, 'aws', KeyId, () => true));
        return key?.record.state;
      };
      expect(await state()).toBe('enabled');
      // Again and again, because it begins to listen at a moment of its own.
      const change = async (): Promise<string | undefined> => {
        await done(one.call('EnableKey', { KeyId }));
        await done(one.call('DisableKey', { KeyId }));
        return state();
      };
      await watch(change, (found) => found === 'disabled');
    } finally {
      await other.close();
    }
  });
});
