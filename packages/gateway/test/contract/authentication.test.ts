import { ListKeysCommand } from '@aws-sdk/client-kms';
import { createSystemClock } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  makeKey,
  type Refusal,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { type Signing, signed, stampOf } from '../support/signedRequest.js';
import { START_MS } from '../support/testClock.js';

const USER = {
  accessKeyId: 'AKIAKMSUSER000000000',
  secretAccessKey: 'secret-of-the-user',
  account: '111122223333',
};
const SESSION = {
  accessKeyId: 'ASIAKMSSESSION000000',
  secretAccessKey: 'secret-of-the-session',
  sessionToken: 'token-of-the-session',
  account: '111122223333',
  expiresAt: new Date(START_MS + 3_600_000).toISOString(),
};

/** Its clock stands still, for requests that are signed by hand. */
let still: AwsGateway;
/** Its clock is the machine's, for the official client. */
let running: AwsGateway;
let open: AwsGateway;

beforeAll(async () => {
  still = await startAwsGateway({ auth: 'enforce' });
  running = await startAwsGateway({ auth: 'enforce' }, createSystemClock());
  open = await startAwsGateway({}, createSystemClock());
  for (const gateway of [still, running, open]) {
    await gateway.register({ dialect: 'aws', ...USER });
  }
  await still.register({ dialect: 'aws', ...SESSION });
});

afterAll(async () => {
  for (const gateway of [still, running, open]) await gateway.close();
});

const MISMATCH = refused(
  'InvalidSignatureException',
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
);
const UNRECOGNIZED = refused(
  'UnrecognizedClientException',
  'The security token included in the request is invalid.',
);

describe('the official client', () => {
  test('with a registered key works everywhere, in the account of the key', async () => {
    for (const gateway of [running, open]) {
      for (const path of ['', '/aws', '/aws/', '/s/main/aws']) {
        const { arn } = await makeKey(gateway.client({ path, credentials: USER }));
        expect(arn).toMatch(`arn:aws:kms:us-east-1:${USER.account}:key/`);
      }
    }
  });

  test('with a wrong secret is refused everywhere', async () => {
    for (const gateway of [running, open]) {
      const client = gateway.client({ credentials: { ...USER, secretAccessKey: 'wrong' } });
      expect(await refusal(client.send(new ListKeysCommand({})))).toEqual(MISMATCH);
    }
  });

  test('with an unknown key is refused only where keys are enforced', async () => {
    await open.client().send(new ListKeysCommand({}));
    const answer = running.client().send(new ListKeysCommand({}));
    expect(await refusal(answer)).toEqual(UNRECOGNIZED);
  });

  test('with a session token that the key does not have is refused', async () => {
    const client = running.client({ credentials: { ...USER, sessionToken: 'other' } });
    expect(await refusal(client.send(new ListKeysCommand({})))).toEqual(UNRECOGNIZED);
  });
});

describe('a request signed by hand', () => {
  async function send(
    wanted: Partial<Signing> = {},
    change: (headers: Record<string, string>) => Record<string, string> = (same) => same,
    gateway = still,
  ): Promise<Refusal> {
    const body = '{}';
    const headers = signed({
      ...USER,
      date: stampOf(START_MS),
      region: 'us-east-1',
      body,
      ...wanted,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        host: new URL(gateway.url).host,
        'x-amz-target': 'TrentService.ListKeys',
        ...wanted.headers,
      },
    });
    const answer = await gateway.send({ headers: change(headers), body });
    const said: Record<string, string> = JSON.parse(answer.text);
    return {
      status: answer.status,
      code: said['__type'] ?? 'none',
      message: said['message'] ?? said['Message'] ?? '',
    };
  }

  test('is good within five minutes of the clock', async () => {
    for (const minutes of [-5, 0, 5]) {
      const answer = await send({ date: stampOf(START_MS + minutes * 60_000) });
      expect([answer.status, answer.code]).toEqual([200, 'none']);
    }
  });

  test('is told by how much it is late or early', async () => {
    expect(await send({ date: '20231114T220819Z' })).toEqual(
      refused(
        'InvalidSignatureException',
        'Signature expired: 20231114T220819Z is now earlier than 20231114T220820Z (20231114T221320Z - 5 min.)',
      ),
    );
    expect(await send({ date: '20231114T221821Z' })).toEqual(
      refused(
        'InvalidSignatureException',
        'Signature not yet current: 20231114T221821Z is still later than 20231114T221820Z (20231114T221320Z + 5 min.)',
      ),
    );
  });

  test('must be for this service and a region', async () => {
    expect(await send({ service: 'sts' })).toEqual(
      refused(
        'InvalidSignatureException',
        "Credential should be scoped to correct service: 'kms'. ",
      ),
    );
    expect(await send({ region: 'mars' })).toEqual(
      refused('InvalidSignatureException', 'Credential should be scoped to a valid region. '),
    );
  });

  test('covers its headers and its body', async () => {
    const changed = await send({}, (headers) => ({
      ...headers,
      'x-amz-target': 'TrentService.ListAliases',
    }));
    expect(changed).toEqual(MISMATCH);
    expect(await send({ body: '{"Limit":1}' })).toEqual(MISMATCH);
  });

  test('of a session needs its token, until it expires', async () => {
    const token = { 'x-amz-security-token': SESSION.sessionToken };
    expect((await send({ ...SESSION, headers: token })).status).toBe(200);
    expect(await send(SESSION)).toEqual(UNRECOGNIZED);
    const other = { 'x-amz-security-token': 'other' };
    expect(await send({ ...SESSION, headers: other })).toEqual(UNRECOGNIZED);
    still.clock.nowMs = START_MS + 3_600_000;
    const late = await send({ ...SESSION, headers: token });
    still.clock.nowMs = START_MS;
    expect(late).toEqual(
      refused('ExpiredTokenException', 'The security token included in the request is expired'),
    );
  });

  test('is refused without a signature, before its target is looked at', async () => {
    const unsigned = (headers: Record<string, string>): Record<string, string> => {
      const { authorization: _, ...rest } = headers;
      return { ...rest, 'x-amz-target': 'TrentService.Unknown' };
    };
    expect(await send({}, unsigned)).toEqual(
      refused('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    );
  });

  test('is refused for a header that cannot be read', async () => {
    const broken = await send({}, (headers) => ({
      ...headers,
      authorization: 'AWS4-HMAC-SHA256 Credential',
    }));
    expect(broken).toEqual(
      refused(
        'IncompleteSignatureException',
        "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential'.",
      ),
    );
  });
});
