import {
  CreateKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListKeyPoliciesCommand,
  PutKeyPolicyCommand,
  paginateListKeyPolicies,
} from '@aws-sdk/client-kms';
import { createSystemClock } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  makeKey,
  members,
  OPEN_POLICY,
  OTHER_ACCOUNT,
  type Refusal,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';

let aws: AwsGateway;
/** With the clock of this machine, by which the official client signs. */
let signing: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  signing = await startAwsGateway({}, createSystemClock());
  kms = aws.client();
});

afterAll(async () => {
  await aws.close();
  await signing.close();
});

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const MINE = { Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'kms:*', Resource: '*' };
const policy = (...Statement: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

/** What the service sends for a key that was made without a policy, from the examples of botocore. */
const DEFAULT = `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${ROOT}"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`;

async function policyOf(KeyId: string): Promise<string | undefined> {
  return (await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy;
}

describe('GetKeyPolicy', () => {
  test('gives the default policy of a key that was made without one', async () => {
    const { id } = await makeKey(kms);
    for (const PolicyName of [undefined, 'default']) {
      const answer = await kms.send(new GetKeyPolicyCommand({ KeyId: id, PolicyName }));
      expect(members(answer)).toEqual({ Policy: DEFAULT, PolicyName: 'default' });
    }
  });

  test('gives the default policy in the partition of the region', async () => {
    const china = aws.client({ region: 'cn-north-1' });
    const { id } = await makeKey(china);
    const { Policy } = await china.send(new GetKeyPolicyCommand({ KeyId: id }));
    expect(Policy).toContain(`"AWS" : "arn:aws-cn:iam::${ACCOUNT}:root"`);
  });

  test('gives a policy as the service prints it, members in their order', async () => {
    const Policy = `{"Statement":[{"Resource":"*","Action":["kms:Put*","kms:Get*"],\t"Effect":"Allow","Principal":{"Service":[],"AWS":["${ROOT}",\r\n"${OTHER_ACCOUNT}"]},"Condition":{}},{"Sid":"Grüße \\u2603","Effect":"Deny","NotPrincipal":"*","NotAction":"kms:*","NotResource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":true},"StringLike":{"kms:ViaService":["a","b"]}}}],"Id":"i","Version":"2008-10-17"}`;
    const { id } = await makeKey(kms, { Policy });
    expect(await policyOf(id)).toBe(`{
  "Statement" : [ {
    "Resource" : "*",
    "Action" : [ "kms:Put*", "kms:Get*" ],
    "Effect" : "Allow",
    "Principal" : {
      "Service" : [ ],
      "AWS" : [ "${ROOT}", "${OTHER_ACCOUNT}" ]
    },
    "Condition" : { }
  }, {
    "Sid" : "Grüße ☃",
    "Effect" : "Deny",
    "NotPrincipal" : "*",
    "NotAction" : "kms:*",
    "NotResource" : "*",
    "Condition" : {
      "Bool" : {
        "kms:GrantIsForAWSResource" : true
      },
      "StringLike" : {
        "kms:ViaService" : [ "a", "b" ]
      }
    }
  } ],
  "Id" : "i",
  "Version" : "2008-10-17"
}`);
  });

  test.each(['Default', 'other', 'default_'])('knows no policy named %s', async (PolicyName) => {
    const { id } = await makeKey(kms);
    const expected = refused('NotFoundException', 'No such policy exists');
    const get = kms.send(new GetKeyPolicyCommand({ KeyId: id, PolicyName }));
    expect(await refusal(get)).toEqual(expected);
    const put = new PutKeyPolicyCommand({ KeyId: id, PolicyName, Policy: OPEN_POLICY });
    expect(await refusal(kms.send(put))).toEqual(expected);
  });
});

describe('ListKeyPolicies', () => {
  test('lists the one name', async () => {
    const { id } = await makeKey(kms);
    const answer = await kms.send(new ListKeyPoliciesCommand({ KeyId: id }));
    expect(members(answer)).toEqual({ PolicyNames: ['default'], Truncated: false });
    const pages = [];
    for await (const page of paginateListKeyPolicies({ client: kms, pageSize: 1 }, { KeyId: id }))
      pages.push(page.PolicyNames);
    expect(pages).toEqual([['default']]);
  });

  test('refuses a marker that nobody gave', async () => {
    const { id } = await makeKey(kms);
    const answer = kms.send(new ListKeyPoliciesCommand({ KeyId: id, Marker: 'x' }));
    expect(await refusal(answer)).toMatchObject({ status: 400, code: 'InvalidMarkerException' });
  });
});

describe('PutKeyPolicy', () => {
  test('replaces the policy, and says nothing', async () => {
    const { id, arn } = await makeKey(kms);
    const Policy = policy(MINE);
    const answer = await kms.send(new PutKeyPolicyCommand({ KeyId: arn, Policy }));
    expect(members(answer)).toEqual({});
    expect(JSON.parse((await policyOf(id)) ?? '')).toEqual(JSON.parse(Policy));
    const raw = await aws.call('PutKeyPolicy', { KeyId: id, PolicyName: 'default', Policy });
    expect([raw.status, raw.text]).toEqual([200, '']);
  });

  test('leaves the old policy when it refuses the new one', async () => {
    const { id } = await makeKey(kms);
    const put = kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: '{}' }));
    expect(await refusal(put)).toEqual(refused('MalformedPolicyDocumentException'));
    expect(await policyOf(id)).toBe(DEFAULT);
  });

  test('refuses more than 32,768 bytes, and takes as many', async () => {
    const { id } = await makeKey(kms);
    const fill = (bytes: number): string => policy(MINE).padEnd(bytes);
    await kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: fill(32_768) }));
    // The official client retries this error, by its name.
    const { status, body } = await aws.call('PutKeyPolicy', { KeyId: id, Policy: fill(32_769) });
    expect([status, body]).toEqual([
      400,
      {
        __type: 'LimitExceededException',
        message: 'You have reached the limit of 32768 bytes in a key policy.',
      },
    ]);
  });
});

