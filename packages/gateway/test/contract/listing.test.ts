import {
  CreateAliasCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  paginateListAliases,
  paginateListKeys,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  type MadeKey,
  makeKey,
  members,
  OTHER_ACCOUNT,
  refusal,
  refused,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeEach(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterEach(() => aws.close());

async function makeKeys(count: number): Promise<readonly MadeKey[]> {
  const made = [];
  for (let n = 0; n < count; n += 1) made.push(await makeKey(kms));
  return made;
}

const byId = (a: MadeKey, b: MadeKey): number => (a.id < b.id ? -1 : 1);
const BAD_MARKER = refused('InvalidMarkerException');

describe('ListKeys', () => {
  test('shows nothing of an empty account', async () => {
    const answer = await kms.send(new ListKeysCommand({}));
    expect(members(answer)).toEqual({ Keys: [], Truncated: false });
  });

  test('shows every key once, page by page, and no marker on the last page', async () => {
    const keys = await makeKeys(7);
    const pages = [];
    for await (const page of paginateListKeys({ client: kms, pageSize: 3 }, {})) pages.push(page);
    expect(
      pages.map(({ Keys, Truncated, NextMarker }) => [
        Keys?.length,
        Truncated,
        NextMarker === undefined,
      ]),
    ).toEqual([
      [3, true, false],
      [3, true, false],
      [1, false, true],
    ]);
    const shown = pages.flatMap(({ Keys }) => Keys ?? []);
    expect(shown).toEqual([...keys].sort(byId).map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })));
  });

  test('gives 100 keys a page when nobody says how many', async () => {
    await makeKeys(101);
    const first = await kms.send(new ListKeysCommand({}));
    expect([first.Keys?.length, first.Truncated]).toEqual([100, true]);
    const rest = await kms.send(new ListKeysCommand({ Marker: first.NextMarker }));
    expect([rest.Keys?.length, rest.Truncated]).toEqual([1, false]);
    const all = await kms.send(new ListKeysCommand({ Limit: 1000 }));
    expect([all.Keys?.length, all.Truncated]).toEqual([101, false]);
  });

  test('shows only keys of the account and region of the caller', async () => {
    const here = await makeKey(kms);
    const there = await makeKey(aws.client({ region: 'eu-west-1' }));
    const theirs = await makeKey(aws.client({ account: OTHER_ACCOUNT }));
    const list = async (client: KMSClient): Promise<unknown> =>
      (await client.send(new ListKeysCommand({}))).Keys;
    expect(await list(kms)).toEqual([{ KeyId: here.id, KeyArn: here.arn }]);
    expect(await list(aws.client({ region: 'eu-west-1' }))).toEqual([
      { KeyId: there.id, KeyArn: there.arn },
    ]);
    expect(await list(aws.client({ account: OTHER_ACCOUNT }))).toEqual([
      { KeyId: theirs.id, KeyArn: theirs.arn },
    ]);
  });

  test('shows a key until the day of its deletion', async () => {
    const [key] = await makeKeys(1);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key?.id, PendingWindowInDays: 7 }));
    aws.clock.nowMs = START_MS + 7 * DAY_MS - 1;
    expect((await kms.send(new ListKeysCommand({}))).Keys).toHaveLength(1);
    aws.clock.nowMs = START_MS + 7 * DAY_MS;
    expect((await kms.send(new ListKeysCommand({}))).Keys).toEqual([]);
  });

  test('refuses markers that it did not make', async () => {
    for (const Marker of ['no marker', 'AAAA', '=', Buffer.from('x').toString('base64url')]) {
      const answer = kms.send(new ListKeysCommand({ Marker }));
      expect(await refusal(answer), Marker).toEqual(BAD_MARKER);
    }
  });

  test.each([
    [0, 'greater than or equal to 1'],
    [1001, 'less than or equal to 1000'],
  ])('refuses pages of %i', async (Limit, rule) => {
    expect(await refusal(kms.send(new ListKeysCommand({ Limit })))).toEqual(
      violation(
        `Value '${Limit}' at 'limit' failed to satisfy constraint: Member must have value ${rule}`,
      ),
    );
  });
});

