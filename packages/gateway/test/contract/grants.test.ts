import {
  CreateGrantCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  ReplicateKeyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  HMAC,
  type MadeKey,
  makeKey,
  members,
  OTHER_ACCOUNT,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { grantsOn, makeGrant, NO_GRANT, permit, ROLE, ROOT, USER } from '../support/grants.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;

beforeEach(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms);
});

afterEach(() => aws.close());

/** Grants are dated to the second. */
const MADE = new Date(START_MS - (START_MS % 1_000));
const OTHER_ROOT = `arn:aws:iam::${OTHER_ACCOUNT}:root`;

describe('CreateGrant', () => {
  test('answers with an id and a token, and every member shows in the listing', async () => {
    const input = permit(key.id, {
      RetiringPrincipal: USER,
      Operations: ['Decrypt', 'GenerateDataKey', 'Decrypt', 'CreateGrant'],
      Constraints: { EncryptionContextSubset: { b: '2', a: '1' }, SourceArn: SOURCE },
      Name: 'ssm:/a_name-1',
      GrantTokens: [(await makeGrant(kms, key.id)).token],
    });
    const answer = members(await kms.send(new CreateGrantCommand(input)));
    expect(answer).toEqual({
      GrantId: expect.stringMatching(/^[0-9a-f]{64}$/),
      GrantToken: expect.stringMatching(/^AQpA[\w-]{486,506}$/),
    });
    const GrantId = String(answer['GrantId']);
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId: key.id, GrantId }));
    expect(Grants).toEqual([
      {
        KeyId: key.arn,
        GrantId,
        Name: 'ssm:/a_name-1',
        CreationDate: MADE,
        GranteePrincipal: ROLE,
        RetiringPrincipal: USER,
        IssuingAccount: ROOT,
        Operations: ['Decrypt', 'GenerateDataKey', 'CreateGrant'],
        Constraints: { EncryptionContextSubset: { a: '1', b: '2' }, SourceArn: SOURCE },
      },
    ]);
  });

  test('leaves out of the listing what was not given, but for the name', async () => {
    const { id } = await makeGrant(kms, key.id, { Constraints: {} });
    const { body } = await aws.call('ListGrants', { KeyId: key.id });
    expect(body).toEqual({
      Grants: [
        {
          KeyId: key.arn,
          GrantId: id,
          Name: '',
          CreationDate: MADE.getTime() / 1_000,
          GranteePrincipal: ROLE,
          IssuingAccount: ROOT,
          Operations: ['DescribeKey'],
        },
      ],
      Truncated: false,
    });
  });

  test('keeps a context whose names are those of every object', async () => {
    const context = '{"__proto__":"x","constructor":"y","toString":"z"}';
    const body = JSON.stringify(permit(key.id, { Constraints: {} }));
    const hostile = body.replace(
      '"Constraints":{}',
      `"Constraints":{"EncryptionContextEquals":${context}}`,
    );
    expect((await aws.call('CreateGrant', hostile)).status).toBe(200);
    const { text } = await aws.call('ListGrants', { KeyId: key.id });
    expect(text).toContain(`"Constraints":{"EncryptionContextEquals":${context}}`);
  });

  test('tells in which account a grant on a key of another account was made', async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    await makeGrant(other, key.arn);
    const [shown] = await grantsOn(other, key.arn);
    expect([shown?.KeyId, shown?.IssuingAccount]).toEqual([key.arn, OTHER_ROOT]);
  });

  test('makes nothing when it is dry', async () => {
    const send = (): Promise<unknown> =>
      kms.send(new CreateGrantCommand(permit(key.id, { Name: 'x', DryRun: true })));
    for (let n = 0; n < 2; n += 1) expect((await refusal(send())).code).toBe(DRY);
    expect(await grantsOn(kms, key.id)).toEqual([]);
    await makeGrant(kms, key.id, { Name: 'x' });
    expect((await refusal(send())).code).toBe(DRY);
    expect((await grantsOn(kms, key.id)).length).toBe(1);
  });

  test('stops at 50,000 grants of a key', { timeout: 60_000 }, async () => {
    const { record } = await aws.loaded(key.id);
    const { store } = aws.gateway.vault;
    for (let n = 0; n < 49_999; n += 1) {
      const id = n.toString(16).padStart(64, '0');
      const resource = { sandbox: 'main', kind: 'aws-grant', id, parent: record.id, body: {} };
      await store.writeResource({ ...resource, sealed: null, version: 1 }, []);
    }
    const { id } = await makeGrant(kms, key.id, { Name: 'the-last-one' });
    expect(await refusal(makeGrant(kms, key.id))).toEqual(
      refused(
        'LimitExceededException',
        'Grants per key quota for this account in this region is 50000, current usage is 50000.',
      ),
    );
    const dry = kms.send(new CreateGrantCommand(permit(key.id, { DryRun: true })));
    expect((await refusal(dry)).code).toBe('LimitExceededException');
    const again = await makeGrant(kms, key.id, { Name: 'the-last-one' });
    expect(again.id).toBe(id);
    await makeGrant(kms, (await makeKey(kms)).id);
    await kms.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: id }));
    await makeGrant(kms, key.id);
  });
});

