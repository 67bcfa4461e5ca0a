import {
  CancelKeyDeletionCommand,
  ConflictException,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  paginateListKeyRotations,
  RotateKeyOnDemandCommand,
  type RotationsListEntry,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { tick } from '@keyglot/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  AGREE,
  type AwsGateway,
  bytes,
  HMAC,
  makeKey,
  members,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

const day = (days: number): Date => new Date(START_MS + days * DAY_MS);
const goTo = (days: number): void => {
  aws.clock.nowMs = START_MS + days * DAY_MS;
};

const enable = (KeyId: string, RotationPeriodInDays?: number) =>
  kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));

const status = async (KeyId: string): Promise<unknown> =>
  members(await kms.send(new GetKeyRotationStatusCommand({ KeyId })));

async function rotations(KeyId: string): Promise<readonly RotationsListEntry[]> {
  return (await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations ?? [];
}

/** Type and days since the start of every rotation of a key. */
const dates = async (KeyId: string): Promise<readonly [string, number][]> =>
  (await rotations(KeyId)).map(({ RotationType, RotationDate }) => [
    String(RotationType),
    ((RotationDate?.getTime() ?? 0) - START_MS) / DAY_MS,
  ]);

describe('EnableKeyRotation, DisableKeyRotation and GetKeyRotationStatus', () => {
  test('rotation is off at first; on, it has a period and a date', async () => {
    const { id, arn } = await makeKey(kms);
    expect(await status(id)).toEqual({ KeyId: arn, KeyRotationEnabled: false });
    expect(members(await enable(id))).toEqual({});
    const on = { KeyId: arn, KeyRotationEnabled: true };
    expect(await status(id)).toEqual({
      ...on,
      RotationPeriodInDays: 365,
      NextRotationDate: day(365),
    });
    goTo(10);
    expect(await status(arn)).toMatchObject({ NextRotationDate: day(365) });
    await enable(id, 365);
    expect(await status(id)).toMatchObject({ NextRotationDate: day(365) });
    await enable(id, 90);
    expect(await status(id)).toEqual({
      ...on,
      RotationPeriodInDays: 90,
      NextRotationDate: day(100),
    });
    for (let n = 0; n < 2; n += 1) {
      expect(members(await kms.send(new DisableKeyRotationCommand({ KeyId: id })))).toEqual({});
      expect(await status(id)).toEqual({ KeyId: arn, KeyRotationEnabled: false });
    }
    goTo(1_000);
    expect(await rotations(id)).toEqual([]);
  });

  test('a key that rotates keeps its period when none is said, and has the usual one when it begins anew', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 2_560);
    goTo(10);
    await enable(id);
    expect(await status(id)).toMatchObject({
      RotationPeriodInDays: 2_560,
      NextRotationDate: day(2_560),
    });
    await kms.send(new DisableKeyRotationCommand({ KeyId: id }));
    await enable(id);
    expect(await status(id)).toMatchObject({
      RotationPeriodInDays: 365,
      NextRotationDate: day(375),
    });
  });

  test.each(['EnableKeyRotation', 'DisableKeyRotation'])('%s sends an empty body', async (name) => {
    const { id } = await makeKey(kms);
    const answer = await aws.call(name, { KeyId: id });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test.each([90, 2_560])('takes a period of %i days', async (days) => {
    const { id } = await makeKey(kms);
    await enable(id, days);
    expect(await status(id)).toMatchObject({
      RotationPeriodInDays: days,
      NextRotationDate: day(days),
    });
  });

  test.each([
    [89, 'greater than or equal to 90'],
    [2_561, 'less than or equal to 2560'],
  ])('refuses a period of %i days', async (days, rule) => {
    const { id } = await makeKey(kms);
    expect(await refusal(enable(id, days))).toEqual(
      violation(
        `Value '${days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${rule}`,
      ),
    );
  });

  test.each([
    ['an RSA key', RSA],
    ['a key for signatures', SIGN],
    ['a key for agreement', AGREE],
    ['a key for MACs', HMAC],
  ])(
    '%s cannot rotate, has no rotations, and switching it off is no error',
    async (_what, input) => {
      const { id, arn } = await makeKey(kms, input);
      const unsupported = refused('UnsupportedOperationException');
      expect(await refusal(enable(id))).toEqual(unsupported);
      const listed = await kms.send(new ListKeyRotationsCommand({ KeyId: id }));
      expect(members(listed)).toEqual({ Rotations: [], Truncated: false });
      for (const IncludeKeyMaterial of ['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY'] as const) {
        const input = { KeyId: id, IncludeKeyMaterial };
        expect(await refusal(kms.send(new ListKeyRotationsCommand(input)))).toEqual(
          refused(
            'ValidationException',
            'Input parameter includeKeyMaterial can only be used with symmetric keys.',
          ),
        );
      }
      await kms.send(new DisableKeyRotationCommand({ KeyId: id }));
      expect(await status(id)).toEqual({ KeyId: arn, KeyRotationEnabled: false });
      await aws.force(id, 'disabled');
      expect(await refusal(enable(id))).toEqual(
        refused('DisabledException', `${arn} is disabled.`),
      );
    },
  );

  test('a key that is disabled keeps its date, does not rotate, and catches up once enabled', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 90);
    await kms.send(new DisableKeyCommand({ KeyId: id }));
    goTo(200);
    expect(await status(id)).toMatchObject({
      KeyRotationEnabled: true,
      NextRotationDate: day(90),
    });
    expect(await rotations(id)).toEqual([]);
    await kms.send(new EnableKeyCommand({ KeyId: id }));
    expect(await dates(id)).toEqual([['AUTOMATIC', 200]]);
    expect(await status(id)).toMatchObject({ NextRotationDate: day(290) });
  });

  test('a key that was disabled for a while keeps its schedule', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 90);
    await kms.send(new DisableKeyCommand({ KeyId: id }));
    goTo(80);
    await kms.send(new EnableKeyCommand({ KeyId: id }));
    goTo(90);
    expect(await dates(id)).toEqual([['AUTOMATIC', 90]]);
  });

  test('a key that waits for its deletion shows no rotation, and has it back afterwards', async () => {
    const { id, arn } = await makeKey(kms);
    await enable(id, 90);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 30 }));
    expect(await status(id)).toEqual({ KeyId: arn, KeyRotationEnabled: false });
    goTo(20);
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }));
    expect(await status(id)).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 90,
      NextRotationDate: day(90),
    });
    goTo(100);
    expect(await rotations(id)).toEqual([]);
    await kms.send(new EnableKeyCommand({ KeyId: id }));
    expect(await dates(id)).toEqual([['AUTOMATIC', 100]]);
  });
});

