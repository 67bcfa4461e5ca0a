import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsGateway, refusal, startAwsGateway } from '../support/awsGateway.js';

const DAY_SECONDS = 86_400;
let aws: AwsGateway;
beforeAll(async () => {
  aws = await startAwsGateway();
});
afterAll(() => aws.close());

const admin = async (method: string, path: string, body?: unknown, from: AwsGateway = aws) => {
  const response = await fetch(`${from.url}/_keyglot/sandboxes${path}`, {
    method,
    headers: {
      authorization: `Bearer ${from.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};

describe('the clock of a sandbox', () => {
  it('brings the deletion of its keys near and leaves other sandboxes in their time', async () => {
    const [fast, slow] = ['fast', 'slow'].map((name) => aws.client({ path: `/s/${name}/aws` }));
    if (fast === undefined || slow === undefined) throw new Error('two clients are missing');
    const [gone, kept] = await Promise.all(
      [fast, slow].map(async (client) => {
        const KeyId = (await client.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
        await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
        return KeyId;
      }),
    );
    const before = (await admin('GET', '/fast/clock')).body;
    const moved = await admin('POST', '/fast/clock', { advanceSeconds: 30 * DAY_SECONDS });
    expect(moved.status).toBe(200);
    expect(Date.parse(moved.body.now) - Date.parse(before.now)).toBe(30 * DAY_SECONDS * 1_000);
    const refused = await refusal(fast.send(new DescribeKeyCommand({ KeyId: gone })));
    expect(refused).toMatchObject({ status: 400, code: 'NotFoundException' });
    const left = await slow.send(new DescribeKeyCommand({ KeyId: kept }));
    expect(left.KeyMetadata?.KeyState).toBe('PendingDeletion');
    // Signatures are judged by real time, so the official client goes on working.
    const made = await fast.send(new CreateKeyCommand({}));
    expect(made.KeyMetadata?.CreationDate?.getTime()).toBe(Date.parse(moved.body.now));
    const sealed = await fast.send(
      new EncryptCommand({ KeyId: made.KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }),
    );
    expect(sealed.CiphertextBlob?.length).toBe(153);
  });

  it('can be set and frozen, and refuses what is no move', async () => {
    await admin('POST', '', { name: 'ice' });
    const set = { now: '2030-01-01T00:00:00.000Z', frozen: true };
    expect((await admin('POST', '/ice/clock', set)).body).toEqual(set);
    expect((await admin('GET', '/ice/clock')).body).toEqual(set);
    for (const wrong of [{ now: 'soon' }, { advanceSeconds: -1 }, { frozen: 'yes' }, { on: 1 }]) {
      expect((await admin('POST', '/ice/clock', wrong)).status).toBe(400);
    }
    expect((await admin('GET', '/none/clock')).status).toBe(400);
  });
});

describe('a reset', () => {
  it('empties one sandbox and no other', async () => {
    const [a, b] = ['reset-a', 'reset-b'].map((name) => aws.client({ path: `/s/${name}/aws` }));
    if (a === undefined || b === undefined) throw new Error('two clients are missing');
    for (const client of [a, b]) await client.send(new CreateKeyCommand({}));
    expect((await admin('POST', '/reset-a/reset', {})).status).toBe(204);
    expect((await a.send(new ListKeysCommand({}))).Keys).toEqual([]);
    expect((await b.send(new ListKeysCommand({}))).Keys).toHaveLength(1);
  });

  it('spares main, and so does the clock, when credentials are enforced', async () => {
    const strict = await startAwsGateway({ auth: 'enforce' });
    try {
      expect((await admin('POST', '/main/reset', {}, strict)).status).toBe(400);
      const moved = await admin('POST', '/main/clock', { advanceSeconds: 1 }, strict);
      expect(moved.status).toBe(400);
      await admin('POST', '', { name: 'ci' }, strict);
      expect((await admin('POST', '/ci/reset', {}, strict)).status).toBe(204);
    } finally {
      await strict.close();
    }
  });
});

describe('a sandbox that nobody has made', () => {
  it('is not told from one that exists while the sender is not known', async () => {
    const strict = await startAwsGateway({ auth: 'enforce' });
    try {
      await admin('POST', '', { name: 'there' }, strict);
      for (const name of ['there', 'not-there']) {
        const answer = await strict.call('ListKeys', {}, { path: `/s/${name}/aws/` });
        expect(answer.body['__type']).toBe('MissingAuthenticationTokenException');
      }
    } finally {
      await strict.close();
    }
  });

  it('is not made by a request that asks for nothing that exists', async () => {
    await aws.call('NoSuchOperation', {}, { path: '/s/nothing/aws/' });
    expect((await admin('GET', '')).body.sandboxes).not.toContain('nothing');
  });
});
