import {
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  KmsFault,
  openVault,
  type Scope,
  Secret,
  type Vault,
  withLoads,
} from '@keyglot/core';
import { registerCredential, removeCredential, type WireRequest } from '@keyglot/dialect';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AuthMode, createAuthenticator } from '../../src/authenticate.js';
import type { AwsCaller } from '../../src/call.js';
import { AWS_CREDENTIALS } from '../../src/credentials.js';
import {
  ACCESS_KEY,
  type Arrival,
  authorizationOf,
  NOW_MS,
  plainRequest,
  presignedRequest,
  SECRET,
  type Signing,
  signedRequest,
  withHeaders,
} from '../support/signedRequest.js';

const SETTINGS = { account: '000000000000', region: 'eu-central-1' };
const MINUTES = 60_000;
const MODES: readonly AuthMode[] = ['open', 'audit', 'enforce'];

const UNRECOGNIZED = ['UnrecognizedClient', undefined] as const;
const MISMATCH = ['SignatureMismatch', undefined] as const;

let vault: Vault;

beforeAll(async () => {
  const entropy = createSystemEntropy();
  vault = await openVault({
    store: createMemoryStore(),
    clock: { virtualMs: () => NOW_MS, realMs: () => NOW_MS, monotonicMs: () => 0 },
    entropy,
    rootKey: createRootKey(new Secret(entropy.bytes(32)), entropy),
  });
});

beforeEach(async () => {
  await register({});
});

afterAll(() => vault.close());

interface Registration {
  readonly id?: string;
  readonly dialect?: 'aws' | 'qkms';
  readonly secret?: string;
  readonly sessionToken?: string;
  readonly account?: string;
  readonly arn?: string;
  readonly sandbox?: string;
  readonly expiresAtMs?: number;
}

async function register(given: Registration): Promise<void> {
  const { dialect = 'aws', id = ACCESS_KEY, sandbox = '', expiresAtMs = 0 } = given;
  const open = new Map([['account', given.account ?? '111122223333']]);
  if (given.arn !== undefined) open.set('arn', given.arn);
  const secret = new Map([['secretAccessKey', given.secret ?? SECRET]]);
  if (given.sessionToken !== undefined) secret.set('sessionToken', given.sessionToken);
  const draft = { dialect, id, sandbox, expiresAtMs, open, secret };
  await registerCredential(vault, AWS_CREDENTIALS, draft);
}

async function authenticate(
  auth: AuthMode,
  request: WireRequest,
  { service = 'kms', operation = 'ListKeys' } = {},
): Promise<AwsCaller> {
  const judge = createAuthenticator(vault, { ...SETTINGS, auth });
  const scope: Scope = { sandbox: request.sandbox, nowMs: NOW_MS, pinned: new Map() };
  return withLoads(() => judge(request, scope, service, operation));
}

/** Code and text of a refusal. */
async function refused(
  auth: AuthMode,
  request: WireRequest,
  more?: { readonly service?: string; readonly operation?: string },
): Promise<readonly [code: string, message: unknown]> {
  try {
    await authenticate(auth, request, more);
  } catch (error) {
    if (!(error instanceof KmsFault)) throw error;
    return [error.code, new Map(Object.entries(error.details ?? {})).get('message')];
  }
  throw new Error('the request was let through');
}

describe('an unsigned request', () => {
  test.each([
    ['open', ''],
    ['audit', 'the request is not signed'],
  ] as const)('passes in %s as the root of the default account', async (auth, audit) => {
    expect(await authenticate(auth, plainRequest())).toMatchObject({
      dialect: 'aws',
      account: '000000000000',
      region: 'eu-central-1',
      arn: 'arn:aws:iam::000000000000:root',
      userId: '000000000000',
      sandbox: 'main',
      audit,
    });
  });

  test('is refused in enforce', async () => {
    expect(await refused('enforce', plainRequest())).toEqual(['MissingAuthentication', undefined]);
    const basic = withHeaders(plainRequest(), { authorization: 'Basic dXNlcjpwYXNz' });
    expect(await refused('enforce', basic)).toEqual(['MissingAuthentication', undefined]);
  });
});

