import { createHash, createPublicKey, createVerify } from 'node:crypto';
import { constraintCases, QKMS_MODEL } from '@keyglot/adapter-aws/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsGateway, startAwsGateway } from '../support/awsGateway.js';
import { QKMS_CREDENTIAL, type QkmsAnswer, qkmsRequest } from '../support/qkmsClient.js';

// Requests and what is read of the answers: https://github.com/QuilibriumNetwork/qkms-sdk,
// packages/core/src/client.ts, packages/core/src/sidecar/ and packages/node/src/resources/wallets.ts

let strict: AwsGateway;
let open: AwsGateway;

const OTHER = { ...QKMS_CREDENTIAL, accessKeyId: 'QNZMOTHERKEY', account: '777788889999' };

beforeAll(async () => {
  strict = await startAwsGateway({ auth: 'enforce' });
  for (const credential of [QKMS_CREDENTIAL, OTHER]) await strict.register(credential);
  open = await startAwsGateway();
});

afterAll(async () => {
  await strict.close();
  await open.close();
});

const send = (operation: string, input: unknown): Promise<QkmsAnswer> =>
  qkmsRequest(strict, operation, input);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ID = '00112233445566778899aabbccddeeff';
const SIDECAR = {
  SidecarId: ID,
  IdentityKey: base64('identity'),
  SignedPreKey: base64('pre-key'),
  PreKeySignature: base64('signature'),
  SigningKey: base64('signing'),
};

