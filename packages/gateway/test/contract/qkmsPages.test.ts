import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type AwsGateway,
  type JsonAnswer,
  startAwsGateway,
} from '../support/awsGateway.js';

// What the pages of https://docs.quilibrium.com/docs/api/q-kms/ have and the clients do not read.

let pages: AwsGateway;

beforeAll(async () => {
  pages = await startAwsGateway({ qkms: 'pages' });
});

afterAll(() => pages.close());

type Members = Record<string, unknown>;

const at = (path: string, operation: string, input: Members): Promise<JsonAnswer> =>
  pages.call(operation, input, { path });
const qkms = (operation: string, input: Members): Promise<JsonAnswer> =>
  at('/qkms', operation, input);
const metadataOf = ({ body }: JsonAnswer): Members => body['KeyMetadata'] as Members;

async function makeKey(input: Members = {}): Promise<string> {
  return String(metadataOf(await qkms('CreateKey', input))['KeyId']);
}

const UNKNOWN = '1234abcd-12ab-34cd-56ef-1234567890ab';
const MESSAGE = { Message: 'AA==' };
const TAGS = { Tags: [{ TagKey: 'k', TagValue: 'v' }] };

describe('QKMS as its pages have it', () => {
  test('writes the date of a key as a text, and an origin of its own when it makes one', async () => {
    const made = metadataOf(await qkms('CreateKey', TAGS));
    expect(made).toMatchObject({
      CreationDate: '2023-11-14T22:13:20.123Z',
      Origin: 'QKMS',
      QAccountId: ACCOUNT,
    });
    const shown = metadataOf(await qkms('DescribeKey', { KeyId: made['KeyId'] }));
    expect(shown).toMatchObject({ CreationDate: made['CreationDate'], Origin: 'AWS_KMS' });
    expect(shown).not.toHaveProperty('Tags');
  });

  test.each([
    ['GetKeyPolicy', {}, 'policyName'],
    ['PutKeyPolicy', { Policy: '{}' }, 'policyName'],
    ['CreateGrant', { Operations: ['Decrypt'] }, 'granteePrincipal'],
    ['ListRetirableGrants', {}, 'retiringPrincipal'],
  ])('%s wants one member more', async (operation, more, member) => {
    const KeyId = await makeKey();
    const { status, body } = await qkms(operation, { KeyId, ...more });
    expect([status, body]).toEqual([
      400,
      {
        __type: 'ValidationException',
        message: `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
      },
    ]);
    expect((await qkms('GetKeyPolicy', { KeyId, PolicyName: 'default' })).status).toBe(200);
  });

  test.each([
    ['ListResourceTags', {}, 'KMSNotFoundException'],
    ['TagResource', TAGS, 'KMSNotFoundException'],
    ['UntagResource', { TagKeys: ['k'] }, 'KMSNotFoundException'],
    ['ReplicateKey', { ReplicaRegion: 'eu-west-1' }, 'KMSNotFoundException'],
    ['DescribeKey', {}, 'NotFoundException'],
    ['UpdateKeyDescription', { Description: '' }, 'NotFoundException'],
  ])('%s calls an unknown key by the name of its page', async (operation, more, code) => {
    const { status, body } = await qkms(operation, { KeyId: UNKNOWN, ...more });
    expect([status, body]).toEqual([
      400,
      { __type: code, message: `Key 'arn:verenc:${ACCOUNT}:key/${UNKNOWN}' does not exist` },
    ]);
    const ofAws = await at('/aws', operation, { KeyId: UNKNOWN, ...more });
    expect(ofAws.body['__type']).toBe('NotFoundException');
  });

  test('has names of its own for wrong MACs, signatures and tags', async () => {
    const mac = await makeKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const signer = await makeKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const Tags = Array.from({ length: 51 }, (_, n) => ({ TagKey: `t${n}`, TagValue: '' }));
    const verifying = { ...MESSAGE, Signature: 'AA==', SigningAlgorithm: 'ECDSA_SHA_256' };
    const told = [
      await qkms('VerifyMac', {
        ...MESSAGE,
        KeyId: mac,
        Mac: 'AA==',
        MacAlgorithm: 'HMAC_SHA_256',
      }),
      await qkms('Verify', { KeyId: signer, ...verifying }),
      await qkms('TagResource', { KeyId: mac, Tags }),
    ];
    expect(told.map(({ status, body }) => [status, body])).toEqual([
      [400, { __type: 'MacInvalidException' }],
      [400, { __type: 'SignatureInvalidException' }],
      [400, { __type: 'TooManyTagsException', message: 'Too many tags' }],
    ]);
  });

  test.each(['GenerateRandom', 'RegisterSidecar', 'ListTasks'])(
    'does not have %s, which only its client has',
    async (operation) => {
      const answer = await qkms(operation, { NumberOfBytes: 1 });
      expect([answer.status, answer.text]).toEqual([400, '{"__type":"UnknownOperationException"}']);
      const { text } = await pages.send({ method: 'GET', path: '/_keyglot/coverage' });
      const { operations } = JSON.parse(text) as {
        operations: { dialect: string; operation: string; state: string }[];
      };
      const row = operations.find((one) => one.dialect === 'qkms' && one.operation === operation);
      expect(row?.state).toBe(operation === 'GenerateRandom' ? 'refused' : undefined);
    },
  );

  test('ignores the parties of a key, which its pages do not know', async () => {
    expect((await qkms('CreateKey', { Threshold: 0 })).status).toBe(200);
  });

  test('leaves AWS as it is', async () => {
    const made = metadataOf(await at('/aws', 'CreateKey', {}));
    expect(made).toMatchObject({ CreationDate: 1_700_000_000.123, Origin: 'AWS_KMS' });
    const shown = await at('/aws', 'GetKeyPolicy', { KeyId: made['KeyId'] });
    expect(shown.body['PolicyName']).toBe('default');
  });

  test('keeps its keys when the form changes: it is one service', async () => {
    const KeyId = await makeKey();
    const { record } = await pages.loaded(KeyId);
    expect(record.realm).toMatchObject({ dialect: 'qkms', tenant: ACCOUNT });
  });
});
