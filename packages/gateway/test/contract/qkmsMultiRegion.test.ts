import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  bytes,
  makeKey,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

// ARNs of QKMS have no region, so an account's keys are the same for callers of any region: all but the
// keys of a multi-Region key, of which a caller has the one in his region, if there is one.

let aws: AwsGateway;
/** Clients of the same account that sign for different regions. */
let world: KMSClient;
let west: KMSClient;
let east: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  const at = (region: string): KMSClient => aws.client({ path: '/qkms', region });
  world = at('q-world-1');
  west = at('us-west-2');
  east = at('us-east-1');
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

const arn = (id: string): string => `arn:verenc:${ACCOUNT}:key/${id}`;

async function described(client: KMSClient, KeyId: string): Promise<unknown> {
  const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId }));
  const { MultiRegionConfiguration: shown } = key ?? {};
  return {
    text: key?.Description,
    type: shown?.MultiRegionKeyType,
    primary: shown?.PrimaryKey,
    replicas: shown?.ReplicaKeys?.map(({ Region }) => Region),
  };
}

async function makeReplicated(): Promise<string> {
  const { id } = await makeKey(east, { MultiRegion: true, Description: 'first' });
  const input = { KeyId: id, ReplicaRegion: 'us-west-2', Description: 'second' };
  await east.send(new ReplicateKeyCommand(input));
  return id;
}

test('a key is made in the one region that has a name, whatever region the client signs for', async () => {
  const { id } = await makeKey(east, { MultiRegion: true, Description: 'first' });
  const shown = {
    text: 'first',
    type: 'PRIMARY',
    primary: { Arn: arn(id), Region: 'q-world-1' },
    replicas: [],
  };
  for (const client of [world, west, east]) expect(await described(client, id)).toEqual(shown);
});

test('ReplicateKey answers with the account in all its spellings', async () => {
  const { id } = await makeKey(east, { MultiRegion: true });
  const input = { KeyId: id, ReplicaRegion: 'us-west-2' };
  const { body } = await aws.call('ReplicateKey', input, { path: '/qkms' });
  expect(body['ReplicaKeyMetadata']).toMatchObject({
    Arn: arn(id),
    AWSAccountId: ACCOUNT,
    AccountId: ACCOUNT,
    QAccountId: ACCOUNT,
    KeyState: 'Creating',
  });
});

test('a replica key has the key spec of the primary key, also one that AWS does not have', async () => {
  const call = async (operation: string, input: object): Promise<Record<string, unknown>> =>
    (await aws.call(operation, input, { path: '/qkms' })).body;
  const spec = { KeySpec: 'ECC_ED25519', KeyUsage: 'SIGN_VERIFY' };
  const made = await call('CreateKey', { ...spec, MultiRegion: true });
  const { KeyId } = Object(made['KeyMetadata']);
  const replica = await call('ReplicateKey', { KeyId, ReplicaRegion: 'us-west-2' });
  expect(replica['ReplicaKeyMetadata']).toMatchObject(spec);
});

test('an id has no more than 50 keys', async () => {
  const { id } = await makeKey(east, { MultiRegion: true });
  const replicate = (n: number) =>
    aws.call('ReplicateKey', { KeyId: id, ReplicaRegion: `some-where-${n}` }, { path: '/qkms' });
  for (let n = 1; n < 50; n += 1) expect((await replicate(n)).status).toBe(200);
  const answer = await replicate(50);
  expect(answer.body).toEqual({
    __type: 'LimitExceededException',
    message: 'You have reached the limit of 50 keys of a multi-Region key.',
  });
});

test("the caller's region picks the key, by id, by ARN and by alias", async () => {
  const id = await makeReplicated();
  const AliasName = 'alias/picked';
  await west.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }));
  const common = { primary: { Arn: arn(id), Region: 'q-world-1' }, replicas: ['us-west-2'] };
  for (const name of [id, arn(id), AliasName]) {
    expect(await described(east, name)).toEqual({ text: 'first', type: 'PRIMARY', ...common });
    expect(await described(west, name)).toEqual({ text: 'second', type: 'REPLICA', ...common });
  }
  for (const client of [world, west, east]) {
    const { Aliases } = await client.send(new ListAliasesCommand({ KeyId: id }));
    expect(Aliases?.map((alias) => alias.AliasName)).toEqual([AliasName]);
    const { Keys } = await client.send(new ListKeysCommand({ Limit: 1_000 }));
    expect(Keys?.filter(({ KeyId }) => KeyId === id)).toHaveLength(1);
  }
  const { id: other } = await makeKey(west);
  await west.send(new UpdateAliasCommand({ AliasName, TargetKeyId: other }));
  await west.send(new UpdateAliasCommand({ AliasName, TargetKeyId: id }));
  expect(await described(west, AliasName)).toMatchObject({ text: 'second' });
});

test('each opens what the other has sealed', async () => {
  const id = await makeReplicated();
  const Plaintext = Buffer.from('secret');
  const { CiphertextBlob } = await west.send(new EncryptCommand({ KeyId: id, Plaintext }));
  for (const KeyId of [undefined, id]) {
    for (const client of [world, west, east]) {
      const opened = await client.send(new DecryptCommand({ KeyId, CiphertextBlob }));
      expect([bytes(opened.Plaintext), opened.KeyId]).toEqual([Plaintext, arn(id)]);
    }
  }
});

test('a replica key is disabled, and deleted, by itself', async () => {
  const id = await makeReplicated();
  const { CiphertextBlob } = await east.send(
    new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('secret') }),
  );
  await west.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
  expect(await refusal(west.send(new DecryptCommand({ CiphertextBlob })))).toEqual(
    refused('KMSInvalidStateException', `${arn(id)} is pending deletion.`),
  );
  await east.send(new DecryptCommand({ CiphertextBlob }));
  aws.clock.nowMs = START_MS + 7 * DAY_MS;
  // From then on the region has no key of its own.
  expect(await described(west, id)).toMatchObject({ text: 'first', replicas: [] });
  await west.send(new DecryptCommand({ CiphertextBlob }));
});

test('the primary key can move away, and its former place be given up', async () => {
  const id = await makeReplicated();
  await east.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: 'us-west-2' }));
  expect(await described(west, id)).toMatchObject({
    type: 'PRIMARY',
    primary: { Arn: arn(id), Region: 'us-west-2' },
    replicas: ['q-world-1'],
  });
  const { CiphertextBlob } = await west.send(
    new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('secret') }),
  );
  await world.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
  aws.clock.nowMs = START_MS + 7 * DAY_MS;
  await west.send(new DecryptCommand({ CiphertextBlob }));
  expect(await described(west, id)).toMatchObject({ replicas: [] });
  const gone = refused('NotFoundException', `Key '${arn(id)}' does not exist`);
  expect(await refusal(described(world, id))).toEqual(gone);
  // Names are those of all callers, so they cannot lead to it any more.
  const named = west.send(new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: id }));
  expect(await refusal(named)).toEqual(gone);
});