describe('sidecars', () => {
  test('are kept with their keys, as often as they register', async () => {
    for (const SigningKey of [SIDECAR.SigningKey, base64('another')]) {
      const registered = await send('RegisterSidecar', { ...SIDECAR, SigningKey });
      expect([registered.status, registered.body]).toEqual([
        200,
        { SidecarId: ID, Status: 'registered' },
      ]);
      const identity = { ...SIDECAR, SigningKey };
      expect((await send('GetSidecar', { SidecarId: ID })).body).toEqual({
        ...identity,
        SidecarIdentity: identity,
      });
    }
  });

  test.each(['GetSidecar', 'ListTasksForSidecar'])('%s tells when there is none', async (name) => {
    const missing = {
      __type: 'NotFoundException',
      message: "Sidecar 'unknown' does not exist",
    };
    const answer = await send(name, { SidecarId: 'unknown' });
    expect([answer.status, answer.body]).toEqual([400, missing]);
  });

  test('belong to their account', async () => {
    await send('RegisterSidecar', { ...SIDECAR, SidecarId: 'mine' });
    const elsewhere = await qkmsRequest(
      strict,
      'GetSidecar',
      { SidecarId: 'mine' },
      { credential: OTHER },
    );
    expect(elsewhere.body['__type']).toBe('NotFoundException');
  });

  test('may be many that register at once', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `sidecar-${n}`);
    const answers = await Promise.all(
      ids.map((SidecarId) => send('RegisterSidecar', { ...SIDECAR, SidecarId })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('tasks', () => {
  test('are none, for anybody who polls', async () => {
    await send('RegisterSidecar', SIDECAR);
    await send('CreateKey', { KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' });
    for (const [operation, input] of [
      ['ListTasks', {}],
      ['ListTasks', { Limit: 10, IncludeTerminal: true }],
      ['ListTasksForSidecar', { SidecarId: ID }],
    ] as const) {
      const answer = await send(operation, input);
      expect([answer.status, answer.body]).toEqual([200, { Tasks: [] }]);
    }
  });

  test('cannot be claimed', async () => {
    const answer = await send('ClaimTask', { TaskId: 't', SidecarId: ID });
    expect([answer.status, answer.body]).toEqual([
      200,
      { TaskId: 't', SidecarId: ID, Claimed: false, Message: "Task 't' does not exist" },
    ]);
  });

  test.each([
    ['UpdateTask', { TaskId: 't', ClientData: { round: 0, messages: [] } }],
    [
      'SendPartyMessage',
      {
        ...{ TaskId: 't', SidecarId: ID, FromParty: 1, ToParty: 2, Round: 0, Encrypted: true },
        Envelope: { protocol_identifier: 1 },
      },
    ],
    [
      'SendPartyMessage',
      {
        ...{ TaskId: 't', Round: 2, FromParty: 1, ToParty: 2, Ciphertext: 'AA==' },
        ...{ FromSidecarId: ID, ToSidecarId: 'peer' },
      },
    ],
    ['GetPartyMessages', { TaskId: 't', SidecarId: ID, ForParty: 1, Round: 1 }],
    ['GetPartyMessages', { TaskId: 't', Round: 1, PartyId: 2 }],
  ])('%s does not find one: %j', async (operation, input) => {
    const answer = await send(operation, input);
    expect([answer.status, answer.body]).toEqual([
      400,
      { __type: 'NotFoundException', message: "Task 't' does not exist" },
    ]);
  });
});

describe('a wallet', () => {
  test.each(['', 'async=1'])(
    'is made and signs as the client does it: CreateKey?%s',
    async (query) => {
      const Tags = [
        { TagKey: 'owner_id', TagValue: 'quorum' },
        { TagKey: 'chain_type', TagValue: 'ethereum' },
      ];
      const input = {
        ...{ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY', Origin: 'AWS_KMS', Tags },
        ...{ Participants: ['service', ID, 'other'], Threshold: 2, TotalParties: 3 },
      };
      const made = await qkmsRequest(strict, 'CreateKey', input, { query });
      const { KeyId, ...key } = made.body['KeyMetadata'] as Record<string, unknown>;
      expect(key).toMatchObject({
        KeySpec: 'ECC_SECG_P256K1',
        KeyState: 'Enabled',
        CreationDate: 1_700_000_000.123,
      });
      const shown = await send('DescribeKey', { KeyId });
      expect((shown.body['KeyMetadata'] as { Tags: unknown }).Tags).toEqual(Tags);
      const { body } = await send('GetPublicKey', { KeyId });
      expect(body).toMatchObject({
        KeyId: key['Arn'],
        KeySpec: 'ECC_SECG_P256K1',
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ECDSA_SHA_256'],
      });
      // The client reads the point out of the DER, or takes it bare.
      const der = Buffer.from(String(body['PublicKey']), 'base64');
      const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
      const digest = createHash('sha256').update('message').digest('base64');
      const sent = await send('Sign', {
        ...{ KeyId, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' },
      });
      const signature = Buffer.from(String(sent.body['Signature']), 'base64');
      expect(createVerify('SHA256').update('message').verify(publicKey, signature)).toBe(true);
      const listed = await send('ListKeys', {});
      const ids = (listed.body['Keys'] as { KeyId: string }[]).map((one) => one.KeyId);
      expect(ids).toContain(KeyId);
    },
  );

  test.each([
    ['TotalParties alone', { TotalParties: 3 }],
    ['a threshold alone', { Threshold: 2 }],
    ['everybody needed', { Participants: ['service', 'a'], Threshold: 2 }],
    ['one party', { Participants: ['service'], Threshold: 1, TotalParties: 1 }],
  ])('may have %s', async (_what, parties) => {
    expect((await send('CreateKey', parties)).status).toBe(200);
  });

  test.each([
    ['a party twice', { Participants: ['a', 'a'] }, 'Participants must be distinct.'],
    [
      'more needed than there are',
      { Participants: ['a', 'b'], Threshold: 3 },
      'Threshold must not be greater than the number of parties.',
    ],
    [
      'more needed than there are to be',
      { Threshold: 4, TotalParties: 3 },
      'Threshold must not be greater than the number of parties.',
    ],
    [
      'another number of parties than named',
      { Participants: ['a', 'b'], TotalParties: 3 },
      'TotalParties must be the number of Participants.',
    ],
    [
      'no party',
      { Participants: [] },
      "1 validation error detected: Value '[]' at 'participants' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a threshold of none',
      { Threshold: 0 },
      "1 validation error detected: Value '0' at 'threshold' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ])('cannot have %s', async (_what, parties, message) => {
    const answer = await send('CreateKey', parties);
    expect([answer.status, answer.body]).toEqual([400, { __type: 'ValidationException', message }]);
  });

  test('is none of AWS: there the parties are unknown members, which it ignores', async () => {
    const input = { Participants: ['a', 'a'], Threshold: 0 };
    expect((await open.call('CreateKey', input, { path: '/aws' })).status).toBe(200);
  });
});

describe('operations that only QKMS has', () => {
  const OWN = [
    ...['RegisterSidecar', 'GetSidecar', 'ListTasks', 'ListTasksForSidecar'],
    ...['ClaimTask', 'UpdateTask', 'SendPartyMessage', 'GetPartyMessages'],
  ];

  test.each(OWN)(
    '%s is claimed for QKMS by its name alone, and unknown at AWS',
    async (operation) => {
      const input = { ...SIDECAR, TaskId: 't', Round: 0, FromParty: 0, ToParty: 0 };
      const claimed = await open.call(operation, input);
      expect(claimed.body['__type']).not.toBe('UnknownOperationException');
      const atAws = await open.call(operation, input, { path: '/aws' });
      expect([atAws.status, atAws.text]).toEqual([400, '{"__type":"UnknownOperationException"}']);
    },
  );

  test('are shown as simulated, and not at all for AWS', async () => {
    const answer = await open.send({ method: 'GET', path: '/_keyglot/coverage' });
    const { operations } = JSON.parse(answer.text) as {
      operations: { dialect: string; operation: string; state: string }[];
    };
    const own = operations.filter(({ operation }) => OWN.includes(operation));
    expect(own.map(({ dialect, operation }) => [dialect, operation])).toEqual(
      OWN.map((operation) => ['qkms', operation]),
    );
    expect(new Set(own.map(({ state }) => state))).toEqual(new Set(['simulated']));
  });

  test.each(OWN)(
    '%s takes what is just inside of its limits, and names what is not',
    async (name) => {
      const cases = constraintCases(QKMS_MODEL).filter(({ operation }) => operation === name);
      for (const { input, ok, message } of cases) {
        const { status, body } = await open.call(name, input, { path: '/qkms' });
        if (ok) expect(body['__type'], JSON.stringify(input)).not.toBe('ValidationException');
        else expect([status, body['message']]).toEqual([400, message]);
      }
      expect(cases.length > 0).toBe(true);
    },
  );
});