const MALFORMED = 'MalformedPolicyDocumentException';
const UNREADABLE = refused(MALFORMED);
const NO_PRINCIPAL = refused(MALFORMED, 'Policy contains a statement with no principal.');
const BAD_PRINCIPAL = refused(
  MALFORMED,
  'Policy contains a statement with one or more invalid principals.',
);
const BAD_ARN = refused('InvalidArnException', 'An ARN in the specified key policy is invalid.');
const BAD_KEYS = refused(
  MALFORMED,
  'These condition keys are not permitted in a key policy: aws:ResourceTag, kms:ResourceTag, kms:ResourceAliases',
);
const LOCKED_OUT = refused(
  MALFORMED,
  'The new key policy will not allow you to update the key policy in the future.',
);
const PERMISSIVE = refused(
  MALFORMED,
  'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.',
);

const aws_ = (AWS: unknown): object => ({ ...MINE, Principal: { AWS } });
const when = (Condition: unknown): object => ({ ...MINE, Condition });
const { Principal: _, ...NOBODY } = MINE;
const { Action: __, ...NOTHING } = MINE;
const { Resource: ___, ...NOWHERE } = MINE;

/** Refused also without the lockout check. */
const WRONG: readonly [what: string, policy: string, expected: Refusal][] = [
  ['a text', '"Allow"', UNREADABLE],
  ['a list', '[]', UNREADABLE],
  ['half an object', '{"Statement":', UNREADABLE],
  ['deep nesting', `${'['.repeat(15_000)}${']'.repeat(15_000)}`, UNREADABLE],
  ['no statement', '{"Version":"2012-10-17"}', UNREADABLE],
  ['an empty list of statements', policy(), UNREADABLE],
  ['a statement that is a text', '{"Statement":"Allow"}', UNREADABLE],
  ['an unknown version', JSON.stringify({ Version: '2012-10-18', Statement: MINE }), UNREADABLE],
  ['an unknown element', JSON.stringify({ Statement: MINE, Extra: 1 }), UNREADABLE],
  ['an unknown element of a statement', policy({ ...MINE, Extra: 1 }), UNREADABLE],
  ['a statement without effect', policy({ ...MINE, Effect: undefined }), UNREADABLE],
  ['an effect in lower case', policy({ ...MINE, Effect: 'allow' }), UNREADABLE],
  [
    'two statements of the same id',
    policy({ ...MINE, Sid: 'a' }, { ...MINE, Sid: 'a' }),
    UNREADABLE,
  ],
  ['an id that is a list', policy({ ...MINE, Sid: ['a'] }), UNREADABLE],
  ['an action that is a number', policy({ ...MINE, Action: 1 }), UNREADABLE],
  ['both Action and NotAction', policy({ ...MINE, NotAction: 'kms:Sign' }), UNREADABLE],
  ['an unknown operator', policy(when({ StringIs: { 'aws:x': 'y' } })), UNREADABLE],
  ['a condition value that is an object', policy(when({ Bool: { 'aws:x': {} } })), UNREADABLE],
  [
    'a number that nothing can hold',
    policy(when({ NumericEquals: { 'aws:x': 1 } })).replace('"aws:x":1', '"aws:x":1e400'),
    UNREADABLE,
  ],
  ['no action', policy(MINE, NOTHING), refused(MALFORMED, 'Missing required field Action')],
  ['no resource', policy(MINE, NOWHERE), refused(MALFORMED, 'Missing required field Resource')],
  ['no principal', policy(MINE, NOBODY), NO_PRINCIPAL],
  ['an empty list of principals', policy(MINE, aws_([])), NO_PRINCIPAL],
  ['a principal that is a text', policy({ ...MINE, Principal: ROOT }), UNREADABLE],
  ['a unique id of a deleted user', policy(MINE, aws_('AIDACKCEVSQ6C2EXAMPLE')), BAD_PRINCIPAL],
  ['a group', policy(MINE, aws_(`arn:aws:iam::${ACCOUNT}:group/g`)), BAD_PRINCIPAL],
  [
    'an instance profile',
    policy(aws_(`arn:aws:iam::${ACCOUNT}:instance-profile/p`)),
    BAD_PRINCIPAL,
  ],
  ['a pattern of users', policy(MINE, aws_(`arn:aws:iam::${ACCOUNT}:user/*`)), BAD_PRINCIPAL],
  ['an ARN without service', policy(MINE, aws_(`arn:aws::${ACCOUNT}:root`)), BAD_PRINCIPAL],
  ['an ARN of another partition', policy(aws_(`arn:aws-cn:iam::${ACCOUNT}:root`)), BAD_PRINCIPAL],
  ['an ARN of S3', policy(MINE, aws_('arn:aws:s3:::bucket')), BAD_PRINCIPAL],
  ['a short account', policy(MINE, aws_('12345')), BAD_PRINCIPAL],
  ['a service without a domain', policy({ ...MINE, Principal: { Service: 's3' } }), BAD_PRINCIPAL],
  ['a canonical user', policy({ ...MINE, Principal: { CanonicalUser: 'a' } }), BAD_PRINCIPAL],
  ['an ARN without account', policy(MINE, aws_('arn:aws:iam:::root')), BAD_ARN],
  ['an ARN with a name as account', policy(aws_('arn:aws:iam::Stack:root')), BAD_ARN],
  ['a tag of the key', policy(when({ StringEquals: { 'aws:ResourceTag/a': 'b' } })), BAD_KEYS],
  ['aliases of the key', policy(when({ StringLike: { 'kms:ResourceAliases': 'b' } })), BAD_KEYS],
  [
    'ForAllValues on a pair of the context',
    policy(when({ 'ForAllValues:StringEquals': { 'kms:EncryptionContext:Purpose': 'x' } })),
    PERMISSIVE,
  ],
];

