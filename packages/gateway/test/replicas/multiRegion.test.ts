import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWAY, inRegion, THIRD } from '../support/multiRegion.js';
import { type Link, startDatabase, startLink, type TestDatabase } from './database.js';
import { done, hasCode, overstayed } from './overstayed.js';
import { type Answer, LEASE_MS, type Replica, repeat, startReplica, watch } from './replica.js';

let database: TestDatabase;
let link: Link;
/** Where changes are made. */
let one: Replica;
/** The other one, which no notification reaches. */
let two: Replica;

beforeAll(async () => {
  database = await startDatabase();
  link = await startLink(database.address);
  link.breaksOn = (sent) => sent.includes('LISTEN keyglot_change');
  [one, two] = await Promise.all([startReplica(database.address), startReplica(link.address)]);
});
afterAll(async () => {
  await Promise.all([one, two].map((replica) => replica?.stop()));
  await link?.close();
  await database?.stop();
});

const PATH = '/s/regions/aws/';

/** Asks a gateway, from the usual region or from another one. */
const at = (
  { call }: Replica,
  operation: string,
  input: object,
  region?: string,
): Promise<Answer> =>
  call(operation, input, PATH, region === undefined ? {} : inRegion(region).headers);

const metadataOf = ({ output }: Answer): Record<string, unknown> => Object(output['KeyMetadata']);
const shownBy = (answer: Answer): Record<string, unknown> =>
  Object(metadataOf(answer)['MultiRegionConfiguration']);
const stateOf = (answer: Answer): unknown => metadataOf(answer)['KeyState'];
const materialOf = (answer: Answer): unknown => metadataOf(answer)['CurrentKeyMaterialId'];
const replicasIn = (answer: Answer): readonly unknown[] => {
  const replicas: readonly { readonly Region: string }[] = Object(shownBy(answer)['ReplicaKeys']);
  return replicas.map(({ Region }) => Region);
};

/** A multi-Region key that both gateways have in memory. */
async function makeKey(): Promise<string> {
  const made = await done(at(one, 'CreateKey', { MultiRegion: true }));
  const KeyId = String(metadataOf(made)['KeyId']);
  for (const gateway of [one, two]) await done(at(gateway, 'DescribeKey', { KeyId }));
  return KeyId;
}

async function makeReplicated(): Promise<string> {
  const KeyId = await makeKey();
  await done(at(one, 'ReplicateKey', { KeyId, ReplicaRegion: AWAY }));
  for (const gateway of [one, two]) await done(at(gateway, 'DescribeKey', { KeyId }, AWAY));
  return KeyId;
}

const seal = (gateway: Replica, KeyId: string, region?: string): Promise<Answer> =>
  done(at(gateway, 'Encrypt', { KeyId, Plaintext: 'c2VjcmV0' }, region));