describe('an access key that is not registered', () => {
  const unknown: Signing = { accessKeyId: 'NOBODY', region: 'ap-south-1' };

  test.each([
    ['open', ''],
    ['audit', 'The access key is not registered.'],
  ] as const)('passes in %s, whatever its signature', async (auth, audit) => {
    const request = await signedRequest({ ...unknown, atMs: 0 }, { receivedAtMs: NOW_MS });
    expect(await authenticate(auth, request)).toMatchObject({
      account: '000000000000',
      region: 'ap-south-1',
      audit,
    });
  });

  test('names its account when it has 12 digits', async () => {
    const request = await signedRequest({ ...unknown, accessKeyId: '444455556666' });
    const caller = await authenticate('open', request);
    expect(caller).toMatchObject({
      account: '444455556666',
      arn: 'arn:aws:iam::444455556666:root',
      realm: { dialect: 'aws', tenant: '444455556666', region: 'ap-south-1' },
    });
  });

  test('is refused in enforce before its date and signature are looked at', async () => {
    const request = await signedRequest({ ...unknown, atMs: 0 });
    expect(await refused('enforce', request)).toEqual(UNRECOGNIZED);
  });

  test.each(['x'.repeat(129), 'a b', '\u0000', 'é', '__proto__ '])(
    'of a form that cannot be registered is not even looked up: %j',
    async (accessKeyId) => {
      const request = await signedRequest();
      const authorization = authorizationOf(request).replace(ACCESS_KEY, accessKeyId);
      const judge = createAuthenticator(vault, { ...SETTINGS, auth: 'enforce' });
      const scope: Scope = { sandbox: 'main', nowMs: NOW_MS, pinned: new Map() };
      // A look-up would throw a Miss at first.
      expect(() => judge(withHeaders(request, { authorization }), scope, 'kms', '')).toThrow(
        KmsFault,
      );
    },
  );
});

describe.each(MODES)('a registered access key in %s', (auth) => {
  test('passes with its signature, in the header and in the query', async () => {
    for (const request of [await signedRequest(), await presignedRequest()]) {
      expect(await authenticate(auth, request)).toMatchObject({
        account: '111122223333',
        arn: 'arn:aws:iam::111122223333:root',
        region: 'us-east-1',
        audit: '',
      });
    }
  });

  test('is who it was registered for', async () => {
    await register({ arn: 'arn:aws:iam::111122223333:user/Alice', sandbox: 'box' });
    const request = await signedRequest({}, { sandbox: 'other' });
    expect(await authenticate(auth, request)).toMatchObject({
      arn: 'arn:aws:iam::111122223333:user/Alice',
      userId: ACCESS_KEY,
      sandbox: 'box',
    });
  });

  test('is refused with another secret', async () => {
    for (const sign of [signedRequest, presignedRequest]) {
      expect(await refused(auth, await sign({ secretAccessKey: 'wrong' }))).toEqual(MISMATCH);
    }
  });

  test('is refused without a signature of the host', async () => {
    const request = await signedRequest({ unsigned: ['host'] });
    expect(await refused(auth, request)).toEqual([
      'SignatureRefusedInferred',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ]);
  });

  test('changes its secret at once', async () => {
    const [old, fresh] = [await signedRequest(), await signedRequest({ secretAccessKey: 'fresh' })];
    await authenticate(auth, old);
    await register({ secret: 'fresh' });
    expect(await refused(auth, old)).toEqual(MISMATCH);
    expect(await authenticate(auth, fresh)).toMatchObject({ account: '111122223333' });
  });

  test('is unknown as soon as it is deleted', async () => {
    const request = await signedRequest();
    await authenticate(auth, request);
    await removeCredential(vault, AWS_CREDENTIALS, ACCESS_KEY);
    if (auth === 'enforce') expect(await refused(auth, request)).toEqual(UNRECOGNIZED);
    else expect(await authenticate(auth, request)).toMatchObject({ account: '000000000000' });
  });

  test('needs its session token, and no other', async () => {
    await register({ sessionToken: 'token' });
    expect(await authenticate(auth, await signedRequest({ sessionToken: 'token' }))).toBeDefined();
    expect(
      await authenticate(auth, await presignedRequest({ sessionToken: 'token' })),
    ).toBeDefined();
    expect(await refused(auth, await signedRequest())).toEqual(UNRECOGNIZED);
    expect(await refused(auth, await signedRequest({ sessionToken: 'other' }))).toEqual(
      UNRECOGNIZED,
    );
    await register({});
    expect(await refused(auth, await signedRequest({ sessionToken: 'token' }))).toEqual(
      UNRECOGNIZED,
    );
  });

  test('ends at its virtual time', async () => {
    await register({ expiresAtMs: NOW_MS + 1 });
    expect(await authenticate(auth, await signedRequest())).toBeDefined();
    await register({ expiresAtMs: NOW_MS });
    expect(await refused(auth, await signedRequest())).toEqual(['TokenExpired', undefined]);
  });
});

