import { constants, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StartOptions } from '../../src/index.js';
import { START_MS } from '../support/testClock.js';
import { startYandexGateway, type YandexGateway } from '../support/yandexGateway.js';
import { grpcTransport, type Outcome, restTransport } from '../support/yandexTransports.js';

const KID = 'ajekid00000000000000';
const ACCOUNT = 'ajeaccount0000000000';
const AUDIENCE = 'https://iam.api.cloud.yandex.net/iam/v1/tokens';
const NOW = Math.floor(START_MS / 1_000);
const NOTHING_PASSED = 'IAM token or API key has to be passed in request';
const TOKEN_REFUSED = 'Token is invalid or has expired.';
const JWT_REFUSED = 'JWT is invalid or has expired';

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
/** As in the JSON file of an authorised key. */
const publicKeyInFile = `PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <${KID}>\n${publicKey}`;

const list = { folderId: 'b1gauth' };

async function start(auth: StartOptions['auth']): Promise<YandexGateway> {
  const gateway = await startYandexGateway({ auth });
  await gateway.register({ id: KID, serviceAccountId: ACCOUNT, publicKey: publicKeyInFile });
  await gateway.register({ token: 'registered-token', serviceAccountId: ACCOUNT });
  await gateway.register({ apiKey: 'registered-api-key', serviceAccountId: ACCOUNT });
  return gateway;
}

