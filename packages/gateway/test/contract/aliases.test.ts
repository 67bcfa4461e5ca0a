import {
  CreateAliasCommand,
  type CreateKeyCommandInput,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  AGREE,
  type AwsGateway,
  HMAC,
  makeKey,
  members,
  OTHER_ACCOUNT,
  type Refusal,
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

const arnOf = (name: string): string => `arn:aws:kms:us-east-1:${ACCOUNT}:${name}`;
const NO_PREFIX = refused(
  'ValidationException',
  'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
);
const RESERVED = refused(
  'NotAuthorizedException',
  'The alias name for a customer managed CMK cannot begin with alias/aws/.',
);
const notFound = (name: string): Refusal =>
  refused('NotFoundException', `Alias ${arnOf(name)} is not found.`);

async function targetOf(name: string, client = kms): Promise<string | undefined> {
  const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: name }));
  return key?.KeyId;
}

async function create(AliasName: string, TargetKeyId: string): Promise<void> {
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
}

const BAD_NAMES: readonly [string, string, Refusal][] = [
  ['a name without prefix', 'name', NO_PREFIX],
  ['a prefix in capitals', 'Alias/name', NO_PREFIX],
  ['a prefix without name', 'alias/', NO_PREFIX],
  ['a name of AWS', 'alias/aws/s3', RESERVED],
  [
    'a colon',
    'alias/a:b',
    refused('ValidationException', 'alias/a:b contains invalid characters for an alias'),
  ],
  [
    'a blank',
    'alias/a b',
    violation(
      "Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
    ),
  ],
  [
    'more than 256 characters',
    `alias/${'a'.repeat(251)}`,
    violation(
      `Value 'alias/${'a'.repeat(251)}' at 'aliasName' failed to satisfy constraint: Member must have length less than or equal to 256`,
    ),
  ],
];

describe('CreateAlias', () => {
  test('answers with nothing and gives the key another name', async () => {
    const { id, arn } = await makeKey(kms);
    const input = { AliasName: 'alias/A-z_0/9', TargetKeyId: arn };
    expect(members(await kms.send(new CreateAliasCommand(input)))).toEqual({});
    expect(await targetOf('alias/A-z_0/9')).toBe(id);
    expect(await targetOf(arnOf('alias/A-z_0/9'))).toBe(id);
    const sealed = await kms.send(
      new EncryptCommand({ KeyId: 'alias/A-z_0/9', Plaintext: Buffer.from('x') }),
    );
    expect(sealed.KeyId).toBe(arn);
  });

  test('tells capitals apart', async () => {
    const [one, two] = [await makeKey(kms), await makeKey(kms)];
    await create('alias/case', one.id);
    await create('alias/CASE', two.id);
    expect([await targetOf('alias/case'), await targetOf('alias/CASE')]).toEqual([one.id, two.id]);
  });

  test('gives a name once per account and region', async () => {
    const key = await makeKey(kms);
    await create('alias/once', key.id);
    for (const target of [key, await makeKey(kms)]) {
      const input = { AliasName: 'alias/once', TargetKeyId: target.id };
      expect(await refusal(kms.send(new CreateAliasCommand(input)))).toEqual(
        refused(
          'AlreadyExistsException',
          `An alias with the name ${arnOf('alias/once')} already exists`,
        ),
      );
    }
    for (const client of [
      aws.client({ region: 'eu-west-1' }),
      aws.client({ account: OTHER_ACCOUNT }),
    ]) {
      const other = await makeKey(client);
      const input = { AliasName: 'alias/once', TargetKeyId: other.id };
      await client.send(new CreateAliasCommand(input));
      expect(await targetOf('alias/once', client)).toBe(other.id);
    }
    expect(await targetOf('alias/once')).toBe(key.id);
  });

  test.each(BAD_NAMES)('refuses %s', async (_what, AliasName, expected) => {
    const { id: TargetKeyId } = await makeKey(kms);
    const answer = kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
    expect(await refusal(answer)).toEqual(expected);
  });

  test('tells a bad name before an unknown key', async () => {
    const input = { AliasName: 'name', TargetKeyId: '1234abcd-12ab-34cd-56ef-1234567890ab' };
    expect(await refusal(kms.send(new CreateAliasCommand(input)))).toEqual(NO_PREFIX);
  });

  test('gives a key 50 names at most', async () => {
    const { id } = await makeKey(kms);
    for (let n = 0; n < 50; n += 1) await create(`alias/many-${n}`, id);
    await create('alias/elsewhere', (await makeKey(kms)).id);
    // The official client retries this error, by its name.
    for (const [operation, AliasName] of [
      ['CreateAlias', 'alias/many-50'],
      ['UpdateAlias', 'alias/elsewhere'],
    ] as const) {
      const answer = await aws.call(operation, { AliasName, TargetKeyId: id });
      expect([answer.status, answer.body]).toEqual([
        400,
        {
          __type: 'LimitExceededException',
          message:
            'Aliases per key quota for this account in this region is 50, current usage is 50.',
        },
      ]);
    }
    await kms.send(new UpdateAliasCommand({ AliasName: 'alias/many-7', TargetKeyId: id }));
  });

  test('gives the name of a deleted key to another', async () => {
    const [old, next] = [await makeKey(kms), await makeKey(kms)];
    await create('alias/again', old.id);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: old.id, PendingWindowInDays: 7 }));
    aws.clock.nowMs = START_MS + 7 * DAY_MS;
    await create('alias/again', next.id);
    expect(await targetOf('alias/again')).toBe(next.id);
  });
});

