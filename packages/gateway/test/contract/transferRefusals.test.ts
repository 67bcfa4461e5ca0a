import { withLoads } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOUNTS, type Mount } from '../../src/claim/place.js';
import { type Gateway, startGateway } from '../../src/index.js';
import {
  type Actor,
  type ActorKey,
  base64,
  RefusedError,
  senderAt,
} from '../support/actors/actor.js';
import { ACTORS } from '../support/actors/index.js';
import { ncpCall } from '../support/actors/ncp.js';
import { yandexCall } from '../support/actors/yandex.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import { createTestClock, DAY_MS } from '../support/testClock.js';

// What the own API of a dialect refuses, a transfer refuses in the same words. The expected words come
// from that API itself, asked over the socket.

const clock = createTestClock();
let gateway: Gateway;
let send: ReturnType<typeof senderAt>;
let aws: Actor;
let awsKey: ActorKey;

beforeAll(async () => {
  gateway = await startGateway(MEMORY_OPTIONS, { clock });
  send = senderAt(gateway.port, {});
  aws = ACTORS.aws(send);
  awsKey = await aws.makeKey('symmetric');
});
afterAll(async () => {
  send.close();
  await gateway.close();
});

const SECRET = Buffer.from('secret');

async function admin(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await send({
    path: `/_keyglot/${path}`,
    headers: {
      authorization: `Bearer ${gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

const reencrypt = (source: object, destination: object) =>
  admin('reencrypt', { source, destination });

/** With the encoding that one text among bytes needs. */
const withAws = (dialect: Mount): object => (dialect === 'alibaba' ? { plaintext: 'utf8' } : {});

const fromIt = (key: ActorKey, ciphertext: string, context?: unknown) =>
  admin('reencrypt', {
    source: { ...key.end, ciphertext, context },
    destination: awsKey.end,
    ...withAws(key.end.dialect),
  });

async function toIt(key: ActorKey, context?: unknown) {
  const ciphertext = await aws.encrypt(awsKey, SECRET);
  return admin('reencrypt', {
    source: { ...awsKey.end, ciphertext },
    destination: { ...key.end, context },
    ...withAws(key.end.dialect),
  });
}

/** The refusal of the dialect's own API, as a transfer shows it. */
async function own(dialect: Mount, request: Promise<unknown>) {
  const error = await request.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RefusedError)) throw error;
  const { code, message } = error.refused;
  return { status: 422, body: { error: { dialect, code, message: message ?? '' } } };
}

function lastByteChanged(ciphertext: string): string {
  const at = ciphertext.lastIndexOf(':') + 1;
  const bytes = Buffer.from(ciphertext.slice(at), 'base64');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return ciphertext.slice(0, at) + base64(bytes);
}

/** A form that each dialect knows, but nothing of which it has. */
const UNKNOWN: { readonly [dialect in Mount]: string } = {
  aws: '11111111-2222-4333-8444-555555555555',
  qkms: '11111111-2222-4333-8444-555555555555',
  alibaba: '11111111-2222-4333-8444-555555555555',
  yandex: 'abj00000000000000000',
  ncp: '0'.repeat(64),
};

describe.each(MOUNTS)('%s', (dialect) => {
  const actor = (): Actor => ACTORS[dialect](send);

  test('refuses a changed, a cut and a senseless ciphertext as its own Decrypt does', async () => {
    const key = await actor().makeKey('symmetric');
    const good = await actor().encrypt(key, SECRET);
    for (const bad of [lastByteChanged(good), good.slice(0, 12), '?', base64('x')]) {
      const expected = await own(dialect, actor().decrypt(key, bad));
      expect(await fromIt(key, bad), bad).toEqual(expected);
    }
  });

  test('refuses another context as its own Decrypt does', async () => {
    const kind = dialect === 'ncp' ? 'convergent' : 'symmetric';
    const contexts = actor().contexts(kind);
    const key = await actor().makeKey(kind);
    const good = await actor().encrypt(key, SECRET, contexts[0]);
    const expected = await own(dialect, actor().decrypt(key, good, contexts[1]));
    expect(await fromIt(key, good, contexts[1])).toEqual(expected);
    expect((await fromIt(key, good, contexts[0])).status).toBe(200);
  });

  test('refuses a context of a wrong form at either end in its own words', async () => {
    const key = await actor().makeKey(dialect === 'ncp' ? 'convergent' : 'symmetric');
    const context = actor().contexts(key.kind)[0] ?? undefined;
    const good = await actor().encrypt(key, SECRET, context);
    for (const wrong of [{ a: 1 }, ['a'], 7, true]) {
      const refused = { status: 422, body: { error: { dialect } } };
      expect(await fromIt(key, good, wrong)).toMatchObject(refused);
      expect(await toIt(key, wrong)).toMatchObject(refused);
    }
  });

  test('refuses a disabled key at either end as its own operations do', async () => {
    const key = await actor().makeKey('symmetric');
    const good = await actor().encrypt(key, SECRET);
    await actor().disable(key);
    expect(await fromIt(key, good)).toEqual(await own(dialect, actor().decrypt(key, good)));
    expect(await toIt(key)).toEqual(await own(dialect, actor().encrypt(key, SECRET)));
    await actor().enable(key);
    expect((await fromIt(key, good)).status).toBe(200);
  });

  test('refuses a key that is not there as its own operations do', async () => {
    const missing = actor().symmetricKey(UNKNOWN[dialect]);
    expect(await toIt(missing)).toEqual(await own(dialect, actor().encrypt(missing, SECRET)));
    const key = await actor().makeKey('symmetric');
    const good = await actor().encrypt(key, SECRET);
    const expected =
      dialect === 'alibaba'
        ? await own(dialect, actor().encrypt(missing, SECRET))
        : await own(dialect, actor().decrypt(missing, good));
    expect(await fromIt(missing, good)).toEqual(expected);
  });

  test('refuses the ciphertext of another key', async () => {
    const [key, other] = [await actor().makeKey('symmetric'), await actor().makeKey('symmetric')];
    const foreign = await actor().encrypt(other, SECRET);
    const refused = await fromIt(key, foreign);
    expect(refused).toMatchObject({ status: 422, body: { error: { dialect } } });
    // Its Decrypt names no key.
    if (dialect === 'alibaba') return;
    expect(refused).toEqual(await own(dialect, actor().decrypt(key, foreign)));
  });

  test('refuses a key of another account than the one that is named', async () => {
    const key = await actor().makeKey('symmetric');
    const good = await actor().encrypt(key, SECRET);
    const accounts: { readonly [dialect in Mount]: string } = {
      aws: '111122223333',
      qkms: '111122223333',
      alibaba: '1000000000000009',
      yandex: 'b1gsomebodyelse00000',
      ncp: '999',
    };
    const account = accounts[dialect];
    const refused = { status: 422, body: { error: { dialect } } };
    const source = { ...key.end, account, ciphertext: good };
    expect(await reencrypt(source, awsKey.end)).toMatchObject(refused);
    // Three of them find the key by the ciphertext alone.
    if (dialect === 'yandex' || dialect === 'ncp') return;
    const unnamed = { dialect, account, ciphertext: good };
    expect(await reencrypt(unnamed, awsKey.end)).toMatchObject(refused);
    const own = await admin('reencrypt', {
      source: { dialect, ciphertext: good },
      destination: awsKey.end,
      ...withAws(dialect),
    });
    expect(own.status).toBe(200);
  });
});

describe('versions', () => {
  test('NCP refuses a number that the key does not have, and a disabled version', async () => {
    const ncp = ACTORS.ncp(send);
    const key = await ncp.makeKey('symmetric');
    const good = await ncp.encrypt(key, SECRET);
    const other = good.replace(':v1:', ':v9:');
    expect(await fromIt(key, other)).toEqual(await own('ncp', ncp.decrypt(key, other)));
    await ncp.rotate(key);
    await ncpCall(send, {}, 'POST', `/${key.end.keyId}/versions/1/disable`);
    const refused = await own('ncp', ncp.decrypt(key, good));
    expect(refused.body.error.code).toBe('UNPROCESSABLE_ENTITY');
    expect(await fromIt(key, good)).toEqual(refused);
  });

  test('Yandex refuses a version that is to be destroyed, at either end', async () => {
    const yandex = ACTORS.yandex(send);
    const key = await yandex.makeKey('symmetric');
    const { keyId } = key.end;
    const good = await yandex.encrypt(key, SECRET);
    const { versionId } = await yandexCall(send, 'POST', `/${keyId}:encrypt`, {
      plaintext: base64(SECRET),
    });
    await yandex.rotate(key);
    const named = { ...key, end: { ...key.end, keyVersionId: String(versionId) } };
    const moved = await toIt(named);
    expect(moved.status).toBe(200);
    // Sealed under the version that was asked for, not under the newest one.
    const { ciphertext } = moved.body as { readonly ciphertext: string };
    expect(Buffer.from(ciphertext, 'base64').toString('latin1', 8, 28)).toBe(versionId);
    await yandexCall(send, 'POST', `/${keyId}:scheduleVersionDestruction`, { versionId });
    const refused = await own('yandex', yandex.decrypt(key, good));
    expect(refused.body.error.code).toBe('FAILED_PRECONDITION');
    expect(await fromIt(key, good)).toEqual(refused);
    expect(await toIt(named)).toEqual(refused);
  });

  test('Alibaba wants the version of an asymmetric key, and opens with an older one', async () => {
    const alibaba = ACTORS.alibaba(send);
    const key = await alibaba.makeKey('rsa');
    const good = await alibaba.encrypt(key, SECRET);
    const { keyVersionId: _version, ...unnamed } = key.end;
    const missing = (name: string) => ({
      status: 422,
      body: {
        error: {
          dialect: 'alibaba',
          code: 'MissingParameter',
          message: `The parameter  ${name}  needed but no provided.`,
        },
      },
    });
    const source = { ...unnamed, ciphertext: good };
    expect(await reencrypt(source, awsKey.end)).toEqual(missing('KeyVersionId'));
    const { algorithm: _, ...noAlgorithm } = key.end;
    const without = { ...noAlgorithm, ciphertext: good };
    expect(await reencrypt(without, awsKey.end)).toEqual(missing('Algorithm'));
    const unknown = { ...key.end, keyVersionId: UNKNOWN.alibaba };
    const refused = await own('alibaba', alibaba.decrypt({ ...key, end: unknown }, good));
    expect(await reencrypt({ ...unknown, ciphertext: good }, awsKey.end)).toEqual(refused);
    clock.nowMs += 8 * DAY_MS;
    await alibaba.rotate(key);
    expect((await reencrypt({ ...key.end, ciphertext: good }, awsKey.end)).status).toBe(200);
  });
});

test.each([
  ['aws', { keyVersionId: 'x' }, 'aws has no use for keyVersionId'],
  ['qkms', { region: 'us-east-1' }, 'qkms has no use for region'],
  ['aws', { region: 'nowhere' }, 'aws has no region of this name'],
  ['aws', { account: '1' }, 'account must be 12 digits'],
  ['alibaba', { account: '1' }, 'account must be 16 digits'],
  ['alibaba', { region: '../x' }, 'alibaba has no region of this name'],
  ['yandex', { region: 'ru-central1' }, 'yandex has no use for region'],
  ['yandex', { algorithm: 'AES_256' }, 'yandex has no use for algorithm'],
  ['ncp', { region: 'us' }, 'region must be one of global, kr, jp, gov, fin'],
  ['ncp', { algorithm: 'AES256' }, 'ncp has no use for algorithm'],
  ['ncp', { keyVersionId: '1' }, 'ncp has no use for keyVersionId'],
  ['ncp', { context: 'YQ==' }, 'only a convergent key of ncp binds a context'],
] as const)('%s takes nothing to ignore it: %j', async (dialect, more, error) => {
  const key = await ACTORS[dialect](send).makeKey('symmetric');
  const end = { ...key.end, ...more };
  const ciphertext = await aws.encrypt(awsKey, SECRET);
  const into = await admin('reencrypt', {
    source: { ...awsKey.end, ciphertext },
    destination: end,
    ...withAws(dialect),
  });
  expect(into).toEqual({ status: 400, body: { error } });
  // A source version is no member of Yandex's API either, but a target one is.
  const source = { ...end, ciphertext: await ACTORS[dialect](send).encrypt(key, SECRET) };
  expect(await reencrypt(source, awsKey.end)).toEqual({ status: 400, body: { error } });
});

test('a text and bytes need an encoding, which may be base64, and two texts or bytes need none', async () => {
  const alibaba = ACTORS.alibaba(send);
  const key = await alibaba.makeKey('symmetric');
  const binary = Buffer.from([0, 255, 128, 7]);
  const source = { ...awsKey.end, ciphertext: await aws.encrypt(awsKey, binary) };
  const move = (plaintext?: string) =>
    admin('reencrypt', { source, destination: key.end, plaintext });
  const need = 'one end encrypts a text and the other bytes: say plaintext "utf8" or "base64"';
  expect(await move()).toEqual({ status: 400, body: { error: need } });
  expect(await move('hex')).toEqual({ status: 400, body: { error: need } });
  expect(await move('utf8')).toEqual({
    status: 400,
    body: { error: 'the plaintext is not UTF-8' },
  });
  const moved = await move('base64');
  const { ciphertext } = moved.body as { readonly ciphertext: string };
  expect((await alibaba.decrypt(key, ciphertext)).toString()).toBe(base64(binary));
  const back = { ...key.end, ciphertext };
  const returned = await admin('reencrypt', {
    source: back,
    destination: awsKey.end,
    plaintext: 'base64',
  });
  const { ciphertext: blob } = returned.body as { readonly ciphertext: string };
  expect((await aws.decrypt(awsKey, blob)).equals(binary)).toBe(true);
  const useless = 'plaintext is only for transfers between text and bytes';
  expect(
    await admin('reencrypt', { source: back, destination: key.end, plaintext: 'utf8' }),
  ).toEqual({ status: 400, body: { error: useless } });
});

test('an empty plaintext, which a client can make with a public key, is refused by the target', async () => {
  const rsa = await aws.makeKey('rsa');
  const { suites, keys } = gateway.vault;
  const scope = { sandbox: 'main', nowMs: 0, pinned: new Map() };
  const loaded = await withLoads(() => keys.byWireId(scope, 'aws', rsa.end.keyId, () => true));
  const material = loaded?.primary().prepared();
  if (material === undefined) throw new Error('there is no such key');
  const blob = await suites.encryptionSuite('rsa-oaep-sha256').encrypt(material, Buffer.alloc(0));
  const source = { ...rsa.end, ciphertext: base64(blob) };
  const words: { readonly [dialect in Mount]: string } = {
    aws: "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
    qkms: "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
    alibaba: 'The parameter  Plaintext  needed but no provided.',
    yandex: 'Validation failed:\n  - plaintext: Field is required',
    ncp: 'Invalid request',
  };
  for (const dialect of MOUNTS) {
    const key = await ACTORS[dialect](send).makeKey('symmetric');
    const answer = await admin('reencrypt', {
      source,
      destination: key.end,
      ...withAws(dialect),
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { error: { dialect, message: words[dialect] } },
    });
  }
});

test('a sandbox that nobody has made is refused, and one that exists keeps its keys to itself', async () => {
  const key = await aws.makeKey('symmetric');
  const ciphertext = await aws.encrypt(key, SECRET);
  const request = { source: { ...key.end, ciphertext }, destination: key.end };
  expect(await admin('reencrypt', { ...request, sandbox: 'nowhere' })).toEqual({
    status: 400,
    body: { error: 'there is no such sandbox' },
  });
  const made = await admin('sandboxes', { name: 'elsewhere' });
  expect(made.status).toBe(201);
  expect(await admin('reencrypt', { ...request, sandbox: 'elsewhere' })).toMatchObject({
    status: 422,
    body: { error: { dialect: 'aws', code: 'NotFoundException' } },
  });
});
