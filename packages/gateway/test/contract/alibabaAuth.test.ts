import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AlibabaGateway,
  type Refusal,
  refusal,
  startAlibabaGateway,
  VERSION,
} from '../support/alibabaGateway.js';
import type { PlainAnswer } from '../support/httpClient.js';
import { START_MS } from '../support/testClock.js';

const KEY = { accessKeyId: 'LTAItest', accessKeySecret: 'secret' };
const STS = { accessKeyId: 'STS.temp', accessKeySecret: 'other', securityToken: 'token' };
const MINUTE_MS = 60_000;

interface Signing {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly stamp?: string;
  readonly nonce?: string;
  readonly change?: (request: Record<string, string>) => void;
}

type Signer = (alibaba: AlibabaGateway, signing: Signing) => Promise<PlainAnswer>;

function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

let made = 0;
function freshNonce(): string {
  made += 1;
  return `nonce-${made}`;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Version 1.0, written apart from the product after the RPC pages. */
const v1: Signer = (alibaba, signing) => {
  const params: Record<string, string> = {
    Action: 'ListKeys',
    Version: VERSION,
    AccessKeyId: signing.accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: signing.nonce ?? freshNonce(),
    Timestamp: signing.stamp ?? stampOf(START_MS),
    SignatureType: '',
    Note: "it's * (here)~",
    ...(signing.securityToken === undefined ? {} : { SecurityToken: signing.securityToken }),
  };
  const canonical = Object.keys(params)
    .sort()
    .map((name) => `${encode(name)}=${encode(params[name] ?? '')}`)
    .join('&');
  params['Signature'] = createHmac('sha1', `${signing.accessKeySecret}&`)
    .update(`GET&%2F&${encode(canonical)}`)
    .digest('base64');
  signing.change?.(params);
  return alibaba.send({ method: 'GET', path: `/?${new URLSearchParams(params)}` });
};

/** The third generation, written apart from the product after its page. */
const v3: Signer = (alibaba, signing) => {
  const body = 'PageSize=5';
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    host: `127.0.0.1:${alibaba.gateway.port}`,
    'x-acs-action': 'ListKeys',
    'x-acs-content-sha256': createHash('sha256').update(body).digest('hex'),
    'x-acs-date': signing.stamp ?? stampOf(START_MS),
    'x-acs-signature-nonce': signing.nonce ?? freshNonce(),
    'x-acs-version': VERSION,
    ...(signing.securityToken === undefined
      ? {}
      : {
          'x-acs-accesskey-id': signing.accessKeyId,
          'x-acs-security-token': signing.securityToken,
        }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    'POST',
    '/',
    'PageNumber=1',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    headers['x-acs-content-sha256'],
  ].join('\n');
  const text = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', signing.accessKeySecret).update(text).digest('hex');
  headers['authorization'] =
    `ACS3-HMAC-SHA256 Credential=${signing.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  signing.change?.(headers);
  return alibaba.send({ path: '/?PageNumber=1', headers, body });
};

function refusalOf({ status, text }: PlainAnswer): Refusal {
  const json = JSON.parse(text) as Record<string, unknown>;
  return { status, code: json['Code'], message: json['Message'] };
}

const UNKNOWN = refusal(
  404,
  'InvalidAccessKeyId.NotFound',
  'The AccessKey ID provided does not exist in our records.',
);
const TIMESTAMP = refusal(
  400,
  'IllegalTimestamp',
  'The input parameter "Timestamp" that is mandatory for processing this request is not supplied.',
);
const INCOMPLETE = refusal(
  400,
  'IncompleteSignature',
  'The request signature does not conform to Alibaba Cloud standards.',
);

/** IncompleteSignature with the text that had to be signed. */
const MISMATCH = {
  status: 400,
  code: 'IncompleteSignature',
  message: expect.stringMatching(
    /^The request signature does not conform to Alibaba Cloud standards\. server string to sign is:./,
  ),
};

async function register(alibaba: AlibabaGateway): Promise<void> {
  await alibaba.register({ ...KEY, account: '1234567890123456' });
  await alibaba.register({
    ...STS,
    expiresAt: new Date(START_MS + 60 * MINUTE_MS).toISOString(),
  });
}

const SIGNERS: readonly (readonly [string, Signer])[] = [
  ['version 1.0', v1],
  ['the third generation', v3],
];

describe.each(SIGNERS)('%s with enforce', (name, sign) => {
  let alibaba: AlibabaGateway;

  beforeAll(async () => {
    alibaba = await startAlibabaGateway({ auth: 'enforce' });
    await register(alibaba);
  });

  afterAll(() => alibaba.close());

  const refused = async (signing: Signing): Promise<Refusal> =>
    refusalOf(await sign(alibaba, signing));

  test('lets a registered key in, with and without a token', async () => {
    for (const credential of [KEY, STS]) expect((await sign(alibaba, credential)).status).toBe(200);
  });

  test.each([-14, 14])('takes a skew of %i minutes', async (minutes) => {
    const stamp = stampOf(START_MS + minutes * MINUTE_MS);
    expect((await sign(alibaba, { ...KEY, stamp })).status).toBe(200);
  });

  test.each([-16, 16])('refuses a skew of %i minutes', async (minutes) => {
    const stamp = stampOf(START_MS + minutes * MINUTE_MS);
    expect(await refused({ ...KEY, stamp })).toEqual(TIMESTAMP);
  });

  test.each(['yesterday', '2023-11-14 22:13:20', '2023-11-31T00:00:00Z', '2023-11-14T22:13:20+08'])(
    'refuses the time %s',
    async (stamp) => {
      expect(await refused({ ...KEY, stamp })).toEqual(
        refusal(
          400,
          'InvalidTimeStamp.Format',
          'Specified time stamp or date value is not well formatted.',
        ),
      );
    },
  );

  test('refuses a request without time', async () => {
    expect(await refused({ ...KEY, stamp: '' })).toEqual(TIMESTAMP);
  });

  test('refuses an access key that is not registered', async () => {
    expect(await refused({ ...KEY, accessKeyId: 'LTAIother' })).toEqual(UNKNOWN);
  });

  test('refuses a wrong secret and says what had to be signed', async () => {
    expect(await refused({ ...KEY, accessKeySecret: 'wrong' })).toEqual(MISMATCH);
  });

  test('refuses a token that is missing, wrong, or not expected', async () => {
    const mismatch = refusal(
      400,
      'InvalidSecurityToken.MismatchWithAccessKey',
      'Specified SecurityToken mismatch with the AccessKey.',
    );
    const { securityToken: _, ...bare } = STS;
    expect(await refused(bare)).toEqual(
      refusal(400, 'MissingSecurityToken', 'SecurityToken is mandatory for this action.'),
    );
    expect(await refused({ ...STS, securityToken: 'tokem' })).toEqual(mismatch);
    expect(await refused({ ...KEY, securityToken: 'token' })).toEqual(mismatch);
  });

  test('refuses a nonce that was used, but for another key', async () => {
    const nonce = `${name} once`;
    expect((await sign(alibaba, { ...KEY, nonce })).status).toBe(200);
    expect(await refused({ ...KEY, nonce })).toEqual(
      refusal(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.'),
    );
    expect((await sign(alibaba, { ...STS, nonce })).status).toBe(200);
  });

  test('does not spend the nonce of a request that it refuses', async () => {
    const nonce = `${name} kept`;
    expect(await refused({ ...KEY, nonce, accessKeySecret: 'wrong' })).toEqual(MISMATCH);
    expect((await sign(alibaba, { ...KEY, nonce })).status).toBe(200);
  });
});

describe('version 1.0 alone', () => {
  let alibaba: AlibabaGateway;

  beforeAll(async () => {
    alibaba = await startAlibabaGateway({ auth: 'enforce' });
    await register(alibaba);
  });

  afterAll(() => alibaba.close());

  const changed = async (change: (params: Record<string, string>) => void): Promise<Refusal> =>
    refusalOf(await v1(alibaba, { ...KEY, change }));
  const without = (name: string) => (params: Record<string, string>) => {
    delete params[name];
  };

  test('needs no nonce', async () => {
    const path = await new Promise<string>((resolve) => {
      const params = new URLSearchParams({
        AccessKeyId: KEY.accessKeyId,
        Action: 'ListKeys',
        SignatureMethod: 'HMAC-SHA1',
        SignatureVersion: '1.0',
        Timestamp: stampOf(START_MS),
        Version: VERSION,
      });
      params.sort();
      const text = `GET&%2F&${encode(params.toString())}`;
      const signature = createHmac('sha1', `${KEY.accessKeySecret}&`).update(text).digest('base64');
      resolve(`/?${params}&Signature=${encodeURIComponent(signature)}`);
    });
    expect((await alibaba.send({ method: 'GET', path })).status).toBe(200);
  });

  test('covers every parameter', async () => {
    expect(await changed((params) => Object.assign(params, { PageSize: '3' }))).toEqual(MISMATCH);
    expect(await changed(without('Note'))).toEqual(MISMATCH);
    expect(await changed((params) => Object.assign(params, { Action: 'ListAliases' }))).toEqual(
      MISMATCH,
    );
  });

  test('names the whole text that had to be signed', async () => {
    const { message } = await changed((params) => Object.assign(params, { Signature: 'AAAA' }));
    expect(message).toMatch(
      /server string to sign is:GET&%2F&AccessKeyId%3DLTAItest%26Action%3DListKeys%26Note%3D/,
    );
  });

  test.each(['Signature', 'SignatureMethod', 'SignatureVersion'])(
    'is incomplete without %s',
    async (name) => {
      expect(await changed(without(name))).toEqual(INCOMPLETE);
    },
  );

  test.each([
    ['SignatureMethod', 'HMAC-SHA256'],
    ['SignatureVersion', '2.0'],
  ])('is incomplete with %s %s', async (name, value) => {
    expect(await changed((params) => Object.assign(params, { [name]: value }))).toEqual(INCOMPLETE);
  });

  test('is missing altogether', async () => {
    expect(await alibaba.refused('ListKeys')).toEqual(
      refusal(400, 'MissingAccessKeyId', 'AccessKeyId is mandatory for this action.'),
    );
  });
});

describe('the third generation alone', () => {
  let alibaba: AlibabaGateway;

  beforeAll(async () => {
    alibaba = await startAlibabaGateway({ auth: 'enforce' });
    await register(alibaba);
  });

  afterAll(() => alibaba.close());

  const changed = async (change: (headers: Record<string, string>) => void): Promise<Refusal> =>
    refusalOf(await v3(alibaba, { ...KEY, change }));

  test('covers headers and body', async () => {
    expect(
      await changed((headers) => Object.assign(headers, { 'x-acs-action': 'ListAliases' })),
    ).toEqual(MISMATCH);
    expect(
      await changed((headers) =>
        Object.assign(headers, { 'x-acs-content-sha256': '0'.repeat(64) }),
      ),
    ).toEqual(INCOMPLETE);
  });

  test.each(['host', 'x-acs-action', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-version'])(
    'must sign %s',
    async (name) => {
      const change = (headers: Record<string, string>): void => {
        headers['authorization'] = (headers['authorization'] ?? '')
          .replace(`${name};`, '')
          .replace(`;${name},`, ',');
      };
      expect(await changed(change)).toEqual(INCOMPLETE);
    },
  );

  test.each([
    ['nothing that can be read', 'ACS3-HMAC-SHA256 nonsense'],
    ['another algorithm', 'ACS3-RSA-SHA256 Credential=LTAItest,SignedHeaders=host,Signature=00'],
    [
      'the next generation',
      'ACS4-HMAC-SHA256 Credential=LTAItest/20231114/cn-hangzhou/kms/aliyun_v4_request,SignedHeaders=host,Signature=00',
    ],
  ])('is incomplete with %s', async (_what, authorization) => {
    expect(await changed((headers) => Object.assign(headers, { authorization }))).toEqual(
      INCOMPLETE,
    );
  });
});

describe('temporary credentials', () => {
  test('end with the sandbox’s clock, not with the machine’s', async () => {
    const alibaba = await startAlibabaGateway();
    await register(alibaba);
    expect((await v1(alibaba, STS)).status).toBe(200);
    alibaba.clock.nowMs += 61 * MINUTE_MS;
    expect(refusalOf(await v1(alibaba, STS))).toEqual(UNKNOWN);
    expect((await v1(alibaba, KEY)).status).toBe(200);
    await alibaba.close();
  });
});

describe('the modes', () => {
  async function auditOf(alibaba: AlibabaGateway): Promise<unknown> {
    const journal = await alibaba.send({
      method: 'GET',
      path: '/_keyglot/journal',
      headers: { authorization: `Bearer ${alibaba.gateway.adminToken}` },
    });
    const { entries } = JSON.parse(journal.text) as { entries: readonly { audit: string }[] };
    return entries[0]?.audit;
  }

  test('open takes anybody, but a registered key must verify', async () => {
    const alibaba = await startAlibabaGateway({ auth: 'open' });
    await register(alibaba);
    expect((await alibaba.call('ListKeys')).status).toBe(200);
    for (const [, sign] of SIGNERS) {
      const stranger = { ...KEY, accessKeyId: 'stranger', stamp: 'whenever' };
      expect((await sign(alibaba, stranger)).status).toBe(200);
      expect(refusalOf(await sign(alibaba, { ...KEY, accessKeySecret: 'wrong' }))).toEqual(
        MISMATCH,
      );
      expect((await sign(alibaba, { ...KEY, nonce: 'twice' })).status).toBe(200);
      expect((await sign(alibaba, { ...KEY, nonce: 'twice' })).status).toBe(200);
    }
    expect(await auditOf(alibaba)).toBe('');
    await alibaba.close();
  });

  test('audit takes anybody and remembers why enforce would not', async () => {
    const alibaba = await startAlibabaGateway({ auth: 'audit' });
    await register(alibaba);
    expect((await alibaba.call('ListKeys')).status).toBe(200);
    expect(await auditOf(alibaba)).toBe('the request is not signed');
    expect((await v3(alibaba, { ...KEY, accessKeyId: 'stranger' })).status).toBe(200);
    expect(await auditOf(alibaba)).toBe('the access key is not registered');
    expect((await v3(alibaba, KEY)).status).toBe(200);
    expect(await auditOf(alibaba)).toBe('');
    await alibaba.close();
  });
});

describe('accounts', () => {
  test('cannot use each other’s keys, whatever names them', async () => {
    const alibaba = await startAlibabaGateway({ auth: 'open' });
    await register(alibaba);
    const mine = await alibaba.makeKey();
    const sealed = await alibaba.done('Encrypt', { KeyId: mine.id, Plaintext: 'x' });
    const as = async (action: string, params: Record<string, string>): Promise<Refusal> => {
      const change = (all: Record<string, string>): void => {
        const wanted: Record<string, string> = { ...all, Action: action, ...params };
        const { Signature: _, ...rest } = wanted;
        for (const name of Object.keys(all)) delete all[name];
        const canonical = Object.keys(rest)
          .sort()
          .map((name) => `${encode(name)}=${encode(rest[name] ?? '')}`)
          .join('&');
        const signature = createHmac('sha1', `${KEY.accessKeySecret}&`)
          .update(`GET&%2F&${encode(canonical)}`)
          .digest('base64');
        Object.assign(all, rest, { Signature: signature });
      };
      return refusalOf(await v1(alibaba, { ...KEY, change }));
    };
    const forbidden = refusal(
      403,
      'Forbidden.NoPermission',
      `This operation for ${mine.arn} is forbidden by permission system.`,
    );
    expect(await as('DescribeKey', { KeyId: mine.arn })).toEqual(forbidden);
    expect(await as('Decrypt', { CiphertextBlob: String(sealed['CiphertextBlob']) })).toEqual(
      forbidden,
    );
    const dryRun = { KeyId: mine.arn, Plaintext: 'x', DryRun: 'true' };
    expect(await as('Encrypt', dryRun)).toEqual({ ...forbidden, code: 'AccessDeniedError' });
    expect(await as('DescribeKey', { KeyId: mine.id })).toMatchObject({
      status: 404,
      code: 'Forbidden.KeyNotFound',
    });
    await alibaba.close();
  });
});