describe('automatic rotation', () => {
  test('is done at its date and not a millisecond before, whoever looks first', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 90);
    const sealed = await kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }));
    const described = async (): Promise<string | undefined> =>
      (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.CurrentKeyMaterialId;
    const first = await described();
    aws.clock.nowMs = day(90).getTime() - 1;
    expect(await described()).toBe(first);
    goTo(90);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }));
    expect([bytes(opened.Plaintext).toString(), opened.KeyMaterialId]).toEqual(['x', first]);
    const second = await described();
    expect(second).not.toBe(first);
    const again = await kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('y') }));
    const reopened = await kms.send(new DecryptCommand({ CiphertextBlob: again.CiphertextBlob }));
    expect(reopened.KeyMaterialId).toBe(second);
  });

  test.each(['nobody', 'the clock'])(
    'that was missed several times is made up for, when %s was in time',
    async (who) => {
      const { id } = await makeKey(kms);
      await enable(id, 90);
      goTo(300);
      if (who === 'the clock') await tick(aws.gateway.vault, 'main', aws.clock.nowMs);
      expect(await dates(id)).toEqual([
        ['AUTOMATIC', 90],
        ['AUTOMATIC', 180],
        ['AUTOMATIC', 270],
      ]);
      expect(await status(id)).toMatchObject({ NextRotationDate: day(360) });
      expect((await aws.loaded(id)).record.versions).toHaveLength(4);
    },
  );

  test('happens once when many ask at once', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 90);
    goTo(90);
    await Promise.all(Array.from({ length: 16 }, () => status(id)));
    expect(await dates(id)).toEqual([['AUTOMATIC', 90]]);
  });

  test('of centuries is made up for by the last hundred', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 90);
    goTo(365 * 300);
    const found = await rotations(id);
    expect(found).toHaveLength(100);
    expect((await dates(id)).at(-1)).toEqual(['AUTOMATIC', 90 * Math.floor((365 * 300) / 90)]);
  });

  test('is not moved by rotations on demand, which are refused in its last 20 minutes', async () => {
    const { id } = await makeKey(kms);
    await enable(id, 90);
    goTo(89);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    aws.clock.nowMs = day(90).getTime() - 20 * 60_000;
    const near = kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    await expect(near).rejects.toBeInstanceOf(ConflictException);
    expect(await refusal(near)).toEqual(refused('ConflictException'));
    aws.clock.nowMs -= 1;
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    goTo(90);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect((await dates(id)).map(([type]) => type)).toEqual([
      'ON_DEMAND',
      'ON_DEMAND',
      'AUTOMATIC',
      'ON_DEMAND',
    ]);
    expect(await status(id)).toMatchObject({ NextRotationDate: day(180) });
  });
});