const DRY = 'DryRunOperationException';
const SOURCE = `arn:aws:s3:us-east-1:${ACCOUNT}:bucket`;

describe('a name', () => {
  const full = {
    Name: 'once',
    RetiringPrincipal: USER,
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextEquals: { a: '1', b: '2' } },
  } satisfies Parameters<typeof makeGrant>[2];

  test('gives the same grant for the same request, and a new token', async () => {
    const first = await makeGrant(kms, key.id, full);
    aws.clock.nowMs += DAY_MS;
    const again = await makeGrant(kms, key.arn, {
      ...full,
      Operations: ['Decrypt', 'Encrypt'],
      Constraints: { EncryptionContextEquals: { b: '2', a: '1' } },
    });
    expect(again.id).toBe(first.id);
    expect(again.token).not.toBe(first.token);
    const shown = await grantsOn(kms, key.id);
    expect(shown.map(({ CreationDate }) => CreationDate)).toEqual([MADE]);
  });

  test('gives another grant for any other parameter', async () => {
    const others = [
      { Name: 'twice' },
      { GranteePrincipal: USER },
      { RetiringPrincipal: ROLE },
      { RetiringPrincipal: undefined },
      { Operations: ['Encrypt'] },
      { Operations: ['Encrypt', 'Decrypt', 'DescribeKey'] },
      { Constraints: { EncryptionContextEquals: { a: '1', b: '3' } } },
      { Constraints: { EncryptionContextEquals: { a: '1' } } },
      { Constraints: { EncryptionContextSubset: { a: '1', b: '2' } } },
      { Constraints: { ...full.Constraints, SourceArn: SOURCE } },
      { Constraints: undefined },
    ] satisfies Parameters<typeof makeGrant>[2][];
    const ids = [(await makeGrant(kms, key.id, full)).id];
    for (const other of others) {
      ids.push((await makeGrant(kms, key.id, { ...full, ...other })).id);
    }
    ids.push((await makeGrant(kms, (await makeKey(kms)).id, full)).id);
    ids.push((await makeGrant(aws.client({ account: OTHER_ACCOUNT }), key.arn, full)).id);
    expect(new Set(ids).size).toBe(ids.length);
    const shown = await grantsOn(kms, key.id);
    expect(shown.length).toBe(others.length + 2);
  });

  test('is no name: every request without one makes a grant', async () => {
    const ids = [await makeGrant(kms, key.id), await makeGrant(kms, key.id)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test('gives one grant to many at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => makeGrant(kms, key.id, full)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(new Set(made.map(({ token }) => token)).size).toBe(8);
    expect((await grantsOn(kms, key.id)).length).toBe(1);
  });

  test('is free again when its grant was revoked', async () => {
    const first = await makeGrant(kms, key.id, full);
    await kms.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: first.id }));
    const second = await makeGrant(kms, key.id, full);
    expect(second.id).not.toBe(first.id);
    expect((await grantsOn(kms, key.id)).map(({ GrantId }) => GrantId)).toEqual([second.id]);
  });
});