describe.concurrent('of a multi-Region key', () => {
  it('a new replica key is there for the other gateway at once, although it knew the id', async () => {
    const KeyId = await makeKey();
    const sealed = await seal(two, KeyId);
    const { CiphertextBlob } = sealed.output;
    expect((await at(two, 'Decrypt', { CiphertextBlob }, AWAY)).code).toBe('AccessDeniedException');
    await done(at(one, 'ReplicateKey', { KeyId, ReplicaRegion: AWAY }));
    expect(stateOf(await done(at(two, 'DescribeKey', { KeyId }, AWAY)))).toBe('Enabled');
    const opened = await done(at(two, 'Decrypt', { CiphertextBlob }, AWAY));
    expect(opened.output['Plaintext']).toBe('c2VjcmV0');
  });

  it('all keys show a new replica key within a lease', async () => {
    const KeyId = await makeReplicated();
    for (const [region, fresh] of [
      [undefined, THIRD],
      [AWAY, 'sa-east-1'],
    ] as const) {
      const ask = (): Promise<Answer> => at(two, 'DescribeKey', { KeyId }, region);
      const change = (): Promise<unknown> =>
        done(at(one, 'ReplicateKey', { KeyId, ReplicaRegion: fresh }));
      const late = await overstayed(ask, (answer) => replicasIn(answer).includes(fresh), change);
      expect(late).toBeLessThan(LEASE_MS);
    }
  });

  it('a rotation and what it sealed reach every region of the other gateway', async () => {
    const KeyId = await makeReplicated();
    const ask = (): Promise<Answer> => at(two, 'DescribeKey', { KeyId }, AWAY);
    const before = materialOf(await ask());
    const rotate = (): Promise<unknown> => done(at(one, 'RotateKeyOnDemand', { KeyId }));
    const late = await overstayed(ask, (answer) => materialOf(answer) !== before, rotate);
    expect(late).toBeLessThan(LEASE_MS);
    await rotate();
    // At once, when the other gateway does not know the version yet.
    const { CiphertextBlob } = (await seal(one, KeyId)).output;
    const opened = await done(at(two, 'Decrypt', { CiphertextBlob }, AWAY));
    expect(opened.output['Plaintext']).toBe('c2VjcmV0');
  });

  it('the primary key moves for all within a lease, and only one may be changed as such', async () => {
    const KeyId = await makeReplicated();
    const ask = (): Promise<Answer> => at(two, 'DescribeKey', { KeyId });
    const move = (): Promise<unknown> =>
      done(at(one, 'UpdatePrimaryRegion', { KeyId, PrimaryRegion: AWAY }));
    const isReplica = (answer: Answer): boolean =>
      shownBy(answer)['MultiRegionKeyType'] === 'REPLICA';
    expect(await overstayed(ask, isReplica, move)).toBeLessThan(LEASE_MS);
    const isPrimary = (answer: Answer): boolean =>
      shownBy(answer)['MultiRegionKeyType'] === 'PRIMARY';
    await watch(() => at(two, 'DescribeKey', { KeyId }, AWAY), isPrimary);
    await done(at(one, 'UpdatePrimaryRegion', { KeyId, PrimaryRegion: 'us-east-1' }, AWAY));
    // Judged by what is stored, not by what the other gateway has in memory.
    const stale = await at(two, 'RotateKeyOnDemand', { KeyId }, AWAY);
    expect(stale.code).toBe('UnsupportedOperationException');
  });

  it('a primary key waits for its replica keys whichever gateway deletes what', async () => {
    const KeyId = await makeReplicated();
    const schedule = { KeyId, PendingWindowInDays: 7 };
    await done(at(two, 'ScheduleKeyDeletion', schedule, AWAY));
    const waits = await done(at(one, 'ScheduleKeyDeletion', schedule));
    expect(waits.output['KeyState']).toBe('PendingReplicaDeletion');
    const seen = (): Promise<Answer> => at(two, 'DescribeKey', { KeyId });
    const cancel = (): Promise<unknown> => done(at(one, 'CancelKeyDeletion', { KeyId }, AWAY));
    const back = (): Promise<Answer> => at(two, 'DescribeKey', { KeyId }, AWAY);
    const late = await overstayed(back, (answer) => stateOf(answer) === 'Disabled', cancel);
    expect(late).toBeLessThan(LEASE_MS);
    expect(stateOf(await seen())).toBe('PendingReplicaDeletion');
  });

  it('one of many replications into one region succeeds, and none into others is lost', async () => {
    const KeyId = await makeKey();
    const regions = [AWAY, THIRD, 'eu-north-1', 'sa-east-1'];
    const answers = await Promise.all(
      regions.flatMap((ReplicaRegion) =>
        [one, two].map((gateway) => at(gateway, 'ReplicateKey', { KeyId, ReplicaRegion })),
      ),
    );
    const codes = answers.map(({ code }) => code).sort();
    expect(codes).toEqual([
      ...Array(regions.length).fill('AlreadyExistsException'),
      ...Array(regions.length).fill('ok'),
    ]);
    for (const region of [undefined, ...regions]) {
      const shown = await done(at(one, 'DescribeKey', { KeyId }, region));
      expect(replicasIn(shown)).toEqual([...regions].sort());
    }
  });

  it('a replica key that is disabled at one gateway is so at the other within a lease', async () => {
    const KeyId = await makeReplicated();
    const ask = (): Promise<Answer> => at(two, 'Encrypt', { KeyId, Plaintext: 'c2VjcmV0' }, AWAY);
    const disable = (): Promise<unknown> => done(at(one, 'DisableKey', { KeyId }, AWAY));
    expect(await overstayed(ask, hasCode('DisabledException'), disable)).toBeLessThan(LEASE_MS);
    // The primary key has a state of its own.
    for (const { code } of await repeat(3, () => seal(two, KeyId))) expect(code).toBe('ok');
  });
});