describe('the time of a signature', () => {
  const late = (ms: number): Arrival => ({ receivedAtMs: NOW_MS + ms });

  test.each([0, 5 * MINUTES, 5 * MINUTES + 999, -5 * MINUTES])(
    'may be %i ms away from the time of arrival',
    async (ms) => {
      expect(await authenticate('open', await signedRequest({}, late(ms)))).toBeDefined();
    },
  );

  test('expires after 5 minutes', async () => {
    expect(await refused('open', await signedRequest({}, late(5 * MINUTES + 1_000)))).toEqual([
      'SignatureRefused',
      'Signature expired: 20261124T120000Z is now earlier than 20261124T120001Z (20261124T120501Z - 5 min.)',
    ]);
  });

  test('is refused more than 5 minutes ahead', async () => {
    expect(await refused('open', await signedRequest({}, late(-5 * MINUTES - 1)))).toEqual([
      'SignatureRefusedInferred',
      'Signature not yet current: 20261124T120000Z is still later than 20261124T115959Z (20261124T115459Z + 5 min.)',
    ]);
  });

  test('in the query lasts as long as it says', async () => {
    const hour = { expiresIn: 3_600 };
    expect(
      await authenticate('open', await presignedRequest(hour, late(60 * MINUTES))),
    ).toBeDefined();
    const [code] = await refused('open', await presignedRequest(hour, late(61 * MINUTES)));
    expect(code).toBe('SignatureRefused');
    expect((await refused('open', await presignedRequest({ expiresIn: 1 }, late(2_000))))[0]).toBe(
      'SignatureRefused',
    );
  });

  test.each(['2026-11-24T12:00:00Z', '1442252505', '20261324T120000Z', '20261124T250000Z', ''])(
    'must be of the basic form, which %j is not',
    async (timestamp) => {
      const request = withHeaders(await signedRequest(), { 'x-amz-date': timestamp });
      const [code, message] = await refused('open', request);
      expect(code).toBe('IncompleteSignature');
      if (timestamp === '') return;
      expect(message).toBe(
        `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
      );
    },
  );

  test.each(['20261123', '2026112', ''])(
    'must be of the day in the scope, which is %j',
    async (day) => {
      const request = await signedRequest();
      const authorization = authorizationOf(request).replace('/20261124/', `/${day}/`);
      expect(await refused('open', withHeaders(request, { authorization }))).toEqual([
        'SignatureRefusedInferred',
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '20261124', from '20261124T120000Z'.`,
      ]);
    },
  );
});

describe('the scope of a credential', () => {
  const REGION = 'Credential should be scoped to a valid region. ';
  const SERVICE = "Credential should be scoped to correct service: 'kms'. ";
  const TERMINATOR =
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ";

  test.each(MODES)('must name the service and end in the terminator in %s', async (auth) => {
    expect(await refused(auth, await signedRequest({ service: 's3' }))).toEqual([
      'SignatureRefusedInferred',
      SERVICE,
    ]);
    const request = await signedRequest({ service: 's3' });
    const authorization = authorizationOf(request).replace('aws4_request', 'aws5_request');
    expect(await refused(auth, withHeaders(request, { authorization }))).toEqual([
      'SignatureRefusedInferred',
      SERVICE + TERMINATOR,
    ]);
  });

  test('must name STS for STS', async () => {
    const more = { service: 'sts' };
    expect(await authenticate('enforce', await signedRequest(more), more)).toBeDefined();
    expect(await refused('enforce', await signedRequest(), more)).toEqual([
      'SignatureRefusedInferred',
      "Credential should be scoped to correct service: 'sts'. ",
    ]);
  });

  test.each(['us-gov-west-1', 'us-isob-east-1', 'ap-southeast-2'])(
    'may name the region %s',
    async (region) => {
      expect(await authenticate('enforce', await signedRequest({ region }))).toMatchObject({
        region,
      });
    },
  );

  test('must name something like a region in enforce', async () => {
    const request = await signedRequest({ region: 'local' });
    expect(await refused('enforce', request)).toEqual(['SignatureRefusedInferred', REGION]);
    expect(await authenticate('open', request)).toMatchObject({ region: 'local', audit: '' });
  });

  test('that enforce would refuse passes in audit, which says so', async () => {
    const known = await signedRequest({ region: 'local' });
    expect((await authenticate('audit', known)).audit).toBe(REGION.trim());
    const unknown = await signedRequest({ region: 'local', accessKeyId: 'NOBODY' });
    expect((await authenticate('audit', unknown)).audit).toBe(
      `${REGION}The access key is not registered.`,
    );
  });

  test.each(['', 'a b', 'x'.repeat(65), 'a:b'])('may never name the region %j', async (region) => {
    const request = await signedRequest();
    const authorization = authorizationOf(request).replace('/us-east-1/', `/${region}/`);
    for (const auth of MODES) {
      const [code, message] = await refused(auth, withHeaders(request, { authorization }));
      if (region === 'a b') expect(code).toBe('IncompleteSignature');
      else expect([code, message]).toEqual(['SignatureRefusedInferred', REGION]);
    }
  });
});