describe('UpdateAlias', () => {
  test('answers with nothing and points the name to another key', async () => {
    const [one, two] = [await makeKey(kms), await makeKey(kms)];
    await create('alias/moved', one.id);
    expect(await targetOf('alias/moved')).toBe(one.id);
    aws.clock.nowMs = START_MS + 5_000;
    const input = { AliasName: 'alias/moved', TargetKeyId: two.id };
    expect(members(await kms.send(new UpdateAliasCommand(input)))).toEqual({});
    expect(await targetOf('alias/moved')).toBe(two.id);
    const shown = await kms.send(new ListAliasesCommand({ KeyId: two.id }));
    expect(shown.Aliases).toEqual([
      {
        AliasName: 'alias/moved',
        AliasArn: arnOf('alias/moved'),
        TargetKeyId: two.id,
        CreationDate: new Date(START_MS),
        LastUpdatedDate: new Date(START_MS + 5_000),
      },
    ]);
    expect((await kms.send(new ListAliasesCommand({ KeyId: one.id }))).Aliases).toEqual([]);
  });

  test('leaves an old key that waits for its deletion', async () => {
    const [old, next] = [await makeKey(kms), await makeKey(kms)];
    await create('alias/leaving', old.id);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: old.id }));
    await kms.send(new UpdateAliasCommand({ AliasName: 'alias/leaving', TargetKeyId: next.id }));
    expect(await targetOf('alias/leaving')).toBe(next.id);
  });

  test('says which name is unknown', async () => {
    const { id: TargetKeyId } = await makeKey(kms);
    const answer = kms.send(new UpdateAliasCommand({ AliasName: 'alias/nobody', TargetKeyId }));
    expect(await refusal(answer)).toEqual(notFound('alias/nobody'));
  });

  test.each(BAD_NAMES)('refuses %s', async (_what, AliasName, expected) => {
    const { id: TargetKeyId } = await makeKey(kms);
    const answer = kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
    expect(await refusal(answer)).toEqual(expected);
  });

  const P384: CreateKeyCommandInput = { KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' };
  const RSA_SIGN: CreateKeyCommandInput = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' };

  test.each([
    ['ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', {}, HMAC],
    ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', {}, SIGN],
    ['SIGN_VERIFY', 'KEY_AGREEMENT', SIGN, AGREE],
    ['ENCRYPT_DECRYPT', 'ENCRYPT_DECRYPT', {}, RSA],
  ])('does not go from a key for %s to one for %s of another kind', async (a, b, from, to) => {
    const [one, two] = [await makeKey(kms, from), await makeKey(kms, to)];
    const AliasName = `alias/kind-${two.id}`;
    await create(AliasName, one.id);
    const answer = kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two.id }));
    expect(await refusal(answer)).toEqual(
      refused(
        'ValidationException',
        `Alias ${arnOf(AliasName)} cannot be changed from a CMK with key usage ${a} to a CMK with key usage ${b}. The key usage of the current CMK and the new CMK must be the same.`,
      ),
    );
    expect(await targetOf(AliasName)).toBe(one.id);
  });

  test.each([
    ['two asymmetric keys for the same usage', P384, RSA_SIGN],
    ['two HMAC keys', HMAC, { ...HMAC, KeySpec: 'HMAC_512' } as const],
  ])('goes between %s of different specs', async (_what, from, to) => {
    const [one, two] = [await makeKey(kms, from), await makeKey(kms, to)];
    const AliasName = `alias/kind-${two.id}`;
    await create(AliasName, one.id);
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two.id }));
    expect(await targetOf(AliasName)).toBe(two.id);
  });
});

describe('DeleteAlias', () => {
  test('answers with nothing, takes the name and leaves the key', async () => {
    const { id } = await makeKey(kms);
    await create('alias/gone', id);
    const answer = await kms.send(new DeleteAliasCommand({ AliasName: 'alias/gone' }));
    expect(members(answer)).toEqual({});
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: 'alias/gone' })))).toEqual(
      notFound('alias/gone'),
    );
    expect(await targetOf(id)).toBe(id);
    await create('alias/gone', id);
  });

  test('says which name is unknown', async () => {
    const answer = kms.send(new DeleteAliasCommand({ AliasName: 'alias/nobody' }));
    expect(await refusal(answer)).toEqual(notFound('alias/nobody'));
  });

  test.each(BAD_NAMES)('refuses %s', async (_what, AliasName, expected) => {
    expect(await refusal(kms.send(new DeleteAliasCommand({ AliasName })))).toEqual(expected);
  });

  test.each(['CreateAlias', 'UpdateAlias', 'DeleteAlias'])(
    '%s sends an empty body',
    async (operation) => {
      const { id } = await makeKey(kms);
      const AliasName = `alias/empty-${operation}`;
      if (operation !== 'CreateAlias') await create(AliasName, id);
      const answer = await aws.call(operation, { AliasName, TargetKeyId: id });
      expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([
        200,
        '',
        '0',
      ]);
    },
  );
});

test('a reserved name of AWS is simply not found by operations that read', async () => {
  const answer = kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/unknown' }));
  expect(await refusal(answer)).toEqual(notFound('alias/aws/unknown'));
});
