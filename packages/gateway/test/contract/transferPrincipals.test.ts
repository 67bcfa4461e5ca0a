import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { SYSTEM_CLOCK } from '../support/alibabaGateway.js';
import { type AwsGateway, startAwsGateway } from '../support/awsGateway.js';
import { signedHeaders } from '../support/ncpGateway.js';

const ALICE = { accessKeyId: 'AKIDALICE', secretAccessKey: 'alice', account: '111111111111' };
const BOB = { accessKeyId: 'AKIDBOB', secretAccessKey: 'bob', account: '222222222222' };
const QUENTIN = { accessKeyId: 'AKIDQUENTIN', secretAccessKey: 'quentin', account: '333333333333' };
const NARI = { accessKey: 'AKIDNARI', secretKey: 'nari', account: '4444' };
const NOAH = { accessKey: 'AKIDNOAH', secretKey: 'noah', account: '5555' };

let aws: AwsGateway;
beforeAll(async () => {
  aws = await startAwsGateway({ auth: 'enforce' }, SYSTEM_CLOCK);
  await aws.register(ALICE);
  await aws.register({ ...BOB, arn: 'arn:aws:iam::222222222222:user/bob' });
  await aws.register({ ...QUENTIN, dialect: 'qkms' });
  await aws.register({ ...NARI, dialect: 'ncp' });
  await aws.register({ ...NOAH, dialect: 'ncp' });
  await aws.register({ ...ALICE, accessKeyId: 'AKIDLATE', expiresAt: '2020-01-01T00:00:00Z' });
  await aws.register({ ...ALICE, accessKeyId: 'AKIDELSEWHERE', sandbox: 'elsewhere' });
});
afterAll(() => aws.close());

