import {
  CreateGrantCommand,
  type KMSClient,
  RetireGrantCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms';
import { operationsTaking } from '@keyglot/adapter-aws/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  type MadeKey,
  makeKey,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { PRESENT_OPERATIONS } from '../support/awsOperations.js';
import { grantsOn, makeGrant, permit } from '../support/grants.js';
import { awsProbes } from '../support/probes/aws.js';

// https://docs.aws.amazon.com/kms/latest/developerguide/using-grant-token.html

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;
let token: string;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms);
  token = (await makeGrant(kms, key.id)).token;
});

afterAll(() => aws.close());

const INVALID = refused('InvalidGrantTokenException');
const BAD = { __type: 'InvalidGrantTokenException' };

describe('every operation that takes grant tokens', () => {
  const taking = operationsTaking('GrantTokens');
  const probes = awsProbes('aws');

  test.each(PRESENT_OPERATIONS.filter((operation) => taking.has(operation)))(
    '%s works with a token of ours, and refuses any other',
    async (operation) => {
      const probe = probes[operation];
      if (typeof probe !== 'function') throw new Error('the operation is on a key');
      const { request } = await probe((plain) => aws.send(plain));
      const send = async (GrantTokens: unknown): Promise<unknown> => {
        const body = JSON.stringify({ ...JSON.parse(request.body?.toString() ?? ''), GrantTokens });
        const answer = await aws.send({ ...request, body });
        return answer.status === 200 ? 200 : JSON.parse(answer.text);
      };
      expect(await send([token])).toBe(200);
      expect(await send([])).toBe(200);
      for (const other of [`${token}A`, 'no token', 'AQpA']) {
        expect(await send([token, other]), other).toEqual(BAD);
      }
    },
  );
});

describe('a grant token', () => {
  const used = (GrantToken: string, client = kms): Promise<unknown> =>
    client.send(
      new CreateGrantCommand(permit(key.arn, { GrantTokens: [GrantToken], DryRun: true })),
    );

  test('has the look of the service: a version 1 ciphertext with the id of its key', async () => {
    const bytes = Buffer.from(token, 'base64url');
    expect(bytes.subarray(0, 3).toString('hex')).toBe('010a40');
    const id = bytes.toString('latin1', 3, 67);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(bytes[67]).toBe(0x22);
    const length = ((bytes[68] ?? 0) & 0x7f) + (bytes[69] ?? 0) * 128;
    expect(length).toBe(bytes.length - 70);
    expect(bytes.subarray(70, 75).toString('hex')).toBe('0101020078');
    expect(bytes.toString('hex', 75, 107)).toBe(id);
  });

  test('tells neither the grant nor the key', async () => {
    const { id, token: fresh } = await makeGrant(kms, key.id);
    const bytes = Buffer.from(fresh, 'base64url');
    const { record } = await aws.loaded(key.id);
    for (const secret of [id, key.id, record.id]) expect(bytes.includes(secret)).toBe(false);
    expect(bytes.includes(Buffer.from(id, 'hex'))).toBe(false);
  });

  test('is refused with any character changed, added or lost', async () => {
    const changes = fc.oneof(
      fc.nat(token.length - 1).map((at) => {
        const other = token[at] === 'A' ? 'B' : 'A';
        return `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      }),
      fc.constantFrom('=', 'A', '.', ' ', 'AQpA').map((end) => token + end),
      fc.nat(token.length - 2).map((size) => token.slice(0, size + 1)),
      fc.string({ minLength: 1, maxLength: 600 }),
    );
    const property = fc.asyncProperty(changes, async (other) => {
      expect(await refusal(used(other))).toEqual(INVALID);
      const retired = kms.send(new RetireGrantCommand({ GrantToken: other }));
      expect(await refusal(retired)).toEqual(INVALID);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('is refused in another sandbox, region and service, and by another gateway', async () => {
    const other = await startAwsGateway();
    try {
      const elsewhere = [
        aws.client({ path: '/s/other/aws' }),
        aws.client({ region: 'eu-west-1' }),
        aws.client({ path: '/qkms' }),
        other.client(),
      ];
      for (const client of elsewhere) {
        const there = await makeKey(client);
        const input = permit(there.id, { GrantTokens: [token], DryRun: true });
        expect(await refusal(client.send(new CreateGrantCommand(input)))).toEqual(INVALID);
        const retired = client.send(new RetireGrantCommand({ GrantToken: token }));
        expect(await refusal(retired)).toEqual(INVALID);
      }
    } finally {
      await other.close();
    }
  });

  test('may be that of any grant, also of one that is gone', async () => {
    const passed = 'DryRunOperationException';
    const made = await makeGrant(kms, (await makeKey(kms)).id);
    expect((await refusal(used(made.token))).code).toBe(passed);
    const gone = await makeGrant(kms, key.id);
    await kms.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: gone.id }));
    expect((await refusal(used(gone.token))).code).toBe(passed);
  });

  test('retires its grant, and any token of the grant does', async () => {
    const made = await makeKey(kms);
    const [first, second] = [
      await makeGrant(kms, made.id, { Name: 'one' }),
      await makeGrant(kms, made.id, { Name: 'one' }),
    ];
    await makeGrant(kms, made.id, { Name: 'other' });
    expect(first.token).not.toBe(second.token);
    await kms.send(new RetireGrantCommand({ GrantToken: second.token }));
    expect((await grantsOn(kms, made.id)).map(({ Name }) => Name)).toEqual(['other']);
    for (const GrantToken of [first.token, second.token]) {
      expect(await refusal(kms.send(new RetireGrantCommand({ GrantToken })))).toEqual(
        refused('NotFoundException', `Grant '${first.id}' does not exist`),
      );
    }
  });
});
