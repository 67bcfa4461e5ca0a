import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  verify as verifyLocally,
} from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  bytes,
  type ClientOptions,
  HMAC,
  makeKey,
  members,
  OTHER_ACCOUNT,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import { QKMS_CREDENTIAL, qkmsRequest } from '../support/qkmsClient.js';
import { signed, stampOf } from '../support/signedRequest.js';
import { START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let strict: AwsGateway;
let qkms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  strict = await startAwsGateway({ auth: 'enforce' });
  for (const gateway of [aws, strict]) await gateway.register(QKMS_CREDENTIAL);
  qkms = aws.client({ path: '/qkms' });
});

afterAll(async () => {
  await aws.close();
  await strict.close();
});

const HELLO = Buffer.from('hello');
const ARN = new RegExp(`^arn:verenc:${ACCOUNT}:key/[0-9a-f-]{36}$`);
const INCOMPATIBLE = 'InvalidKeyUsageException';

const WAYS: readonly [string, ClientOptions][] = [
  ['the mount /qkms', { path: '/qkms' }],
  ['the mount /qkms/', { path: '/qkms/' }],
  ['the host qkms.localhost', { host: 'qkms.localhost' }],
  ['the host qkms.quilibrium.com', { host: 'qkms.quilibrium.com' }],
  ['the region q-world-1', { region: 'q-world-1' }],
];

describe.each(WAYS)('QKMS through %s', (_way, options) => {
  let client: KMSClient;

  beforeAll(() => {
    client = aws.client(options);
  });

  test('makes keys with an ARN of its own, without region', async () => {
    const { id, arn } = await makeKey(client);
    expect(arn).toMatch(ARN);
    expect(arn).toBe(`arn:verenc:${ACCOUNT}:key/${id}`);
    const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: arn }));
    expect(key).toMatchObject({
      AWSAccountId: ACCOUNT,
      KeyId: id,
      Arn: arn,
      CreationDate: new Date(START_MS),
      Origin: 'AWS_KMS',
      KeySpec: 'SYMMETRIC_DEFAULT',
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    });
  });

  test('sees the same keys as every other way', async () => {
    const { id } = await makeKey(client);
    for (const [, other] of WAYS) {
      const { KeyMetadata: key } = await aws
        .client(other)
        .send(new DescribeKeyCommand({ KeyId: id }));
      expect(key?.KeyId).toBe(id);
    }
  });

  test('works through, with its ARNs in every answer', async () => {
    const { id, arn } = await makeKey(client);
    const AliasName = `alias/qkms-${id}`;
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: arn }));
    const sealed = await client.send(new EncryptCommand({ KeyId: AliasName, Plaintext: HELLO }));
    const aliasArn = `arn:verenc:${ACCOUNT}:${AliasName}`;
    const opened = await client.send(
      new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, KeyId: aliasArn }),
    );
    const drawn = await client.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }));
    const moved = await client.send(
      new ReEncryptCommand({
        CiphertextBlob: sealed.CiphertextBlob,
        DestinationKeyId: arn,
        DestinationEncryptionContext: { Purpose: 'Test' },
      }),
    );
    const listed = await client.send(new ListAliasesCommand({ KeyId: arn }));
    expect([sealed.KeyId, opened.KeyId, drawn.KeyId, moved.SourceKeyId, moved.KeyId]).toEqual(
      Array(5).fill(arn),
    );
    expect(bytes(opened.Plaintext)).toEqual(HELLO);
    expect([sealed.CiphertextBlob?.length, drawn.CiphertextBlob?.length]).toEqual([157, 184]);
    expect(bytes(drawn.CiphertextBlob).toString('base64')).toMatch(/^AQICAH/);
    expect(listed.Aliases?.map((alias) => alias.AliasArn)).toEqual([aliasArn]);
    const gone = await client.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    expect(gone.KeyId).toBe(arn);
  });

  test('names its keys in errors', async () => {
    const { id, arn } = await makeKey(client);
    await aws.force(id, 'disabled');
    const answer = client.send(new EncryptCommand({ KeyId: id, Plaintext: HELLO }));
    expect(await refusal(answer)).toEqual(refused('DisabledException', `${arn} is disabled.`));
    const unknown = '1234abcd-12ab-34cd-56ef-1234567890ab';
    expect(await refusal(client.send(new DescribeKeyCommand({ KeyId: unknown })))).toEqual(
      refused('NotFoundException', `Key 'arn:verenc:${ACCOUNT}:key/${unknown}' does not exist`),
    );
  });
});