/** The same call over both transports; they must agree. */
async function both(
  gateway: YandexGateway,
  method: string,
  request: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<Outcome> {
  const grpc = grpcTransport(gateway);
  const overGrpc = await grpc.call(method, request, headers);
  grpc.close();
  const overRest = await restTransport(gateway).call(method, request, headers);
  if (overGrpc.code !== 0) expect(overRest).toEqual(overGrpc);
  return overRest;
}

function signed(payload: object, more: { key?: KeyObject; header?: object } = {}): string {
  const { key = pair.privateKey, header = {} } = more;
  const all = { iss: ACCOUNT, aud: AUDIENCE, iat: NOW, exp: NOW + 3_600, ...payload };
  // What is undefined is left out.
  return jwt.sign(JSON.parse(JSON.stringify(all)), key, {
    algorithm: 'PS256',
    header: { alg: 'PS256', typ: 'JWT', kid: KID, ...header },
  });
}

function exchange(gateway: YandexGateway, token: string): Promise<Outcome> {
  return both(gateway, 'IamTokenService/Create', { jwt: token }, {});
}

function tokenOf(outcome: Outcome): string {
  if (!('value' in outcome)) throw new Error(JSON.stringify(outcome));
  return String(outcome.value['iamToken']);
}

describe('Yandex Cloud credentials in enforce', () => {
  let gateway: YandexGateway;
  beforeAll(async () => {
    gateway = await start('enforce');
  });
  afterAll(() => gateway.close());

  const refused = (message: string): Outcome => ({ code: 16, message });
  const listing = (authorization: string): Promise<Outcome> =>
    both(gateway, 'SymmetricKeyService/List', list, { authorization });

  test.each([
    ['no credential', '', NOTHING_PASSED],
    ['another scheme', 'Basic eDp5', NOTHING_PASSED],
    ['a scheme without a token', 'Bearer ', NOTHING_PASSED],
    ['an unknown IAM token', 'Bearer t1.9euelZ.AAAA', TOKEN_REFUSED],
    ['an API key sent as a token', 'Bearer registered-api-key', TOKEN_REFUSED],
    ['a token sent as an API key', 'Api-Key registered-token', TOKEN_REFUSED],
    ['an unknown API key', 'Api-Key AQVN', TOKEN_REFUSED],
  ])('refuse %s', async (_what, authorization, message) => {
    // Only gRPC and a mount tell that a request without any credential is one for Yandex.
    const grpc = grpcTransport(gateway);
    const outcome = await grpc.call('SymmetricKeyService/List', list, { authorization });
    grpc.close();
    expect(outcome).toEqual(refused(message));
    const answer = await gateway.send({
      method: 'GET',
      path: '/yandex/kms/v1/keys?folderId=b1gauth',
      headers: authorization === '' ? {} : { authorization },
    });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 16, message });
  });

  test('let in a registered token and a registered API key', async () => {
    expect(await listing('Bearer registered-token')).toEqual({ code: 0, value: {} });
    expect(await listing('Api-Key registered-api-key')).toEqual({ code: 0, value: {} });
    expect(await listing('bearer registered-token')).toEqual({ code: 0, value: {} });
  });

  test('give an IAM token for the JWT of a registered key, until it expires', async () => {
    const iamToken = tokenOf(await exchange(gateway, signed({})));
    expect(iamToken).toMatch(/^t1\.[A-Z0-9a-z_-]+[=]{0,2}\.[A-Z0-9a-z_-]{86}[=]{0,2}$/);
    expect(await listing(`Bearer ${iamToken}`)).toEqual({ code: 0, value: {} });
    const made = await both(
      gateway,
      'SymmetricKeyService/Create',
      { ...list, defaultAlgorithm: 'AES_256' },
      { authorization: `Bearer ${iamToken}` },
    );
    expect(made).toMatchObject({ value: { createdBy: ACCOUNT } });

    const [, payload = '', mac = ''] = iamToken.split('.');
    const forged = Buffer.from(
      JSON.stringify(['main', 'ajesomebodyelse00000', START_MS * 2]),
    ).toString('base64url');
    expect(await listing(`Bearer t1.${forged}.${mac}`)).toEqual(refused(TOKEN_REFUSED));
    const flipped = `${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`;
    expect(await listing(`Bearer t1.${payload}.${flipped}`)).toEqual(refused(TOKEN_REFUSED));

    gateway.clock.nowMs += 12 * 3_600_000 - 1;
    expect(await listing(`Bearer ${iamToken}`)).toMatchObject({ code: 0 });
    gateway.clock.nowMs += 1;
    expect(await listing(`Bearer ${iamToken}`)).toEqual(refused(TOKEN_REFUSED));
    gateway.clock.nowMs = START_MS;
  });

  test.each([
    ['an audience in a list', { aud: [AUDIENCE] }],
    ['several audiences', { aud: ['https://example.org', AUDIENCE] }],
    ['times with decimals', { iat: NOW + 0.25, exp: NOW + 3_600.25 }],
    ['an old but living one', { iat: NOW - 3_590, exp: NOW + 5 }],
  ])('take a JWT with %s', async (_what, payload) => {
    expect(await exchange(gateway, signed(payload))).toMatchObject({ code: 0 });
  });

  test('take a JWT for the own host, as the Python SDK makes it', async () => {
    const aud = `https://iam.127.0.0.1:${gateway.gateway.port}/iam/v1/tokens`;
    expect(await exchange(gateway, signed({ aud }))).toMatchObject({ code: 0 });
  });

  test.each([
    ['an audience of somebody else', signed({ aud: 'https://iam.example.org/iam/v1/tokens' })],
    ['no audience', signed({ aud: undefined })],
    ['another issuer', signed({ iss: 'ajesomebodyelse00000' })],
    ['more than an hour of life', signed({ exp: NOW + 3_601 })],
    ['no end', signed({ exp: undefined })],
    ['its end behind it', signed({ iat: NOW - 3_600, exp: NOW })],
    ['a signature of another key', signed({}, { key: stranger.privateKey })],
    ['an unknown kid', signed({}, { header: { kid: 'ajeunknown0000000000' } })],
    ['the algorithm RS256', byHand('RS256')],
    ['no algorithm', byHand('none')],
    ['the algorithm HS256 over the public key', byHand('HS256')],
    ['PS256 in the header over an RS256 signature', byHand('RS256', 'PS256')],
    ['a changed payload', tampered()],
    ['nothing but points', '..'],
  ])('refuse a JWT with %s', async (_what, token) => {
    expect(await exchange(gateway, token)).toEqual(refused(JWT_REFUSED));
  });

  test('refuse a JWT without a kid in the recorded words', async () => {
    const token = signed({}, { header: { kid: undefined } });
    const message = "The required field 'kid' is missing from the JWT header";
    expect(await exchange(gateway, token)).toEqual(refused(message));
  });

  test('refuse an OAuth token in the recorded words', async () => {
    const request = { yandexPassportOauthToken: 'AQAD-x' };
    const outcome = await both(gateway, 'IamTokenService/Create', request, {});
    expect(outcome).toEqual(refused('OAuth token is invalid or expired'));
  });

  test('need none for the endpoints', async () => {
    const answer = await gateway.send({ method: 'GET', path: '/endpoints' });
    expect(answer.status).toBe(200);
  });
});