describe('ListGrants', () => {
  const ids = async (input: Record<string, unknown> = {}): Promise<readonly unknown[]> => {
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId: key.id, ...input }));
    return (Grants ?? []).map(({ GrantId }) => GrantId).sort();
  };

  test('shows the grants of one key alone', async () => {
    await makeGrant(kms, (await makeKey(kms)).id);
    expect(members(await kms.send(new ListGrantsCommand({ KeyId: key.id })))).toEqual({
      Grants: [],
      Truncated: false,
    });
    const { id } = await makeGrant(kms, key.id);
    expect(await ids()).toEqual([id]);
  });

  test('shows those of an id, of a grantee, and of both', async () => {
    const a = (await makeGrant(kms, key.id)).id;
    const b = (await makeGrant(kms, key.id, { GranteePrincipal: USER })).id;
    const c = (await makeGrant(kms, key.id, { GranteePrincipal: USER })).id;
    const foreign = (await makeGrant(kms, (await makeKey(kms)).id)).id;
    expect(await ids()).toEqual([a, b, c].sort());
    expect(await ids({ GrantId: b })).toEqual([b]);
    expect(await ids({ GranteePrincipal: USER })).toEqual([b, c].sort());
    expect(await ids({ GranteePrincipal: USER, GrantId: c })).toEqual([c]);
    expect(await ids({ GranteePrincipal: USER, GrantId: a })).toEqual([]);
    expect(await ids({ GranteePrincipal: `${USER}2` })).toEqual([]);
    expect(await ids({ GrantId: NO_GRANT })).toEqual([]);
    expect(await ids({ GrantId: foreign })).toEqual([]);
  });

  test('finds the grants of an account however it was written', async () => {
    const { id } = await makeGrant(kms, key.id, { GranteePrincipal: OTHER_ACCOUNT });
    expect(await ids({ GranteePrincipal: OTHER_ROOT })).toEqual([id]);
    expect(await ids({ GranteePrincipal: OTHER_ACCOUNT })).toEqual([id]);
  });

  test('gives 50 grants a page when nobody says how many, and 100 at most', async () => {
    for (let n = 0; n < 101; n += 1) await makeGrant(kms, key.id);
    const page = async (Limit?: number): Promise<unknown> => {
      const answer = await kms.send(new ListGrantsCommand({ KeyId: key.id, Limit }));
      return [answer.Grants?.length, answer.Truncated];
    };
    expect([await page(), await page(1_000)]).toEqual([
      [50, true],
      [100, true],
    ]);
  });

  test('comes in pages for one grantee too, and keeps to him', async () => {
    const mine = [];
    for (let n = 0; n < 5; n += 1) {
      mine.push((await makeGrant(kms, key.id, { GranteePrincipal: USER })).id);
      await makeGrant(kms, key.id);
    }
    const shown: unknown[] = [];
    let Marker: string | undefined;
    do {
      const input = { KeyId: key.id, GranteePrincipal: USER, Limit: 2, Marker };
      const answer = await kms.send(new ListGrantsCommand(input));
      shown.push(...(answer.Grants ?? []).map(({ GrantId }) => GrantId));
      Marker = answer.NextMarker;
    } while (Marker !== undefined);
    expect(shown.sort()).toEqual(mine.sort());
    const first = await kms.send(
      new ListGrantsCommand({ KeyId: key.id, GranteePrincipal: USER, Limit: 1 }),
    );
    const other = { KeyId: key.id, GranteePrincipal: ROLE, Marker: first.NextMarker };
    expect(await refusal(kms.send(new ListGrantsCommand(other)))).toEqual(
      refused('InvalidMarkerException'),
    );
  });

  test.each(['x', 'A'.repeat(64), '0'.repeat(63), '0'.repeat(65)])(
    'refuses the grant id %s',
    async (GrantId) => {
      const answer = kms.send(new ListGrantsCommand({ KeyId: key.id, GrantId }));
      expect(await refusal(answer)).toEqual(refused('InvalidGrantIdException'));
    },
  );

  test('refuses filters that go together nowhere, and the one for services', async () => {
    const GranteeServicePrincipal = 'ec2.amazonaws.com';
    const both = { KeyId: key.id, GranteePrincipal: USER, GranteeServicePrincipal };
    expect(await refusal(kms.send(new ListGrantsCommand(both)))).toEqual(
      refused(
        'ValidationException',
        'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
      ),
    );
    const one = { KeyId: key.id, GranteeServicePrincipal };
    expect(await refusal(kms.send(new ListGrantsCommand(one)))).toEqual(
      refused(
        'AccessDeniedException',
        `User: ${ROOT} is not authorized to perform: kms:ListGrants on resource: ec2.amazonaws.com because no identity-based policy allows the kms:ListGrants action`,
      ),
    );
  });
});

