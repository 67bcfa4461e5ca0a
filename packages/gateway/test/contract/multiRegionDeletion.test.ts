import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  type KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  makeKey,
  members,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { AWAY, arnIn, HOME, makeReplicated, THIRD } from '../support/multiRegion.js';
import { caseName, OPERATION_CASES } from '../support/operationCases.js';
import { STATE_ANSWERS } from '../support/stateTable.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let home: KMSClient;
let away: KMSClient;
let third: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  home = aws.client({ region: HOME });
  away = aws.client({ region: AWAY });
  third = aws.client({ region: THIRD });
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

const replicated = async (...regions: readonly string[]): Promise<string> =>
  (await makeReplicated(home, regions)).id;

async function schedule(client: KMSClient, KeyId: string, days?: number): Promise<unknown> {
  const input = { KeyId, PendingWindowInDays: days };
  return members(await client.send(new ScheduleKeyDeletionCommand(input)));
}

const cancel = (client: KMSClient, KeyId: string) =>
  client.send(new CancelKeyDeletionCommand({ KeyId }));

/** State, date, waiting period and regions of replica keys, as DescribeKey shows them. */
async function shown(client: KMSClient, KeyId: string): Promise<unknown> {
  const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId }));
  const { ReplicaKeys } = key?.MultiRegionConfiguration ?? {};
  return {
    state: key?.KeyState,
    date: key?.DeletionDate,
    window: key?.PendingDeletionWindowInDays,
    replicas: ReplicaKeys?.map(({ Region }) => Region),
  };
}

const after = (days: number): Date => new Date(START_MS + days * DAY_MS);
const inDays = (days: number): void => {
  aws.clock.nowMs = START_MS + days * DAY_MS;
};
const noKey = (region: string, id: string) =>
  refused('NotFoundException', `Key '${arnIn(region, id)}' does not exist`);

test('a primary key without replica keys goes as any other key', async () => {
  const id = await replicated();
  expect(await schedule(home, id, 7)).toEqual({
    KeyId: arnIn(HOME, id),
    DeletionDate: after(7),
    KeyState: 'PendingDeletion',
    PendingWindowInDays: 7,
  });
  expect(await shown(home, id)).toEqual({ state: 'PendingDeletion', date: after(7), replicas: [] });
  inDays(7);
  expect(await refusal(shown(home, id))).toEqual(noKey(HOME, id));
});

test('a replica key goes on its day, and the others no longer show it then', async () => {
  const id = await replicated(AWAY, THIRD);
  expect(await schedule(away, id, 7)).toEqual({
    KeyId: arnIn(AWAY, id),
    DeletionDate: after(7),
    KeyState: 'PendingDeletion',
    PendingWindowInDays: 7,
  });
  expect(await shown(home, id)).toEqual({ state: 'Enabled', replicas: [THIRD, AWAY] });
  aws.clock.nowMs = START_MS + 7 * DAY_MS - 1;
  expect(await shown(third, id)).toMatchObject({ replicas: [THIRD, AWAY] });
  inDays(7);
  expect(await shown(third, id)).toEqual({ state: 'Enabled', replicas: [THIRD] });
  expect(await shown(home, id)).toEqual({ state: 'Enabled', replicas: [THIRD] });
  expect(await refusal(shown(away, id))).toEqual(noKey(AWAY, id));
});

test('a region whose replica key is gone takes another one, whether or not it was removed', async () => {
  for (const removed of [false, true]) {
    inDays(0);
    const id = await replicated(AWAY);
    await schedule(away, id, 7);
    inDays(7);
    if (removed) await aws.gateway.vault.store.purgeKeys('main', aws.clock.nowMs, 100);
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    expect(await shown(away, id)).toEqual({ state: 'Enabled', replicas: [AWAY] });
  }
});

test('a region whose replica key will be deleted takes no other one', async () => {
  const id = await replicated(AWAY);
  await schedule(away, id);
  const answer = home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
  expect(await refusal(answer)).toEqual(
    refused(
      'AlreadyExistsException',
      'You can create only one replica of each primary key in each AWS Region.',
    ),
  );
});

