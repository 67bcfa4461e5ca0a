import { GetCallerIdentityCommand, STSClient, STSServiceException } from '@aws-sdk/client-sts';
import { createSystemClock } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, type AwsGateway, members, startAwsGateway } from '../support/awsGateway.js';

const USER = {
  dialect: 'aws',
  accessKeyId: 'AKIASTSUSER000000000',
  secretAccessKey: 'secret-of-the-user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/Alice',
};
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const IDENTITY = 'Action=GetCallerIdentity&Version=2011-06-15';

let open: AwsGateway;
let strict: AwsGateway;
const clients: STSClient[] = [];

beforeAll(async () => {
  // The client signs by the machine's clock.
  open = await startAwsGateway({}, createSystemClock());
  strict = await startAwsGateway({ auth: 'enforce' }, createSystemClock());
  for (const gateway of [open, strict]) await gateway.register(USER);
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await open.close();
  await strict.close();
});

function sts(gateway: AwsGateway, accessKeyId: string, secretAccessKey: string): STSClient {
  const client = new STSClient({
    region: 'us-east-1',
    endpoint: gateway.url,
    credentials: { accessKeyId, secretAccessKey },
  });
  clients.push(client);
  return client;
}

async function refusedBy(client: STSClient): Promise<unknown> {
  const error: unknown = await client.send(new GetCallerIdentityCommand({})).catch((e) => e);
  if (!(error instanceof STSServiceException)) throw error;
  return [error.$metadata.httpStatusCode, error.name, error.message];
}

describe('GetCallerIdentity with the official client', () => {
  test('says whom a registered key belongs to', async () => {
    for (const gateway of [open, strict]) {
      const client = sts(gateway, USER.accessKeyId, USER.secretAccessKey);
      const answer = await client.send(new GetCallerIdentityCommand({}));
      expect(members(answer)).toEqual({
        Account: USER.account,
        Arn: USER.arn,
        UserId: USER.accessKeyId,
      });
    }
  });

  test.each([
    ['test', ACCOUNT],
    ['222233334444', '222233334444'],
  ])('says that the unknown key %s is the root of account %s', async (key, account) => {
    const answer = await sts(open, key, 'any').send(new GetCallerIdentityCommand({}));
    expect(members(answer)).toEqual({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
  });

  test('refuses a wrong secret of a registered key', async () => {
    for (const gateway of [open, strict]) {
      expect(await refusedBy(sts(gateway, USER.accessKeyId, 'wrong'))).toEqual([
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      ]);
    }
  });

  test('refuses an unknown key when keys are enforced', async () => {
    expect(await refusedBy(sts(strict, 'AKIAUNKNOWN000000000', 'any'))).toEqual([
      403,
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    ]);
  });
});

describe('the query protocol', () => {
  test('answers an unsigned form and an unsigned query alike', async () => {
    const form = await open.send({ headers: FORM, body: IDENTITY });
    const query = await open.send({ method: 'GET', path: `/?${IDENTITY}` });
    for (const answer of [form, query]) {
      const id = answer.headers['x-amzn-requestid'];
      expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
        200,
        'text/xml',
        `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:root</Arn><UserId>${ACCOUNT}</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
      ]);
    }
  });

  test('refuses an unsigned request when keys are enforced', async () => {
    const answer = await strict.send({ headers: FORM, body: IDENTITY });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  test.each(['AssumeRole', 'GetSessionToken', '<x>&"'])(
    'does not know the action %s',
    async (action) => {
      const body = `${new URLSearchParams({ Action: action, Version: '2011-06-15' })}`;
      const answer = await open.send({ headers: FORM, body });
      const id = answer.headers['x-amzn-requestid'];
      const shown = action.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      expect([answer.status, answer.text]).toEqual([
        400,
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation ${shown.replaceAll('"', '&quot;')} for version 2011-06-15</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
      ]);
    },
  );

  test('is told from Alibaba by its version', async () => {
    const body = 'Action=GetCallerIdentity&Version=2015-04-01';
    const answer = await open.send({ headers: FORM, body });
    expect(answer.text).not.toContain('sts.amazonaws.com');
    expect(answer.headers['x-amzn-requestid']).toBeUndefined();
  });

  test('shows its evidence on request', async () => {
    const headers = { ...FORM, 'x-keyglot-evidence': '1' };
    const good = await open.send({ headers, body: IDENTITY });
    expect(good.headers['x-keyglot-evidence']).toMatch(/^documented; \d{4}-\d\d-\d\d; https:/);
    const bad = await open.send({ headers, body: 'Action=AssumeRole&Version=2011-06-15' });
    expect(bad.headers['x-keyglot-evidence']).toMatch(/^(documented|inferred); .*; https:/);
    const silent = await open.send({ headers: FORM, body: IDENTITY });
    expect(silent.headers['x-keyglot-evidence']).toBeUndefined();
  });
});