async function post(path: string, body: unknown) {
  const response = await fetch(`${aws.url}/_keyglot/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${aws.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  // A test that reads a member that is not there gets undefined.
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const clientOf = (credentials: typeof ALICE) => aws.client({ credentials });

async function awsKey(owner: typeof ALICE) {
  const made = (await clientOf(owner).send(new CreateKeyCommand({}))).KeyMetadata;
  return { id: String(made?.KeyId), arn: String(made?.Arn) };
}

async function ncpKey(owner: typeof NARI, keyName: string): Promise<string> {
  const path = '/kms/v1/keys';
  const body = JSON.stringify({
    keyName,
    keyType: 'AES256',
    isConvergent: false,
    isAutoRotation: false,
    protectionType: 'BASIC',
  });
  const signing = { ...owner, timestamp: SYSTEM_CLOCK.realMs() };
  const answer = await aws.send({ path, headers: signedHeaders('POST', path, signing), body });
  return JSON.parse(answer.text).data.keyTag;
}

async function sealed(owner: typeof ALICE, keyId: string): Promise<string> {
  const client = clientOf(owner);
  const input = { KeyId: keyId, Plaintext: Buffer.from('secret') };
  const { CiphertextBlob } = await client.send(new EncryptCommand(input));
  return Buffer.from(CiphertextBlob ?? []).toString('base64');
}

async function aliceToBob() {
  const [from, to] = [await awsKey(ALICE), await awsKey(BOB)];
  return {
    from,
    to,
    source: {
      dialect: 'aws',
      ciphertext: await sealed(ALICE, from.id),
      principal: ALICE.accessKeyId,
    },
    destination: { dialect: 'aws', keyId: to.id, principal: BOB.accessKeyId },
  };
}

const denied = (dialect: string, code: string, message: unknown) => ({
  status: 422,
  body: { error: { dialect, code, message } },
});

describe('a transfer in enforce', () => {
  it('lets each principal use the keys of its own account', async () => {
    const { from, to, source, destination } = await aliceToBob();
    const moved = await post('reencrypt', { source, destination });
    expect(moved).toMatchObject({
      status: 200,
      body: { source: { keyId: from.arn }, destination: { keyId: to.arn } },
    });
    const CiphertextBlob = Buffer.from(String(moved.body['ciphertext']), 'base64');
    const opened = await clientOf(BOB).send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret');
  });

  it.each(['source', 'destination'] as const)('asks who acts at the %s', async (end) => {
    const { source, destination } = await aliceToBob();
    const ends = { source, destination };
    const nobody = { ...ends, [end]: { ...ends[end], principal: undefined } };
    expect(await post('reencrypt', nobody)).toEqual({
      status: 400,
      body: {
        error:
          'with --auth enforce each end names its principal: the id of a credential that is registered for aws',
      },
    });
  });

  it.each(['AKIDNOBODY', 'AKIDLATE', 'AKIDELSEWHERE', 'AKIDQUENTIN', 'AKIDNARI', ''])(
    'does not know %s as a principal of aws in this sandbox',
    async (principal) => {
      const { source, destination } = await aliceToBob();
      const wrong = { source: { ...source, principal }, destination };
      expect(await post('reencrypt', wrong)).toEqual({
        status: 400,
        body: {
          error: `no valid credential ${principal} is registered for aws in this sandbox`,
        },
      });
    },
  );

  it('refuses a ciphertext of which the principal may not use the key', async () => {
    const { source, destination } = await aliceToBob();
    const stolen = { source: { ...source, principal: BOB.accessKeyId }, destination };
    expect(await post('reencrypt', stolen)).toEqual(
      denied(
        'aws',
        'AccessDeniedException',
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
      ),
    );
  });

  it.each([
    ['by its ARN', (to: { arn: string }) => ({ keyId: to.arn })],
    ['by its id and account', (to: { id: string }) => ({ keyId: to.id, account: BOB.account })],
  ])('refuses the key of another account as destination, named %s', async (_how, named) => {
    const { to, source } = await aliceToBob();
    const destination = { dialect: 'aws', principal: ALICE.accessKeyId, ...named(to) };
    expect(await post('reencrypt', { source, destination })).toEqual(
      denied(
        'aws',
        'AccessDeniedException',
        expect.stringMatching(
          /^User: arn:aws:iam::111111111111:root is not authorized to perform: kms:ReEncryptTo on /,
        ),
      ),
    );
  });

  it('asks the dialect of each end', async () => {
    const { source } = await aliceToBob();
    const keyId = await ncpKey(NARI, 'of-nari');
    const to = (principal: string) => ({
      source,
      destination: { dialect: 'ncp', keyId, principal },
    });
    expect((await post('reencrypt', to(NARI.accessKey))).status).toBe(200);
    expect(await post('reencrypt', to(NOAH.accessKey))).toEqual(
      denied('ncp', 'FORBIDDEN', 'Forbidden'),
    );
  });
});

describe('a twin in enforce', () => {
  it('needs a principal for each end, and is made in the account of its own', async () => {
    const key = await awsKey(ALICE);
    const source = { dialect: 'aws', keyId: key.id, principal: ALICE.accessKeyId };
    const twin = { dialect: 'qkms', principal: QUENTIN.accessKeyId };
    expect(await post('twins', { source, twin })).toMatchObject({
      status: 201,
      body: { twin: { keyId: expect.stringMatching(/^arn:verenc:333333333333:key\//) } },
    });
    expect((await post('twins', { source, twin: { dialect: 'qkms' } })).status).toBe(400);
    expect(await post('twins', { source, twin: { ...twin, account: '000000000000' } })).toEqual({
      status: 400,
      body: { error: 'a key is made in the account of its principal only' },
    });
    const foreign = { ...source, keyId: key.arn, principal: BOB.accessKeyId };
    expect(await post('twins', { source: foreign, twin })).toEqual(
      denied(
        'aws',
        'AccessDeniedException',
        expect.stringMatching(
          /^User: arn:aws:iam::222222222222:user\/bob is not authorized to perform: kms:DescribeKey /,
        ),
      ),
    );
  });
});

test('in open a principal is optional', async () => {
  const open = await startAwsGateway();
  try {
    const client = open.client();
    const KeyId = (await client.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
    const body = { source: { dialect: 'aws', keyId: KeyId }, twin: { dialect: 'qkms' } };
    const answer = await open.send({
      path: '/_keyglot/twins',
      headers: {
        authorization: `Bearer ${open.gateway.adminToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(201);
  } finally {
    await open.close();
  }
});