/** A token signed by hand, by an algorithm that the header names or another one. */
function byHand(algorithm: 'RS256' | 'HS256' | 'none', named: string = algorithm): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: ACCOUNT, aud: AUDIENCE, iat: NOW, exp: NOW + 3_600 };
  const text = `${part({ alg: named, typ: 'JWT', kid: KID })}.${part(claims)}`;
  if (algorithm === 'none') return `${text}.`;
  if (algorithm === 'HS256') {
    const [, , mac = ''] = jwt.sign(claims, 'x', { algorithm: 'HS256' }).split('.');
    return `${text}.${mac}`;
  }
  const key = { key: pair.privateKey, padding: constants.RSA_PKCS1_PADDING };
  return `${text}.${signBytes('sha256', Buffer.from(text), key).toString('base64url')}`;
}

function tampered(): string {
  const [header, , mac] = signed({}).split('.');
  const claims = { iss: ACCOUNT, aud: AUDIENCE, iat: NOW, exp: NOW + 3_599 };
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${mac}`;
}

describe('Yandex Cloud credentials in open', () => {
  let gateway: YandexGateway;
  beforeAll(async () => {
    gateway = await start('open');
  });
  afterAll(() => gateway.close());

  test.each(['Bearer anything', 'Api-Key anything', 'Bearer t1.9euelZ.AAAA'])(
    'let in %s',
    async (authorization) => {
      const outcome = await both(gateway, 'SymmetricKeyService/List', list, { authorization });
      expect(outcome).toEqual({ code: 0, value: {} });
    },
  );

  test('still refuse an issued token that has expired', async () => {
    const iamToken = tokenOf(await exchange(gateway, signed({})));
    gateway.clock.nowMs += 12 * 3_600_000;
    const headers = { authorization: `Bearer ${iamToken}` };
    const outcome = await both(gateway, 'SymmetricKeyService/List', list, headers);
    expect(outcome).toEqual({ code: 16, message: TOKEN_REFUSED });
    gateway.clock.nowMs = START_MS;
  });

  test('still refuse a JWT of a registered key that does not verify', async () => {
    const forged = signed({}, { key: stranger.privateKey });
    expect(await exchange(gateway, forged)).toEqual({ code: 16, message: JWT_REFUSED });
  });

  test('take the JWT of a key that nobody registered as it is', async () => {
    const header = { kid: 'ajeunknown0000000000' };
    const token = signed({ iss: 'ajeother000000000000' }, { key: stranger.privateKey, header });
    const iamToken = tokenOf(await exchange(gateway, token));
    const made = await both(
      gateway,
      'SymmetricKeyService/Create',
      { ...list, defaultAlgorithm: 'AES_256' },
      { authorization: `Bearer ${iamToken}` },
    );
    expect(made).toMatchObject({ value: { createdBy: 'ajeother000000000000' } });
  });

  test('put the holder of a token into the sandbox that it was issued for', async () => {
    await gateway.register({ token: 'job-1', serviceAccountId: ACCOUNT, sandbox: 'job-1' });
    const request = { folderId: 'b1gsandboxed', defaultAlgorithm: 'AES_256' };
    const headers = { authorization: 'Bearer job-1' };
    await both(gateway, 'SymmetricKeyService/Create', request, headers);
    const folder = { folderId: 'b1gsandboxed' };
    const own = await both(gateway, 'SymmetricKeyService/List', folder, headers);
    expect(own).toMatchObject({ value: { keys: [{}, {}] } });
    const main = await both(gateway, 'SymmetricKeyService/List', folder, {});
    expect(main).toEqual({ code: 0, value: {} });
  });
});

describe('Yandex Cloud credentials in audit', () => {
  let gateway: YandexGateway;
  beforeAll(async () => {
    gateway = await start('audit');
  });
  afterAll(() => gateway.close());

  test.each([
    ['Bearer anything', TOKEN_REFUSED],
    ['Bearer registered-token', ''],
  ])('let in %s and note what enforce would have said', async (authorization, audit) => {
    const rest = restTransport(gateway);
    const outcome = await rest.call('SymmetricKeyService/List', list, { authorization });
    expect(outcome).toEqual({ code: 0, value: {} });
    expect(await gateway.journal()).toMatchObject({ audit, dialect: 'yandex' });
  });

  test('note a JWT that cannot be checked', async () => {
    const token = signed({}, { header: { kid: 'ajeunknown0000000000' } });
    expect(await exchange(gateway, token)).toMatchObject({ code: 0 });
    expect(await gateway.journal()).toMatchObject({ audit: JWT_REFUSED });
  });
});

describe('the registration of Yandex Cloud credentials', () => {
  let gateway: YandexGateway;
  beforeAll(async () => {
    gateway = await startYandexGateway();
  });
  afterAll(() => gateway.close());

  const small = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey;
  test.each([
    [{ serviceAccountId: ACCOUNT }, 'give exactly one of publicKey, token and apiKey'],
    [
      { token: 'x', apiKey: 'y', serviceAccountId: ACCOUNT },
      'give exactly one of publicKey, token and apiKey',
    ],
    [{ token: 'x' }, 'serviceAccountId must be 1 to 50 lower-case letters and digits'],
    [{ token: 'x', id: 'a', serviceAccountId: ACCOUNT }, 'only an authorised key has an id'],
    [{ publicKey, serviceAccountId: ACCOUNT }, 'id must be 1 to 50 lower-case letters and digits'],
    [
      {
        id: KID,
        publicKey: small.export({ type: 'spki', format: 'pem' }).toString(),
        serviceAccountId: ACCOUNT,
      },
      'publicKey must be an RSA public key of 2048 bits or more in PEM',
    ],
    [
      { id: KID, publicKey: 'no key', serviceAccountId: ACCOUNT },
      'publicKey must be an RSA public key of 2048 bits or more in PEM',
    ],
  ])('refuses %j', async (credential, message) => {
    await expect(gateway.register(credential as Record<string, string>)).rejects.toThrow(message);
  });

  test('shows a token by its digest only, which removes it too', async () => {
    const shown = await gateway.register({ token: 'top-secret', serviceAccountId: ACCOUNT });
    expect(JSON.stringify(shown)).not.toContain('top-secret');
    expect(shown['id']).toMatch(/^token-[0-9a-f]{64}$/);
    const headers = { authorization: `Bearer ${gateway.gateway.adminToken}` };
    const all = await gateway.send({ method: 'GET', path: '/_keyglot/credentials', headers });
    expect(all.text).toContain(String(shown['id']));
    expect(all.text).not.toContain('top-secret');
    const path = `/_keyglot/credentials/yandex/${shown['id']}`;
    expect((await gateway.send({ method: 'DELETE', path, headers })).status).toBe(204);
  });
});