/** Refused unless the lockout check is bypassed. */
const LOCKING: readonly [what: string, policy: string][] = [
  ['nobody of the account', policy(aws_(`arn:aws:iam::${OTHER_ACCOUNT}:root`))],
  ['a service only', policy({ ...MINE, Principal: { Service: 'logs.us-east-1.amazonaws.com' } })],
  ['other actions', policy({ ...MINE, Action: ['kms:Get*', 'kms:Put', 'kms:?utKeyPolic'] })],
  ['all actions but this one', policy({ ...MINE, Action: undefined, NotAction: ['kms:PUT*'] })],
  ['another resource', policy({ ...MINE, Resource: 'arn:aws:kms:us-east-1:1:key/x' })],
  [
    'everybody but the account',
    policy({ ...MINE, Principal: undefined, NotPrincipal: { AWS: ROOT } }),
  ],
  ['the account, and denies it again', policy(MINE, { ...MINE, Effect: 'Deny', Action: 'kms:P*' })],
  ['nothing', policy({ ...MINE, Effect: 'Deny', Action: 'kms:Encrypt' })],
];

const FINE: readonly [what: string, policy: string][] = [
  ['the account by its number', policy(aws_(ACCOUNT))],
  ['everybody', policy({ ...MINE, Principal: '*', Action: '*' })],
  ['everybody, spelled out', policy(aws_('*'))],
  ['a user of the account', policy({ ...aws_(ALICE), Action: 'KMS:putkeypolicy' })],
  ['a session', policy(aws_([`arn:aws:sts::${ACCOUNT}:assumed-role/r/s`]))],
  ['with a condition', policy(when({ StringEquals: { 'kms:CallerAccount': ACCOUNT } }))],
  ['all but some actions', policy({ ...MINE, Action: undefined, NotAction: 'kms:Sign' })],
  ['all but somebody', policy({ ...MINE, Principal: undefined, NotPrincipal: { AWS: ALICE } })],
  ['the account, and denies others', policy(MINE, { ...aws_(ALICE), Effect: 'Deny' })],
  ['one statement without a list', JSON.stringify({ Statement: MINE })],
  ['unknown actions too', policy(MINE, { ...MINE, Action: 'kms:DoesNotExist' })],
  ['a role of a federated user too', policy(MINE, { ...MINE, Principal: { Federated: 'a.b' } })],
  [
    'ForAllValues on the names of the context',
    policy(MINE, when({ 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['x'] } })),
  ],
];