describe('a primary key with replica keys', () => {
  test('waits for the last of them to be gone, and then for its own period', async () => {
    const id = await replicated(AWAY, THIRD);
    expect(await schedule(home, id, 10)).toEqual({
      KeyId: arnIn(HOME, id),
      KeyState: 'PendingReplicaDeletion',
      PendingWindowInDays: 10,
    });
    const waiting = { state: 'PendingReplicaDeletion', window: 10 };
    expect(await shown(home, id)).toEqual({ ...waiting, replicas: [THIRD, AWAY] });
    // The replica keys are not touched.
    expect(await shown(away, id)).toMatchObject({ state: 'Enabled' });

    inDays(100);
    await schedule(away, id, 7);
    inDays(110);
    expect(await shown(home, id)).toEqual({ ...waiting, replicas: [THIRD] });
    await schedule(third, id, 20);
    expect(await shown(home, id)).toEqual({ ...waiting, replicas: [THIRD] });
    aws.clock.nowMs = START_MS + 130 * DAY_MS - 1;
    expect(await shown(home, id)).toEqual({ ...waiting, replicas: [THIRD] });
    inDays(130);
    expect(await shown(home, id)).toEqual({
      state: 'PendingDeletion',
      date: after(140),
      replicas: [],
    });
    inDays(140);
    expect(await refusal(shown(home, id))).toEqual(noKey(HOME, id));
  });

  test('waits for them also when their deletion was scheduled first', async () => {
    const id = await replicated(AWAY);
    await schedule(away, id, 20);
    expect(await schedule(home, id, 7)).toMatchObject({ KeyState: 'PendingReplicaDeletion' });
    inDays(19);
    expect(await shown(home, id)).toMatchObject({ state: 'PendingReplicaDeletion', window: 7 });
    inDays(20);
    expect(await shown(home, id)).toMatchObject({ state: 'PendingDeletion', date: after(27) });
  });

  test('is removed with nothing left behind, also by a late tick', async () => {
    const id = await replicated(AWAY);
    const before = await aws.loaded(id);
    await schedule(home, id, 7);
    await schedule(away, id, 7);
    inDays(30);
    const { store } = aws.gateway.vault;
    const gone = await store.purgeKeys('main', aws.clock.nowMs, 100);
    expect(gone.map((ref) => ref.id)).toContain(before.record.id);
    const where = { sandbox: 'main', dialect: 'aws', kind: 'key', wireId: id } as const;
    expect(await store.locate(where)).toEqual([]);
  });

  test('goes on waiting when the deletion of a replica key is cancelled', async () => {
    const id = await replicated(AWAY);
    await schedule(home, id, 7);
    await schedule(away, id, 7);
    inDays(6);
    await cancel(away, id);
    expect(await shown(away, id)).toEqual({ state: 'Disabled', replicas: [AWAY] });
    inDays(400);
    expect(await shown(home, id)).toEqual({
      state: 'PendingReplicaDeletion',
      window: 7,
      replicas: [AWAY],
    });
  });

  test.each([
    ['while it waits', 3, [AWAY]],
    ['in its own period', 8, []],
  ])('comes back disabled when that is cancelled %s', async (_when, days, replicas) => {
    const id = await replicated(AWAY);
    await schedule(home, id, 7);
    await schedule(away, id, 7);
    inDays(days);
    const answer = await cancel(home, id);
    expect(answer.KeyId).toBe(arnIn(HOME, id));
    expect(await shown(home, id)).toEqual({ state: 'Disabled', replicas });
    inDays(days + 60);
    await home.send(new EnableKeyCommand({ KeyId: id }));
    expect(await shown(home, id)).toEqual({ state: 'Enabled', replicas: [] });
  });

  test('takes another period when it is scheduled again', async () => {
    const id = await replicated(AWAY);
    await schedule(home, id, 7);
    await cancel(home, id);
    await schedule(home, id, 30);
    await schedule(away, id, 7);
    inDays(7);
    expect(await shown(home, id)).toMatchObject({ state: 'PendingDeletion', date: after(37) });
  });
});

describe('in the state PendingReplicaDeletion', () => {
  // A key that waits for its material cannot be replicated.
  const cases = OPERATION_CASES.filter(({ key }) => key?.Origin !== 'EXTERNAL').flatMap((one) =>
    one.states === undefined ? [] : [{ ...one, states: one.states, name: caseName(one) }],
  );

  test.each(cases)('$name does as for a key that is pending deletion', async (one) => {
    const { id, arn } = await makeKey(home, { ...one.key, MultiRegion: true });
    const send = await one.prepare(home, { id, arn });
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    await schedule(home, id);
    expect(await shown(home, id)).toMatchObject({ state: 'PendingReplicaDeletion' });
    const outcome = one.states['pending-deletion'];
    if (outcome === 'unknown') return;
    if (outcome === 'ok') {
      await send(home, id);
      return;
    }
    const [code, text] = STATE_ANSWERS[outcome];
    const said = text.replace('pending deletion', 'pending replica deletion');
    expect(await refusal(send(home, id))).toEqual(refused(code, `${arn} ${said}`));
  });
});
