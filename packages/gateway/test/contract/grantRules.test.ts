import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type CreateKeyCommandInput,
  type GrantOperation,
  type KMSClient,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
} from '@aws-sdk/client-kms';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  AGREE,
  type AwsGateway,
  HMAC,
  type MadeKey,
  makeKey,
  type Refusal,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import { grantsOn, makeGrant, permit, ROLE, ROOT, USER } from '../support/grants.js';

// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms);
});

afterAll(() => aws.close());

const SOURCE = `arn:aws:s3:us-east-1:${ACCOUNT}:bucket`;
const SERVICE = 'backup.amazonaws.com';
const invalid = (message: string): Refusal => refused('ValidationException', message);
const SYMMETRIC_ALLOWS =
  'are not supported when creating a grant for a symmetric KMS key with key usage ENCRYPT_DECRYPT. Valid operations are [CreateGrant, RetireGrant, DescribeKey, Encrypt, Decrypt, ReEncryptFrom, ReEncryptTo, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext]';

async function refusalOf(more: Partial<CreateGrantCommandInput>, of = key): Promise<Refusal> {
  return refusal(kms.send(new CreateGrantCommand(permit(of.id, more))));
}

describe('operations', () => {
  const ALL: readonly GrantOperation[] = [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
    'Sign',
    'Verify',
    'GetPublicKey',
    'CreateGrant',
    'RetireGrant',
    'DescribeKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateMac',
    'VerifyMac',
    'DeriveSharedSecret',
    'Encapsulate',
    'Decapsulate',
  ];
  const ANY: readonly GrantOperation[] = ['RetireGrant', 'DescribeKey'];
  const ENCRYPTION: readonly GrantOperation[] = [
    'Encrypt',
    'Decrypt',
    'ReEncryptFrom',
    'ReEncryptTo',
  ];
  const ROWS: readonly [CreateKeyCommandInput, string, string, readonly GrantOperation[]][] = [
    [
      {},
      'a symmetric',
      'ENCRYPT_DECRYPT',
      [
        ...ENCRYPTION,
        'GenerateDataKey',
        'GenerateDataKeyWithoutPlaintext',
        'GenerateDataKeyPair',
        'GenerateDataKeyPairWithoutPlaintext',
      ],
    ],
    [RSA, 'an asymmetric', 'ENCRYPT_DECRYPT', [...ENCRYPTION, 'GetPublicKey']],
    [SIGN, 'an asymmetric', 'SIGN_VERIFY', ['Sign', 'Verify', 'GetPublicKey']],
    [HMAC, 'a symmetric', 'GENERATE_VERIFY_MAC', ['GenerateMac', 'VerifyMac']],
    [AGREE, 'an asymmetric', 'KEY_AGREEMENT', ['DeriveSharedSecret', 'GetPublicKey']],
    [
      { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' },
      'an asymmetric',
      'ENCAPSULATE_DECAPSULATE',
      ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
    ],
  ];

  test.each(ROWS)('%o: only those that the key has', async (input, kind, usage, own) => {
    const made = await makeKey(kms, input);
    for (const operation of ALL.filter((one) => one !== 'CreateGrant')) {
      if ([...own, ...ANY].includes(operation)) {
        await makeGrant(kms, made.id, { Operations: [operation] });
      } else {
        const text = `Operations [${operation}] are not supported when creating a grant for ${kind} KMS key with key usage ${usage}. Valid operations are [CreateGrant, RetireGrant, DescribeKey, ${own.join(', ')}]`;
        expect(await refusalOf({ Operations: [operation] }, made)).toEqual(invalid(text));
      }
    }
    await makeGrant(kms, made.id, { Operations: [...own, ...ANY, 'CreateGrant'] });
  });

  test('are named when several are wrong', async () => {
    expect(await refusalOf({ Operations: ['Sign', 'Encrypt', 'VerifyMac'] })).toEqual(
      invalid(`Operations [Sign, VerifyMac] ${SYMMETRIC_ALLOWS}`),
    );
  });

  test('are more than CreateGrant alone, and more than none', async () => {
    const alone = invalid('Grants must not contain only the CreateGrant operation.');
    expect(await refusalOf({ Operations: ['CreateGrant'] })).toEqual(alone);
    expect(await refusalOf({ Operations: ['CreateGrant', 'CreateGrant'] })).toEqual(alone);
    expect(await refusalOf({ Operations: [] })).toEqual(
      invalid('Grants must contain at least one operation.'),
    );
  });

  test('that no grant has are refused by the model', async () => {
    const { body } = await aws.call(
      'CreateGrant',
      permit(key.id, { Operations: ['ListGrants' as never] }),
    );
    expect(body).toMatchObject({
      __type: 'ValidationException',
      message: expect.stringMatching(
        /^1 validation error detected: Value '\[ListGrants\]' at 'operations' failed to satisfy constraint: Member must satisfy constraint: \[/,
      ),
    });
  });
});

describe('constraints', () => {
  test('are one of two about the context, however empty', async () => {
    const both = invalid('More than one constraint supplied');
    for (const context of [{ a: '1' }, {}]) {
      const Constraints = { EncryptionContextEquals: context, EncryptionContextSubset: context };
      expect(await refusalOf({ Constraints })).toEqual(both);
    }
  });

  test.each([
    ['RSA', RSA],
    ['signing', SIGN],
    ['HMAC', HMAC],
    ['agreement', AGREE],
  ])('about the context are for symmetric keys, not for %s', async (_name, input) => {
    const made = await makeKey(kms, input);
    for (const member of ['EncryptionContextEquals', 'EncryptionContextSubset']) {
      expect(await refusalOf({ Constraints: { [member]: { a: '1' } } }, made)).toEqual(
        invalid(
          'EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.',
        ),
      );
    }
    await makeGrant(kms, made.id, { Constraints: { SourceArn: SOURCE } });
  });

  test('have eight pairs, and keys and values of 384 characters at most', async () => {
    const pairs = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`name-${n}`, 'value']));
    await makeGrant(kms, key.id, { Constraints: { EncryptionContextEquals: pairs(8) } });
    expect(await refusalOf({ Constraints: { EncryptionContextEquals: pairs(9) } })).toEqual(
      invalid('A grant constraint can include up to 8 encryption context pairs.'),
    );
    const long = (length: number) => ({ EncryptionContextSubset: { name: 'v'.repeat(length) } });
    await makeGrant(kms, key.id, { Constraints: long(384) });
    expect(await refusalOf({ Constraints: long(385) })).toEqual(
      invalid('The encryption context value in a grant constraint cannot exceed 384 characters.'),
    );
    const named = (length: number) => ({ EncryptionContextSubset: { ['n'.repeat(length)]: '' } });
    await makeGrant(kms, key.id, { Constraints: named(384) });
    expect(await refusalOf({ Constraints: named(385) })).toEqual(
      invalid('The encryption context key in a grant constraint cannot exceed 384 characters.'),
    );
  });

  test('come back as they were given, whatever texts they have', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const context = fc.dictionary(text, text, { maxKeys: 8 });
    const made = await makeKey(kms);
    const property = fc.asyncProperty(context, async (pairs) => {
      const input = permit(made.id, { Constraints: { EncryptionContextEquals: pairs } });
      const { body } = await aws.call('CreateGrant', input);
      const listed = await aws.call('ListGrants', { KeyId: made.id, GrantId: body['GrantId'] });
      const [grant] = listed.body['Grants'] as { readonly Constraints: unknown }[];
      expect(grant?.Constraints).toEqual({ EncryptionContextEquals: pairs });
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

describe('principals', () => {
  test.each([
    ROOT,
    USER,
    ROLE,
    'arn:aws:iam::999999999999:role/x',
    `arn:aws:sts::${ACCOUNT}:assumed-role/worker/session`,
    `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
    'ec2.us-east-1.amazonaws.com',
    'sns.amazonaws.com',
  ])('%s is one', async (principal) => {
    const made = await makeKey(kms);
    await makeGrant(kms, made.id, { GranteePrincipal: principal, RetiringPrincipal: principal });
    const [shown] = await grantsOn(kms, made.id);
    expect([shown?.GranteePrincipal, shown?.RetiringPrincipal]).toEqual([principal, principal]);
  });

  test('an account number stands for its root user', async () => {
    const made = await makeKey(kms);
    await makeGrant(kms, made.id, { GranteePrincipal: ACCOUNT });
    expect((await grantsOn(kms, made.id))[0]?.GranteePrincipal).toBe(ROOT);
  });

  // Answers of the service: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/grants.json
  test.each([
    ['ARN does not refer to a valid principal', `arn:aws:iam::${ACCOUNT}:group/admins`],
    ['ARN does not refer to a valid principal', `arn:aws:iam::${ACCOUNT}:instance-profile/p/x`],
    ['ARN is not valid', `arn:aws:sts::${ACCOUNT}:assumed-role/path/worker/session`],
    ['ARN is not valid', 'arn:aws:iam::1234:root'],
    ['ARN is not valid', 'arn:aws:iam:::user/x'],
    ['ARN is not valid', `arn:aws:iam::${ACCOUNT}:user/`],
    ['ARN is not valid', `arn:aws:s3::${ACCOUNT}:bucket`],
    ['ARN is not valid', `arn:aws:organizations::${ACCOUNT}:organization/o-1`],
    ['ARN is not valid', `arn:verenc:${ACCOUNT}:root`],
    ['ARN does not refer to a valid principal', `arn:aws-cn:iam::${ACCOUNT}:root`],
  ])('%s: %s', async (text, principal) => {
    const wanted = refused('InvalidArnException', `${text}: ${principal}`);
    expect(await refusalOf({ GranteePrincipal: principal })).toEqual(wanted);
    expect(await refusalOf({ RetiringPrincipal: principal })).toEqual(wanted);
    const listed = kms.send(new ListGrantsCommand({ KeyId: key.id, GranteePrincipal: principal }));
    expect(await refusal(listed)).toEqual(wanted);
    const retirable = kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: principal }));
    expect(await refusal(retirable)).toEqual(wanted);
  });

  test.each(['nobody', 'AROA00000000000000100:future', 'example.com'])(
    '%s is none, in the words of each place',
    async (principal) => {
      const invalid = (text: string): Refusal => refused('InvalidArnException', text);
      expect(await refusalOf({ GranteePrincipal: principal })).toEqual(
        invalid('GranteePrincipal does not refer to a valid principal.'),
      );
      expect(await refusalOf({ RetiringPrincipal: principal })).toEqual(
        invalid('RetiringPrincipal does not refer to a valid principal.'),
      );
      const listed = kms.send(
        new ListGrantsCommand({ KeyId: key.id, GranteePrincipal: principal }),
      );
      expect(await refusal(listed)).toEqual(invalid('Input does not refer to a valid principal'));
      const retirable = kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: principal }));
      expect(await refusal(retirable)).toEqual(
        refused('NotFoundException', `Retiring principal ${principal} could not be found`),
      );
    },
  );

  test('one grantee, and one principal to retire at most', async () => {
    const one = invalid(
      'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
    );
    expect(await refusalOf({ GranteePrincipal: undefined })).toEqual(one);
    expect(await refusalOf({ GranteeServicePrincipal: SERVICE })).toEqual(one);
    const two = { RetiringPrincipal: USER, RetiringServicePrincipal: SERVICE };
    expect(await refusalOf(two)).toEqual(
      invalid(
        'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
      ),
    );
  });
});

describe('a grant for a service', () => {
  const forService = {
    GranteePrincipal: undefined,
    GranteeServicePrincipal: SERVICE,
    Constraints: { SourceArn: SOURCE },
    RetiringServicePrincipal: SERVICE,
  };

  test('shows both services', async () => {
    const made = await makeKey(kms);
    await makeGrant(kms, made.id, forService);
    const [shown] = await grantsOn(kms, made.id);
    expect(shown).toMatchObject({
      GranteeServicePrincipal: SERVICE,
      RetiringServicePrincipal: SERVICE,
      Constraints: { SourceArn: SOURCE },
    });
    expect(shown).not.toHaveProperty('GranteePrincipal');
  });

  test('wants the ARN of a source and somebody who may retire it', async () => {
    for (const Constraints of [undefined, {}, { EncryptionContextSubset: { a: '1' } }]) {
      expect(await refusalOf({ ...forService, Constraints })).toEqual(
        invalid(
          'A SourceArn grant constraint is required when GranteeServicePrincipal is specified.',
        ),
      );
    }
    expect(await refusalOf({ ...forService, RetiringServicePrincipal: undefined })).toEqual(
      invalid(
        'RetiringPrincipal or RetiringServicePrincipal is required when GranteeServicePrincipal is specified.',
      ),
    );
    const retired = { ...forService, RetiringServicePrincipal: undefined, RetiringPrincipal: USER };
    await makeGrant(kms, key.id, retired);
  });
});

describe('anything else', () => {
  const member = fc.constantFrom(
    'Operations',
    'Constraints',
    'GranteePrincipal',
    'RetiringPrincipal',
    'GranteeServicePrincipal',
    'RetiringServicePrincipal',
    'Name',
    'GrantTokens',
    'DryRun',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(ROOT, ROLE, SERVICE, SOURCE, 'Encrypt', 'CreateGrant', '\ud800', '\u0000'),
    fc.constantFrom(':', 'arn:aws:iam::').map((part) => part.repeat(19)),
  );
  const context = fc.dictionary(text, text, { maxKeys: 9 });
  const value = fc.oneof(
    text,
    context,
    fc.array(text, { maxLength: 12 }),
    fc.record(
      { EncryptionContextEquals: context, EncryptionContextSubset: context, SourceArn: text },
      { requiredKeys: [] },
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );

  test('is refused with 400, or kept and listed', async () => {
    const made = await makeKey(kms);
    const property = fc.asyncProperty(
      fc.dictionary(member, value, { maxKeys: 4 }),
      async (more) => {
        const input = { ...permit(made.id), ...more };
        const { status, body, text: answer } = await aws.call('CreateGrant', input);
        if (status === 200) {
          const wanted = { KeyId: made.id, GrantId: body['GrantId'] };
          const listed = await aws.call('ListGrants', wanted);
          expect([listed.status, (listed.body['Grants'] as unknown[]).length]).toEqual([200, 1]);
        } else {
          expect(status, answer).toBe(400);
          expect(body['__type'], answer).toMatch(/Exception$/);
        }
      },
    );
    await fc.assert(property, { numRuns: 400 });
  });
});

describe('the order of checks', () => {
  test('is: tokens, what goes together, state, operations, constraints, principals', async () => {
    const made = await makeKey(kms);
    await aws.force(made.id, 'disabled');
    const wrong = permit(made.id, {
      GrantTokens: ['no token'],
      GranteeServicePrincipal: SERVICE,
      Operations: ['Sign'],
      Constraints: { EncryptionContextEquals: {}, EncryptionContextSubset: {} },
      RetiringPrincipal: 'nobody',
    });
    const codes: string[] = [];
    const next = async (more: Partial<CreateGrantCommandInput>): Promise<void> => {
      Object.assign(wrong, more);
      codes.push((await refusal(kms.send(new CreateGrantCommand(wrong)))).message);
    };
    await next({});
    await next({ GrantTokens: [] });
    await next({ GranteeServicePrincipal: undefined });
    await aws.force(made.id, 'enabled');
    await next({});
    await next({ Operations: ['Encrypt'] });
    await next({ Constraints: undefined });
    expect(codes).toEqual([
      'UnknownError',
      'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
      `${made.arn} is disabled.`,
      `Operations [Sign] ${SYMMETRIC_ALLOWS}`,
      'More than one constraint supplied',
      'RetiringPrincipal does not refer to a valid principal.',
    ]);
  });
});

describe('QKMS', () => {
  const OWN = `arn:verenc:${ACCOUNT}:role/Name`;

  test('takes principals of both spellings, and shows its own account', async () => {
    const qkms = aws.client({ path: '/qkms' });
    const made = await makeKey(qkms);
    for (const GranteePrincipal of [OWN, ROLE]) {
      await makeGrant(qkms, made.id, { GranteePrincipal });
    }
    const shown = await grantsOn(qkms, made.id);
    expect(shown.map(({ GranteePrincipal }) => GranteePrincipal).sort()).toEqual(
      [ROLE, OWN].sort(),
    );
    expect(shown[0]).toMatchObject({
      KeyId: made.arn,
      IssuingAccount: `arn:verenc:${ACCOUNT}:root`,
    });
  });

  test('does not take a principal that is none', async () => {
    const qkms = aws.client({ path: '/qkms' });
    const made = await makeKey(qkms);
    const GranteePrincipal = `arn:verenc:${ACCOUNT}:key/x`;
    const answer = qkms.send(new CreateGrantCommand(permit(made.id, { GranteePrincipal })));
    expect(await refusal(answer)).toEqual(
      refused(
        'InvalidArnException',
        `ARN does not refer to a valid principal: ${GranteePrincipal}`,
      ),
    );
  });
});
