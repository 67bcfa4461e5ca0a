import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms';
import { tick } from '@keyglot/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  type MadeKey,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { AWAY, arnIn, HOME, inRegion, makeReplicated, THIRD } from '../support/multiRegion.js';
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

const replicated = (regions: readonly string[] = [AWAY]): Promise<MadeKey> =>
  makeReplicated(home, regions);

async function described(client: KMSClient, KeyId: string): Promise<KeyMetadata> {
  const { KeyMetadata: found } = await client.send(new DescribeKeyCommand({ KeyId }));
  if (found === undefined) throw new Error('no metadata');
  return found;
}

const rotate = (client: KMSClient, KeyId: string): Promise<unknown> =>
  client.send(new RotateKeyOnDemandCommand({ KeyId }));
const goTo = (days: number): void => {
  aws.clock.nowMs = START_MS + days * DAY_MS;
};

describe('RotateKeyOnDemand', () => {
  test('of the primary key is one of all, and what was sealed before still opens', async () => {
    const { id } = await replicated([AWAY]);
    const Plaintext = Buffer.from('before');
    const { CiphertextBlob } = await away.send(new EncryptCommand({ KeyId: id, Plaintext }));
    const before = (await described(home, id)).CurrentKeyMaterialId;
    await rotate(home, id);
    // Made afterwards, with both materials.
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: THIRD }));
    const after = await Promise.all([home, away, third].map((client) => described(client, id)));
    const [material] = after.map((key) => key.CurrentKeyMaterialId);
    expect(material).not.toBe(before);
    expect(after.map((key) => key.CurrentKeyMaterialId)).toEqual([material, material, material]);
    for (const client of [home, away, third]) {
      const opened = await client.send(new DecryptCommand({ CiphertextBlob }));
      expect([bytes(opened.Plaintext), opened.KeyMaterialId]).toEqual([Plaintext, before]);
      const fresh = await client.send(new EncryptCommand({ KeyId: id, Plaintext }));
      const read = await home.send(new DecryptCommand({ CiphertextBlob: fresh.CiphertextBlob }));
      expect(read.KeyMaterialId).toBe(material);
    }
  });

  test('is refused on a replica key', async () => {
    const { id } = await replicated();
    expect(await refusal(rotate(away, id))).toEqual(
      refused(
        'UnsupportedOperationException',
        `${arnIn(AWAY, id)} is a multi-region replica key which is not valid for RotateKeyOnDemand.`,
      ),
    );
  });

  test('is counted for all keys of the id together', async () => {
    const { id } = await replicated();
    for (let n = 0; n < 25; n += 1) await rotate(home, id);
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: AWAY }));
    await away.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: THIRD }));
    await away.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: THIRD }));
    // The official client retries this error, by its name.
    const answer = await aws.call('RotateKeyOnDemand', { KeyId: id }, inRegion(THIRD));
    expect(answer.body).toEqual({
      __type: 'LimitExceededException',
      message: `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arnIn(THIRD, id)}`,
    });
  });
});