describe('checks', () => {
  test('come in their order: scope, key, token, expiry, date, host, signature', async () => {
    await register({ sessionToken: 'token', expiresAtMs: NOW_MS });
    const wrong: Signing = {
      accessKeyId: 'NOBODY',
      region: 'local',
      secretAccessKey: 'wrong',
      atMs: NOW_MS - 10 * MINUTES,
      unsigned: ['host'],
    };
    const code = async (signing: Signing): Promise<string> =>
      (await refused('enforce', await signedRequest({ ...wrong, ...signing })))[0];
    expect(await code({})).toBe('SignatureRefusedInferred');
    expect(await code({ region: 'us-east-1' })).toBe('UnrecognizedClient');
    const known = { region: 'us-east-1', accessKeyId: ACCESS_KEY };
    expect(await code(known)).toBe('UnrecognizedClient');
    const token = { ...known, sessionToken: 'token' };
    expect(await code(token)).toBe('TokenExpired');
    await register({ sessionToken: 'token' });
    const [, expired] = await refused('enforce', await signedRequest({ ...wrong, ...token }));
    expect(expired).toMatch(/^Signature expired: /);
    const fresh = { ...token, atMs: NOW_MS };
    const [, host] = await refused('enforce', await signedRequest({ ...wrong, ...fresh }));
    expect(host).toMatch(/^'Host' or/);
    expect(await code({ ...fresh, unsigned: [] })).toBe('SignatureMismatch');
    expect(
      await authenticate(
        'enforce',
        await signedRequest({ ...fresh, secretAccessKey: SECRET, unsigned: [] }),
      ),
    ).toBeDefined();
  });
});

describe('the profile', () => {
  const NOT_AUTHORIZED = ['NotAuthorized', undefined] as const;

  test.each<[string, Arrival, Signing, string, 'aws' | 'qkms']>([
    ['nothing', {}, {}, 'ListKeys', 'aws'],
    ['the mount', { mount: 'qkms' }, {}, 'ListKeys', 'qkms'],
    ['the region', {}, { region: 'q-world-1' }, 'ListKeys', 'qkms'],
    ['the operation', {}, {}, 'RegisterSidecar', 'qkms'],
    [
      'the other mount before the region',
      { mount: 'aws' },
      { region: 'q-world-1' },
      'ListKeys',
      'aws',
    ],
    ['the other mount before the operation', { mount: 'aws' }, {}, 'ListTasks', 'aws'],
  ])(
    'is told by %s, in answers and in refusals',
    async (_what, arrival, signing, operation, name) => {
      const good = await signedRequest({ ...signing, accessKeyId: 'NOBODY' }, arrival);
      expect(await authenticate('open', good, { operation })).toMatchObject({ dialect: name });
      const refusal = await refused('enforce', good, { operation });
      expect(refusal).toEqual(name === 'qkms' ? NOT_AUTHORIZED : UNRECOGNIZED);
      const forged = await signedRequest({ ...signing, secretAccessKey: 'wrong' }, arrival);
      expect(await refused('open', forged, { operation })).toEqual(
        name === 'qkms' ? NOT_AUTHORIZED : MISMATCH,
      );
    },
  );

  test('is told by the credential, in answers and in refusals', async () => {
    await register({ dialect: 'qkms' });
    expect(await authenticate('enforce', await signedRequest())).toMatchObject({
      dialect: 'qkms',
      arn: 'arn:verenc:111122223333:root',
      realm: { dialect: 'qkms', tenant: '111122223333', region: 'q-world-1' },
    });
    const refusals = [
      await signedRequest({ secretAccessKey: 'wrong' }),
      await signedRequest({ sessionToken: 'token' }),
      await signedRequest({ atMs: NOW_MS - 6 * MINUTES }),
      await signedRequest({ unsigned: ['host'] }),
    ];
    for (const request of refusals) {
      expect(await refused('enforce', request)).toEqual(NOT_AUTHORIZED);
    }
    await register({ dialect: 'qkms', expiresAtMs: NOW_MS });
    expect(await refused('enforce', await signedRequest())).toEqual(NOT_AUTHORIZED);
  });

  test('of QKMS takes any region', async () => {
    const request = await signedRequest({ region: 'anywhere' }, { mount: 'qkms' });
    expect(await authenticate('enforce', request)).toMatchObject({ dialect: 'qkms' });
  });
});