describe('ListAliases', () => {
  async function name(key: MadeKey, ...names: string[]): Promise<void> {
    for (const AliasName of names) {
      await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
    }
  }

  test('shows every member of every alias', async () => {
    const [key] = await makeKeys(1);
    if (key === undefined) throw new Error('no key');
    await name(key, 'alias/b', 'alias/a/1_x-Y');
    const entry = (AliasName: string): unknown => ({
      AliasName,
      AliasArn: `arn:aws:kms:us-east-1:${ACCOUNT}:${AliasName}`,
      TargetKeyId: key.id,
      CreationDate: new Date(START_MS),
      LastUpdatedDate: new Date(START_MS),
    });
    const answer = await kms.send(new ListAliasesCommand({}));
    expect(members(answer)).toEqual({
      Aliases: [entry('alias/a/1_x-Y'), entry('alias/b')],
      Truncated: false,
    });
  });

  test('shows the aliases of one key by id and by ARN', async () => {
    const [one, two] = await makeKeys(2);
    if (one === undefined || two === undefined) throw new Error('no keys');
    await name(one, 'alias/one');
    await name(two, 'alias/two', 'alias/two-b');
    for (const KeyId of [two.id, two.arn]) {
      const answer = await kms.send(new ListAliasesCommand({ KeyId }));
      expect(answer.Aliases?.map(({ AliasName }) => AliasName)).toEqual([
        'alias/two',
        'alias/two-b',
      ]);
    }
  });

  test('refuses an alias instead of the key', async () => {
    const [key] = await makeKeys(1);
    if (key === undefined) throw new Error('no key');
    await name(key, 'alias/x');
    for (const KeyId of ['alias/x', `arn:aws:kms:us-east-1:${ACCOUNT}:alias/x`]) {
      expect(await refusal(kms.send(new ListAliasesCommand({ KeyId })))).toEqual(
        refused('InvalidArnException', 'Key Aliases are not supported for this operation.'),
      );
    }
  });

  test('shows every alias once, page by page', async () => {
    const [key] = await makeKeys(1);
    if (key === undefined) throw new Error('no key');
    const names = Array.from({ length: 7 }, (_, n) => `alias/n${n}`);
    await name(key, ...names);
    const pages = [];
    for await (const page of paginateListAliases({ client: kms, pageSize: 3 }, {})) {
      pages.push(page);
    }
    expect(pages.map(({ Truncated }) => Truncated)).toEqual([true, true, false]);
    expect(pages.flatMap(({ Aliases }) => Aliases ?? []).map(({ AliasName }) => AliasName)).toEqual(
      names,
    );
  });

  test('gives 50 aliases a page when nobody says how many, and 100 at most', async () => {
    const keys = await makeKeys(3);
    for (const [k, key] of keys.entries()) {
      await name(key, ...Array.from({ length: 40 }, (_, n) => `alias/k${k}-${n}`));
    }
    const usual = await kms.send(new ListAliasesCommand({}));
    expect([usual.Aliases?.length, usual.Truncated]).toEqual([50, true]);
    const most = await kms.send(new ListAliasesCommand({ Limit: 1000 }));
    expect([most.Aliases?.length, most.Truncated]).toEqual([100, true]);
  });

  test('refuses markers that it did not make', async () => {
    const answer = kms.send(new ListAliasesCommand({ Marker: 'no marker' }));
    expect(await refusal(answer)).toEqual(BAD_MARKER);
  });

  test('shows only aliases of the account and region of the caller', async () => {
    const [key] = await makeKeys(1);
    if (key === undefined) throw new Error('no key');
    await name(key, 'alias/mine');
    for (const client of [
      aws.client({ region: 'eu-west-1' }),
      aws.client({ account: OTHER_ACCOUNT }),
    ]) {
      expect((await client.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
    }
  });

  test('forgets the aliases of a key on the day of its deletion', async () => {
    const [key] = await makeKeys(1);
    if (key === undefined) throw new Error('no key');
    await name(key, 'alias/late');
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    aws.clock.nowMs = START_MS + 7 * DAY_MS - 1;
    expect((await kms.send(new ListAliasesCommand({}))).Aliases).toHaveLength(1);
    aws.clock.nowMs = START_MS + 7 * DAY_MS;
    expect((await kms.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
    const next = await makeKey(kms);
    await name(next, 'alias/late');
    const { Aliases } = await kms.send(new ListAliasesCommand({}));
    expect(Aliases?.map(({ TargetKeyId }) => TargetKeyId)).toEqual([next.id]);
  });
});
