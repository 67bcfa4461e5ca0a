import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetKeyLastUsageCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  UntagResourceCommand,
  UpdatePrimaryRegionCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
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
} from '../support/awsGateway.js';
import { AWAY, arnIn, HOME, makeReplicated, THIRD } from '../support/multiRegion.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

const MULTI_REGION = { MultiRegion: true } as const;

let aws: AwsGateway;
/** Clients of the same account in three regions. */
let home: KMSClient;
let away: KMSClient;
let third: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  home = aws.client({ region: HOME });
  away = aws.client({ region: AWAY });
  third = aws.client({ region: THIRD });
});

afterAll(() => aws.close());

/** Asks for a key's metadata in the region of the client. */
async function described(client: KMSClient, KeyId: string): Promise<KeyMetadata> {
  const { KeyMetadata: found } = await client.send(new DescribeKeyCommand({ KeyId }));
  if (found === undefined) throw new Error('no metadata');
  return found;
}

/** A primary key at home with replica keys in the given regions. */
const replicated = (regions: readonly string[] = [AWAY], input: CreateKeyCommandInput = {}) =>
  makeReplicated(home, regions, input);

const configuration = (
  type: 'PRIMARY' | 'REPLICA',
  id: string,
  primary: string,
  replicas: readonly string[],
): object => ({
  MultiRegionKeyType: type,
  PrimaryKey: { Arn: arnIn(primary, id), Region: primary },
  ReplicaKeys: replicas.map((Region) => ({ Arn: arnIn(Region, id), Region })),
});

