import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsGateway, startAwsGateway } from '../support/awsGateway.js';
import { AWAY, HOME, inRegion, THIRD } from '../support/multiRegion.js';
import { DAY_MS } from '../support/testClock.js';

// Whatever is done to the keys of one id, in whatever order: they agree on which of them there are.

let aws: AwsGateway;

beforeAll(async () => {
  aws = await startAwsGateway();
});

afterAll(() => aws.close());

const REGIONS = [HOME, AWAY, THIRD] as const;

/** A request from a region, or some days that pass. */
type Step = { readonly days: number } | readonly [region: string, operation: string, more: object];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ days: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...REGIONS), fc.constantFrom(...REGIONS))
      .chain(([at, to]) =>
        fc.constantFrom<Step>(
          [at, 'ReplicateKey', { ReplicaRegion: to }],
          [at, 'UpdatePrimaryRegion', { PrimaryRegion: to }],
          [at, 'ScheduleKeyDeletion', { PendingWindowInDays: 7 }],
          [at, 'ScheduleKeyDeletion', { PendingWindowInDays: 12 }],
          [at, 'CancelKeyDeletion', {}],
          [at, 'EnableKey', {}],
          [at, 'DisableKey', {}],
          [at, 'RotateKeyOnDemand', {}],
          [at, 'EnableKeyRotation', { RotationPeriodInDays: 90 }],
        ),
      ),
  },
);

interface Seen {
  readonly region: string;
  readonly state: string;
  readonly type: string;
  readonly primary: string;
  readonly replicas: readonly string[];
  readonly material: string;
}

async function look(KeyId: string): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const region of REGIONS) {
    const { status, body } = await aws.call('DescribeKey', { KeyId }, inRegion(region));
    if (status === 400) {
      expect(body['__type']).toBe('NotFoundException');
      continue;
    }
    const key = Object(body['KeyMetadata']);
    const { MultiRegionKeyType, PrimaryKey, ReplicaKeys } = key.MultiRegionConfiguration;
    const replicas = ReplicaKeys.map(({ Region }: { readonly Region: string }) => Region);
    const { KeyState: state, CurrentKeyMaterialId: material } = key;
    seen.push({
      region,
      state,
      type: MultiRegionKeyType,
      primary: PrimaryKey.Region,
      replicas,
      material,
    });
  }
  return seen;
}

function agree(seen: readonly Seen[]): void {
  const [first] = seen;
  if (first === undefined) return;
  const { primary, replicas, material } = first;
  for (const one of seen) {
    expect(one).toMatchObject({ primary, replicas, material });
    expect(one.type).toBe(one.region === primary ? 'PRIMARY' : 'REPLICA');
  }
  // The primary key is the last to go.
  expect(seen.map(({ region }) => region).sort()).toEqual([primary, ...replicas].sort());
  const head = seen.find(({ region }) => region === primary);
  const waits = head?.state === 'PendingReplicaDeletion';
  if (waits) expect(replicas.length).toBeGreaterThan(0);
  if (head?.state === 'PendingDeletion') expect(replicas).toEqual([]);
  for (const { region, state } of seen) {
    if (region !== primary) expect(state).not.toBe('PendingReplicaDeletion');
  }
}

test('all keys of an id that exist know each other, one of them is the primary key, and it goes last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      const made = await aws.call('CreateKey', { MultiRegion: true });
      const { KeyId } = Object(made.body['KeyMetadata']);
      for (const ReplicaRegion of [AWAY, THIRD]) {
        await aws.call('ReplicateKey', { KeyId, ReplicaRegion }, inRegion(HOME));
      }
      for (const one of steps) {
        if ('days' in one) {
          aws.clock.nowMs += one.days * DAY_MS;
        } else {
          const [region, operation, more] = one;
          const answer = await aws.call(operation, { KeyId, ...more }, inRegion(region));
          expect([200, 400], answer.text).toContain(answer.status);
        }
        agree(await look(KeyId));
      }
    }),
    { numRuns: 40 },
  );
});