describe('ListKeyRotations', () => {
  test('shows every material with its state, and the first one only on demand', async () => {
    const { id, arn } = await makeKey(kms);
    await enable(id, 90);
    goTo(90);
    await status(id);
    goTo(100);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    const answer = await kms.send(
      new ListKeyRotationsCommand({ KeyId: arn, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
    );
    const materials = (await aws.loaded(id)).record.versions.map(({ wireId }) => wireId);
    const entry = { KeyId: arn, KeyMaterialState: 'NON_CURRENT' };
    const all = [
      { ...entry, KeyMaterialId: materials[0] },
      {
        ...entry,
        KeyMaterialId: materials[1],
        RotationDate: day(90),
        RotationType: 'AUTOMATIC',
      },
      {
        ...entry,
        KeyMaterialId: materials[2],
        KeyMaterialState: 'CURRENT',
        RotationDate: day(100),
        RotationType: 'ON_DEMAND',
      },
    ];
    expect(members(answer)).toEqual({ Rotations: all, Truncated: false });
    for (const IncludeKeyMaterial of [undefined, 'ROTATIONS_ONLY'] as const) {
      const less = await kms.send(new ListKeyRotationsCommand({ KeyId: id, IncludeKeyMaterial }));
      expect(members(less)).toEqual({ Rotations: all.slice(1), Truncated: false });
    }
  });

  test('pages, also while the key rotates', async () => {
    const { id } = await makeKey(kms);
    for (let n = 0; n < 5; n += 1) await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    for await (const page of paginateListKeyRotations(
      { client: kms, pageSize: 2 },
      { KeyId: id },
    )) {
      sizes.push(page.Rotations?.length ?? 0);
      seen.push(...(page.Rotations ?? []).map(({ KeyMaterialId }) => KeyMaterialId));
      if (sizes.length === 1) await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    }
    expect(sizes).toEqual([2, 2, 2]);
    const materials = (await aws.loaded(id)).record.versions.map(({ wireId }) => wireId);
    expect(seen).toEqual(materials.slice(1));
    const none = await makeKey(kms);
    const empty = await kms.send(new ListKeyRotationsCommand({ KeyId: none.id }));
    expect(members(empty)).toEqual({ Rotations: [], Truncated: false });
  });

  test.each(['nonsense', Buffer.from('kg1:alias/x').toString('base64url')])(
    'refuses the marker %s',
    async (Marker) => {
      const { id } = await makeKey(kms);
      expect(await refusal(kms.send(new ListKeyRotationsCommand({ KeyId: id, Marker })))).toEqual(
        refused('InvalidMarkerException'),
      );
    },
  );
});

describe('QKMS', () => {
  test('tells only whether a key rotates, by its status and by DescribeKey', async () => {
    const qkms = aws.client({ path: '/qkms' });
    const { id } = await makeKey(qkms);
    const told = async (): Promise<unknown> => {
      const answer = members(await qkms.send(new GetKeyRotationStatusCommand({ KeyId: id })));
      const described = await aws.call('DescribeKey', { KeyId: id }, { path: '/qkms' });
      return [answer, Object(described.body['KeyMetadata']).KeyRotationEnabled];
    };
    expect(await told()).toEqual([{ KeyRotationEnabled: false }, false]);
    await qkms.send(new EnableKeyRotationCommand({ KeyId: id }));
    expect(await told()).toEqual([{ KeyRotationEnabled: true }, true]);
    goTo(365);
    await told();
    expect((await aws.loaded(id)).record.versions).toHaveLength(2);
    await qkms.send(new DisableKeyRotationCommand({ KeyId: id }));
    expect(await told()).toEqual([{ KeyRotationEnabled: false }, false]);
  });
});