describe('ListRetirableGrants', () => {
  const ids = async (client: KMSClient, RetiringPrincipal: string): Promise<readonly unknown[]> => {
    const { Grants } = await client.send(new ListRetirableGrantsCommand({ RetiringPrincipal }));
    return (Grants ?? []).map(({ GrantId }) => GrantId).sort();
  };

  test('shows the grants that a principal may retire, on keys of any account', async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    const theirs = await makeKey(other);
    const retiring = { RetiringPrincipal: USER };
    const mine = (await makeGrant(kms, key.id, retiring)).id;
    const onTheirs = (await makeGrant(other, theirs.id, retiring)).id;
    await makeGrant(kms, key.id, { RetiringPrincipal: ROLE });
    await makeGrant(kms, key.id, { GranteePrincipal: USER });
    await makeGrant(
      aws.client({ region: 'eu-west-1' }),
      (await makeKey(aws.client({ region: 'eu-west-1' }))).id,
      retiring,
    );
    expect(await ids(kms, USER)).toEqual([mine, onTheirs].sort());
    const answer = await kms.send(new ListRetirableGrantsCommand(retiring));
    const shown = answer.Grants?.find(({ GrantId }) => GrantId === onTheirs);
    expect(shown).toEqual({
      KeyId: theirs.arn,
      GrantId: onTheirs,
      Name: '',
      CreationDate: MADE,
      GranteePrincipal: ROLE,
      RetiringPrincipal: USER,
      IssuingAccount: OTHER_ROOT,
      Operations: ['DescribeKey'],
    });
  });

  test('is refused for principals of other accounts', async () => {
    const answer = kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: OTHER_ROOT }));
    expect(await refusal(answer)).toEqual(
      refused(
        'AccessDeniedException',
        `User: ${ROOT} is not authorized to perform: kms:ListRetirableGrants on resource: ${OTHER_ROOT} because no identity-based policy allows the kms:ListRetirableGrants action`,
      ),
    );
  });

  test('wants one principal', async () => {
    const wanted = refused(
      'ValidationException',
      'You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
    );
    const service = { RetiringServicePrincipal: 'ec2.amazonaws.com' };
    for (const input of [{}, { RetiringPrincipal: USER, ...service }]) {
      expect(await refusal(kms.send(new ListRetirableGrantsCommand(input)))).toEqual(wanted);
    }
    const denied = await refusal(kms.send(new ListRetirableGrantsCommand(service)));
    expect(denied.code).toBe('AccessDeniedException');
    const nobody = kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: 'nobody' }));
    expect(await refusal(nobody)).toEqual(
      refused('NotFoundException', 'Retiring principal nobody could not be found'),
    );
  });

  test('gives 50 grants a page when nobody says how many, and 100 at most', async () => {
    for (let n = 0; n < 101; n += 1) await makeGrant(kms, key.id, { RetiringPrincipal: USER });
    const page = async (Limit?: number): Promise<unknown> => {
      const input = { RetiringPrincipal: USER, Limit };
      const answer = await kms.send(new ListRetirableGrantsCommand(input));
      return [answer.Grants?.length, answer.Truncated];
    };
    expect([await page(), await page(1_000)]).toEqual([
      [50, true],
      [100, true],
    ]);
  });
});

describe('a grant goes', () => {
  test('with its key, on the day and not before', async () => {
    await makeGrant(kms, key.id, { RetiringPrincipal: USER });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    const retirable = async (): Promise<unknown> =>
      (await kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: USER }))).Grants?.length;
    aws.clock.nowMs = START_MS + 7 * DAY_MS - 1;
    expect([(await grantsOn(kms, key.id)).length, await retirable()]).toEqual([1, 1]);
    aws.clock.nowMs = START_MS + 7 * DAY_MS;
    expect(await retirable()).toBe(0);
    expect(await refusal(grantsOn(kms, key.id))).toEqual(
      refused('NotFoundException', `Key '${key.arn}' does not exist`),
    );
    const left = await aws.gateway.vault.store.listResources('main', 'aws-grant', undefined, {
      after: undefined,
      limit: 10,
    });
    expect(left).toEqual([]);
  });

  test('with its sandbox', async () => {
    const path = '/s/job/aws';
    const job = aws.client({ path });
    const there = await makeKey(job);
    await makeGrant(job, there.id, { RetiringPrincipal: USER });
    const reset = await aws.send({
      path: '/_keyglot/sandboxes/job/reset',
      headers: {
        authorization: `Bearer ${aws.gateway.adminToken}`,
        'content-type': 'application/json',
      },
      body: '{}',
    });
    expect(reset.status).toBeLessThan(300);
    const answer = await job.send(new ListRetirableGrantsCommand({ RetiringPrincipal: USER }));
    expect(answer.Grants).toEqual([]);
  });
});

describe('what a key is', () => {
  test('does not change with its grants', async () => {
    const describe = async (): Promise<unknown> =>
      (await kms.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata;
    const before = await describe();
    const { id } = await makeGrant(kms, key.id);
    expect(await describe()).toEqual(before);
    await kms.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: id }));
    expect(await describe()).toEqual(before);
  });

  test('does not make the grants of a multi-Region key those of its replica', async () => {
    const primary = await makeKey(kms, { MultiRegion: true });
    await makeGrant(kms, primary.id);
    await kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: 'eu-west-1' }));
    const there = aws.client({ region: 'eu-west-1' });
    expect(await grantsOn(there, primary.id)).toEqual([]);
    await makeGrant(there, primary.id, { GranteePrincipal: USER });
    const grantees = [kms, there].map(async (client) =>
      (await grantsOn(client, primary.id)).map(({ GranteePrincipal }) => GranteePrincipal),
    );
    expect(await Promise.all(grantees)).toEqual([[ROLE], [USER]]);
  });

  test('does not matter to the listing: any spec has grants', async () => {
    const hmac = await makeKey(kms, HMAC);
    const { id } = await makeGrant(kms, hmac.id, { Operations: ['GenerateMac'] });
    expect((await grantsOn(kms, hmac.id)).map(({ GrantId }) => GrantId)).toEqual([id]);
  });
});
