import {
  type CreateGrantCommandInput,
  KMSClient,
  RetireGrantCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms';
import { createSystemClock } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  type MadeKey,
  makeKey,
  members,
  OTHER_ACCOUNT,
  REGION,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import {
  grantsOn,
  type MadeGrant,
  makeGrant,
  NO_GRANT,
  ROLE,
  ROOT,
  USER,
} from '../support/grants.js';

// https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;
const clients: KMSClient[] = [];

beforeAll(async () => {
  // The official client signs by the clock of the machine.
  aws = await startAwsGateway({}, createSystemClock());
  kms = aws.client();
  key = await makeKey(kms);
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await aws.close();
});

const STRANGER = '999999999999';
const THEIR_ROOT = `arn:aws:iam::${OTHER_ACCOUNT}:root`;
const THEIR_USER = `arn:aws:iam::${OTHER_ACCOUNT}:user/carol`;
const THEIR_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/path/worker`;
const THEIR_SESSION = `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/worker/job-1`;

let serial = 0;
/** A client with a registered key of this principal. */
async function clientOf(arn: string, of = aws): Promise<KMSClient> {
  serial += 1;
  const credential = {
    accessKeyId: `AKIAGRANT${String(serial).padStart(11, '0')}`,
    secretAccessKey: `secret-${serial}`,
  };
  const account = arn.split(':')[4] ?? '';
  await of.register({ dialect: 'aws', ...credential, account, arn });
  const client = new KMSClient({ region: REGION, endpoint: of.url, credentials: credential });
  clients.push(client);
  return client;
}

const retireBy = (client: KMSClient, { id: GrantId }: MadeGrant): Promise<unknown> =>
  client.send(new RetireGrantCommand({ KeyId: key.arn, GrantId }));

/** Who is of another account than the key is not told the key. */
function denied(arn: string) {
  const on = arn.split(':')[4] === ACCOUNT ? `resource: ${key.arn}` : 'this resource';
  return refused(
    'AccessDeniedException',
    `User: ${arn} is not authorized to perform: kms:RetireGrant on ${on} because no identity-based policy allows the kms:RetireGrant action`,
  );
}

describe('RetireGrant', () => {
  const ALLOWED: readonly [string, string, Partial<CreateGrantCommandInput>][] = [
    ['the account in which the grant was made', ROOT, {}],
    ['a user of that account', USER, {}],
    ['the retiring principal', THEIR_USER, { RetiringPrincipal: THEIR_USER }],
    ['an account that is the retiring principal', THEIR_ROOT, { RetiringPrincipal: THEIR_ROOT }],
    ['whom that account lets', THEIR_USER, { RetiringPrincipal: OTHER_ACCOUNT }],
    ['a session of the retiring role', THEIR_SESSION, { RetiringPrincipal: THEIR_ROLE }],
    ['the retiring session', THEIR_SESSION, { RetiringPrincipal: THEIR_SESSION }],
    [
      'the grantee, when the grant has RetireGrant',
      THEIR_USER,
      { GranteePrincipal: THEIR_USER, Operations: ['DescribeKey', 'RetireGrant'] },
    ],
    [
      'a session of the role that is such a grantee',
      THEIR_SESSION,
      { GranteePrincipal: THEIR_ROLE, Operations: ['RetireGrant'] },
    ],
  ];

  test.each(ALLOWED)('is for %s', async (_who, arn, input) => {
    const client = await clientOf(arn);
    const byId = await makeGrant(kms, key.id, input);
    await retireBy(client, byId);
    const byToken = await makeGrant(kms, key.id, input);
    await client.send(new RetireGrantCommand({ GrantToken: byToken.token }));
    const left = (await grantsOn(kms, key.id)).map(({ GrantId }) => GrantId);
    for (const { id } of [byId, byToken]) expect(left).not.toContain(id);
  });

  test.each([
    ['anybody else', THEIR_USER, {}],
    ['another user of the retiring account', `${THEIR_USER}2`, { RetiringPrincipal: THEIR_USER }],
    ['the root user of its account', THEIR_ROOT, { RetiringPrincipal: THEIR_USER }],
    ['a grantee without RetireGrant', THEIR_USER, { GranteePrincipal: THEIR_USER }],
    [
      'a session of another role',
      `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/path/worker`,
      { RetiringPrincipal: THEIR_ROLE },
    ],
    [
      'a session of a role of that name in another account',
      `arn:aws:sts::${STRANGER}:assumed-role/worker/job-1`,
      { RetiringPrincipal: THEIR_ROLE },
    ],
    [
      'the owner of the retiring service',
      THEIR_ROOT,
      { RetiringServicePrincipal: 'ec2.amazonaws.com' },
    ],
  ])('is not for %s', async (_who, arn, more) => {
    const client = await clientOf(arn);
    const made = await makeGrant(kms, key.id, more);
    expect(await refusal(retireBy(client, made))).toEqual(denied(arn));
    const byToken = client.send(new RetireGrantCommand({ GrantToken: made.token }));
    expect(await refusal(byToken)).toEqual(denied(arn));
    expect((await grantsOn(kms, key.id)).map(({ GrantId }) => GrantId)).toContain(made.id);
  });

  test('is not for the owner of the key when the grant was made in another account', async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    const made = await makeGrant(other, key.arn);
    expect(await refusal(retireBy(kms, made))).toEqual(denied(ROOT));
    await retireBy(other, made);
  });

  test('judges who it is before a dry run says that it would have worked', async () => {
    const made = await makeGrant(kms, key.id);
    const stranger = aws.client({ account: STRANGER });
    const input = { GrantToken: made.token, DryRun: true };
    expect(await refusal(stranger.send(new RetireGrantCommand(input)))).toEqual(
      denied(`arn:aws:iam::${STRANGER}:root`),
    );
    expect((await refusal(kms.send(new RetireGrantCommand(input)))).code).toBe(
      'DryRunOperationException',
    );
    await kms.send(new RetireGrantCommand({ GrantToken: made.token }));
  });

  test('wants the token, or key and id', async () => {
    const { id: GrantId, token: GrantToken } = await makeGrant(kms, key.id);
    const KeyId = key.id;
    const wrong = [
      {},
      { KeyId },
      { GrantId },
      { GrantToken, KeyId },
      { GrantToken, GrantId },
      { GrantToken, KeyId, GrantId },
    ];
    for (const input of wrong) {
      expect(await refusal(kms.send(new RetireGrantCommand(input)))).toEqual(
        refused(
          'ValidationException',
          'You must specify either GrantToken, or both KeyId and GrantId.',
        ),
      );
    }
  });

  test('has the rules of QKMS too', async () => {
    const qkms = aws.client({ path: '/qkms' });
    const made = await makeKey(qkms);
    const grant = await makeGrant(qkms, made.id, {
      GranteePrincipal: `arn:verenc:${OTHER_ACCOUNT}:root`,
      Operations: ['RetireGrant'],
    });
    const stranger = aws.client({ path: '/qkms', account: STRANGER });
    const input = { KeyId: made.arn, GrantId: grant.id };
    expect((await refusal(stranger.send(new RetireGrantCommand(input)))).code).toBe(
      'AccessDeniedException',
    );
    const grantee = aws.client({ path: '/qkms', account: OTHER_ACCOUNT });
    await grantee.send(new RetireGrantCommand(input));
    expect(await grantsOn(qkms, made.id)).toEqual([]);
  });
});

describe.each(['RetireGrant', 'RevokeGrant'] as const)('%s', (operation) => {
  const send = (client: KMSClient, KeyId: string, GrantId: string, DryRun = false) =>
    operation === 'RetireGrant'
      ? client.send(new RetireGrantCommand({ KeyId, GrantId, DryRun }))
      : client.send(new RevokeGrantCommand({ KeyId, GrantId, DryRun }));

  test('answers with nothing, and the grant is gone at once', async () => {
    const made = await makeKey(kms);
    const [one, two] = [await makeGrant(kms, made.id), await makeGrant(kms, made.id)];
    expect(members(await send(kms, made.id, one.id))).toEqual({});
    expect((await grantsOn(kms, made.id)).map(({ GrantId }) => GrantId)).toEqual([two.id]);
    const { text } = await aws.call(operation, { KeyId: made.id, GrantId: two.id });
    expect(text).toBe('');
  });

  test('does not find a grant twice, one of another key, and one that never was', async () => {
    const [made, other] = [await makeKey(kms), await makeKey(kms)];
    const [mine, theirs] = [await makeGrant(kms, made.id), await makeGrant(kms, other.id)];
    await send(kms, made.id, mine.id);
    for (const id of [mine.id, theirs.id, NO_GRANT]) {
      expect(await refusal(send(kms, made.id, id))).toEqual(
        refused('NotFoundException', `Grant '${id}' does not exist`),
      );
    }
    expect((await grantsOn(kms, other.id)).length).toBe(1);
  });

  test.each(['x', 'A'.repeat(64), '0'.repeat(63), '0'.repeat(128), 'é'])(
    'refuses the grant id %s',
    async (id) => {
      expect(await refusal(send(kms, key.id, id))).toEqual(refused('InvalidGrantIdException'));
    },
  );

  test('changes nothing when it is dry, and finds what is not there', async () => {
    const made = await makeKey(kms);
    const { id } = await makeGrant(kms, made.id);
    for (let n = 0; n < 2; n += 1) {
      const dry = await refusal(send(kms, made.id, id, true));
      expect(dry.code).toBe('DryRunOperationException');
    }
    expect((await grantsOn(kms, made.id)).length).toBe(1);
    expect((await refusal(send(kms, made.id, NO_GRANT, true))).code).toBe('NotFoundException');
  });

  test('lets one of many win', async () => {
    const made = await makeKey(kms);
    const { id } = await makeGrant(kms, made.id);
    const tries = Array.from({ length: 6 }, () =>
      send(kms, made.id, id).then(
        () => 'done',
        (error: Error) => error.name,
      ),
    );
    expect((await Promise.all(tries)).sort()).toEqual([
      ...new Array(5).fill('NotFoundException'),
      'done',
    ]);
  });
});

test('RevokeGrant asks for no principal of the grant', async () => {
  const made = await makeGrant(kms, key.id, { GranteePrincipal: ROLE });
  const other = aws.client({ account: OTHER_ACCOUNT });
  await other.send(new RevokeGrantCommand({ KeyId: key.arn, GrantId: made.id }));
  expect((await grantsOn(kms, key.id)).map(({ GrantId }) => GrantId)).not.toContain(made.id);
});

describe('in enforce', () => {
  let strict: AwsGateway;
  beforeAll(async () => {
    strict = await startAwsGateway({ auth: 'enforce' }, createSystemClock());
  });
  afterAll(() => strict.close());

  test('a grant lets its retiring principal in from another account, and nobody else', async () => {
    const owner = await clientOf(ROOT, strict);
    const [retiring, stranger] = [
      await clientOf(THEIR_USER, strict),
      await clientOf(`${THEIR_USER}2`, strict),
    ];
    const { id, arn } = await makeKey(owner);
    const made = await makeGrant(owner, id, { RetiringPrincipal: THEIR_USER });
    const byId = (KeyId: string, GrantId: string) => new RetireGrantCommand({ KeyId, GrantId });
    const nobody = refused(
      'AccessDeniedException',
      `User: ${THEIR_USER}2 is not authorized to perform: kms:RetireGrant on this resource because no identity-based policy allows the kms:RetireGrant action`,
    );
    const unknown = arn.replace(id, '1234abcd-12ab-34cd-56ef-1234567890ab');
    for (const [KeyId, GrantId] of [
      [arn, made.id],
      [arn, NO_GRANT],
      [unknown, made.id],
    ] as const) {
      expect(await refusal(stranger.send(byId(KeyId, GrantId)))).toEqual(nobody);
    }
    const byToken = new RetireGrantCommand({ GrantToken: made.token });
    expect(await refusal(stranger.send(byToken))).toEqual(nobody);
    await retiring.send(byId(arn, made.id));
    expect(await grantsOn(owner, id)).toEqual([]);
    expect(await refusal(owner.send(byId(arn, made.id)))).toEqual(
      refused('NotFoundException', `Grant '${made.id}' does not exist`),
    );
  });
});