describe('CreateKey of a multi-Region key', () => {
  test('makes a primary key without replica keys, whose id shows what it is', async () => {
    const { KeyMetadata: made } = await home.send(new CreateKeyCommand(MULTI_REGION));
    const id = made?.KeyId ?? '';
    expect(id).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(made).toMatchObject({
      Arn: arnIn(HOME, id),
      Enabled: true,
      KeyState: 'Enabled',
      MultiRegion: true,
      MultiRegionConfiguration: configuration('PRIMARY', id, HOME, []),
    });
    expect(await described(home, id)).toEqual(made);
  });

  test.each([
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['ECC_NIST_P384', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
    ['HMAC_224', 'GENERATE_VERIFY_MAC'],
  ] as const)('is for %s (%s) too, and a replica key has the same', async (KeySpec, KeyUsage) => {
    const { id } = await replicated([AWAY], { KeySpec, KeyUsage });
    for (const client of [home, away]) {
      expect(await described(client, id)).toMatchObject({ KeySpec, KeyUsage, MultiRegion: true });
    }
  });

  test('is not the default', async () => {
    const { KeyMetadata: made } = await home.send(new CreateKeyCommand({ MultiRegion: false }));
    expect(made?.MultiRegion).toBe(false);
    expect(made).not.toHaveProperty('MultiRegionConfiguration');
    expect(made?.KeyId).not.toMatch(/^mrk-/);
  });
});

describe('ReplicateKey', () => {
  test('answers as for a key that is still being made', async () => {
    const { id } = await makeKey(home, { ...MULTI_REGION, Description: 'at home' });
    const answer = await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    const { ReplicaPolicy, ...rest } = members(answer);
    // Members recorded in LocalStack's snapshot of ReplicateKey.
    expect(rest).toEqual({
      ReplicaKeyMetadata: {
        AWSAccountId: ACCOUNT,
        Arn: arnIn(AWAY, id),
        CreationDate: new Date(START_MS),
        CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
        Description: '',
        Enabled: false,
        EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        KeyId: id,
        KeyManager: 'CUSTOMER',
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyState: 'Creating',
        KeyUsage: 'ENCRYPT_DECRYPT',
        MultiRegion: true,
        MultiRegionConfiguration: configuration('REPLICA', id, HOME, [AWAY]),
        Origin: 'AWS_KMS',
      },
    });
    expect(JSON.parse(String(ReplicaPolicy))).toEqual({
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    });
  });

  test('gives the replica key what it is told, and nothing else of the primary key', async () => {
    const { id } = await makeKey(home, {
      ...MULTI_REGION,
      Description: 'at home',
      Tags: [{ TagKey: 'where', TagValue: 'home' }],
    });
    const Policy = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:Describe*', Resource: '*' },
    });
    const ReplicaTags = [{ TagKey: 'where', TagValue: 'away' }];
    const answer = await home.send(
      new ReplicateKeyCommand({
        KeyId: id,
        ReplicaRegion: AWAY,
        Description: 'away',
        Policy,
        BypassPolicyLockoutSafetyCheck: true,
        Tags: ReplicaTags,
      }),
    );
    expect(answer).toMatchObject({
      ReplicaKeyMetadata: { Description: 'away' },
      // Printed as GetKeyPolicy prints it.
      ReplicaPolicy: expect.stringMatching(/^\{\n {2}"Statement" : \{\n/),
      ReplicaTags,
    });
    expect(JSON.parse(answer.ReplicaPolicy ?? '')).toEqual(JSON.parse(Policy));
    expect((await described(away, id)).Description).toBe('away');
    expect((await described(home, id)).Description).toBe('at home');
    const policyAt = async (client: KMSClient): Promise<unknown> => {
      const { Policy: text = '' } = await client.send(new GetKeyPolicyCommand({ KeyId: id }));
      return JSON.parse(text);
    };
    expect(await policyAt(away)).toEqual(JSON.parse(Policy));
    expect(await policyAt(home)).toMatchObject({ Id: 'key-default-1' });
    const tagsAt = (client: KMSClient) => client.send(new ListResourceTagsCommand({ KeyId: id }));
    expect((await tagsAt(away)).Tags).toEqual(ReplicaTags);
    await home.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['where'] }));
    expect((await tagsAt(home)).Tags).toEqual([]);
    expect((await tagsAt(away)).Tags).toEqual(ReplicaTags);
  });

  test('shows in all keys of the id, and at once in a usable one', async () => {
    const { id } = await replicated([THIRD, AWAY]);
    const clients = [home, away, third];
    const seen = await Promise.all(clients.map((client) => described(client, id)));
    expect(seen.map(({ KeyState, Enabled }) => [KeyState, Enabled])).toEqual(
      clients.map(() => ['Enabled', true]),
    );
    expect(new Set(seen.map((key) => key.CurrentKeyMaterialId)).size).toBe(1);
    expect(seen.map((key) => key.MultiRegionConfiguration)).toEqual([
      configuration('PRIMARY', id, HOME, [THIRD, AWAY]),
      configuration('REPLICA', id, HOME, [THIRD, AWAY]),
      configuration('REPLICA', id, HOME, [THIRD, AWAY]),
    ]);
    expect(seen.map(({ Arn }) => Arn)).toEqual([HOME, AWAY, THIRD].map((at) => arnIn(at, id)));
  });

  test('dates the replica key by its own making', async () => {
    const { id } = await makeKey(home, MULTI_REGION);
    aws.clock.nowMs = START_MS + DAY_MS;
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    aws.clock.nowMs = START_MS;
    expect((await described(away, id)).CreationDate).toEqual(new Date(START_MS + DAY_MS));
    expect((await described(home, id)).CreationDate).toEqual(new Date(START_MS));
  });

  test('refuses a replica key', async () => {
    const { id } = await replicated();
    const answer = away.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: THIRD }));
    expect(await refusal(answer)).toEqual(
      refused(
        'UnsupportedOperationException',
        `${arnIn(AWAY, id)} is not a multi-region primary key.`,
      ),
    );
  });

  test('refuses a single-Region key', async () => {
    const { id, arn } = await makeKey(home);
    const answer = home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    expect(await refusal(answer)).toEqual(
      refused('UnsupportedOperationException', `${arn} is not a multi-region primary key.`),
    );
  });

  test.each([
    [
      'that has a replica key',
      AWAY,
      'AlreadyExistsException',
      'You can create only one replica of each primary key in each AWS Region.',
    ],
    [
      'of the primary key',
      HOME,
      'ValidationException',
      `${HOME} cannot have a replica because it contains the primary.`,
    ],
    [
      'that there is not',
      'us-invalid-1',
      'ValidationException',
      'Region us-invalid-1 is not a valid Region or multi-Region keys are not supported in Region us-invalid-1.',
    ],
    ...['cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1'].map(
      (other) =>
        [
          'of another partition',
          other,
          'ValidationException',
          'The replica key Region must be in the same AWS partition as the primary key Region.',
        ] as const,
    ),
  ] as const)('refuses a region %s: %s', async (_what, ReplicaRegion, code, text) => {
    const { id } = await replicated();
    const answer = home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion }));
    expect(await refusal(answer)).toEqual(refused(code, text));
  });

  test.each([
    ['cn-north-1', 'cn-northwest-1', 'aws-cn'],
    ['us-gov-west-1', 'us-gov-east-1', 'aws-us-gov'],
    ['us-isob-east-1', 'us-isob-west-1', 'aws-iso-b'],
  ])('works from %s to %s, in their partition', async (from, to, partition) => {
    const { id } = await makeKey(aws.client({ region: from }), MULTI_REGION);
    await aws
      .client({ region: from })
      .send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: to }));
    const { Arn, MultiRegionConfiguration: shown } = await described(
      aws.client({ region: to }),
      id,
    );
    const arn = (region: string): string => `arn:${partition}:kms:${region}:${ACCOUNT}:key/${id}`;
    expect([Arn, shown?.PrimaryKey?.Arn]).toEqual([arn(to), arn(from)]);
  });

  test('works for SM2 in China', async () => {
    const [beijing, ningxia] = ['cn-north-1', 'cn-northwest-1'].map((region) =>
      aws.client({ region }),
    );
    if (beijing === undefined || ningxia === undefined) throw new Error('two clients');
    const input = { MultiRegion: true, KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' } as const;
    const { id: KeyId } = await makeKey(beijing, input);
    await beijing.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'cn-northwest-1' }));
    const what = { KeyId, Message: Buffer.from('message'), SigningAlgorithm: 'SM2DSA' } as const;
    const { Signature } = await beijing.send(new SignCommand(what));
    const { SignatureValid } = await ningxia.send(new VerifyCommand({ ...what, Signature }));
    expect(SignatureValid).toBe(true);
  });

  test('refuses tags and policies as CreateKey does, and then makes nothing', async () => {
    const { id } = await makeKey(home, MULTI_REGION);
    const wanted = { KeyId: id, ReplicaRegion: AWAY };
    const Tags = [{ TagKey: 'aws:mine', TagValue: '' }];
    expect(await refusal(home.send(new ReplicateKeyCommand({ ...wanted, Tags })))).toEqual(
      refused('TagException', 'Tags beginning with aws: are reserved'),
    );
    const Statement = { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };
    const Policy = JSON.stringify({ Statement });
    expect(await refusal(home.send(new ReplicateKeyCommand({ ...wanted, Policy })))).toEqual(
      refused(
        'MalformedPolicyDocumentException',
        'The new key policy will not allow you to update the key policy in the future.',
      ),
    );
    expect((await refusal(described(away, id))).code).toBe('NotFoundException');
    expect((await described(home, id)).MultiRegionConfiguration?.ReplicaKeys).toEqual([]);
  });

  test('makes one replica key when requests race', async () => {
    const { id } = await makeKey(home, MULTI_REGION);
    const input = { KeyId: id, ReplicaRegion: AWAY };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => aws.call('ReplicateKey', input)),
    );
    const codes = answers.map(({ status, body }) => (status === 200 ? 'ok' : body['__type']));
    expect(codes.sort()).toEqual([...Array(7).fill('AlreadyExistsException'), 'ok']);
  });

  test('loses none of several replica keys that are made at once', async () => {
    const { id } = await makeKey(home, MULTI_REGION);
    const regions = ['ca-central-1', 'eu-central-1', 'eu-north-1', 'sa-east-1', 'us-west-2'];
    await Promise.all(
      regions.map((ReplicaRegion) =>
        home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion })),
      ),
    );
    const expected = configuration('PRIMARY', id, HOME, regions);
    expect((await described(home, id)).MultiRegionConfiguration).toEqual(expected);
  });
});