test('a twin in another dialect rotates all keys of the id, and has no part in the rest', async () => {
  const { id, arn } = await replicated();
  const made = await aws.send({
    path: '/_keyglot/twins',
    headers: {
      authorization: `Bearer ${aws.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      source: { dialect: 'aws', keyId: arn },
      twin: { dialect: 'yandex', account: 'b1gfolder00000000000' },
    }),
  });
  const { keyId } = JSON.parse(made.text).twin;
  const before = (await described(home, id)).CurrentKeyMaterialId;
  const rotated = await aws.send({
    path: `/yandex/kms/v1/keys/${keyId}:rotate`,
    headers: { authorization: 'Bearer anybody', 'content-type': 'application/json' },
    body: '{}',
  });
  expect(rotated.status, rotated.text).toBe(200);
  await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: THIRD }));
  const seen = await Promise.all([home, away, third].map((client) => described(client, id)));
  expect(new Set(seen.map((key) => key.CurrentKeyMaterialId)).size).toBe(1);
  expect(seen[0]?.CurrentKeyMaterialId).not.toBe(before);
  const { ReplicaKeys } = seen[0]?.MultiRegionConfiguration ?? {};
  expect(ReplicaKeys?.map(({ Region }) => Region)).toEqual([THIRD, AWAY]);
});

describe('automatic rotation', () => {
  const OFF = [false, undefined, undefined];
  const enable = (client: KMSClient, KeyId: string, RotationPeriodInDays = 100) =>
    client.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));

  /** Whether a key rotates, how often and when next, in days since the start. */
  async function status(client: KMSClient, KeyId: string): Promise<unknown> {
    const answer = await client.send(new GetKeyRotationStatusCommand({ KeyId }));
    const next = answer.NextRotationDate;
    return [
      answer.KeyRotationEnabled,
      answer.RotationPeriodInDays,
      next && (next.getTime() - START_MS) / DAY_MS,
    ];
  }

  /** Type, days since the start and material of every rotation. */
  async function rotations(client: KMSClient, KeyId: string): Promise<unknown> {
    const { Rotations = [] } = await client.send(new ListKeyRotationsCommand({ KeyId }));
    return Rotations.map(({ RotationType, RotationDate, KeyMaterialId }) => [
      RotationType,
      ((RotationDate?.getTime() ?? 0) - START_MS) / DAY_MS,
      KeyMaterialId,
    ]);
  }

  const all = <T>(ask: (client: KMSClient) => Promise<T>): Promise<T[]> =>
    Promise.all([home, away, third].map(ask));

  test('is switched by the primary key for all, also for those that are made later', async () => {
    const { id } = await replicated();
    await enable(home, id);
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: THIRD }));
    expect(await all((client) => status(client, id))).toEqual(Array(3).fill([true, 100, 100]));
    await home.send(new DisableKeyRotationCommand({ KeyId: id }));
    expect(await all((client) => status(client, id))).toEqual(Array(3).fill(OFF));
  });

  test.each(['EnableKeyRotation', 'DisableKeyRotation'])(
    '%s is refused on a replica key',
    async (operation) => {
      const { id } = await replicated();
      const answer = await aws.call(operation, { KeyId: id }, inRegion(AWAY));
      expect([answer.status, answer.body]).toEqual([
        400,
        {
          __type: 'UnsupportedOperationException',
          message: `${arnIn(AWAY, id)} is a multi-region replica key which is not valid for ${operation}.`,
        },
      ]);
      expect(await status(home, id)).toEqual(OFF);
    },
  );

  test.each([
    ['the primary key is asked', () => home],
    ['a replica key is asked', () => away],
  ])('is done for all when %s first', async (_who, first) => {
    const { id } = await replicated([AWAY, THIRD]);
    const old = (await described(home, id)).CurrentKeyMaterialId;
    await enable(home, id);
    goTo(250);
    const material = (await described(first(), id)).CurrentKeyMaterialId;
    expect(material).not.toBe(old);
    const seen = await all((client) => described(client, id));
    expect(seen.map((key) => key.CurrentKeyMaterialId)).toEqual(Array(3).fill(material));
    const [one, ...others] = await all((client) => rotations(client, id));
    expect(one).toEqual([
      ['AUTOMATIC', 100, expect.any(String)],
      ['AUTOMATIC', 200, material],
    ]);
    expect(others).toEqual([one, one]);
    expect(await all((client) => status(client, id))).toEqual(Array(3).fill([true, 100, 300]));
  });

  test('is done once by a tick, and on replica keys that are disabled too', async () => {
    const { id } = await replicated([AWAY, THIRD]);
    await enable(home, id);
    await away.send(new DisableKeyCommand({ KeyId: id }));
    await third.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 30 }));
    goTo(100);
    await tick(aws.gateway.vault, 'main', aws.clock.nowMs);
    expect(await rotations(away, id)).toEqual(await rotations(home, id));
    expect(await rotations(home, id)).toHaveLength(1);
    expect((await described(home, id)).MultiRegionConfiguration?.ReplicaKeys).toHaveLength(1);
  });

  test('stops for all while the primary key is disabled', async () => {
    const { id } = await replicated();
    await enable(home, id);
    await home.send(new DisableKeyCommand({ KeyId: id }));
    goTo(150);
    expect(await rotations(away, id)).toEqual([]);
    await home.send(new EnableKeyCommand({ KeyId: id }));
    expect(await rotations(away, id)).toEqual([['AUTOMATIC', 150, expect.any(String)]]);
  });

  test('goes on when another key becomes the primary key', async () => {
    const { id } = await replicated();
    await enable(home, id);
    goTo(50);
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: AWAY }));
    expect(await status(away, id)).toEqual([true, 100, 100]);
    await home.send(new DisableKeyCommand({ KeyId: id }));
    goTo(100);
    expect(await rotations(home, id)).toEqual([['AUTOMATIC', 100, expect.any(String)]]);
    await away.send(new DisableKeyRotationCommand({ KeyId: id }));
    expect(await status(home, id)).toEqual(OFF);
  });

  test('stops while the primary key waits for its replica keys to be deleted', async () => {
    const { id } = await replicated();
    await enable(home, id);
    await home.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    goTo(300);
    // Recorded: only a key with a deletion date shows its rotation as off.
    expect(await status(home, id)).toEqual([true, 100, 100]);
    expect(await rotations(away, id)).toEqual([]);
    await away.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    expect(await status(away, id)).toEqual(OFF);
    goTo(307);
    expect(await status(home, id)).toEqual(OFF);
  });
});