describe('identifiers of QKMS', () => {
  test('may be ordinary ARNs of AWS too', async () => {
    const { id, arn } = await makeKey(qkms);
    const KeyId = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${id}`;
    const answer = await qkms.send(new EncryptCommand({ KeyId, Plaintext: HELLO }));
    expect(answer.KeyId).toBe(arn);
  });

  test.each(['arn::verenc:000000000000:key/x', 'arn:aws:verenc:000000000000:key/x'])(
    'are not the slips of one page: %s',
    async (KeyId) => {
      expect(await refusal(qkms.send(new DescribeKeyCommand({ KeyId })))).toMatchObject({
        status: 400,
        code: 'InvalidArnException',
      });
    },
  );

  test('do not depend on the region that a client signs for', async () => {
    const { id } = await makeKey(aws.client({ path: '/qkms', region: 'eu-west-1' }));
    for (const region of ['us-east-1', 'q-world-1', 'mars']) {
      const client = aws.client({ path: '/qkms', region });
      const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: id }));
      expect(key?.KeyId).toBe(id);
    }
  });

  test('depend on the account', async () => {
    const other = aws.client({ path: '/qkms', account: OTHER_ACCOUNT });
    const { id, arn } = await makeKey(other);
    expect(arn).toBe(`arn:verenc:${OTHER_ACCOUNT}:key/${id}`);
    expect(await refusal(qkms.send(new DescribeKeyCommand({ KeyId: id })))).toEqual(
      refused('NotFoundException', `Key 'arn:verenc:${ACCOUNT}:key/${id}' does not exist`),
    );
    const answer = await qkms.send(new EncryptCommand({ KeyId: arn, Plaintext: HELLO }));
    expect(answer.KeyId).toBe(arn);
  });
});

describe('members that QKMS spells its own way', () => {
  const json = { path: '/qkms' };

  test('the account: all three names have it', async () => {
    const made = await aws.call('CreateKey', {}, json);
    const shown = await aws.call(
      'DescribeKey',
      { KeyId: (made.body['KeyMetadata'] as { KeyId: string }).KeyId },
      json,
    );
    for (const { body } of [made, shown]) {
      expect(body['KeyMetadata']).toMatchObject({
        AWSAccountId: ACCOUNT,
        AccountId: ACCOUNT,
        QAccountId: ACCOUNT,
        CreationDate: 1_700_000_000.123,
      });
    }
    const ofAws = await aws.call('CreateKey', {});
    expect(Object.keys(ofAws.body['KeyMetadata'] as object)).not.toContain('QAccountId');
  });

  test.each(['GenerateMac', 'GenerateMAC'])('%s: both names have the MAC', async (operation) => {
    const { id, arn } = await makeKey(qkms, HMAC);
    const input = { KeyId: id, Message: 'AA==', MacAlgorithm: 'HMAC_SHA_256' };
    const { body } = await aws.call(operation, input, json);
    expect(body).toEqual({
      Mac: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      MAC: body['Mac'],
      MacAlgorithm: 'HMAC_SHA_256',
      KeyId: arn,
    });
    const verified = await qkms.send(
      new VerifyMacCommand({
        KeyId: id,
        Message: Buffer.from([0]),
        MacAlgorithm: 'HMAC_SHA_256',
        Mac: Buffer.from(String(body['MAC']), 'base64'),
      }),
    );
    expect(members(verified)).toEqual({
      KeyId: arn,
      MacValid: true,
      MacAlgorithm: 'HMAC_SHA_256',
    });
  });

  test('DescribeKey shows the tags, which AWS keeps to ListResourceTags', async () => {
    const Tags = [
      { TagKey: 'team', TagValue: 'a' },
      { TagKey: 'empty', TagValue: '' },
    ];
    const metadata = async (operation: string, input: object, path: string) =>
      (await aws.call(operation, input, { path })).body['KeyMetadata'] as { KeyId: string };
    const made = await metadata('CreateKey', { Tags }, '/qkms');
    expect(made).not.toHaveProperty('Tags');
    expect(await metadata('DescribeKey', { KeyId: made.KeyId }, '/qkms')).toEqual({
      ...made,
      KeyRotationEnabled: false,
      Tags,
    });
    const bare = await metadata('CreateKey', {}, '/qkms');
    expect(await metadata('DescribeKey', { KeyId: bare.KeyId }, '/qkms')).toMatchObject({
      Tags: [],
    });
    const ofAws = await metadata('CreateKey', { Tags }, '/aws');
    expect(await metadata('DescribeKey', { KeyId: ofAws.KeyId }, '/aws')).toEqual(ofAws);
  });

  test.each(['ECC_BLS12_381', 'ECC_BLS48_581', 'ECC_DECAF_448', 'ECC_ED448', 'EDDSA_ED448'])(
    'the key spec %s of its client is known, but not supported',
    async (KeySpec) => {
      const input = { KeySpec, KeyUsage: 'SIGN_VERIFY' };
      const answer = await aws.call('CreateKey', input, json);
      expect([answer.status, answer.body]).toEqual([
        400,
        {
          __type: 'UnsupportedOperationException',
          message: `KeySpec ${KeySpec} is not supported in this Region`,
        },
      ]);
      expect((await aws.call('CreateKey', input)).body['__type']).toBe('ValidationException');
    },
  );

  test.each(['ECC_ED25519', 'EDDSA_ED25519'])('%s signs with EDDSA_ED25519', async (KeySpec) => {
    const input = { KeySpec, KeyUsage: 'SIGN_VERIFY' };
    const { body } = await aws.call('CreateKey', input, json);
    const { KeyId } = body['KeyMetadata'] as { KeyId: string };
    const shown = { KeySpec, CustomerMasterKeySpec: KeySpec, SigningAlgorithms: ['EDDSA_ED25519'] };
    expect(body['KeyMetadata']).toMatchObject(shown);
    const answer = await aws.call('GetPublicKey', { KeyId }, json);
    expect(answer.body).toMatchObject(shown);
    const der = Buffer.from(String(answer.body['PublicKey']), 'base64');
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const Message = HELLO.toString('base64');
    const common = { KeyId, Message, SigningAlgorithm: 'EDDSA_ED25519', MessageType: 'RAW' };
    const signed = await aws.call('Sign', common, json);
    const { Signature } = signed.body;
    const signature = Buffer.from(String(Signature), 'base64');
    expect(verifyLocally(null, HELLO, publicKey, signature)).toBe(true);
    const verified = await aws.call('Verify', { ...common, Signature }, json);
    expect(verified.body).toMatchObject({ SignatureValid: true });
    const digest = await aws.call('Sign', { ...common, MessageType: 'DIGEST' }, json);
    expect(digest.body).toEqual({
      __type: 'ValidationException',
      message: 'Message type DIGEST is incompatible with algorithm EDDSA_ED25519.',
    });
    const other = await aws.call('Sign', { ...common, SigningAlgorithm: 'ECDSA_SHA_256' }, json);
    expect(other.body).toEqual({
      __type: INCOMPATIBLE,
      message: `Algorithm ECDSA_SHA_256 is incompatible with key spec ${KeySpec}.`,
    });
    // AWS knows neither name.
    expect((await aws.call('CreateKey', input)).body['__type']).toBe('ValidationException');
    expect((await aws.call('Sign', common)).body['message']).toMatch(/^1 validation error/);
  });

  test('key agreement has a name of its own and needs no algorithm', async () => {
    const input = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'DERIVE_SHARED_SECRET' };
    const { body } = await aws.call('CreateKey', input, json);
    const { KeyId, Arn } = body['KeyMetadata'] as { KeyId: string; Arn: string };
    expect(body['KeyMetadata']).toMatchObject({
      KeyUsage: 'KEY_AGREEMENT',
      KeyAgreementAlgorithms: ['ECDH'],
    });
    const shown = await aws.call('GetPublicKey', { KeyId }, json);
    const der = Buffer.from(String(shown.body['PublicKey']), 'base64');
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const peer = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const PublicKey = peer.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const { privateKey } = peer;
    // Its page has RecipientInfo and does not say what becomes of it.
    for (const more of [{}, { KeyAgreementAlgorithm: 'ECDH' }, { RecipientInfo: 'AAAA' }]) {
      const derived = await aws.call('DeriveSharedSecret', { KeyId, PublicKey, ...more }, json);
      expect(derived.body).toEqual({
        KeyId: Arn,
        SharedSecret: diffieHellman({ privateKey, publicKey }).toString('base64'),
        KeyAgreementAlgorithm: 'ECDH',
        KeyOrigin: 'AWS_KMS',
      });
    }
    expect((await aws.call('CreateKey', input)).body['message']).toMatch(
      /^1 validation error detected: Value 'DERIVE_SHARED_SECRET' at 'keyUsage'/,
    );
  });

  test('has no SM2, whatever region a client signs for', async () => {
    const input = { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' } as const;
    const client = aws.client({ path: '/qkms', region: 'cn-north-1' });
    expect(await refusal(client.send(new CreateKeyCommand(input)))).toEqual(
      refused('UnsupportedOperationException', 'KeySpec SM2 is not supported in this Region'),
    );
  });

  test('AWS has one name for the MAC', async () => {
    const { id } = await makeKey(aws.client(), HMAC);
    const input = { KeyId: id, Message: 'AA==', MacAlgorithm: 'HMAC_SHA_256' };
    const { body } = await aws.call('GenerateMac', input);
    expect(Object.keys(body).sort()).toEqual(['KeyId', 'Mac', 'MacAlgorithm']);
  });

  test('errors have the names of AWS', async () => {
    const [mac, signer] = [await makeKey(qkms, HMAC), await makeKey(qkms, SIGN)];
    const badMac = qkms.send(
      new VerifyMacCommand({
        KeyId: mac.id,
        Message: HELLO,
        MacAlgorithm: 'HMAC_SHA_256',
        Mac: Buffer.alloc(32),
      }),
    );
    expect(await refusal(badMac)).toEqual(refused('KMSInvalidMacException'));
    const badSignature = qkms.send(
      new VerifyCommand({
        KeyId: signer.id,
        Message: HELLO,
        SigningAlgorithm: 'ECDSA_SHA_256',
        Signature: Buffer.alloc(64),
      }),
    );
    expect(await refusal(badSignature)).toEqual(refused('KMSInvalidSignatureException'));
  });
});

describe('operations of QKMS', () => {
  const UNDOCUMENTED = [
    'ConnectCustomKeyStore',
    'CreateCustomKeyStore',
    'DeleteCustomKeyStore',
    'DescribeCustomKeyStores',
    'DisconnectCustomKeyStore',
    'UpdateCustomKeyStore',
    'GetKeyLastUsage',
    'ListKeyRotations',
    'RotateKeyOnDemand',
    'Encapsulate',
    'Decapsulate',
  ];
  test.each(UNDOCUMENTED)('%s has no page and is unknown', async (operation) => {
    const answer = await aws.call(operation, { NumberOfBytes: 1, KeyId: 'x' }, { path: '/qkms' });
    expect([answer.status, answer.text]).toEqual([400, '{"__type":"UnknownOperationException"}']);
  });

  test('GenerateRandom has no page, but its client has it', async () => {
    const { status, body } = await aws.call(
      'GenerateRandom',
      { NumberOfBytes: 3 },
      { path: '/qkms' },
    );
    expect([status, String(body['Plaintext']).length]).toEqual([200, 4]);
  });

  test('all others are those of AWS', async () => {
    const answer = await aws.send({ method: 'GET', path: '/_keyglot/coverage' });
    const { operations } = JSON.parse(answer.text) as {
      operations: { dialect: string; operation: string; state: string }[];
    };
    const stateOf = (dialect: string, name: string): string | undefined =>
      operations.find((row) => row.dialect === dialect && row.operation === name)?.state;
    const names = operations.filter((row) => row.dialect === 'aws').map((row) => row.operation);
    expect(names.map((name) => [name, stateOf('qkms', name)])).toEqual(
      names.map((name) => [name, UNDOCUMENTED.includes(name) ? 'refused' : stateOf('aws', name)]),
    );
  });

  test.each([
    ['from', { SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }],
    ['to', { DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }],
  ] as const)('ReEncrypt does not go %s an RSA key', async (direction, algorithms) => {
    const [key, rsa] = [await makeKey(qkms), await makeKey(qkms, RSA)];
    const [from, to] = direction === 'from' ? [rsa, key] : [key, rsa];
    const sealed = await qkms.send(
      new EncryptCommand({
        KeyId: from.id,
        Plaintext: HELLO,
        EncryptionAlgorithm: direction === 'from' ? 'RSAES_OAEP_SHA_256' : 'SYMMETRIC_DEFAULT',
      }),
    );
    const answer = qkms.send(
      new ReEncryptCommand({
        CiphertextBlob: sealed.CiphertextBlob,
        SourceKeyId: from.id,
        DestinationKeyId: to.id,
        ...algorithms,
      }),
    );
    expect(await refusal(answer)).toEqual(
      refused(INCOMPATIBLE, 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.'),
    );
  });

  test('ReEncrypt tells a wrong source key as AWS does', async () => {
    const [from, wrong, to] = [await makeKey(qkms), await makeKey(qkms), await makeKey(qkms)];
    const { CiphertextBlob } = await qkms.send(
      new EncryptCommand({ KeyId: from.id, Plaintext: HELLO }),
    );
    const answer = qkms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceKeyId: wrong.id,
        DestinationKeyId: to.id,
      }),
    );
    expect(await refusal(answer)).toMatchObject({ code: 'IncorrectKeyException' });
  });
});

describe('keys of AWS and QKMS', () => {
  test('do not see each other, by id, ARN, alias, list or ciphertext', async () => {
    const kms = aws.client({ path: '/aws' });
    const sides = [
      { own: kms, other: qkms, arnOf: (id: string) => `arn:verenc:${ACCOUNT}:${id}` },
      { own: qkms, other: kms, arnOf: (id: string) => `arn:aws:kms:us-east-1:${ACCOUNT}:${id}` },
    ];
    for (const { own, other, arnOf } of sides) {
      const { id, arn } = await makeKey(own);
      const AliasName = `alias/apart-${id}`;
      await own.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }));
      const describe = (KeyId: string): Promise<unknown> =>
        other.send(new DescribeKeyCommand({ KeyId }));
      const missing = refused('NotFoundException', `Key '${arnOf(`key/${id}`)}' does not exist`);
      expect(await refusal(describe(id))).toEqual(missing);
      expect(await refusal(describe(arnOf(`key/${id}`)))).toEqual(missing);
      expect(await refusal(describe(AliasName))).toEqual(
        refused('NotFoundException', `Alias ${arnOf(AliasName)} is not found.`),
      );
      // Of AWS's ARNs QKMS finds its own key, which this is not; AWS cannot read those of QKMS.
      expect(await refusal(describe(arn))).toMatchObject({
        code: arn.startsWith('arn:aws') ? 'NotFoundException' : 'InvalidArnException',
      });
      const { Keys } = await other.send(new ListKeysCommand({ Limit: 1000 }));
      expect(Keys?.map(({ KeyId }) => KeyId)).not.toContain(id);
      const { Aliases } = await other.send(new ListAliasesCommand({ Limit: 100 }));
      expect(Aliases?.map((alias) => alias.AliasName)).not.toContain(AliasName);

      const { CiphertextBlob } = await own.send(
        new EncryptCommand({ KeyId: id, Plaintext: HELLO }),
      );
      const mine = await makeKey(other);
      const unreachable = refused(
        'AccessDeniedException',
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
      );
      expect(await refusal(other.send(new DecryptCommand({ CiphertextBlob })))).toEqual(
        unreachable,
      );
      const moved = new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: mine.id });
      expect(await refusal(other.send(moved))).toEqual(unreachable);
      const opened = new DecryptCommand({ CiphertextBlob, KeyId: mine.id });
      expect(await refusal(other.send(opened))).toMatchObject({ code: 'IncorrectKeyException' });
    }
  });
});

describe("the vendor's client", () => {
  test('is known by its credential alone, at no mount and in the region of AWS', async () => {
    for (const gateway of [aws, strict]) {
      const made = await qkmsRequest(gateway, 'CreateKey', { KeySpec: 'SYMMETRIC_DEFAULT' });
      const key = made.body['KeyMetadata'] as Record<string, unknown>;
      expect(made.status).toBe(200);
      expect(key).toMatchObject({
        Arn: `arn:verenc:${QKMS_CREDENTIAL.account}:key/${key['KeyId']}`,
        QAccountId: QKMS_CREDENTIAL.account,
      });
      const listed = await qkmsRequest(gateway, 'ListKeys', {});
      expect(listed.body['Keys']).toContainEqual({ KeyId: key['KeyId'], KeyArn: key['Arn'] });
    }
  });

  test('signs its query, in any region', async () => {
    const spec = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
    const made = await qkmsRequest(strict, 'CreateKey', spec, {
      query: 'async=1',
      region: 'q-world-1',
    });
    expect(made.status).toBe(200);
    const { KeyId } = made.body['KeyMetadata'] as { KeyId: string };
    const input = {
      KeyId,
      Message: Buffer.alloc(32, 1).toString('base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    };
    const sent = await qkmsRequest(strict, 'Sign', input, { region: 'anything', path: '/qkms/' });
    expect([sent.status, sent.body['KeyId']]).toEqual([
      200,
      `arn:verenc:${QKMS_CREDENTIAL.account}:key/${KeyId}`,
    ]);
    const shown = await qkmsRequest(strict, 'GetPublicKey', { KeyId }, { path: '/qkms' });
    expect(shown.body).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: ['ECDSA_SHA_256'],
    });
  });

  test.each([
    ['a wrong secret', { secret: 'wrong' }],
    ['a signature of an hour ago', { dateMs: START_MS - 3_600_000 }],
    ['a wrong secret at its mount', { secret: 'wrong', path: '/qkms/' }],
  ])('is refused in one way for %s', async (_what, wanted) => {
    for (const gateway of [aws, strict]) {
      const answer = await qkmsRequest(gateway, 'ListKeys', {}, wanted);
      expect([answer.status, answer.body]).toEqual([
        400,
        {
          __type: 'NotAuthorizedException',
          message: 'The security token included in the request is invalid.',
        },
      ]);
    }
  });

  test('is refused when the body or the query is not the signed one', async () => {
    const headers = signed({
      ...QKMS_CREDENTIAL,
      date: stampOf(START_MS),
      region: 'us-east-1',
      headers: {
        'content-type': 'application/json',
        host: new URL(aws.url).host,
        'x-amz-target': 'TrentService.ListKeys',
      },
      body: '{}',
    });
    expect((await aws.send({ headers, body: '{}' })).status).toBe(200);
    for (const other of [
      { headers, body: '{"Limit":1}' },
      { headers, body: '{}', path: '/?async=1' },
      { headers: { ...headers, 'x-amz-target': 'TrentService.ListAliases' }, body: '{}' },
    ]) {
      const answer = await aws.send(other);
      expect(JSON.parse(answer.text).__type).toBe('NotAuthorizedException');
    }
  });
});

test('a client that signs for AWS keeps getting AWS', async () => {
  const { arn } = await makeKey(aws.client());
  expect(arn).toMatch(/^arn:aws:kms:us-east-1:/);
  const signer = await makeKey(qkms, SIGN);
  const answer = await qkms.send(
    new SignCommand({ KeyId: signer.arn, Message: HELLO, SigningAlgorithm: 'ECDSA_SHA_256' }),
  );
  expect(answer.KeyId).toBe(signer.arn);
});
