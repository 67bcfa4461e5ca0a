import { CreateAliasCommand, type KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  type MadeKey,
  makeKey,
  OTHER_ACCOUNT,
  type Refusal,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { caseName, OPERATION_CASES, type Send } from '../support/operationCases.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

const KEYED = OPERATION_CASES.filter(({ forms }) => forms !== 'none').map((one) => ({
  ...one,
  name: caseName(one),
}));
const HERE = `arn:aws:kms:us-east-1:${ACCOUNT}`;
const UNKNOWN = '1234abcd-12ab-34cd-56ef-1234567890ab';
const UNKNOWN_MULTI_REGION = `mrk-${'0123456789abcdef'.repeat(2)}`;

const NO_ALIAS = refused(
  'InvalidArnException',
  'Key Aliases are not supported for this operation.',
);
const NO_ALIAS_AS_TARGET = refused(
  'ValidationException',
  'Aliases must refer to keys. Not aliases',
);
const notFound = (message: string): Refusal => refused('NotFoundException', message);
const noKey = (arn: string): Refusal => notFound(`Key '${arn}' does not exist`);

const WRONG: readonly [what: string, id: string, expected: Refusal][] = [
  ['an unknown id', UNKNOWN, noKey(`${HERE}:key/${UNKNOWN}`)],
  [
    'an unknown multi-Region id',
    UNKNOWN_MULTI_REGION,
    noKey(`${HERE}:key/${UNKNOWN_MULTI_REGION}`),
  ],
  ['an unknown ARN', `${HERE}:key/${UNKNOWN}`, noKey(`${HERE}:key/${UNKNOWN}`)],
  [
    'an unknown ARN of another account',
    `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${UNKNOWN}`,
    noKey(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${UNKNOWN}`),
  ],
  ['a bare word', 'fake-key-id', notFound("Invalid keyId 'fake-key-id'")],
  [
    'an id without dashes',
    UNKNOWN.replaceAll('-', ''),
    notFound(`Invalid keyId '${UNKNOWN.replaceAll('-', '')}'`),
  ],
  ['an id in capitals', UNKNOWN.toUpperCase(), noKey(`${HERE}:key/${UNKNOWN.toUpperCase()}`)],
  ['an ARN with a bad id', `${HERE}:key/foo`, notFound('Invalid keyId foo')],
  [
    'an ARN of another region',
    `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${UNKNOWN}`,
    notFound('Invalid arn eu-west-1'),
  ],
  ['a short multi-Region id', 'mrk-1234', notFound("Invalid keyId 'mrk-1234'")],
  [
    'an ARN of another service',
    `arn:aws:s3:us-east-1:${ACCOUNT}:key/${UNKNOWN}`,
    refused('InvalidArnException', `Invalid arn 'arn:aws:s3:us-east-1:${ACCOUNT}:key/${UNKNOWN}'`),
  ],
  [
    'an ARN of another partition than its region',
    `arn:aws-cn:kms:us-east-1:${ACCOUNT}:key/${UNKNOWN}`,
    refused(
      'InvalidArnException',
      `Invalid arn 'arn:aws-cn:kms:us-east-1:${ACCOUNT}:key/${UNKNOWN}'`,
    ),
  ],
  [
    'an ARN of another partition',
    `arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/${UNKNOWN}`,
    notFound('Invalid arn cn-north-1'),
  ],
  [
    'an ARN of no key',
    `${HERE}:grant/${UNKNOWN}`,
    refused('InvalidArnException', `Invalid arn '${HERE}:grant/${UNKNOWN}'`),
  ],
];

describe.each(KEYED)('$name', (one) => {
  let key: MadeKey;
  let send: Send;
  let alias: string;

  beforeAll(async () => {
    key = await makeKey(kms, one.key);
    alias = `alias/id-${one.operation}-${one.end ?? ''}`;
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key.id }));
    send = await one.prepare(kms, key);
  });

  beforeEach(() => aws.force(key.id, one.needs ?? 'enabled'));

  test('finds its key by id and by ARN', async () => {
    await send(kms, key.id);
    await aws.force(key.id, one.needs ?? 'enabled');
    await send(kms, key.arn);
  });

  test(`${one.forms === 'any' ? 'finds' : 'does not take'} an alias and an alias ARN`, async () => {
    for (const id of [alias, `${HERE}:${alias}`]) {
      const answer = send(kms, id);
      if (one.forms === 'any') await answer;
      else {
        const expected = one.forms === 'target' ? NO_ALIAS_AS_TARGET : NO_ALIAS;
        expect(await refusal(answer), id).toEqual(expected);
      }
    }
  });

  test('says which alias is unknown, unless aliases are none of its business', async () => {
    const arn = `${HERE}:alias/unknown`;
    for (const id of ['alias/unknown', arn]) {
      const expected = {
        any: notFound(`Alias ${arn} is not found.`),
        key: NO_ALIAS,
        target: NO_ALIAS_AS_TARGET,
        none: undefined,
      }[one.forms];
      expect(await refusal(send(kms, id)), id).toEqual(expected);
    }
  });

  test.each(WRONG)('says what is wrong with %s', async (_what, id, expected) => {
    expect(await refusal(send(kms, id))).toEqual(expected);
  });

  test(`${one.crossAccount ? 'works' : 'is refused'} on a key of another account`, async () => {
    const other = aws.client({ account: OTHER_ACCOUNT });
    const answer = send(other, key.arn);
    if (one.crossAccount) {
      await answer;
      return;
    }
    const user = `arn:aws:iam::${OTHER_ACCOUNT}:root`;
    expect(await refusal(answer)).toEqual(
      refused(
        'AccessDeniedException',
        `User: ${user} is not authorized to perform: kms:${one.operation} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      ),
    );
  });

  test('looks for a bare id and an alias name in the account and region of the caller', async () => {
    const clients = [
      ['us-east-1', OTHER_ACCOUNT, aws.client({ account: OTHER_ACCOUNT })],
      ['eu-west-1', ACCOUNT, aws.client({ region: 'eu-west-1' })],
    ] as const;
    for (const [region, account, client] of clients) {
      // The ciphertext, which is looked at first, belongs to the region of its key.
      if (one.end === 'destination' && region !== 'us-east-1') continue;
      const there = `arn:aws:kms:${region}:${account}`;
      expect(await refusal(send(client, key.id))).toEqual(noKey(`${there}:key/${key.id}`));
      if (one.forms !== 'any') continue;
      expect(await refusal(send(client, alias))).toEqual(
        notFound(`Alias ${there}:${alias} is not found.`),
      );
    }
  });
});