describe('the keys of one id', () => {
  test('open what any of them has sealed, with and without a KeyId', async () => {
    const { id } = await replicated();
    const context = { EncryptionContext: { purpose: 'test' } };
    const Plaintext = Buffer.from('secret');
    for (const [from, to, region] of [
      [home, away, AWAY],
      [away, home, HOME],
    ] as const) {
      const { CiphertextBlob } = await from.send(
        new EncryptCommand({ KeyId: id, Plaintext, ...context }),
      );
      for (const KeyId of [undefined, id, arnIn(region, id)]) {
        const opened = await to.send(new DecryptCommand({ KeyId, CiphertextBlob, ...context }));
        expect([bytes(opened.Plaintext), opened.KeyId]).toEqual([Plaintext, arnIn(region, id)]);
      }
    }
  });

  test('are not opened where there is none of them', async () => {
    const { id } = await replicated();
    const { CiphertextBlob } = await home.send(
      new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }),
    );
    const answer = await refusal(third.send(new DecryptCommand({ CiphertextBlob })));
    expect(answer.code).toBe('AccessDeniedException');
    expect(await refusal(described(third, id))).toEqual(
      refused('NotFoundException', `Key '${arnIn(THIRD, id)}' does not exist`),
    );
  });

  test('does not open where it is named by the ARN of another region', async () => {
    const { id, arn } = await replicated();
    const Plaintext = Buffer.from('x');
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId: id, Plaintext }));
    const named = (client: KMSClient, KeyId: string) =>
      client.send(new DecryptCommand({ KeyId, CiphertextBlob }));
    expect((await named(away, arnIn(AWAY, id))).KeyId).toBe(arnIn(AWAY, id));
    expect(await refusal(named(away, arn))).toEqual(
      refused(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      ),
    );
    expect(await refusal(named(third, arn))).toEqual(
      refused('NotFoundException', `Invalid arn ${HOME}`),
    );
  });

  test('re-encrypt what another one has sealed', async () => {
    const { id } = await replicated();
    const { id: DestinationKeyId } = await makeKey(away);
    const Plaintext = Buffer.from('secret');
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId: id, Plaintext }));
    const moved = await away.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }));
    expect(moved.SourceKeyId).toBe(arnIn(AWAY, id));
    const opened = await away.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }));
    expect(bytes(opened.Plaintext)).toEqual(Plaintext);
  });

  test('sign, verify, make MACs and decrypt with RSA for each other', async () => {
    const Message = Buffer.from('message');
    const signer = await replicated([AWAY], SIGN);
    const what = { KeyId: signer.id, Message, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    const { Signature } = await home.send(new SignCommand(what));
    const verified = await away.send(new VerifyCommand({ ...what, Signature }));
    expect([verified.SignatureValid, verified.KeyId]).toEqual([true, arnIn(AWAY, signer.id)]);
    const [one, two] = await Promise.all(
      [home, away].map((client) => client.send(new GetPublicKeyCommand({ KeyId: signer.id }))),
    );
    expect(bytes(two?.PublicKey)).toEqual(bytes(one?.PublicKey));

    const mac = await replicated([AWAY], HMAC);
    const macInput = { KeyId: mac.id, Message, MacAlgorithm: 'HMAC_SHA_256' } as const;
    const { Mac } = await away.send(new GenerateMacCommand(macInput));
    expect((await home.send(new VerifyMacCommand({ ...macInput, Mac }))).MacValid).toBe(true);

    const rsa = await replicated([AWAY], RSA);
    const algorithm = { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const;
    const sealed = await home.send(
      new EncryptCommand({ KeyId: rsa.id, Plaintext: Message, ...algorithm }),
    );
    const { CiphertextBlob } = sealed;
    const opened = await away.send(
      new DecryptCommand({ KeyId: rsa.id, CiphertextBlob, ...algorithm }),
    );
    expect(bytes(opened.Plaintext)).toEqual(Message);
  });

  test('have states of their own', async () => {
    const { id } = await replicated();
    await home.send(new DisableKeyCommand({ KeyId: id }));
    expect((await described(home, id)).KeyState).toBe('Disabled');
    expect((await described(away, id)).KeyState).toBe('Enabled');
    await away.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }));
  });

  test('have last uses of their own', async () => {
    const { id } = await replicated();
    await away.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }));
    const used = async (client: KMSClient): Promise<unknown> => {
      const { KeyLastUsage: use } = await client.send(new GetKeyLastUsageCommand({ KeyId: id }));
      return use?.Operation;
    };
    expect([await used(home), await used(away)]).toEqual([undefined, 'Encrypt']);
  });

  test('have grants of their own', async () => {
    const { id } = await replicated();
    await away.send(
      new CreateGrantCommand({
        KeyId: id,
        GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/Reader`,
        Operations: ['Decrypt'],
      }),
    );
    const granted = async (client: KMSClient): Promise<unknown> => {
      const { Grants } = await client.send(new ListGrantsCommand({ KeyId: id }));
      return Grants?.map(({ KeyId }) => KeyId);
    };
    expect([await granted(home), await granted(away)]).toEqual([[], [arnIn(AWAY, id)]]);
  });

  test('have aliases of their own', async () => {
    const { id } = await replicated();
    const AliasName = 'alias/same-in-both';
    for (const client of [home, away]) {
      await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }));
    }
    for (const [client, region] of [
      [home, HOME],
      [away, AWAY],
    ] as const) {
      expect((await described(client, AliasName)).Arn).toBe(arnIn(region, id));
      const { Aliases } = await client.send(new ListAliasesCommand({ KeyId: id }));
      expect(Aliases?.map(({ AliasArn }) => AliasArn)).toEqual([
        `arn:aws:kms:${region}:${ACCOUNT}:${AliasName}`,
      ]);
    }
    expect((await refusal(described(third, AliasName))).code).toBe('NotFoundException');
  });

  test('are listed in their own region', async () => {
    const { id } = await replicated();
    const listed = async (client: KMSClient): Promise<unknown> => {
      const { Keys } = await client.send(new ListKeysCommand({ Limit: 1_000 }));
      return Keys?.filter(({ KeyId }) => KeyId === id).map(({ KeyArn }) => KeyArn);
    };
    expect(await Promise.all([home, away, third].map(listed))).toEqual([
      [arnIn(HOME, id)],
      [arnIn(AWAY, id)],
      [],
    ]);
  });

  test('are not reached by the ARN of another region', async () => {
    const { id, arn } = await replicated();
    expect(await refusal(described(away, arn))).toEqual(
      refused('NotFoundException', `Invalid arn ${HOME}`),
    );
    expect((await described(away, arnIn(AWAY, id))).Arn).toBe(arnIn(AWAY, id));
  });
});

describe('UpdatePrimaryRegion', () => {
  const move = (client: KMSClient, KeyId: string, PrimaryRegion: string) =>
    client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion }));

  test('changes the roles and nothing else, and answers with nothing', async () => {
    const { id } = await replicated([AWAY, THIRD]);
    await third.send(new DisableKeyCommand({ KeyId: id }));
    const before = await Promise.all([home, away, third].map((one) => described(one, id)));
    expect(members(await move(home, id, AWAY))).toEqual({});
    const after = await Promise.all([home, away, third].map((one) => described(one, id)));
    expect(after.map((key) => key.MultiRegionConfiguration)).toEqual([
      configuration('REPLICA', id, AWAY, [THIRD, HOME]),
      configuration('PRIMARY', id, AWAY, [THIRD, HOME]),
      configuration('REPLICA', id, AWAY, [THIRD, HOME]),
    ]);
    const rest = (key: KeyMetadata): object => ({ ...key, MultiRegionConfiguration: undefined });
    expect(after.map(rest)).toEqual(before.map(rest));
  });

  test('moves what only a primary key may do', async () => {
    const { id } = await replicated();
    await move(home, id, AWAY);
    expect(await refusal(move(home, id, AWAY))).toEqual(
      refused('KMSInvalidStateException', `${arnIn(HOME, id)} is not a multi-Region primary key.`),
    );
    const former = refused(
      'UnsupportedOperationException',
      `${arnIn(HOME, id)} is not a multi-region primary key.`,
    );
    const replicate = { KeyId: id, ReplicaRegion: THIRD };
    expect(await refusal(home.send(new ReplicateKeyCommand(replicate)))).toEqual(former);
    await away.send(new ReplicateKeyCommand(replicate));
    await away.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    await move(away, id, HOME);
    await home.send(new RotateKeyOnDemandCommand({ KeyId: id }));
  });

  test('sends an empty body', async () => {
    const { id } = await replicated();
    const answer = await aws.call('UpdatePrimaryRegion', { KeyId: id, PrimaryRegion: AWAY });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test('refuses a region without a replica key', async () => {
    const { id } = await replicated();
    expect(await refusal(move(home, id, THIRD))).toEqual(
      refused('ValidationException', `${id} does not have a replica key in the specified Region.`),
    );
  });

  test('to the region of the primary key itself changes nothing', async () => {
    const { id } = await replicated();
    const before = await described(home, id);
    expect(members(await move(home, id, HOME))).toEqual({});
    expect(await described(home, id)).toEqual(before);
  });

  test('refuses a disabled replica key', async () => {
    const { id } = await replicated();
    await away.send(new DisableKeyCommand({ KeyId: id }));
    expect(await refusal(move(home, id, AWAY))).toEqual(
      refused('DisabledException', `${arnIn(AWAY, id)} is disabled.`),
    );
  });

  test('refuses a single-Region key', async () => {
    const { id, arn } = await makeKey(home);
    expect(await refusal(move(home, id, AWAY))).toEqual(
      refused('KMSInvalidStateException', `${arn} is not a multi-Region primary key.`),
    );
  });

  test('refuses a replica key that will be deleted, until that is cancelled', async () => {
    const { id } = await replicated();
    await away.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    expect(await refusal(move(home, id, AWAY))).toEqual(
      refused('KMSInvalidStateException', `${arnIn(AWAY, id)} is pending deletion.`),
    );
    await away.send(new CancelKeyDeletionCommand({ KeyId: id }));
    await away.send(new EnableKeyCommand({ KeyId: id }));
    await move(home, id, AWAY);
  });
});