describe.each([
  ['CreateKey', (client: KMSClient, input: Given) => client.send(new CreateKeyCommand(input))],
  [
    'PutKeyPolicy',
    async (client: KMSClient, input: Given) =>
      client.send(new PutKeyPolicyCommand({ ...input, KeyId: (await makeKey(client)).id })),
  ],
])('policies in %s', (_operation, send) => {
  test.each(WRONG)('are refused: %s', async (_what, Policy, expected) => {
    expect(await refusal(send(kms, { Policy }))).toEqual(expected);
    const bypassed = { Policy, BypassPolicyLockoutSafetyCheck: true };
    expect(await refusal(send(kms, bypassed))).toEqual(expected);
  });

  test.each(LOCKING)('lock their maker out: they allow %s', async (_what, Policy) => {
    expect(await refusal(send(kms, { Policy }))).toEqual(LOCKED_OUT);
    const check = { Policy, BypassPolicyLockoutSafetyCheck: false };
    expect(await refusal(send(kms, check))).toEqual(LOCKED_OUT);
    await send(kms, { Policy, BypassPolicyLockoutSafetyCheck: true });
  });

  test.each(FINE)('are fine when they allow %s', async (_what, Policy) => {
    await send(kms, { Policy });
  });
});

interface Given {
  readonly Policy: string;
  readonly BypassPolicyLockoutSafetyCheck?: boolean;
}

describe('callers with an identity of their own', () => {
  const sessionArn = `arn:aws:sts::${ACCOUNT}:assumed-role/admin/me`;
  const clientOf = async (accessKeyId: string, arn: string): Promise<KMSClient> => {
    const secret = { secretAccessKey: 'not-a-real-secret' };
    await signing.register({ dialect: 'aws', accessKeyId, ...secret, account: ACCOUNT, arn });
    return signing.client({ credentials: { accessKeyId, ...secret } });
  };

  test('must be named themselves', async () => {
    const alice = await clientOf('AKIAALICE00000000000', ALICE);
    await alice.send(new CreateKeyCommand({ Policy: policy(aws_(ALICE)) }));
    const bob = policy(aws_(`arn:aws:iam::${ACCOUNT}:user/Bob`));
    expect(await refusal(alice.send(new CreateKeyCommand({ Policy: bob })))).toEqual(LOCKED_OUT);
  });

  test('are the role of their session', async () => {
    const session = await clientOf('AKIASESSION000000000', sessionArn);
    for (const role of ['role/admin', 'role/some/path/admin']) {
      const Policy = policy(aws_(`arn:aws:iam::${ACCOUNT}:${role}`));
      await session.send(new CreateKeyCommand({ Policy }));
    }
    await session.send(new CreateKeyCommand({ Policy: policy(aws_(sessionArn)) }));
    for (const role of ['role/me', 'user/admin']) {
      const Policy = policy(aws_(`arn:aws:iam::${ACCOUNT}:${role}`));
      expect(await refusal(session.send(new CreateKeyCommand({ Policy })))).toEqual(LOCKED_OUT);
    }
  });
});

describe('key policies of QKMS', () => {
  test('name the account in its own form, and may name it in both', async () => {
    const qkms = aws.client({ path: '/qkms' });
    const own = `arn:verenc:${ACCOUNT}:root`;
    const { id } = await makeKey(qkms);
    const { Policy } = await qkms.send(new GetKeyPolicyCommand({ KeyId: id }));
    expect(Policy).toContain(`"AWS" : "${own}"`);
    for (const AWS of [own, ROOT]) {
      await qkms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: policy(aws_(AWS)) }));
    }
    const other = policy(aws_(`arn:verenc:${OTHER_ACCOUNT}:root`));
    const answer = qkms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: other }));
    expect(await refusal(answer)).toEqual(LOCKED_OUT);
  });
});
